import type { Unit } from "../../store/store.ts";
import type { Work } from "./batch.ts";

/** What came of an attempt. Another one is made `retryAfterMs` later; `instead` does so with another work, at once. */
export type Outcome =
  | { readonly done: (unit: Unit) => Promise<void> }
  | { readonly retryAfterMs: number; readonly failure: string }
  | { readonly instead: Work; readonly failure: string };

/** Give or take 15 %. */
export function jittered(delayMs: number, random: number): number {
  return Math.round(delayMs * (0.85 + 0.3 * random));
}
