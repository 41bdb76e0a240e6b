/**
 * Array consistency: an event's arrays are flattened onto one path, but all conditions of one match must be met by the same elements.
 *
 *     {"a": [{"b": 1, "c": 2}, {"b": 3}]}      a.b: 1 with [A,0], 3 with [A,1]      a.c: 2 with [A,0]
 *
 * A **trail** names the elements a leaf lies in: for each array on the way the array's number in the event and the index taken, in the
 * order of the arrays' numbers. Two leaves go together when no array is in both trails with different indexes. A scalar that stands
 * directly in an array lies in no element of it, as in aws/event-ruler.
 */
export type Trail = readonly number[];

export const NO_ARRAYS: Trail = [];

/** The index that a trail takes in an array, if it passes through it. */
export function indexIn(trail: Trail, array: number): number | undefined {
  for (let i = 0; i < trail.length; i += 2) if (trail[i] === array) return trail[i + 1];
  return undefined;
}

/** A trail that passes through one array more. */
export function extended(trail: Trail, array: number, index: number): Trail {
  let place = trail.length;
  while (place > 0 && (trail[place - 2] ?? 0) > array) place -= 2;
  return [...trail.slice(0, place), array, index, ...trail.slice(place)];
}

/** What is left of trails when only some arrays still matter, each once. */
export function distinctWithin(trails: readonly Trail[], arrays: ReadonlySet<number>): readonly Trail[] {
  const kept = new Map<string, Trail>();
  for (const trail of trails) {
    const rest = trail.filter((_, i) => arrays.has(trail[i - (i % 2)] ?? -1));
    kept.set(rest.join(), rest);
  }
  return [...kept.values()];
}
