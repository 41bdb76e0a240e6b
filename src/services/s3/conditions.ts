import { ModeledError } from "../../models/modeled-error.ts";
import { noSuchKey, notImplemented, preconditionFailed } from "./errors.ts";
import type { StoredObject } from "./object.ts";

/** What a reader may ask of an object. */
export interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/**
 * Throws `PreconditionFailed`, or `NotModified` (304) where the reader has what there is. A condition on the ETag wins over the one on the
 * time that says the same: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function checkReadConditions(object: StoredObject, conditions: ReadConditions): void {
  const failed = failedCondition(object, conditions);
  if (failed === undefined) return;
  if (failed === "If-Match" || failed === "If-Unmodified-Since") throw preconditionFailed(failed);
  throw new ModeledError("NotModified", "Not Modified", {
    ETag: object.etag,
    "Last-Modified": new Date(object.modifiedMs).toUTCString(),
  });
}

/** The same for the source of a copy, where whatever fails is `PreconditionFailed`. */
export function checkCopyConditions(
  source: StoredObject,
  input: {
    readonly CopySourceIfMatch?: string | undefined;
    readonly CopySourceIfNoneMatch?: string | undefined;
    readonly CopySourceIfModifiedSince?: Date | undefined;
    readonly CopySourceIfUnmodifiedSince?: Date | undefined;
  },
): void {
  const failed = failedCondition(source, {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed}`);
}

function failedCondition(object: StoredObject, conditions: ReadConditions): string | undefined {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  // What is told of the time, and so what is asked, are whole seconds.
  const modifiedMs = Math.floor(object.modifiedMs / 1000) * 1000;
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, object.etag)) return "If-Match";
  } else if (IfUnmodifiedSince !== undefined && modifiedMs > IfUnmodifiedSince.getTime()) return "If-Unmodified-Since";
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, object.etag)) return "If-None-Match";
  } else if (IfModifiedSince !== undefined && modifiedMs <= IfModifiedSince.getTime()) return "If-Modified-Since";
  return undefined;
}

/** A list of ETags, with or without their quotes, or a star. */
function matches(wanted: string, etag: string): boolean {
  return wanted.split(",").some((each) => {
    const text = each.trim().replace(/^W\//, "");
    return text === "*" || text === etag || `"${text}"` === etag;
  });
}

export interface WriteConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** Throws `NotImplemented` for conditions that a write does not have: it may ask that nothing is there, but not that something else is. */
export function refuseOddWriteConditions({ IfNoneMatch }: WriteConditions): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== "*") throw notImplemented(`If-None-Match ${IfNoneMatch}`);
}

/** What a writer asks of the object that it is about to replace or delete. Throws `PreconditionFailed` and, for one that must be there, `NoSuchKey`. */
export function checkWriteConditions(
  existing: StoredObject | undefined,
  { IfMatch, IfNoneMatch }: WriteConditions,
  key: string,
): void {
  if (IfNoneMatch !== undefined && existing !== undefined) throw preconditionFailed("If-None-Match");
  if (IfMatch === undefined) return;
  if (existing === undefined) throw noSuchKey(key);
  if (!matches(IfMatch, existing.etag)) throw preconditionFailed("If-Match");
}
