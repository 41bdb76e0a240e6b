/** How often a trigger may fire for one profile: `EventTriggerLimits`. Pure, so that a backtest counts as an ingestion does. */
import type { EventTriggerLimits, PeriodUnit } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** The SDK's types are older than minutes. */
type Unit = PeriodUnit | "MINUTES";

/** Periods are rolling windows, and a month has 30 days (our choice). */
const UNIT_MS: Readonly<Record<Unit, number>> = {
  MINUTES: 60_000,
  HOURS: HOUR_MS,
  DAYS: DAY_MS,
  WEEKS: 7 * DAY_MS,
  MONTHS: 30 * DAY_MS,
};

/** "By default, the maximum number of invocations per profile is 10 per trigger per day": Administrator Guide. */
const INVOCATIONS_MAX = 10;

/** At most so many invocations for one profile within so long. */
export interface Period {
  readonly unit: Unit;
  readonly value: number;
  readonly windowMs: number;
  readonly max: number;
}

/** The periods that all must allow an invocation. Those that are unlimited ask nothing. */
export function periodsOf(limits: Validated<EventTriggerLimits> | undefined): readonly Period[] {
  if (limits?.Periods === undefined) return [period("DAYS", 1, INVOCATIONS_MAX)];
  return limits.Periods.filter(({ Unlimited }) => Unlimited !== true).map(
    ({ Unit, Value, MaxInvocationsPerProfile = INVOCATIONS_MAX }) => period(Unit, Value, MaxInvocationsPerProfile),
  );
}

function period(unit: Unit, value: number, max: number): Period {
  return { unit, value, max, windowMs: value * UNIT_MS[unit] };
}

/** Why a trigger may not fire for a profile now. */
export interface Cap extends Pick<Period, "unit" | "value" | "max"> {
  /** From when on it may again. */
  readonly untilMs: number;
}

/**
 * `timesMs`: when it has fired for the profile, in any order. `undefined`: it may fire. Of several periods that are used up, the one that is so
 * for longest.
 */
export function capOf(periods: readonly Period[], timesMs: readonly number[], nowMs: number): Cap | undefined {
  let cap: Cap | undefined;
  for (const { unit, value, max, windowMs } of periods) {
    const inside = timesMs.filter((timeMs) => timeMs > nowMs - windowMs).sort((one, other) => one - other);
    const first = inside[inside.length - max];
    if (first === undefined || first + windowMs < (cap?.untilMs ?? 0)) continue;
    cap = { unit, value, max, untilMs: first + windowMs };
  }
  return cap;
}

/** Those that some period still looks at, and one more. */
export function countedTimes(periods: readonly Period[], timesMs: readonly number[], nowMs: number): readonly number[] {
  const longestMs = Math.max(0, ...periods.map(({ windowMs }) => windowMs));
  return [...timesMs.filter((timeMs) => timeMs > nowMs - longestMs), nowMs];
}

/** With a campaign as its destination, an event is of no use later, whatever the trigger says: "up to 15 minutes", Administrator Guide. */
const CAMPAIGN_EXPIRATION_MS = 15 * 60_000;

/** How long after it has arrived an object is still of use. `undefined`: always. */
export function expirationMs(
  limits: Validated<EventTriggerLimits> | undefined,
  isCampaign: boolean,
): number | undefined {
  const given = limits?.EventExpiration;
  if (!isCampaign) return given;
  return Math.min(given ?? CAMPAIGN_EXPIRATION_MS, CAMPAIGN_EXPIRATION_MS);
}
