import { ModeledError } from "../../models/modeled-error.ts";

/** What the service says of nearly everything that is wrong with a request. */
export function validationError(message: string): ModeledError {
  return new ModeledError("ValidationError", message);
}

export function templateError(message: string): ModeledError {
  return validationError(`Template format error: ${message}`);
}

export function noStack(nameOrId: string): ModeledError {
  return validationError(`Stack with id ${nameOrId} does not exist`);
}
