import type { Condition } from "../../src/matching/condition.ts";
import type { JsonObject } from "../../src/matching/machine.ts";
import { holds, type Predicate, type Scalar } from "../../src/matching/predicate.ts";

/**
 * Whether one event meets one condition, looked up field by field until one fails: what a plain loop over all rules asks of each. It knows
 * nothing of the consistency of arrays, on which no rule about contact events here depends.
 */
export function meets(event: JsonObject, condition: Condition): boolean {
  switch (condition.kind) {
    case "fields":
      return condition.fields.every(({ path, predicates }) => meetsField(valueAt(event, path), predicates));
    case "all":
      return condition.of.every((part) => meets(event, part));
    case "any":
      return condition.of.some((part) => meets(event, part));
    case "not":
      return !meets(event, condition.of);
  }
}

/** Whether what stands at a path, if anything, meets one of the predicates. */
export function meetsField(value: unknown, predicates: readonly Predicate[]): boolean {
  if (Array.isArray(value)) return value.some((element) => meetsField(element, predicates));
  if (value === undefined || isObject(value)) return predicates.some(({ kind }) => kind === "absent");
  return predicates.some((predicate) => holds(predicate, value as Scalar));
}

export function valueAt(event: unknown, path: readonly (string | number)[]): unknown {
  let value = event;
  for (const step of path) value = isObject(value) ? value[step] : undefined;
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}
