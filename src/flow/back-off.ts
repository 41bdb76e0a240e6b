/** Longest step between two attempts of a delivery, before jitter. */
const RETRY_DELAY_MS_MAX = 480_000;
const RETRY_DELAY_MS_FIRST = 2_000;

/** Longest step between two tries of our own work (a consumer's batch, a timer's handler), before jitter. */
const FAILURE_DELAY_MS_MAX = 30_000;
const FAILURE_DELAY_MS_FIRST = 100;

/**
 * How long to wait after failed attempt number `attempt` (from 1) of a delivery: 2 s, doubled with each attempt up to
 * 480 s, give or take half of it.
 *
 * All deliveries to a target fail together when it goes down; without the jitter they would all
 * return together too. AWS documents the shape ("exponential back off and jitter") and not the
 * numbers, so these are ours: with them the default of 185 attempts fills about the default of 24 hours.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
export function retryDelayMs(attempt: number, random: () => number): number {
  return jittered(doubled(RETRY_DELAY_MS_FIRST, attempt, RETRY_DELAY_MS_MAX), random);
}

/** How long to wait after failure number `failure` (from 1) in a row of work that only we can fail: 0.1 s to 30 s, give or take half. */
export function failureDelayMs(failure: number, random: () => number): number {
  return jittered(doubled(FAILURE_DELAY_MS_FIRST, failure, FAILURE_DELAY_MS_MAX), random);
}

function doubled(firstMs: number, step: number, maxMs: number): number {
  return Math.min(maxMs, firstMs * 2 ** (step - 1));
}

function jittered(delayMs: number, random: () => number): number {
  return Math.round(delayMs * (0.5 + random()));
}
