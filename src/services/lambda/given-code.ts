import type { FunctionCode } from "@aws-sdk/client-lambda";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { ownBucket } from "../s3/index.ts";
import type { Context } from "../service.ts";
import { invalid } from "./errors.ts";
import { UNZIPPED_BYTES_MAX, ZIP_BYTES_MAX } from "./limits.ts";

export type GivenCode = Pick<
  Validated<FunctionCode>,
  "ZipFile" | "S3Bucket" | "S3Key" | "S3ObjectVersion" | "ImageUri"
>;

const PIECE_BYTES = 1024 * 1024;

/** A zip's bytes: those of the request, or those of an object of ours. Throws `InvalidParameterValueException`, some of it while it is read. */
export function givenZip(context: Context, code: GivenCode): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (code.ImageUri !== undefined) {
    throw new ModeledError(
      "NotImplementedException",
      "Lambda container images are not built in this version of Trunkline.",
    );
  }
  const { ZipFile, S3Bucket, S3Key } = code;
  if (ZipFile !== undefined && S3Bucket === undefined) {
    if (ZipFile.length === 0) throw invalid("Uploaded file must be a non-empty zip");
    if (ZipFile.length > ZIP_BYTES_MAX) {
      throw new ModeledError(
        "RequestEntityTooLargeException",
        `Zipped size must be smaller than ${ZIP_BYTES_MAX} bytes`,
      );
    }
    return [ZipFile];
  }
  if (ZipFile !== undefined || S3Bucket === undefined || S3Key === undefined) {
    throw invalid("Please provide a source for function code.");
  }
  if (code.S3ObjectVersion !== undefined) {
    throw s3Failure("NoSuchVersion", "The specified version does not exist.");
  }
  return readObject(context, S3Bucket, S3Key);
}

async function* readObject(context: Context, bucketName: string, key: string): AsyncGenerator<Uint8Array> {
  try {
    const bucket = ownBucket(context, bucketName);
    const file = await bucket.find(key, context.signal);
    if (!file) throw s3Failure("NoSuchKey", "The specified key does not exist.");
    if (file.size >= UNZIPPED_BYTES_MAX)
      throw invalid(`Unzipped size must be smaller than ${UNZIPPED_BYTES_MAX} bytes`);
    for (let from = 0; from < file.size; from += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, file.size - from);
      const piece = await bucket.read(file, { from, length }, context.signal);
      if (!piece) throw s3Failure("NoSuchKey", "The specified key does not exist.");
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof ModeledError) || error.code === "InvalidParameterValueException") throw error;
    throw s3Failure(error.code, error.message);
  }
}

function s3Failure(code: string, message: string): ModeledError {
  return invalid(`Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${message}`);
}
