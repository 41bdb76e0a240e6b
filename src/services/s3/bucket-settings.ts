/**
 * What a bucket is told to be: kept, and shown again. Policies say who may (`bucketPolicy`), lifecycles expire objects (`lifecycle.ts`),
 * notifications tell (`notifications.ts`); what else there is has no effect here, and asks for nothing that would be missed: CORS, a website,
 * logging, acceleration, who pays, encryption, which is always AES256.
 */
import type { Tag } from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Context, Handler } from "../service.ts";
import { getBucket } from "./bucket.ts";
import { notImplemented } from "./errors.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

type Kind =
  | "accelerate"
  | "cors"
  | "encryption"
  | "lifecycle"
  | "logging"
  | "ownership"
  | "policy"
  | "objectLock"
  | "publicAccess"
  | "replication"
  | "requestPayment"
  | "tagging"
  | "versioning"
  | "website";

interface Setting {
  readonly bucket: string;
  readonly kind: Kind;
  /** `null`: what a new bucket has was taken away. */
  readonly value: unknown;
}

/** By bucket and kind. */
const settings: Collection<Setting> = collection("s3_bucket_settings");

interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
  readonly [member: string]: unknown;
}

/** How a setting is asked for. */
interface Form {
  readonly kind: Kind;
  /** The member of the request. */
  readonly member: string;
  /** What a bucket has that was never told. */
  readonly initially?: unknown;
  /** What is thrown where there is nothing. */
  readonly missing?: readonly [code: string, message: string];
  /** Whether the answer has the value's members, rather than the value in the request's member. */
  readonly flat?: true;
  /** Throws for what is no such setting, or is not built. */
  readonly check?: (value: never) => void;
}

const FORMS = {
  accelerate: { kind: "accelerate", member: "AccelerateConfiguration", initially: {}, flat: true },
  cors: {
    kind: "cors",
    member: "CORSConfiguration",
    missing: ["NoSuchCORSConfiguration", "The CORS configuration does not exist"],
    flat: true,
  },
  encryption: {
    kind: "encryption",
    member: "ServerSideEncryptionConfiguration",
    initially: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }],
    },
    check: checkEncryption,
  },
  logging: { kind: "logging", member: "BucketLoggingStatus", initially: {}, flat: true },
  ownership: {
    kind: "ownership",
    member: "OwnershipControls",
    initially: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    missing: ["OwnershipControlsNotFoundError", "The bucket ownership controls were not found"],
  },
  policy: {
    kind: "policy",
    member: "Policy",
    missing: ["NoSuchBucketPolicy", "The bucket policy does not exist"],
    check: checkPolicy,
  },
  publicAccess: {
    kind: "publicAccess",
    member: "PublicAccessBlockConfiguration",
    initially: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    missing: ["NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"],
  },
  requestPayment: {
    kind: "requestPayment",
    member: "RequestPaymentConfiguration",
    initially: { Payer: "BucketOwner" },
    flat: true,
    check: ({ Payer }: { Payer: string }) => {
      if (Payer !== "BucketOwner") throw notImplemented(`Payer ${Payer}`);
    },
  },
  tagging: {
    kind: "tagging",
    member: "Tagging",
    missing: ["NoSuchTagSet", "The TagSet does not exist"],
    flat: true,
    check: checkTags,
  },
  versioning: {
    kind: "versioning",
    member: "VersioningConfiguration",
    initially: {},
    flat: true,
    check: checkVersioning,
  },
  website: {
    kind: "website",
    member: "WebsiteConfiguration",
    missing: ["NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"],
    flat: true,
  },
} as const satisfies Readonly<Record<string, Form>>;

function putting(form: Form): Handler {
  return async (input: BucketInput, context: Context) => {
    // Whose bucket it is comes before what it is told.
    await getBucket(context.store, input, context);
    refuseUnbuilt(input);
    const value = input[form.member];
    form.check?.(value as never);
    await putSetting(context, input, form.kind, value);
    return {};
  };
}

function getting(form: Form): Handler {
  return async (input: BucketInput, context: Context) => {
    const value = await findSetting(context, input, form.kind);
    const found = value === undefined ? form.initially : value;
    if (found === undefined || found === null) {
      const [code, message] = form.missing ?? ["NoSuchConfiguration", "The specified configuration does not exist."];
      throw new ModeledError(code, message, { BucketName: input.Bucket });
    }
    return form.flat ? found : { [form.member]: found };
  };
}

function deleting({ kind }: Form): Handler {
  return async (input: BucketInput, context: Context) => putSetting(context, input, kind, null);
}

