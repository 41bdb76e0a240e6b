import type { FieldOptionsCaseRule } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { type CaseRule, findCaseRule } from "./case-rule.ts";
import { invalid } from "./errors.ts";
import { liveFieldIds } from "./field.ts";
import type { CaseValues } from "./field-value.ts";
import { ruleVerdict } from "./rule-condition.ts";
import type { Template } from "./template.ts";

/**
 * Holds the values of a case against the rules of its template. Throws `ValidationException` where a rule needs a field that has no value, or
 * where an option does not go with that of its parent.
 */
export async function requireByRules(reader: Reader, template: Template, values: CaseValues): Promise<void> {
  if (template.rules.length === 0) return;
  const rules = await appliedRules(reader, template);
  const hidden = fieldsThat(rules, "hidden", values);
  const needed = fieldsThat(rules, "required", values).filter((id) => !hidden.includes(id));
  const missing = await lackingOf(reader, template, needed, values);
  if (missing.length > 0) throw invalid(`fields: ${missing.join(", ")} must have a value: a case rule requires it`);
  for (const { rule } of rules) if (rule.fieldOptions) requireMappedOption(rule.fieldOptions, values);
}

/**
 * Ids of the fields that a template needs for a case with these values, whether they have one or not: those that it lists, and those that a rule
 * requires. Without hidden and deleted ones.
 */
export async function neededFields(reader: Reader, template: Template, values: CaseValues): Promise<readonly string[]> {
  const rules = await appliedRules(reader, template);
  const hidden = fieldsThat(rules, "hidden", values);
  const needed = new Set([...template.requiredFields, ...fieldsThat(rules, "required", values)]);
  const live = await liveFieldIds(reader, template, [...needed]);
  return [...live].filter((id) => !hidden.includes(id));
}

/** A rule of a template, with the field that it is about. */
interface AppliedRule {
  readonly rule: CaseRule["rule"];
  readonly fieldId: string | undefined;
}

/** Rules that are gone since their template was deleted are left out. */
async function appliedRules(reader: Reader, template: Template): Promise<readonly AppliedRule[]> {
  const rules: AppliedRule[] = [];
  for (const { caseRuleId, fieldId } of template.rules) {
    const found = await findCaseRule(reader, template, caseRuleId);
    if (found) rules.push({ rule: found.rule, fieldId });
  }
  return rules;
}

/** Fields of which a rule of this kind says that it is so. */
function fieldsThat(rules: readonly AppliedRule[], kind: "required" | "hidden", values: CaseValues): readonly string[] {
  return rules.flatMap(({ rule, fieldId }) => {
    const conditional = rule[kind];
    return conditional && fieldId !== undefined && ruleVerdict(conditional, values) ? [fieldId] : [];
  });
}

/** A deleted field cannot get a value any more: nothing lacks it. */
async function lackingOf(
  reader: Reader,
  template: Template,
  needed: readonly string[],
  values: CaseValues,
): Promise<readonly string[]> {
  const without = [...new Set(needed)].filter((id) => values[id] === undefined);
  return [...(await liveFieldIds(reader, template, without))];
}

/** Throws for an option of the child that the parent's does not allow. An empty parent allows what its empty text is mapped to. */
function requireMappedOption(
  { parentFieldId = "", childFieldId = "", parentChildFieldOptionsMappings }: Validated<FieldOptionsCaseRule>,
  values: CaseValues,
): void {
  const { [parentFieldId]: parent = "", [childFieldId]: child } = values;
  if (child === undefined) return;
  const mappings = parentChildFieldOptionsMappings.filter((mapping) => mapping.parentFieldOptionValue === parent);
  if (mappings.some(({ childFieldOptionValues }) => childFieldOptionValues.includes(String(child)))) return;
  throw invalid(`fields: ${childFieldId} cannot be ${child} where ${parentFieldId} is ${parent || "empty"}`);
}
