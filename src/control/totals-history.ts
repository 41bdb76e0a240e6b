import { perStore } from "../services/per-store.ts";
import type { Platform } from "../services/service.ts";
import { readTotals, type Totals, totalsOf } from "./totals.ts";

export interface Moment {
  /** Wall time. */
  readonly atMs: number;
  readonly totals: Totals;
}

export const MOMENT_MS = 5_000;
export const MOMENTS_MAX = 180;

/** The history of a platform: `start` it once, in the beginning. */
export const totalsHistory: (store: Platform["store"]) => KeptTotals = perStore(() => new KeptTotals());

export function startTotals(platform: Platform): Disposable {
  return totalsHistory(platform.store).start(platform);
}

/**
 * What was counted over the last quarter of an hour, so that a chart has a past as soon as it is opened. It is kept from the start on,
 * whether somebody looks or not: a sum of the counters every five seconds, which shares what has not changed with the one before.
 */
class KeptTotals {
  readonly #moments: { readonly atMs: number; readonly all: ReadonlyMap<string, Totals> }[] = [];
  #timer: Disposable | undefined;

  start(platform: Platform): Disposable {
    const tick = (): void => {
      this.#timer = platform.wall.after(MOMENT_MS, tick);
      this.#keep(platform);
    };
    tick();
    return { [Symbol.dispose]: () => this.#timer?.[Symbol.dispose]() };
  }

  /** The moments, oldest first, for an account in a Region. */
  of(account: string, region: string): Moment[] {
    return this.#moments.map(({ atMs, all }) => ({ atMs, totals: totalsOf(all, account, region) }));
  }

  #keep({ flow, wall }: Platform): void {
    const before = this.#moments.at(-1)?.all;
    const all = new Map<string, Totals>();
    for (const [scope, totals] of readTotals(flow.metrics)) {
      const earlier = before?.get(scope);
      all.set(scope, earlier !== undefined && sumOf(earlier) === sumOf(totals) ? earlier : totals);
    }
    this.#moments.push({ atMs: wall.now(), all });
    if (this.#moments.length > MOMENTS_MAX) this.#moments.shift();
  }
}

/** Counters only grow: where their sum is the same, they are. */
function sumOf(totals: Totals): number {
  let sum = 0;
  for (const value of Object.values(totals)) {
    if (typeof value === "number") sum += value;
    else for (const count of Object.values(value as Readonly<Record<string, number>>)) sum += count;
  }
  return sum;
}
