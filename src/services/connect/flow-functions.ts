/** Calls of functions that flows wait for: made outside of any unit, answered into the flow. */
import type { SinkOutcome } from "../../flow/index.ts";
import { isJsonObject } from "../json-text.ts";
import { type InvocationResult, invokeFunction } from "../lambda/index.ts";
import type { Platform } from "../service.ts";
import { instanceArn } from "./arns.ts";
import { wakeFlow } from "./contact-clock.ts";
import { FLOW_FUNCTION, FLOW_PRINCIPAL, type FunctionCall } from "./flow-run/lambda-function.ts";
import { isLambdaAssociated } from "./lambda-functions.ts";

/** "The Lambda response must be a valid UTF-8 JSON, up to 32 KB." */
const ANSWER_BYTES_MAX = 32 * 1024;

/** "In case of throttling or a 5xx … up to 3 times", all within the limit. */
const TRIES_MAX = 3;
const BETWEEN_TRIES_MS = 200;

export function callFunctionsOfFlows(platform: Platform): void {
  platform.flow.sink("connect", FLOW_FUNCTION, {
    async attempt(_arn, { principal, body }, signal): Promise<SinkOutcome> {
      if (principal !== FLOW_PRINCIPAL) {
        return { code: "NO_PERMISSIONS", message: "No target of rules.", retryable: false };
      }
      const call = JSON.parse(body) as FunctionCall;
      const external = await ask(platform, call, signal);
      // We are being stopped: the next start asks again.
      if (signal.aborted) return { code: "INTERNAL_ERROR", message: "Stopped.", retryable: true };
      const wake =
        external === undefined
          ? ({ by: "answer", callId: call.callId, isFailed: true } as const)
          : ({ by: "answer", callId: call.callId, isFailed: false, external: external.value } as const);
      await platform.store.commitUnsynced((unit) =>
        wakeFlow(unit, platform, { ...call, id: call.contactId, part: call.part }, wake),
      );
      return undefined;
    },
  });
}

/** The answer, where it is of the form that the flow asked for. `undefined`: the flow takes its error branch. */
async function ask(
  platform: Platform,
  call: FunctionCall,
  signal: AbortSignal,
): Promise<{ readonly value: unknown } | undefined> {
  const { functionArn, event: payload, limitMs, account } = call;
  const sourceArn = instanceArn(call);
  // Associated with the instance, the function lets the instance in; else its own policy must.
  const isAssociated = await isLambdaAssociated(platform.store, call, functionArn);
  const by = { sourceAccount: account, ...(!isAssociated && { service: FLOW_PRINCIPAL, sourceArn }) };
  const endMs = platform.wall.monotonicMs() + limitMs;
  for (let tries = 1; ; tries++) {
    const patienceMs = endMs - platform.wall.monotonicMs();
    if (patienceMs <= 0 || signal.aborted) return undefined;
    const result = await invokeFunction(platform, { functionArn, payload, by, patienceMs, signal });
    const mayPass = "refused" in result && result.refused.retryable;
    if (!mayPass || tries === TRIES_MAX) return externalOf(result, call);
    await pause(platform, BETWEEN_TRIES_MS);
  }
}

async function pause({ wall }: Pick<Platform, "wall">, delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _timer = wall.after(delayMs, resolve);
  await promise;
}

function externalOf(
  result: InvocationResult,
  { responseType }: Pick<FunctionCall, "responseType">,
): { readonly value: unknown } | undefined {
  if (!("answer" in result) || result.functionError !== undefined) return undefined;
  if (Buffer.byteLength(result.answer) > ANSWER_BYTES_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(result.answer);
  } catch {
    // A function in its own runtime may answer anything.
    return undefined;
  }
  if (responseType === "JSON") return { value };
  if (!isJsonObject(value)) return undefined;
  const isFlat = Object.values(value).every((member) => member === null || typeof member === "string");
  return isFlat ? { value } : undefined;
}
