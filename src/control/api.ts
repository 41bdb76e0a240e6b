import type { Caller, DocumentAnswer, DocumentCall, PlainResponse } from "../wire/index.ts";
import { failure, json, parseBody } from "./answer.ts";

/** Calls an operation of an API as a caller. */
export type CallOperation = (call: DocumentCall, caller: Caller) => Promise<DocumentAnswer>;

/**
 * `POST /_trunkline/api/MODEL/OPERATION`: any operation of the APIs, called with its input as one JSON document and answered with its
 * output as one: what the console speaks, since browsers cannot sign. Times are ISO 8601, blobs base64. An error answers with its own
 * status and `{"code": …, "message": …}`.
 */
export async function apiEndpoint(
  callOperation: CallOperation,
  caller: Caller,
  [model = "", operation = "", ...rest]: readonly string[],
  body: Buffer,
): Promise<PlainResponse | undefined> {
  if (rest.length > 0) return undefined;
  const input = body.length === 0 ? { value: {} } : parseBody(body);
  if ("error" in input) return failure(400, input.error);
  const { status, document } = await callOperation({ model, operation, input: input.value }, caller);
  return json(document, status);
}