/** The operations on settings that are only kept. */
export const settingOperations: Readonly<Record<string, Handler>> = {
  PutBucketAccelerateConfiguration: putting(FORMS.accelerate),
  GetBucketAccelerateConfiguration: getting(FORMS.accelerate),
  PutBucketCors: putting(FORMS.cors),
  GetBucketCors: getting(FORMS.cors),
  DeleteBucketCors: deleting(FORMS.cors),
  PutBucketEncryption: putting(FORMS.encryption),
  GetBucketEncryption: getting(FORMS.encryption),
  // What a new bucket has, it goes back to.
  DeleteBucketEncryption: async (input: BucketInput, context: Context) =>
    putSetting(context, input, "encryption", FORMS.encryption.initially),
  PutBucketLogging: putting(FORMS.logging),
  GetBucketLogging: getting(FORMS.logging),
  PutBucketOwnershipControls: putting(FORMS.ownership),
  GetBucketOwnershipControls: getting(FORMS.ownership),
  DeleteBucketOwnershipControls: deleting(FORMS.ownership),
  PutBucketPolicy: putting(FORMS.policy),
  GetBucketPolicy: getting(FORMS.policy),
  DeleteBucketPolicy: deleting(FORMS.policy),
  PutPublicAccessBlock: putting(FORMS.publicAccess),
  GetPublicAccessBlock: getting(FORMS.publicAccess),
  DeletePublicAccessBlock: deleting(FORMS.publicAccess),
  PutBucketRequestPayment: putting(FORMS.requestPayment),
  GetBucketRequestPayment: getting(FORMS.requestPayment),
  PutBucketTagging: putting(FORMS.tagging),
  GetBucketTagging: getting(FORMS.tagging),
  DeleteBucketTagging: deleting(FORMS.tagging),
  PutBucketVersioning: putting(FORMS.versioning),
  GetBucketVersioning: getting(FORMS.versioning),
  PutBucketWebsite: putting(FORMS.website),
  GetBucketWebsite: getting(FORMS.website),
  DeleteBucketWebsite: deleting(FORMS.website),
  // What there can be none of; tools ask all the same.
  GetBucketReplication: getting({
    kind: "replication",
    member: "",
    missing: ["ReplicationConfigurationNotFoundError", "The replication configuration was not found"],
  }),
  GetObjectLockConfiguration: getting({
    kind: "objectLock",
    member: "",
    missing: ["ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"],
  }),
};

/** A setting of the caller's bucket; `undefined`: it was never told, `null`: it was taken away. */
export async function findSetting(context: Context, input: BucketInput, kind: Kind): Promise<unknown> {
  const { name } = await getBucket(context.store, input, context);
  return (await context.store.get(settings, compositeKey(name, kind)))?.value;
}

export async function putSetting(context: Context, input: BucketInput, kind: Kind, value: unknown): Promise<void> {
  await context.store.commit(async (unit) => {
    const { name: bucket } = await getBucket(unit, input, context);
    unit.put(settings, compositeKey(bucket, kind), { bucket, kind, value });
  });
}

interface TagSet {
  readonly TagSet: readonly Tag[];
}

/** The tags of the caller's bucket, none where it has none. */
export async function findTags(context: Context, input: BucketInput): Promise<readonly Tag[]> {
  return ((await findSetting(context, input, "tagging")) as TagSet | null | undefined)?.TagSet ?? [];
}

/** Has the caller's bucket have other tags. */
export async function changeTags(
  context: Context,
  input: BucketInput,
  change: (tags: readonly Tag[]) => readonly Tag[],
): Promise<void> {
  await context.store.commit(async (unit) => {
    const { name } = await getBucket(unit, input, context);
    const setting = await unit.get(settings, compositeKey(name, "tagging"));
    putTags(unit, name, change((setting?.value as TagSet | null | undefined)?.TagSet ?? []));
  });
}

/** Throws where a bucket cannot have these tags. */
export function putTags(unit: Unit, bucket: string, tags: readonly Tag[]): void {
  checkTags({ TagSet: tags });
  const value = tags.length > 0 ? { TagSet: tags } : null;
  unit.put(settings, compositeKey(bucket, "tagging"), { bucket, kind: "tagging", value });
}

/** The text of a bucket's policy: for whoever decides who may. */
export async function bucketPolicy(reader: Reader, bucket: string): Promise<string | undefined> {
  const setting = await reader.get(settings, compositeKey(bucket, "policy" satisfies Kind));
  return typeof setting?.value === "string" ? setting.value : undefined;
}

/** With the bucket. */
export async function deleteSettings(unit: Unit, bucket: string): Promise<void> {
  const { documents } = await unit.list(settings, { prefix: compositeKey(bucket, ""), limit: 100 });
  for (const setting of documents) unit.delete(settings, compositeKey(setting.bucket, setting.kind));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html */
const POLICY_BYTES_MAX = 20_480;

function checkPolicy(text: string): void {
  if (Buffer.byteLength(text) > POLICY_BYTES_MAX)
    throw malformedPolicy("Policy exceeds the maximum allowed document size.");
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  if (typeof policy !== "object" || policy === null || Array.isArray(policy)) {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  const statement = (policy as { Statement?: unknown }).Statement;
  if (statement === undefined) throw malformedPolicy("Missing required field Statement");
  for (const each of [statement].flat() as Readonly<Record<string, unknown>>[]) {
    for (const field of ["Effect", "Principal", "Action", "Resource"]) {
      if (each?.[field] === undefined && each?.[`Not${field}`] === undefined) {
        throw malformedPolicy(`Missing required field ${field}`);
      }
    }
  }
}

function malformedPolicy(message: string): ModeledError {
  return new ModeledError("MalformedPolicy", message);
}

/** What cannot be kept is not promised. */
function checkVersioning({ Status, MFADelete }: { Status?: string; MFADelete?: string }): void {
  if (Status === "Enabled") throw notImplemented("Versioning");
  if (MFADelete === "Enabled") throw notImplemented("MFADelete");
}

interface EncryptionRules {
  readonly Rules: readonly {
    readonly ApplyServerSideEncryptionByDefault?: { readonly SSEAlgorithm: string };
  }[];
}

function checkEncryption({ Rules }: EncryptionRules): void {
  for (const { ApplyServerSideEncryptionByDefault: rule } of Rules) {
    if (rule && rule.SSEAlgorithm !== "AES256") throw notImplemented(`SSEAlgorithm ${rule.SSEAlgorithm}`);
  }
}

const TAGS_MAX = 50;

function checkTags({ TagSet }: TagSet): void {
  if (new Set(TagSet.map(({ Key }) => Key)).size < TagSet.length) {
    throw new ModeledError("InvalidTag", "Cannot provide multiple Tags with the same key");
  }
  if (TagSet.length > TAGS_MAX) throw new ModeledError("BadRequest", "Bucket tag count cannot be greater than 50");
}
