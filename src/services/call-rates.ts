/**
 * Rates of calls with `--enforce-limits`: a token bucket for each operation and for whose it is, usually an account in a Region. A process counts
 * for itself.
 */
import type { Store } from "../store/store.ts";
import { BoundedMap } from "./bounded-map.ts";
import { perStore } from "./per-store.ts";
import { limitsOf, ratesOf } from "./rates.ts";
import type { Limit, Platform } from "./service.ts";

/** A token bucket's size and how fast it fills. */
export interface CallRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** An operation of a service and its documented rate. */
export interface RatedCall {
  /** As the names of limits begin. */
  readonly service: string;
  readonly operation: string;
  readonly rate: CallRate;
}

/** How full a bucket was, and when. */
interface Level {
  readonly tokens: number;
  readonly atMs: number;
}

/** Buckets that are remembered: those that were used last. */
const LEVELS_MAX = 10_000;

/** The buckets of each running server. They are not worth keeping over a restart. */
const levelsOf: (store: Store) => BoundedMap<string, Level> = perStore(() => new BoundedMap(LEVELS_MAX));

/** Takes a call from its rate; false where none is left. `whose`: account and Region, or what else has a rate of its own. */
export function takeCall(
  { service, operation, rate }: RatedCall,
  whose: string,
  { store, limits, clock }: Platform,
): boolean {
  if (ratesOf(store).areOff) return true;
  const perSecond = limits.value(`${limitsOf(service, operation)}-per-second`, rate.perSecond);
  const size = limits.value(`${limitsOf(service, operation)}-burst`, rate.burst);
  const levels = levelsOf(store);
  const key = `${service}/${operation}/${whose}`;
  const nowMs = clock.now();
  const last = levels.get(key) ?? { tokens: size, atMs: nowMs };
  const tokens = Math.min(size, last.tokens + (Math.max(0, nowMs - last.atMs) / 1_000) * perSecond);
  if (tokens < 1) return false;
  levels.set(key, { tokens: tokens - 1, atMs: nowMs });
  return true;
}

/** The limits by which a rate can be changed. `of`: of whom the calls are. */
export function callRateLimits({ service, operation, rate }: RatedCall, of: string, source: string): Limit[] {
  const name = limitsOf(service, operation);
  const calls = `${operation} requests of ${of}`;
  return [
    { name: `${name}-per-second`, default: rate.perSecond, meaning: `${calls}, a second`, source },
    { name: `${name}-burst`, default: rate.burst, meaning: `${calls}, at once`, source },
  ];
}
