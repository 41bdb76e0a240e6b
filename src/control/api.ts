import type { WallClock } from "../time/clock.ts";
import type { Caller, DocumentAnswer, DocumentCall, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json, parseBody } from "./answer.ts";
import type { CallLog } from "./call-log.ts";

/** Calls an operation of an API as a caller. */
export type CallOperation = (call: DocumentCall, caller: Caller) => Promise<DocumentAnswer>;

/**
 * `POST /_trunkline/api/MODEL/OPERATION`: any operation of the APIs, called with its input as one JSON document and answered with its
 * output as one: what the console speaks, since browsers cannot sign. Times are ISO 8601, blobs base64. An error answers with its own
 * status and `{"code": …, "message": …}`.
 */
export async function apiEndpoint(
  { callOperation, callLog, wall }: { callOperation: CallOperation; callLog: CallLog; wall: WallClock },
  caller: Caller,
  [model = "", operation = "", ...rest]: readonly string[],
  request: PlainRequest,
): Promise<PlainResponse | undefined> {
  if (rest.length > 0) return undefined;
  const body = await request.body();
  const input = body.length === 0 ? { value: {} } : parseBody(body);
  if ("error" in input) return failure(400, input.error);
  const begunMs = wall.monotonicMs();
  const { status, document } = await callOperation({ model, operation, input: input.value }, caller);
  const { code, message } = status < 400 ? {} : (document as { code?: string; message?: string });
  callLog.add({
    ...{ caller, service: model, operation, input: input.value, status, code, message },
    durationMs: wall.monotonicMs() - begunMs,
    requestId: caller.requestId,
    userAgent: request.headers["user-agent"],
    via: request.headers.cookie === undefined ? "document" : "console",
  });
  return json(document, status);
}
