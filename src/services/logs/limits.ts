/** Limits that shape requests, from the API reference of CloudWatch Logs ("PutLogEvents", "CloudWatch Logs quotas"). They always hold. */

const HOUR_MS = 3_600_000;
export const DAY_MS: number = 24 * HOUR_MS;

/** What each event costs a batch beside its message. */
export const EVENT_OVERHEAD_BYTES = 26;
export const EVENT_BYTES_MAX = 1_048_576;
export const BATCH_BYTES_MAX = 1_048_576;
export const BATCH_SPAN_MS_MAX: number = 24 * HOUR_MS;
export const EVENT_AGE_MS_MAX: number = 14 * DAY_MS;
export const EVENT_AHEAD_MS_MAX: number = 2 * HOUR_MS;

/** Events that one GetLogEvents or FilterLogEvents answers with; also where it stops looking for a match. */
export const READ_EVENTS_MAX = 10_000;
/** Bytes of messages in one answer, roughly. */
export const READ_BYTES_MAX = 1_048_576;
/** Bytes of messages that one FilterLogEvents looks at, roughly: what bounds the work that a pattern may ask for. */
export const LOOK_BYTES_MAX: number = 10 * 1_048_576;
export const DESCRIBE_LIMIT = 50;
export const TAGS_MAX = 50;

export const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Resource policies of an account in a region; a count, so it holds with `--enforce-limits` only. */
export const RESOURCE_POLICIES_MAX = 10;

/** Filters of a group, from the service quotas, which do not let them be raised. */
export const METRIC_FILTERS_PER_GROUP_MAX = 100;
export const SUBSCRIPTIONS_PER_GROUP_MAX = 2;
