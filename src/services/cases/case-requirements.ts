import type { Reader } from "../../store/store.ts";
import { neededFields, type RuleVerdicts, ruleVerdicts } from "./case-rule-verdicts.ts";
import { invalid } from "./errors.ts";
import { liveFieldIds } from "./field.ts";
import type { CaseValues } from "./field-value.ts";
import { hasValue } from "./given-values.ts";
import type { Template } from "./template.ts";

/** Throws `ValidationException` where a new case lacks what every case, its template or the template's rules need. */
export async function requireComplete(reader: Reader, template: Template, values: CaseValues): Promise<void> {
  const verdicts = await ruleVerdicts(reader, template, values);
  await requireValues(reader, template, [...NEEDED_ALWAYS, ...neededFields(template, verdicts)], values);
  requireRightOptions(verdicts);
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
  const verdicts = await ruleVerdicts(reader, template, values);
  const needed = new Set([...NEEDED_ALWAYS, ...neededFields(template, verdicts)]);
  const taken = await liveFieldIds(
    reader,
    template,
    cleared.filter((id) => needed.has(id)),
  );
  if (taken.size > 0) throw invalid(`fields: ${[...taken].join(", ")} must keep a value`);
  const { required, hidden } = verdicts;
  await requireValues(
    reader,
    template,
    required.filter((id) => !hidden.includes(id)),
    values,
  );
  requireRightOptions(verdicts);
}

const NEEDED_ALWAYS: readonly string[] = ["title", "status"];

/** A field that was deleted cannot get a value any more, but can lose it: nothing needs it. */
async function requireValues(
  reader: Reader,
  template: Template,
  needed: readonly string[],
  values: CaseValues,
): Promise<void> {
  const without = [...new Set(needed)].filter((id) => !hasValue(values, id));
  if (without.length === 0) return;
  const missing = await liveFieldIds(reader, template, without);
  if (missing.size > 0) throw invalid(`fields: ${[...missing].join(", ")} must have a value`);
}

function requireRightOptions({ wrongOption }: RuleVerdicts): void {
  if (wrongOption !== undefined) throw invalid(`fields: ${wrongOption}`);
}
