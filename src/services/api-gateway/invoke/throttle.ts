import type { Store } from "../../../store/store.ts";
import { BoundedMap } from "../../bounded-map.ts";
import { perStore } from "../../per-store.ts";

/** A token bucket: `burst` calls at once, and `rate` more each second. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html */
export interface Throttle {
  /** Calls a second. */
  readonly rate: number;
  readonly burst: number;
}

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Buckets that are remembered: those that were used last. One that was forgotten is full. */
const BUCKETS_MAX = 50_000;

/** What is left in each bucket. A process counts for itself; time is the centre's. */
const buckets: (store: Store) => BoundedMap<string, Bucket> = perStore(
  () => new BoundedMap<string, Bucket>(BUCKETS_MAX),
);

/** Takes a token of each bucket, if all of them have one. */
export function takeTokens(
  store: Store,
  wanted: readonly { readonly key: string; readonly throttle: Throttle }[],
  nowMs: number,
): boolean {
  const kept = buckets(store);
  const found = wanted.map(({ key, throttle }) => ({ key, tokens: tokensNow(kept.get(key), throttle, nowMs) }));
  if (found.some(({ tokens }) => tokens < 1)) return false;
  for (const { key, tokens } of found) kept.set(key, { tokens: tokens - 1, atMs: nowMs });
  return true;
}

function tokensNow(bucket: Bucket | undefined, { rate, burst }: Throttle, nowMs: number): number {
  if (!bucket) return burst;
  // A clock that was set back fills nothing.
  const passedMs = Math.max(0, nowMs - bucket.atMs);
  return Math.min(burst, bucket.tokens + (passedMs / 1000) * rate);
}
