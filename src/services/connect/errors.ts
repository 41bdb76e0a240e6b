import { loadModel } from "../../models/catalog.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Handler } from "../service.ts";

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

const BAD_REQUESTS = ["InvalidParameterException", "InvalidRequestException"];

/**
 * The same handlers; those that model only one of the two errors for bad requests tell that one, whatever they were refused with. So a
 * function that several operations use need not know which of them asks.
 */
export function refusingAsModeled(operations: Readonly<Record<string, Handler>>): Readonly<Record<string, Handler>> {
  const wrapped = Object.entries(operations).map(([name, handle]): [string, Handler] => [
    name,
    (input, context) =>
      handle(input, context).catch((error: unknown) => {
        throw error instanceof ModeledError ? asModeled(name, error) : error;
      }),
  ]);
  return Object.fromEntries(wrapped);
}

function asModeled(operation: string, error: ModeledError): ModeledError {
  const modeled = loadModel("connect").operations[operation]?.errors ?? [];
  if (!BAD_REQUESTS.includes(error.code) || modeled.includes(error.code)) return error;
  const other = BAD_REQUESTS.find((code) => modeled.includes(code));
  return other === undefined ? error : new ModeledError(other, error.message);
}
