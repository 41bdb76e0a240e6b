import { ModeledError } from "../../models/modeled-error.ts";

/** What is wrong with a request. The service has no other error for it: a name that is taken and a quota that is used up are this one too. */
export function badRequest(message: string): ModeledError {
  return new ModeledError("BadRequestException", message);
}

export function notFound(message: string): ModeledError {
  return new ModeledError("ResourceNotFoundException", message);
}

export function invalidNextToken(): ModeledError {
  return badRequest(
    "1 validation error detected: Value at 'nextToken' failed to satisfy constraint: it was not handed out for this request",
  );
}
