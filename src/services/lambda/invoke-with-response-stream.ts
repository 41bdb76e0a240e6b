import type {
  InvokeWithResponseStreamRequest,
  InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseEvent,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { functionNotFound } from "./errors.ts";
import { findTarget, parseName } from "./find-function.ts";
import { functionArn } from "./function.ts";
import { clientContextOf, payloadOf, requireAccess } from "./invoke.ts";
import { PAYLOAD_BYTES_MAX } from "./limits.ts";
import { type StreamedInvocation, streamInvocation } from "./stream-invocation.ts";

/** Invokes a function and hands its answer on while it comes. One that does not stream is a single chunk. */
export async function invokeWithResponseStream(
  input: Validated<InvokeWithResponseStreamRequest>,
  context: Context,
): Promise<InvokeWithResponseStreamResponse> {
  const named = parseName(input.FunctionName, context, input.Qualifier);
  await requireAccess(context, named);
  const target = await findTarget(context.store, named, () => context.ids.random());
  if (!target) throw functionNotFound(functionArn(named, named.qualifier));
  if (input.InvocationType === "DryRun") return { StatusCode: 204 };
  const payload = payloadOf(input.Payload, PAYLOAD_BYTES_MAX, "RequestResponse");
  const call = { requestId: context.requestId, payload, clientContext: clientContextOf(input.ClientContext) };
  const invocation = await streamInvocation(context, target, call, context.signal);
  return {
    StatusCode: 200,
    ExecutedVersion: target.version.version,
    EventStream: eventsOf(invocation, input.LogType === "Tail"),
  };
}

async function* eventsOf(
  { pieces, outcome }: StreamedInvocation,
  withLog: boolean,
): AsyncGenerator<InvokeWithResponseStreamResponseEvent> {
  for await (const piece of pieces) yield { PayloadChunk: { Payload: piece as Uint8Array<ArrayBuffer> } };
  const { status, payload, tail } = await outcome;
  const isSuccess = status === "success";
  if (isSuccess && payload.length > 0) yield { PayloadChunk: { Payload: payload as Uint8Array<ArrayBuffer> } };
  yield {
    InvokeComplete: {
      ...(!isSuccess && { ErrorCode: "Unhandled", ErrorDetails: payload.toString() }),
      ...(withLog && { LogResult: await tail }),
    },
  };
}
