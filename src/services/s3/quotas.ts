import type { Limit } from "../service.ts";
import { BUCKETS_MAX } from "./limits.ts";

/** What `--limit` changes of S3. */
export const s3Limits: readonly Limit[] = [
  {
    name: "s3.buckets",
    default: BUCKETS_MAX,
    meaning: "Buckets of an account",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html",
  },
];
