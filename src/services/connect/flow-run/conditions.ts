import type { Operator } from "../flow-language/flow.ts";

/** Whether an action's result meets a condition. Texts compare with case; where a number is asked for, neither side may be anything else. */
export function holds(operator: Operator, result: string, operand: string): boolean {
  switch (operator) {
    case "Equals":
      return result === operand;
    case "TextStartsWith":
      return result.startsWith(operand);
    case "TextEndsWith":
      return result.endsWith(operand);
    case "TextContains":
      return result.includes(operand);
    case "NumberGreaterThan":
      return numberOf(result) > numberOf(operand);
    case "NumberGreaterOrEqualTo":
      return numberOf(result) >= numberOf(operand);
    case "NumberLessThan":
      return numberOf(result) < numberOf(operand);
    case "NumberLessOrEqualTo":
      return numberOf(result) <= numberOf(operand);
  }
}

/** NaN, which compares to nothing, for what is no decimal number. */
function numberOf(text: string): number {
  return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/.test(text) ? Number(text) : Number.NaN;
}
