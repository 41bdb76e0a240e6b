import { ModeledError } from "../../models/modeled-error.ts";

// The words are the service's own wherever its answers are recorded in public; both of its APIs share these errors.

export function badRequest(message: string): ModeledError {
  return new ModeledError("BadRequestException", message);
}

export function notFound(message: string): ModeledError {
  return new ModeledError("NotFoundException", message);
}

export function conflict(message: string): ModeledError {
  return new ModeledError("ConflictException", message);
}

export function limitExceeded(message: string): ModeledError {
  return new ModeledError("LimitExceededException", message);
}

/** 501, as for an operation that is not built: `what` says what is asked for. */
export function notBuilt(what: string): ModeledError {
  return new ModeledError("NotImplemented", `${what} not built in this version of Trunkline`);
}

/** The one error that the model of HTTP APIs has for limits. */
export function tooManyRequests(message: string): ModeledError {
  return new ModeledError("TooManyRequestsException", message);
}
