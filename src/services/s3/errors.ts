import { ModeledError } from "../../models/modeled-error.ts";

// S3 sends many more errors than its model lists. Texts are the service's own.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

export function noSuchBucket(name: string): ModeledError {
  return new ModeledError("NoSuchBucket", "The specified bucket does not exist", { BucketName: name });
}

export function noSuchKey(key: string): ModeledError {
  return new ModeledError("NoSuchKey", "The specified key does not exist.", { Key: key });
}

export function noSuchUpload(uploadId: string): ModeledError {
  return new ModeledError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: uploadId },
  );
}

export function accessDenied(): ModeledError {
  return new ModeledError("AccessDenied", "Access Denied");
}

/** `name` is the header or parameter that is wrong. */
export function invalidArgument(message: string, name: string, value: unknown): ModeledError {
  return new ModeledError("InvalidArgument", message, { ArgumentName: name, ArgumentValue: value });
}

export function invalidRequest(message: string): ModeledError {
  return new ModeledError("InvalidRequest", message);
}

/** `condition` is the header that asked for what is not so. */
export function preconditionFailed(condition: string): ModeledError {
  return new ModeledError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    Condition: condition,
  });
}

export function notImplemented(what: string): ModeledError {
  return new ModeledError(
    "NotImplemented",
    `A header you provided implies functionality that is not implemented: ${what} is not built in this version of Trunkline.`,
  );
}
