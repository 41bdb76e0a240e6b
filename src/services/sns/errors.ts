import { ModeledError } from "../../models/modeled-error.ts";

/** `reason` follows the service's own beginning: "Invalid parameter: ". */
export function invalidParameter(reason: string): ModeledError {
  return new ModeledError("InvalidParameterException", `Invalid parameter: ${reason}`);
}

export function notFound(what: "Topic" | "Subscription"): ModeledError {
  return new ModeledError("NotFoundException", `${what} does not exist`);
}

export function notAuthorized(principalArn: string, action: string, resource: string): ModeledError {
  return new ModeledError(
    "AuthorizationErrorException",
    `User: ${principalArn} is not authorized to perform: SNS:${action} on resource: ${resource} because no resource-based policy allows the SNS:${action} action`,
  );
}
