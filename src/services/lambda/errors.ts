import { ModeledError } from "../../models/modeled-error.ts";

export function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterValueException", message);
}

export function notFound(message: string): ModeledError {
  return new ModeledError("ResourceNotFoundException", message);
}

export function conflict(message: string): ModeledError {
  return new ModeledError("ResourceConflictException", message);
}

export function functionNotFound(arn: string): ModeledError {
  return notFound(`Function not found: ${arn}`);
}

/** `RevisionId` was given, and something has changed since. */
export function preconditionFailed(): ModeledError {
  return new ModeledError(
    "PreconditionFailedException",
    "The RevisionId provided does not match the latest RevisionId. Call the GetFunction or the GetAlias API to retrieve the latest RevisionId for your resource.",
  );
}
