/** Limits that always hold: https://docs.aws.amazon.com/firehose/latest/dev/limits.html */

/** Of a record, before it is base64. */
export const RECORD_BYTES_MAX = 1_024_000;
export const BATCH_BYTES_MAX: number = 4 * 1024 * 1024;
export const TAGS_MAX = 50;
/** https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html */
export const HTTP_RECORDS_MAX = 10_000;
export const HTTP_BODY_BYTES_MAX: number = 64 * 1024 * 1024;
export const HTTP_ANSWER_BYTES_MAX: number = 1024 * 1024;
export const HTTP_TIMEOUT_MS = 180_000;
/** Of a record that is decompressed, and how many are at once. Ours: the real service says nothing. */
export const DECOMPRESSED_BYTES_MAX: number = 6 * 1024 * 1024;
export const DECOMPRESSED_AT_ONCE = 10;
/** Of a request to a function: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const LAMBDA_PAYLOAD_BYTES_MAX: number = 6 * 1024 * 1024;
/** https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
export const LAMBDA_PATIENCE_MS = 300_000;
/** How long a bucket that takes nothing is tried: https://docs.aws.amazon.com/firehose/latest/dev/retry.html */
export const S3_RETRY_MS = 86_400_000;
