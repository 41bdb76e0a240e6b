import { ModeledError } from "../../models/modeled-error.ts";

// Two errors that the service sends and its model does not list. Their names are those of the JSON protocol; clients that
// ask for the names of the query protocol (`x-amzn-query-mode`) see `InvalidParameterValue` and `MissingParameter`.

export function invalidParameterValue(message: string): ModeledError {
  return new ModeledError("InvalidParameterValueException", message);
}

export function missingParameter(name: string): ModeledError {
  return new ModeledError("MissingRequiredParameterException", `The request must contain the parameter ${name}.`);
}

/** `reason` ends the sentence that SQS begins for a value which does not fit. */
export function invalidValue(value: unknown, parameter: string, reason: string): ModeledError {
  return invalidParameterValue(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function queueDoesNotExist(): ModeledError {
  return new ModeledError("QueueDoesNotExist", "The specified queue does not exist.");
}

/**
 * What a batch result calls an error: the query protocol's code, in both protocols
 * (recorded from the service: `"Code": "InvalidParameterValue"` in a JSON answer).
 */
export function batchCode(error: ModeledError): string {
  switch (error.code) {
    case "InvalidParameterValueException":
      return "InvalidParameterValue";
    case "MissingRequiredParameterException":
      return "MissingParameter";
    case "UnsupportedOperation":
      return "AWS.SimpleQueueService.UnsupportedOperation";
    default:
      return error.code;
  }
}
