import { parseCron } from "../cron-expression.ts";
import type { FlowTrigger } from "./flow-plan.ts";

export type Schedule = Extract<FlowTrigger, { type: "Scheduled" }>;

/** An expression that can be asked for its times. */
interface Cadence {
  /** `sinceMs`: when it begins. */
  nextMs(sinceMs: number, afterMs: number): number | undefined;
}

const UNITS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The documentation writes `rate(5minutes)` and, elsewhere, `rate (5 minutes)`; one of a unit may be written as such. */
const RATE = /^rate ?\(([1-9]\d{0,5}) ?(minute|hour|day)s?\)$/;
const CRON = /^cron ?\(([^()]*)\)$/;

/**
 * When a schedule comes next, after a moment; `undefined`: never again. Pure.
 *
 * A rate comes first as it begins, and a cron expression the first time that it names from then on. `sinceMs` is when the flow began to have the
 * schedule: from then on it counts where it has no start of its own.
 */
export function nextDueMs(
  { expression, timezone, startMs, endMs }: Schedule,
  { sinceMs, afterMs }: { readonly sinceMs: number; readonly afterMs: number },
): number | undefined {
  const dueMs = parseCadence(expression, timezone).nextMs(startMs ?? sinceMs, afterMs);
  return dueMs !== undefined && (endMs === undefined || dueMs <= endMs) ? dueMs : undefined;
}

/** Refuses an expression, or a time zone, that makes no schedule. Throws `SyntaxError`. */
export function checkSchedule({ expression, timezone }: Pick<Schedule, "expression" | "timezone">): void {
  if (timezone !== undefined && !isTimeZone(timezone)) throw new SyntaxError(`Timezone: ${timezone} is not known`);
  if (parseCadence(expression, timezone).nextMs(0, -1) === undefined) {
    throw new SyntaxError(`ScheduleExpression: ${expression} never comes`);
  }
}

function parseCadence(expression: string, timezone = "UTC"): Cadence {
  const [, count, unit] = RATE.exec(expression) ?? [];
  if (count !== undefined) return rate(Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]);
  const [, fields] = CRON.exec(expression) ?? [];
  if (fields === undefined) {
    throw new SyntaxError(`ScheduleExpression: ${expression} is neither rate(…), such as rate(5minutes), nor cron(…)`);
  }
  try {
    const cron = parseCron(fields, timezone);
    return { nextMs: (sinceMs, afterMs) => cron.nextAfterMs(Math.max(afterMs, sinceMs - 1)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`ScheduleExpression: ${expression}: ${error.message}`, { cause: error });
  }
}

/** Days have 24 hours here: AWS has time zones show such a schedule, and no more. */
function rate(periodMs: number): Cadence {
  return {
    nextMs(sinceMs, afterMs) {
      if (afterMs < sinceMs) return sinceMs;
      return sinceMs + (Math.floor((afterMs - sinceMs) / periodMs) + 1) * periodMs;
    },
  };
}

/** By an IANA name. Offsets such as `+02:00`, which `Intl` knows too, are none. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // That is how Intl says that it knows no such zone.
    return false;
  }
}
