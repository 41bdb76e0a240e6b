import type { FieldOptionsCaseRule } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { type CaseRule, findCaseRule } from "./case-rule.ts";
import { liveFieldIds } from "./field.ts";
import type { CaseValues } from "./field-value.ts";
import { ruleVerdict } from "./rule-condition.ts";
import type { Template } from "./template.ts";

/** What the rules of a template say of a case. */
export interface RuleVerdicts {
  /** Ids of fields that must have a value, hidden ones too. */
  readonly required: readonly string[];
  /** Ids of fields that agents do not see, and so nobody can be asked for. */
  readonly hidden: readonly string[];
  /** Of the first option that does not go with that of its parent: what is wrong. */
  readonly wrongOption?: string | undefined;
}

/** Asks the rules of a template of a case that has these values. */
export async function ruleVerdicts(reader: Reader, template: Template, values: CaseValues): Promise<RuleVerdicts> {
  const rules = await appliedRules(reader, template);
  return {
    required: fieldsThat(rules, "required", values),
    hidden: fieldsThat(rules, "hidden", values),
    wrongOption: await firstWrongOption(reader, template, rules, values),
  };
}

/** Ids of the fields that a template needs, whether they have a value or not: those that it lists, and those that a rule requires. */
export function neededFields({ requiredFields }: Template, { required, hidden }: RuleVerdicts): readonly string[] {
  return [...new Set([...requiredFields, ...required])].filter((id) => !hidden.includes(id));
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

/** A rule about a field that is deleted says nothing: nobody could choose what goes with the other one. */
async function firstWrongOption(
  reader: Reader,
  template: Template,
  rules: readonly AppliedRule[],
  values: CaseValues,
): Promise<string | undefined> {
  for (const { rule } of rules) {
    const problem = rule.fieldOptions && wrongOption(rule.fieldOptions, values);
    if (problem === undefined) continue;
    const { parentFieldId = "", childFieldId = "" } = rule.fieldOptions ?? {};
    const live = await liveFieldIds(reader, template, [parentFieldId, childFieldId]);
    if (live.size === 2) return problem;
  }
  return undefined;
}

/** An empty parent allows what its empty text is mapped to. */
function wrongOption(
  { parentFieldId = "", childFieldId = "", parentChildFieldOptionsMappings }: Validated<FieldOptionsCaseRule>,
  values: CaseValues,
): string | undefined {
  const { [parentFieldId]: parent = "", [childFieldId]: child } = values;
  if (child === undefined) return undefined;
  const mappings = parentChildFieldOptionsMappings.filter((mapping) => mapping.parentFieldOptionValue === parent);
  if (mappings.some(({ childFieldOptionValues }) => childFieldOptionValues.includes(String(child)))) return undefined;
  return `${childFieldId} cannot be ${child} where ${parentFieldId} is ${parent || "empty"}`;
}
