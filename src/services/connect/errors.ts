import { ModeledError } from "../../models/modeled-error.ts";

/** Something that the request names does not exist, or belongs to another account, Region or instance. */
export function notFound(message: string): ModeledError {
  return new ModeledError("ResourceNotFoundException", message);
}

/** A well-formed value breaks a constraint or refers to the wrong thing. */
export function invalidParameter(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}

/** The request as a whole makes no sense, or asks for what the present state does not allow. */
export function invalidRequest(message: string): ModeledError {
  return new ModeledError("InvalidRequestException", message);
}

export function invalidNextToken(): ModeledError {
  return invalidParameter("NextToken is not valid for this request");
}
