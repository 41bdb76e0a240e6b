/** Limits that shape requests; they always hold. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */

/** A zip within a request, before base64. */
export const ZIP_BYTES_MAX: number = 50 * 1024 * 1024;
/** Of all files of a function and its layers; a zip from S3 can have no more either. */
export const UNZIPPED_BYTES_MAX = 262_144_000;
/** Files and folders of a zip. Ours: the real service names no number. */
export const ZIP_ENTRIES_MAX = 50_000;
export const ENVIRONMENT_BYTES_MAX = 4096;
/** A function's own name, which the model lets be as long as an ARN. */
export const NAME_CHARACTERS_MAX = 64;
export const LAYERS_MAX = 5;
export const POLICY_BYTES_MAX = 20_480;
export const TAGS_MAX = 50;

/** What goes in and comes out of a synchronous call. */
export const PAYLOAD_BYTES_MAX: number = 6 * 1024 * 1024;
export const ANSWER_BYTES_MAX: number = PAYLOAD_BYTES_MAX + 100;
export const EVENT_BYTES_MAX: number = 1024 * 1024;
/** An answer that is streamed. */
export const STREAMED_BYTES_MAX: number = 200 * 1024 * 1024;
/** Of the log that `LogType: Tail` answers with. */
export const TAIL_BYTES: number = 4 * 1024;

/** Until a sandbox must be ready for its first event. */
export const INIT_MS_MAX = 10_000;
/** An idle sandbox is kept warm for so long. The real service says nothing; observers see 5 to 15 minutes. */
export const IDLE_MS_MAX = 420_000;

/** What stays for functions without reserved concurrency. */
export const UNRESERVED_CONCURRENCY_MIN = 100;

/** One line of a log, as the real service cuts them: 256 KiB with CloudWatch's 26 bytes. */
export const LOG_LINE_BYTES_MAX: number = 256 * 1024 - 26;
/** What one invocation may log. Ours: the rest is left out, with a line that says so. */
export const LOG_BYTES_MAX: number = 8 * 1024 * 1024;

/** Asynchronous: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const RETRY_ATTEMPTS_MAX = 2;
export const RETRY_DELAYS_MS: readonly number[] = [60_000, 120_000];
export const EVENT_AGE_MS_MAX: number = 6 * 3_600_000;
export const THROTTLE_DELAY_MS_MIN = 1_000;
export const THROTTLE_DELAY_MS_MAX = 300_000;
