import { type InvocationResult, invokeFunction, takeEvent } from "../../lambda/index.ts";
import type { Call } from "./call.ts";
import { OutsideError } from "./outside.ts";
import { actAs, sendSigned } from "./signed-call.ts";

/** A function that an API calls. */
export interface FunctionCall {
  readonly functionArn: string;
  readonly payload: string;
  /** The role that the API acts as. Absent: itself, as the function's policy lets it. */
  readonly credentials: string | undefined;
  /** `arn:aws:execute-api:…`: on whose behalf, for the function's policy. */
  readonly sourceArn: string;
  readonly timeoutMs: number;
}

export type FunctionAnswer = InvocationResult;

/** Calls a function and waits for its answer. */
export async function callFunction(
  call: Call,
  { functionArn, payload, credentials, sourceArn, timeoutMs }: FunctionCall,
): Promise<FunctionAnswer> {
  if (credentials !== undefined) return callAsRole(call, { functionArn, payload, credentials, timeoutMs });
  return invokeFunction(call.platform, {
    functionArn,
    payload,
    by: { service: "apigateway.amazonaws.com", sourceArn, sourceAccount: call.stage.account },
    patienceMs: timeoutMs,
    signal: call.request.signal,
  });
}

async function callAsRole(
  call: Call,
  {
    functionArn,
    payload,
    credentials,
    timeoutMs,
    isLater = false,
  }: Pick<FunctionCall, "functionArn" | "payload" | "timeoutMs"> & { credentials: string; isLater?: boolean },
): Promise<FunctionAnswer> {
  try {
    const { status, headers, body } = await sendSigned(call, {
      service: "lambda",
      region: regionOf(functionArn) ?? call.stage.region,
      keys: await actAs(call, credentials),
      method: "POST",
      path: `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`,
      query: [],
      headers: [
        ["content-type", "application/json"],
        ...(isLater ? [["x-amz-invocation-type", "Event"] as const] : []),
      ],
      body: Buffer.from(payload),
      timeoutMs,
    });
    const named = (name: string): string | undefined => headers.find(([one]) => one.toLowerCase() === name)?.[1];
    if (status === 200 || status === 202) {
      const functionError = named("x-amz-function-error");
      return {
        answer: body.toString(),
        ...(functionError !== undefined && { functionError: functionError === "Handled" ? "Handled" : "Unhandled" }),
        executedVersion: named("x-amz-executed-version") ?? "$LATEST",
        requestId: named("x-amzn-requestid") ?? "",
      };
    }
    const code = named("x-amzn-errortype") ?? `${status}`;
    return { refused: { code, message: body.toString().slice(0, 1000), retryable: status === 429 || status >= 500 } };
  } catch (error) {
    if (error instanceof OutsideError && error.why === "timeout") return { timedOut: true };
    throw error;
  }
}

export function regionOf(arn: string): string | undefined {
  return arn.split(":")[3];
}

/** The function in `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations`; `undefined` where it is no such URI. */
export function functionOfUri(uri: string | undefined): string | undefined {
  return /^arn:[\w-]+:apigateway:[\w-]+:lambda:path\/\d{4}-\d\d-\d\d\/functions\/(.+)\/invocations$/.exec(
    uri ?? "",
  )?.[1];
}

/** Calls a function that answers nobody: its event is durable when this returns. What is refused is told. */
export async function callFunctionLater(
  call: Call,
  { functionArn, payload, credentials, sourceArn, timeoutMs }: FunctionCall,
): Promise<Refused | undefined> {
  if (credentials !== undefined) {
    const answer = await callAsRole(call, { functionArn, payload, credentials, timeoutMs, isLater: true });
    if ("timedOut" in answer) throw new OutsideError("timeout", "The function's service does not answer");
    return "refused" in answer ? answer : undefined;
  }
  const { platform, stage } = call;
  const failure = await platform.store.commit((unit) =>
    takeEvent(unit, platform, functionArn, {
      deliveryId: call.request.requestId,
      body: payload,
      account: stage.account,
      principal: "apigateway.amazonaws.com",
      sourceArn,
    }),
  );
  if (failure === undefined) return undefined;
  const code = failure.code === "NO_PERMISSIONS" ? "AccessDeniedException" : failure.code;
  return { refused: { ...failure, code } };
}

type Refused = Extract<FunctionAnswer, { refused: unknown }>;
