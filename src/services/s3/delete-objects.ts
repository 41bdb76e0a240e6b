import type {
  DeleteObjectOutput,
  DeleteObjectRequest,
  DeleteObjectsOutput,
  DeleteObjectsRequest,
  _Error as KeyError,
} from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { askToDelete, asOwner } from "./access.ts";
import { getBucket } from "./bucket.ts";
import { checkWriteConditions } from "./conditions.ts";
import { settleRemovals } from "./files.ts";
import { DELETED_KEYS_MAX } from "./limits.ts";
import { tellRemoved } from "./notifications.ts";
import { deleteStoredObject, objectId, objects, type StoredObject } from "./object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

/** Deletes an object. One that is not there is deleted already. */
export async function deleteObject(
  input: Validated<DeleteObjectRequest>,
  context: Context,
): Promise<DeleteObjectOutput> {
  refuseUnbuilt(input);
  const removed = await context.store.commit(async (unit) => {
    const bucket = await getBucket(unit, input, context);
    const object = await unit.get(objects, objectId({ bucket: bucket.name, key: input.Key }));
    checkWriteConditions(object, { IfMatch: input.IfMatch }, input.Key);
    if (object === undefined) return [];
    deleteStoredObject(unit, object);
    await tellRemoved(unit, context, bucket, object, "ObjectRemoved:Delete");
    return [object];
  });
  await settleRemovals(context, removed);
  return {};
}

type Named = Validated<DeleteObjectsRequest>["Delete"]["Objects"][number];

/** Deletes many objects in one commit. Each succeeds or fails alone, one that the caller may not delete too. */
export async function deleteObjects(
  input: Validated<DeleteObjectsRequest>,
  context: Context,
): Promise<DeleteObjectsOutput> {
  refuseUnbuilt(input);
  const { Objects: named, Quiet: isQuiet = false } = input.Delete;
  if (named.length === 0 || named.length > DELETED_KEYS_MAX) {
    throw new ModeledError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  }
  const denials = await askToDelete(context, input);
  const owner = await asOwner(context, input.Bucket);
  const { removed, errors, deleted } = await context.store.commit(async (unit) => {
    const bucket = await getBucket(unit, input, owner);
    const removed: StoredObject[] = [];
    const errors: KeyError[] = [];
    const deleted: Named[] = [];
    for (const [index, each] of named.entries()) {
      const object = await unit.get(objects, objectId({ bucket: bucket.name, key: each.Key }));
      const error = denials[index] ?? refusal(object, each);
      if (error !== undefined) errors.push({ Key: each.Key, Code: error.code, Message: error.message });
      else deleted.push(each);
      if (error !== undefined || object === undefined) continue;
      deleteStoredObject(unit, object);
      await tellRemoved(unit, context, bucket, object, "ObjectRemoved:Delete");
      removed.push(object);
    }
    return { removed, errors, deleted };
  });
  await settleRemovals(context, removed);
  return {
    ...(!isQuiet && { Deleted: deleted.map(({ Key }) => ({ Key })) }),
    ...(errors.length > 0 && { Errors: errors }),
  };
}

function refusal(object: StoredObject | undefined, named: Named): ModeledError | undefined {
  try {
    refuseUnbuilt({
      VersionId: named.VersionId,
      IfMatchLastModifiedTime: named.LastModifiedTime,
      IfMatchSize: named.Size,
    });
    checkWriteConditions(object, { IfMatch: named.ETag }, named.Key);
    return undefined;
  } catch (error) {
    if (error instanceof ModeledError) return error;
    throw error;
  }
}
