import type { CaseValues } from "../field-value.ts";
import { type Condition, compares } from "./condition.ts";
import { searchedValue } from "./searched-value.ts";

/** Whether a condition on fields holds for some values, of which there is no index. They have neither tags nor words. */
export function holdsForValues(condition: Condition, values: CaseValues): boolean {
  switch (condition.kind) {
    case "all":
      return condition.of.every((each) => holdsForValues(each, values));
    case "any":
      return condition.of.some((each) => holdsForValues(each, values));
    case "not":
      return !holdsForValues(condition.of, values);
    case "tag":
    case "word":
      return false;
    default:
      break;
  }
  const value = searchedValue(condition.field, values[condition.field]);
  if (value === undefined) return condition.kind === "empty";
  switch (condition.kind) {
    case "empty":
      return false;
    case "equals":
      return String(value) === condition.text;
    case "compares":
      return compares(typeof value === "number" ? value : Date.parse(String(value)), condition);
    case "contains":
      return String(value).toLowerCase().includes(condition.text.toLowerCase());
  }
}
