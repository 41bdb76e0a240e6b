import type { BooleanCondition, BooleanOperands, FieldValueUnion } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { invalid } from "./errors.ts";
import type { Field } from "./field.ts";
import type { CaseValues } from "./field-value.ts";
import { storedValue } from "./given-values.ts";

/** A comparison of a field with a constant, or several of them: what a case rule asks of the values of a case. */
export type RuleCondition = Validated<BooleanCondition>;

type Operands = Validated<BooleanOperands>;

/** Comparisons of a rule, however they are combined. */
const COMPARISONS_MAX = 5;
/** A comparison by itself is one level, in `andAll` or `orAll` it is the second. */
const LEVELS_MAX = 2;

/** Whether a case has what a rule decides on: conditions are tried in order, and the first one that holds decides. */
export function ruleVerdict(
  { defaultValue, conditions }: { readonly defaultValue: boolean; readonly conditions: readonly RuleCondition[] },
  values: CaseValues,
): boolean {
  const deciding = conditions.find((condition) => holds(condition, values));
  return deciding ? (resultOf(deciding) ?? defaultValue) : defaultValue;
}

function holds({ equalTo, notEqualTo, andAll, orAll }: RuleCondition, values: CaseValues): boolean {
  if (equalTo) return isEqual(equalTo, values);
  if (notEqualTo) return !isEqual(notEqualTo, values);
  if (andAll) return andAll.conditions.every((condition) => holds(condition, values));
  return orAll?.conditions.some((condition) => holds(condition, values)) ?? false;
}

/** An `emptyValue` is equal to no value. */
function isEqual({ operandOne, operandTwo }: Operands, values: CaseValues): boolean {
  const constant = operandTwo.stringValue ?? operandTwo.booleanValue ?? operandTwo.doubleValue;
  return values[operandOne.fieldId ?? ""] === constant;
}

/** All comparisons of a condition have the same result: that of a rule where the condition holds. */
function resultOf(condition: RuleCondition): boolean | undefined {
  return comparisonsOf(condition)[0]?.result;
}

function comparisonsOf({ equalTo, notEqualTo, andAll, orAll }: RuleCondition): readonly Operands[] {
  const operands = equalTo ?? notEqualTo;
  if (operands) return [operands];
  return (andAll ?? orAll)?.conditions.flatMap(comparisonsOf) ?? [];
}

/** Ids of the fields that conditions look at. */
export function fieldsOfConditions(conditions: readonly RuleCondition[]): readonly string[] {
  return conditions.flatMap(comparisonsOf).flatMap(({ operandOne: { fieldId } }) => fieldId ?? []);
}

/**
 * Conditions as they are stored: times are in the form that values have. `ValidationException` for what is too much or too deep, and for a constant
 * that the field cannot have. `fields`: all that the conditions look at.
 */
export function checkedConditions(
  conditions: readonly RuleCondition[],
  fields: ReadonlyMap<string, Field>,
): RuleCondition[] {
  const depth = Math.max(0, ...conditions.map(depthOf));
  if (depth > LEVELS_MAX) throw invalid(`rule: conditions may have at most ${LEVELS_MAX} levels, and have ${depth}`);
  const count = conditions.flatMap(comparisonsOf).length;
  if (count > COMPARISONS_MAX) {
    throw invalid(`rule: there may be at most ${COMPARISONS_MAX} conditions, and there are ${count}`);
  }
  for (const condition of conditions) requireOneResult(condition);
  return conditions.map((condition) => checkedCondition(condition, fields));
}

function depthOf({ andAll, orAll }: RuleCondition): number {
  const inner = (andAll ?? orAll)?.conditions;
  return 1 + Math.max(0, ...(inner?.map(depthOf) ?? []));
}

function requireOneResult(condition: RuleCondition): void {
  const results = new Set(comparisonsOf(condition).map(({ result }) => result));
  if (results.size === 0) throw invalid("rule: andAll and orAll need at least one condition");
  if (results.size > 1) throw invalid("rule: all conditions in one andAll or orAll need the same result");
}

function checkedCondition(condition: RuleCondition, fields: ReadonlyMap<string, Field>): RuleCondition {
  const { equalTo, notEqualTo, andAll, orAll } = condition;
  const checkedAll = (inner: readonly RuleCondition[]) => inner.map((one) => checkedCondition(one, fields));
  if (equalTo) return { equalTo: checkedOperands(equalTo, fields) };
  if (notEqualTo) return { notEqualTo: checkedOperands(notEqualTo, fields) };
  if (andAll) return { andAll: { conditions: checkedAll(andAll.conditions) } };
  if (orAll) return { orAll: { conditions: checkedAll(orAll.conditions) } };
  return condition;
}

function checkedOperands(operands: Operands, fields: ReadonlyMap<string, Field>): Operands {
  const { operandOne, operandTwo } = operands;
  const field = fields.get(operandOne.fieldId ?? "");
  if (!field || operandTwo.emptyValue) return operands;
  // A constant names a user by a text.
  const type = field.type === "User" ? "Text" : field.type;
  const constant = storedValue({ id: field.id, type }, operandTwo as FieldValueUnion);
  return type === "DateTime" ? { ...operands, operandTwo: { stringValue: String(constant) } } : operands;
}
