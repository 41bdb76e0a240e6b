import { BoundedMap } from "./bounded-map.ts";
import { perStore } from "./per-store.ts";
import type { Platform } from "./service.ts";

/** When each bucket will be full again, in the domain's time; by what is called. */
const bucketsOf = perStore(() => new BoundedMap<string, number>(10_000));

/**
 * When something may be called that takes only so many calls a second: now, or a later place that is the caller's from then on. A place at
 * `endMs` or later is of no use and stays free.
 *
 * A token bucket that holds the calls of one second, whose tokens can be taken before they are there. Not kept over a restart, after
 * which a bucket is full.
 */
export function reservePlace(
  { store, clock }: Pick<Platform, "store" | "clock">,
  { id, perSecond, endMs }: { readonly id: string; readonly perSecond: number; readonly endMs: number },
): number {
  const buckets = bucketsOf(store);
  const nowMs = clock.now();
  const fullMs = Math.max(buckets.get(id) ?? 0, nowMs) + 1000 / perSecond;
  const placeMs = Math.max(nowMs, fullMs - 1000);
  if (placeMs < endMs) buckets.set(id, fullMs);
  // Due times are whole milliseconds.
  return Math.ceil(placeMs);
}
