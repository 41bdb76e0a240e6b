import type { Platform } from "../service.ts";

const DAY_MS = 24 * 3_600_000;

/** The times of the last 24 hours: what limits per rolling day count. */
export function withinLastDay(timesMs: readonly number[], { clock }: Pick<Platform, "clock">): readonly number[] {
  return timesMs.filter((timeMs) => timeMs > clock.now() - DAY_MS);
}
