import type { IntervalPeriod } from "@aws-sdk/client-connect";
import { localTime } from "./local-time.ts";

/** A stretch of time that metrics are shown for. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long each is, and from which local time on they are counted. Weeks begin on Sundays (our choice). */
const PERIODS: Readonly<Record<Exclude<IntervalPeriod, "TOTAL">, { readonly ms: number; readonly originMs: number }>> =
  {
    FIFTEEN_MIN: { ms: 15 * MINUTE_MS, originMs: 0 },
    THIRTY_MIN: { ms: 30 * MINUTE_MS, originMs: 0 },
    HOUR: { ms: HOUR_MS, originMs: 0 },
    DAY: { ms: DAY_MS, originMs: 0 },
    WEEK: { ms: 7 * DAY_MS, originMs: 3 * DAY_MS },
  };

/**
 * Divides a time into intervals that begin where the clock on the wall of a time zone says so. The first and the last one are cut. A day
 * on which the clock is changed is shorter or longer than others. Pure.
 */
export function intervalsOf({ startMs, endMs }: Interval, period: IntervalPeriod, timeZone: string): Interval[] {
  if (period === "TOTAL") return [{ startMs, endMs }];
  const intervals: Interval[] = [];
  let fromMs = startMs;
  while (fromMs < endMs) {
    const nextMs = Math.min(nextBegin(fromMs, PERIODS[period], timeZone), endMs);
    intervals.push({ startMs: fromMs, endMs: nextMs });
    fromMs = nextMs;
  }
  return intervals;
}

/** The interval, of several in order, that has a time. */
export function intervalAt(intervals: readonly Interval[], timeMs: number): Interval | undefined {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((intervals[middle]?.endMs ?? 0) > timeMs) high = middle;
    else low = middle + 1;
  }
  const found = intervals[low];
  return found && found.startMs <= timeMs ? found : undefined;
}

function nextBegin(
  timeMs: number,
  { ms, originMs }: { readonly ms: number; readonly originMs: number },
  timeZone: string,
): number {
  const offset = offsetMs(timeZone, timeMs);
  const local = originMs + (Math.floor((timeMs + offset - originMs) / ms) + 1) * ms;
  const unchanged = local - offset;
  const offsetThen = offsetMs(timeZone, unchanged);
  // Clocks change by whole hours, but for one that counts on anew from there.
  if (offsetThen === offset || ms <= HOUR_MS) return unchanged;
  const changed = local - offsetThen;
  // A midnight that the clock jumps over is where it jumps.
  return offsetMs(timeZone, changed) === offsetThen ? changed : unchanged;
}

/** How far the clock on the wall is ahead of UTC. */
function offsetMs(timeZone: string, timeMs: number): number {
  if (timeZone === "UTC") return 0;
  const { day, minute } = localTime(timeZone, timeMs);
  return day * DAY_MS + minute * MINUTE_MS - Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}
