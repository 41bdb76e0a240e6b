/**
 * Limits that shape requests, from the API reference of Amazon SQS and its developer guide ("Amazon SQS message quotas").
 * They always hold.
 */

/** A message (body and attributes), and all messages of a batch together: 1 MiB since August 2025. */
export const MESSAGE_BYTES_MAX = 1_048_576;
export const BATCH_ENTRIES_MAX = 10;
export const MESSAGE_ATTRIBUTES_MAX = 10;
export const RECEIVED_MESSAGES_MAX = 10;
export const WAIT_SECONDS_MAX = 20;
export const DELAY_SECONDS_MAX = 900;
/** Also the longest that one receive can keep a message hidden, however often its time-out is changed: 12 hours. */
export const VISIBILITY_SECONDS_MAX = 43_200;
export const RETENTION_SECONDS_MIN = 60;
export const RETENTION_SECONDS_MAX = 1_209_600;
export const MAX_RECEIVE_COUNT_MAX = 1_000;
/** Actions of one AddPermission. */
export const PERMISSION_ACTIONS_MAX = 7;
/** Messages a second that a move task may be told to move, and tasks that one call lists. */
export const MOVE_RATE_MAX = 500;
export const MOVE_TASKS_LISTED_MAX = 10;
export const TAGS_MAX = 50;
export const LIST_RESULTS_MAX = 1_000;

/** How long a FIFO queue remembers a deduplication id. */
export const DEDUPLICATION_MS: number = 5 * 60_000;
/** Between two purges of one queue. */
export const PURGE_INTERVAL_MS = 60_000;
/** Between deleting a queue and creating one of its name. Holds with `--enforce-limits` only: tests create and delete a lot. */
export const RECREATE_INTERVAL_MS = 60_000;
