import type { Comparison, Condition } from "./condition.ts";

/** The numbers that are less than one, or are it, where that is included. */
export interface Bound {
  readonly number: number;
  readonly isIncluded: boolean;
}

export function isUnder(number: number, { number: bound, isIncluded }: Bound): boolean {
  return number < bound || (isIncluded && number === bound);
}

/** What a condition says of a field's numbers, wherever it holds. */
export interface Bounds {
  /** They are under all of these. */
  readonly under: readonly Bound[];
  /** They are under none of these. */
  readonly beyond: readonly Bound[];
}

export function boundsOf(condition: Condition, field: string): Bounds {
  if (condition.kind === "all") {
    const all = condition.of.map((each) => boundsOf(each, field));
    return { under: all.flatMap(({ under }) => under), beyond: all.flatMap(({ beyond }) => beyond) };
  }
  if (condition.kind !== "compares" || condition.field !== field) return { under: [], beyond: [] };
  const { number, by } = condition;
  const bounds = (sides: Partial<Record<Comparison, boolean>>): readonly Bound[] => {
    const isIncluded = sides[by];
    return isIncluded === undefined ? [] : [{ number, isIncluded }];
  };
  return {
    under: bounds({ "<": false, "<=": true, "=": true }),
    beyond: bounds({ ">": true, ">=": false, "=": false }),
  };
}
