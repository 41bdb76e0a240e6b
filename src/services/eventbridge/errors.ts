import { ModeledError } from "../../models/modeled-error.ts";

export function validationError(message: string): ModeledError {
  return new ModeledError("ValidationException", message);
}

export function notFound(message: string): ModeledError {
  return new ModeledError("ResourceNotFoundException", message);
}

export function accessDenied(principalArn: string, operation: string, resourceArn: string): ModeledError {
  return new ModeledError(
    "AccessDeniedException",
    `User: ${principalArn} is not authorized to perform: events:${operation} on resource: ${resourceArn}`,
  );
}

/** The service's one text for every count that is used up. */
export function limitExceeded(): ModeledError {
  return new ModeledError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
}

/** The texts of the real service are not known; this one follows its other messages. */
export function invalidNextToken(): ModeledError {
  return validationError("Parameter NextToken is not valid.");
}
