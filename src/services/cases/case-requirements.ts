import type { Reader } from "../../store/store.ts";
import { requireByRules } from "./case-rule-verdicts.ts";
import { invalid } from "./errors.ts";
import type { CaseValues } from "./field-value.ts";
import { hasValue } from "./given-values.ts";
import type { Template } from "./template.ts";

/** Throws `ValidationException` where a new case lacks what every case, its template or the template's rules need. */
export async function requireComplete(reader: Reader, template: Template, values: CaseValues): Promise<void> {
  const missing = neededBy(template).filter((id) => !hasValue(values, id));
  if (missing.length > 0) throw invalid(`fields: ${missing.join(", ")} must have a value`);
  await requireByRules(reader, template, values);
}

/**
 * The same for a case that changes. What it has lacked before does not keep it from changing otherwise, unless a rule says so: a template may
 * need more than it did.
 */
export async function requireStillComplete(
  reader: Reader,
  template: Template,
  { values, cleared }: { readonly values: CaseValues; readonly cleared: readonly string[] },
): Promise<void> {
  const needed = neededBy(template).filter((id) => cleared.includes(id));
  if (needed.length > 0) throw invalid(`fields: ${needed.join(", ")} must keep a value`);
  await requireByRules(reader, template, values);
}

function neededBy({ requiredFields }: Template): readonly string[] {
  return [...new Set(["title", "status", ...requiredFields])];
}
