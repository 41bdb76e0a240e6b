/** IAM's errors, in its words. The names are those of the model; on the wire they lose `Exception`. */
import { ModeledError } from "../../models/modeled-error.ts";

export function noSuchEntity(message: string): ModeledError {
  return new ModeledError("NoSuchEntityException", message);
}

export function alreadyExists(message: string): ModeledError {
  return new ModeledError("EntityAlreadyExistsException", message);
}

export function deleteConflict(message: string): ModeledError {
  return new ModeledError("DeleteConflictException", message);
}

export function limitExceeded(message: string): ModeledError {
  return new ModeledError("LimitExceededException", message);
}

export function invalidInput(message: string): ModeledError {
  return new ModeledError("InvalidInputException", message);
}

export function malformedPolicy(message: string): ModeledError {
  return new ModeledError("MalformedPolicyDocumentException", message);
}

export function accessDenied(message: string): ModeledError {
  return new ModeledError("AccessDenied", message);
}

export function unmodifiable(message: string): ModeledError {
  return new ModeledError("UnmodifiableEntityException", message);
}
