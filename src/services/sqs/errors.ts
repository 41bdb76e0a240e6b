import { ModeledError } from "../../models/modeled-error.ts";

// Two errors that the service sends and its model does not list, by their names in the query protocol.

export function invalidParameterValue(message: string): ModeledError {
  return new ModeledError("InvalidParameterValue", message);
}

export function missingParameter(name: string): ModeledError {
  return new ModeledError("MissingParameter", `The request must contain the parameter ${name}.`);
}

/** `reason` ends the sentence that SQS begins for a value which does not fit. */
export function invalidValue(value: unknown, parameter: string, reason: string): ModeledError {
  return invalidParameterValue(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function queueDoesNotExist(): ModeledError {
  return new ModeledError("QueueDoesNotExist", "The specified queue does not exist.");
}

/** What a batch result calls an error: the query protocol's code, in both protocols (recorded from the service). */
export function batchCode(error: ModeledError): string {
  return error.code === "UnsupportedOperation" ? `AWS.SimpleQueueService.${error.code}` : error.code;
}
