import type { InvocationRequest, InvocationResponse } from "@aws-sdk/client-lambda";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { decideAccess } from "../iam/index.ts";
import type { Context } from "../service.ts";
import { acceptEvent } from "./async-event.ts";
import { functionNotFound } from "./errors.ts";
import { findTarget, type Named, parseName, type Target } from "./find-function.ts";
import { functionArn } from "./function.ts";
import { runInvocation } from "./invocations.ts";
import { EVENT_BYTES_MAX, PAYLOAD_BYTES_MAX } from "./limits.ts";
import { policies, policyKey, policyText } from "./policy.ts";

export async function invoke(input: Validated<InvocationRequest>, context: Context): Promise<InvocationResponse> {
  const { InvocationType: type = "RequestResponse" } = input;
  const named = parseName(input.FunctionName, context, input.Qualifier);
  await requireAccess(context, named);
  const target = await findTarget(context.store, named, () => context.ids.random());
  if (!target) throw functionNotFound(functionArn(named, named.qualifier));
  if (type === "DryRun") return { StatusCode: 204 };
  const payload = payloadOf(input.Payload, type === "Event" ? EVENT_BYTES_MAX : PAYLOAD_BYTES_MAX, type);
  const clientContext = clientContextOf(input.ClientContext);
  if (type === "Event") {
    await accept(context, target, named, Buffer.from(payload).toString(), clientContext);
    return { StatusCode: 202 };
  }

  const outcome = await runInvocation(context, target, { requestId: context.requestId, payload, clientContext });
  return {
    StatusCode: 200,
    ExecutedVersion: target.version.version,
    ...(outcome.status !== "success" && { FunctionError: "Unhandled" }),
    ...(input.LogType === "Tail" && { LogResult: await outcome.tail }),
    Payload: outcome.payload as Uint8Array<ArrayBuffer>,
  };
}

/** Accepts an event. It is handled later, and again where that fails. */
async function accept(
  context: Context,
  target: Target,
  { account, region, name, qualifier }: Named,
  payload: string,
  clientContext?: string,
): Promise<void> {
  const event = { id: context.requestId, functionId: target.function.id, account, region, name, qualifier };
  await context.store.commit((unit) => acceptEvent(unit, context, { ...event, payload, clientContext }));
}

/** Invoke's older form for events. */
export async function invokeAsync(
  input: { readonly FunctionName: string; readonly InvokeArgs: AsyncIterable<Uint8Array> },
  context: Context,
): Promise<{ Status: number }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Read to its end: what is wrong with its signature is known only there.
  for await (const chunk of input.InvokeArgs) {
    bytes += chunk.length;
    if (bytes <= EVENT_BYTES_MAX) chunks.push(chunk);
  }
  if (bytes > EVENT_BYTES_MAX) {
    throw new ModeledError("InvalidRequestContentException", `The event is larger than ${EVENT_BYTES_MAX} bytes.`);
  }
  const named = parseName(input.FunctionName, context);
  await requireAccess(context, named);
  const target = await findTarget(context.store, named, () => context.ids.random());
  if (!target) throw functionNotFound(functionArn(named, named.qualifier));
  const payload = payloadOf(Buffer.concat(chunks), EVENT_BYTES_MAX, "Event");
  await accept(context, target, named, Buffer.from(payload).toString());
  return { Status: 202 };
}

/** Another account needs the function's leave. Within one account the policies of who calls have been asked already. */
export async function requireAccess(context: Context, named: Named): Promise<void> {
  if (named.account === context.account) return;
  const policy = await context.store.get(policies, policyKey(named, named.qualifier));
  const decision = await decideAccess(context, {
    caller: context,
    action: "lambda:InvokeFunction",
    resourceArn: functionArn(named, named.qualifier),
    resourceAccount: named.account,
    resourcePolicy: policyText(named, policy ?? { permissions: [] }),
  });
  if (!decision.allowed) throw new ModeledError("AccessDeniedException", decision.message);
}

/** The event, JSON. Without a payload it is an empty object. */
export function payloadOf(payload: Uint8Array | undefined, most: number, type: string): Uint8Array {
  if (payload === undefined || payload.length === 0) return Buffer.from("{}");
  if (payload.length > most) {
    throw new ModeledError(
      "RequestTooLargeException",
      `${payload.length} byte payload is too large for the ${type} invocation type (limit ${most} bytes)`,
    );
  }
  requireJson(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
  return payload;
}

export function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new ModeledError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
}

const CLIENT_CONTEXT_BYTES_MAX = 3583;

/** Base64 of JSON, as the handler's context gets it. */
export function clientContextOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const text = Buffer.from(given, "base64").toString();
  try {
    if (given.length > CLIENT_CONTEXT_BYTES_MAX) throw new Error(`it is longer than ${CLIENT_CONTEXT_BYTES_MAX} bytes`);
    // As a header it must be ASCII.
    return JSON.stringify(JSON.parse(text)).replace(/[\u007f-\uffff]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
  } catch (error) {
    throw new ModeledError(
      "InvalidRequestContentException",
      `Client context must be a valid Base64-encoded JSON object: ${(error as Error).message}`,
    );
  }
}
