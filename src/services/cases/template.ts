import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type Domain, type DomainRef, domainArn, inDomain } from "./domain.ts";
import { invalid, notFound } from "./errors.ts";

/** What cases of one kind need. */
export interface Template {
  readonly domainId: string;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly layoutId?: string | undefined;
  /** Ids of fields without whose values there is no such case. */
  readonly requiredFields: readonly string[];
  readonly status: "Active" | "Inactive";
  readonly rules: readonly { readonly caseRuleId: string; readonly fieldId?: string | undefined }[];
  /** That its cases get. Absent: nothing was said. */
  readonly caseTags?: Readonly<Record<string, string>> | undefined;
  /** No case is created by it any more; those that are there live on. */
  readonly isDeleted?: true | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const templates: Collection<Template> = collection("cases_templates", {
  name: {
    type: "text",
    unique: true,
    value: ({ domainId, name, isDeleted }) => (isDeleted ? undefined : compositeKey(domainId, name)),
  },
  deleted: { type: "text", value: ({ domainId, id, isDeleted }) => isDeleted && compositeKey(domainId, id) },
  /** Those that agents see by a layout. */
  layout: {
    type: "text",
    value: ({ domainId, layoutId, id, isDeleted }) =>
      layoutId === undefined || isDeleted ? undefined : compositeKey(domainId, layoutId, id),
  },
});

export function templateKey({ domainId, id }: Pick<Template, "domainId" | "id">): string {
  return inDomain({ domainId }, id);
}

export function templateArn(domain: DomainRef, id: string): string {
  return `${domainArn(domain)}/template/${id}`;
}

/** Also a deleted one. */
export async function findTemplate(
  reader: Reader,
  { domainId }: Pick<Domain, "domainId">,
  id: string,
): Promise<Template | undefined> {
  return reader.get(templates, templateKey({ domainId, id }));
}

/** Also a deleted one; or `ResourceNotFoundException`. */
export async function getTemplate(reader: Reader, domain: Pick<Domain, "domainId">, id: string): Promise<Template> {
  const template = await findTemplate(reader, domain, id);
  if (!template) throw notFound("Template", id);
  return template;
}

/** One that can be used. `ResourceNotFoundException` for one that is not there, `ValidationException` for a deleted one. */
export async function getLiveTemplate(reader: Reader, domain: Pick<Domain, "domainId">, id: string): Promise<Template> {
  const template = await getTemplate(reader, domain, id);
  if (template.isDeleted) throw invalid(`Template ${id} is deleted`);
  return template;
}
