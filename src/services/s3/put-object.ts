import type { PutObjectOutput, PutObjectRequest } from "@aws-sdk/client-s3";
import type { ChecksumAlgorithm } from "../../models/checksum.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { StreamingPayload } from "../../models/streaming-payload.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { getBucket, type Owner } from "./bucket.ts";
import { checkWriteConditions, refuseOddWriteConditions, type WriteConditions } from "./conditions.ts";
import { descriptionOf } from "./description.ts";
import { invalidRequest } from "./errors.ts";
import { discard, type Received, receive, settle } from "./files.ts";
import { KEY_BYTES_MAX, PART_BYTES_MAX } from "./limits.ts";
import { type StoredBy, tellCreated } from "./notifications.ts";
import { objectId, objects, type StoredObject } from "./object.ts";
import { checksumMembers, DEFAULT_ALGORITHM } from "./object-checksum.ts";
import { tellStored } from "./stored-log.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

/** The body of a request, which is written to disk while it comes in. */
export interface Streamed {
  readonly Body: StreamingPayload;
  readonly ContentLength?: number | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
}

/** Stores an object, in place of the one that the key has. */
export async function putObject(
  input: Validated<Omit<PutObjectRequest, keyof Streamed>> & Streamed,
  context: Context,
): Promise<PutObjectOutput> {
  refuseUnbuilt(input);
  refuseOddWriteConditions(input);
  checkKey(input.Key);
  const description = descriptionOf(input);
  const bucket = await getBucket(context.store, input, context);
  const received = await receiveBody(input, context, input.Body.checksumAlgorithm ?? DEFAULT_ALGORITHM);
  const object = {
    ...description,
    bucket: bucket.name,
    key: input.Key,
    content: received.content,
    size: received.size,
    etag: `"${received.md5}"`,
    checksum: { ...received.checksum, type: "FULL_OBJECT" },
  } as const satisfies NewObject;
  await storeObject(context, object, input);
  return { ETag: object.etag, ...checksumMembers(object.checksum), ...encryptionOf(object) };
}

/** An object whose content has come in. When it is stored is when it has been modified. */
export type NewObject = Omit<StoredObject, "modifiedMs">;

interface StoredWith {
  /** What else belongs into the commit. */
  readonly alongside?: (unit: Unit) => Promise<void>;
  /** What stores it, as events tell. */
  readonly by?: StoredBy;
}

/**
 * Commits an object whose content has come in, under the conditions of a write, and returns when its file is in its place. What else
 * belongs into the commit is done by `alongside`. Throws what that throws, with nothing left of the content.
 *
 * Its time is that of the unit: whoever asks in a later unit for what was modified before then finds it.
 */
export async function storeObject(
  context: Platform & Owner,
  object: NewObject,
  input: WriteConditions & Parameters<typeof getBucket>[1],
  { alongside = async () => {}, by = "Put" }: StoredWith = {},
): Promise<StoredObject> {
  const stored = await commitObject(context, object, input, { alongside, by });
  await settle(context, stored, stored.content);
  return stored;
}

async function commitObject(
  context: Platform & Owner,
  object: NewObject,
  input: Parameters<typeof storeObject>[2],
  { alongside, by }: Required<StoredWith>,
): Promise<StoredObject> {
  try {
    return await context.store.commit(async (unit) => {
      const bucket = await getBucket(unit, input, context);
      await alongside(unit);
      const existing = await unit.get(objects, objectId(object));
      checkWriteConditions(existing, input, object.key);
      const stored = { ...object, modifiedMs: context.clock.now() };
      unit.put(objects, objectId(stored), stored);
      tellStored(unit, bucket, stored.key);
      await tellCreated(unit, context, bucket, stored, by);
      return stored;
    });
  } catch (error) {
    await discard(context, object.content);
    throw error;
  }
}

/** Takes in a body that a request brings. Throws `MissingContentLength`, `EntityTooLarge`, and what is wrong with the body itself. */
export async function receiveBody(input: Streamed, context: Context, algorithm: ChecksumAlgorithm): Promise<Received> {
  const { Body, ContentLength, ChecksumAlgorithm: announced } = input;
  if (ContentLength === undefined) {
    throw new ModeledError("MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (ContentLength > PART_BYTES_MAX) {
    throw new ModeledError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
      ProposedSize: ContentLength,
      MaxSizeAllowed: PART_BYTES_MAX,
    });
  }
  if (announced !== undefined && announced !== Body.checksumAlgorithm) {
    throw invalidRequest(
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  return receive(context, Body, algorithm);
}

/** Throws `KeyTooLongError`. */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes <= KEY_BYTES_MAX) return;
  throw new ModeledError("KeyTooLongError", "Your key is too long", { Size: bytes, MaxSizeAllowed: KEY_BYTES_MAX });
}

export function encryptionOf({ headers }: Pick<StoredObject, "headers">): { ServerSideEncryption?: "AES256" } {
  return headers.ServerSideEncryption === undefined ? {} : { ServerSideEncryption: "AES256" };
}
