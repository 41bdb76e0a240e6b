import { call } from "../../server.ts";
import type { Layout } from "./domain.ts";

/** As GetTemplate answers it. */
export interface Template {
  readonly templateId: string;
  readonly name: string;
  readonly description?: string;
  readonly status: string;
  readonly layoutConfiguration?: { readonly defaultLayout?: string };
  readonly requiredFields?: readonly { readonly fieldId: string }[];
  readonly rules?: readonly { readonly caseRuleId: string; readonly fieldId?: string }[];
}

export interface LoadedTemplate {
  readonly template: Template;
  /** Absent where the template has none. */
  readonly layout: Layout | undefined;
  /** Fields that every case has, and those that the template lists. Case rules may ask for more. */
  readonly required: ReadonlySet<string>;
}

/** A template with its layout. */
export async function loadTemplate(domainId: string, templateId: string, signal: AbortSignal): Promise<LoadedTemplate> {
  const template = await call<Template>("connectcases", "GetTemplate", { domainId, templateId }, signal);
  const layoutId = template.layoutConfiguration?.defaultLayout;
  const layout = layoutId && (await call<Layout>("connectcases", "GetLayout", { domainId, layoutId }, signal));
  return {
    template,
    layout: layout || undefined,
    required: new Set(["title", ...(template.requiredFields ?? []).map(({ fieldId }) => fieldId)]),
  };
}
