import type { Scalar } from "./predicate.ts";

/** Why a rule matched an event or did not: the same tree for every condition language. */
export interface Explanation {
  readonly matched: boolean;
  /** The first reason why it did not match, in one sentence. Absent where it did. */
  readonly reason?: string;
  readonly condition: Verdict;
}

/**
 * A condition's answer. `together` is met only where the same elements of the event's arrays meet all its parts: its verdict can be
 * false though each part's is true. `not` has one part.
 */
export type Verdict =
  | {
      readonly kind: "together" | "all" | "any" | "not";
      readonly met: boolean;
      readonly of: readonly Verdict[];
      /** How many more alternatives there are than are shown. Those that are met are shown first. */
      readonly more?: number;
    }
  | {
      readonly kind: "field";
      readonly met: boolean;
      /** As people write it: `detail.items[0].sku`. */
      readonly path: string;
      /** What was asked of the values at the path, in words. */
      readonly asked: string;
      /** The values that were there, of many a few: one that meets what was asked comes first. Objects and empty arrays are no values. */
      readonly found: "absent" | readonly Scalar[];
      /** How many more values there are than are shown. */
      readonly foundMore?: number;
      /** Some of them lie in elements of the event's arrays. */
      readonly inArrays?: true;
    };
