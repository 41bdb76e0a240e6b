/** S3, whose permissions are not named after its operations. */
import type { ActionTable, Exception, Input, Need } from "./action-table.ts";

const on =
  (action: string) =>
  (resourceArn: string): Need => ({ action: `s3:${action}`, resourceArn });

const bucketArn = ({ Bucket }: Input): string => `arn:aws:s3:::${Bucket}`;
const objectArn = ({ Bucket, Key }: Input): string => `arn:aws:s3:::${Bucket}/${Key}`;

const onBucket = (action: string): Exception => ({ needs: (input) => [on(action)(bucketArn(input))] });
const onObject = (action: string): Exception => ({
  needs: (input) => [on(input.VersionId === undefined ? action : versionAction(action))(objectArn(input))],
});

/** `GetObjectVersion`, but `GetObjectVersionTagging`. */
const versionAction = (action: string): string => action.replace("Object", "ObjectVersion");

/** Writing with tags or with a list of who may read needs more. */
const write: Exception = {
  needs: (input) => [
    on("PutObject")(objectArn(input)),
    ...(input.Tagging === undefined ? [] : [on("PutObjectTagging")(objectArn(input))]),
    ...(input.ACL === undefined ? [] : [on("PutObjectAcl")(objectArn(input))]),
  ],
};

const createBucket: Exception = {
  needs: (input) => {
    const { Tags = [] } = (input.CreateBucketConfiguration ?? {}) as { readonly Tags?: readonly unknown[] };
    return [on("CreateBucket")(bucketArn(input)), ...(Tags.length > 0 ? [on("TagResource")(bucketArn(input))] : [])];
  },
};

const copy: Exception = {
  needs: (input) => [on("PutObject")(objectArn(input)), on("GetObject")(sourceArn(String(input.CopySource)))],
};

/** `bucket/key`, `/bucket/key`, percent-encoded, with a version behind it, or the ARN of an access point. */
function sourceArn(source: string): string {
  const [path = ""] = source.replace(/^\//, "").split("?");
  try {
    return `arn:aws:s3:::${decodeURIComponent(path)}`;
  } catch {
    // The operation refuses it.
    return `arn:aws:s3:::${path}`;
  }
}

const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  DeleteBucket: "DeleteBucket",
  HeadBucket: "ListBucket",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
  ListMultipartUploads: "ListBucketMultipartUploads",
  GetBucketLocation: "GetBucketLocation",
  GetBucketPolicy: "GetBucketPolicy",
  PutBucketPolicy: "PutBucketPolicy",
  DeleteBucketPolicy: "DeleteBucketPolicy",
  GetBucketPolicyStatus: "GetBucketPolicyStatus",
  GetBucketAccelerateConfiguration: "GetAccelerateConfiguration",
  PutBucketAccelerateConfiguration: "PutAccelerateConfiguration",
  GetBucketReplication: "GetReplicationConfiguration",
  GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
  GetBucketVersioning: "GetBucketVersioning",
  PutBucketVersioning: "PutBucketVersioning",
  GetBucketTagging: "GetBucketTagging",
  PutBucketTagging: "PutBucketTagging",
  DeleteBucketTagging: "PutBucketTagging",
  GetBucketAcl: "GetBucketAcl",
  PutBucketAcl: "PutBucketAcl",
  GetBucketCors: "GetBucketCORS",
  PutBucketCors: "PutBucketCORS",
  DeleteBucketCors: "PutBucketCORS",
  GetBucketEncryption: "GetEncryptionConfiguration",
  PutBucketEncryption: "PutEncryptionConfiguration",
  DeleteBucketEncryption: "PutEncryptionConfiguration",
  GetBucketLifecycleConfiguration: "GetLifecycleConfiguration",
  PutBucketLifecycleConfiguration: "PutLifecycleConfiguration",
  DeleteBucketLifecycle: "PutLifecycleConfiguration",
  GetBucketNotificationConfiguration: "GetBucketNotification",
  PutBucketNotificationConfiguration: "PutBucketNotification",
  GetBucketLogging: "GetBucketLogging",
  PutBucketLogging: "PutBucketLogging",
  GetBucketOwnershipControls: "GetBucketOwnershipControls",
  PutBucketOwnershipControls: "PutBucketOwnershipControls",
  DeleteBucketOwnershipControls: "PutBucketOwnershipControls",
  GetPublicAccessBlock: "GetBucketPublicAccessBlock",
  PutPublicAccessBlock: "PutBucketPublicAccessBlock",
  DeletePublicAccessBlock: "PutBucketPublicAccessBlock",
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export const s3Actions: ActionTable = {
  prefix: "s3",
  arn: "arn:aws:s3:::",
  oneOf: { Bucket: "{}" },
  operations: {
    ...Object.fromEntries(Object.entries(BUCKET_ACTIONS).map(([operation, action]) => [operation, onBucket(action)])),
    CreateBucket: createBucket,
    ListBuckets: { action: "ListAllMyBuckets", resources: "*" },
    GetObject: onObject("GetObject"),
    HeadObject: onObject("GetObject"),
    GetObjectAttributes: onObject("GetObject"),
    PutObject: write,
    CreateMultipartUpload: write,
    UploadPart: { needs: (input) => [on("PutObject")(objectArn(input))] },
    CompleteMultipartUpload: { needs: (input) => [on("PutObject")(objectArn(input))] },
    CopyObject: copy,
    UploadPartCopy: copy,
    DeleteObject: onObject("DeleteObject"),
    // Asks for each object by itself.
    DeleteObjects: { action: false },
    GetObjectTagging: onObject("GetObjectTagging"),
    PutObjectTagging: onObject("PutObjectTagging"),
    DeleteObjectTagging: onObject("DeleteObjectTagging"),
    GetObjectAcl: onObject("GetObjectAcl"),
    PutObjectAcl: onObject("PutObjectAcl"),
    AbortMultipartUpload: { needs: (input) => [on("AbortMultipartUpload")(objectArn(input))] },
    ListParts: { needs: (input) => [on("ListMultipartUploadParts")(objectArn(input))] },
  },
  conditions: ({ Prefix, Delimiter, MaxKeys, ACL }) => ({
    ...(typeof Prefix === "string" && { "s3:prefix": [Prefix] }),
    ...(typeof Delimiter === "string" && { "s3:delimiter": [Delimiter] }),
    ...(MaxKeys !== undefined && { "s3:max-keys": [String(MaxKeys)] }),
    ...(typeof ACL === "string" && { "s3:x-amz-acl": [ACL] }),
  }),
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export const s3ControlActions: ActionTable = { prefix: "s3", arn: "", oneOf: { ResourceArn: "{}" } };
