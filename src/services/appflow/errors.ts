import { ModeledError } from "../../models/modeled-error.ts";

export function notFound(message: string): ModeledError {
  return new ModeledError("ResourceNotFoundException", message);
}

export function conflict(message: string): ModeledError {
  return new ModeledError("ConflictException", message);
}

export function unsupported(message: string): ModeledError {
  return new ModeledError("UnsupportedOperationException", message);
}

export function validation(message: string): ModeledError {
  return new ModeledError("ValidationException", message);
}

export function quotaExceeded(message: string): ModeledError {
  return new ModeledError("ServiceQuotaExceededException", message);
}

export function invalidNextToken(): ModeledError {
  return new ModeledError("ValidationException", "nextToken: it was not given out for this request");
}
