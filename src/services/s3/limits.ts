// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
export const PART_BYTES_MIN: number = 5 * 1024 ** 2;
export const PART_BYTES_MAX: number = 5 * 1024 ** 3;
export const OBJECT_BYTES_MAX: number = 50 * 1024 ** 4;
export const PARTS_MAX = 10_000;
/** Keys, parts or uploads on a page; also how many are given where nothing else is asked for. */
export const PAGE_MAX = 1000;
export const LIST_BUCKETS_MAX = 10_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const DELETED_KEYS_MAX = 1000;

/** In UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const KEY_BYTES_MAX = 1024;

/** Names and values together. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export const METADATA_BYTES_MAX = 2048;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
export const OBJECT_TAGS_MAX = 10;
export const TAG_KEY_LENGTH_MAX = 128;
export const TAG_VALUE_LENGTH_MAX = 256;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html */
export const BUCKETS_MAX = 10_000;
