import { ModeledError } from "../../models/modeled-error.ts";
import type { Platform } from "../service.ts";
import { findTarget, type Named, parseName } from "./find-function.ts";
import { functionArn } from "./function.ts";
import { runInvocation } from "./invocations.ts";
import { payloadOf } from "./invoke.ts";
import { PAYLOAD_BYTES_MAX } from "./limits.ts";
import { letsService, policies, policyKey } from "./policy.ts";
import { ServerStopping } from "./runtime/sandboxes.ts";

/** A synchronous call of a function by another service. */
export interface Invocation {
  /** With or without a qualifier: a version or an alias. */
  readonly functionArn: string;
  /** JSON text. */
  readonly payload: string;
  /** Who calls: the function's policy must let it. */
  readonly by: {
    /** `apigateway.amazonaws.com`. Absent: a principal of the function's own account, which needs no policy of the function. */
    readonly service?: string;
    readonly sourceArn?: string;
    readonly sourceAccount: string;
  };
  /** How long the caller waits, in milliseconds of wall time. The function goes on until its own timeout. Absent: as long as it takes. */
  readonly patienceMs?: number;
  /** Ends the wait, not the function. */
  readonly signal: AbortSignal;
}

export type InvocationResult =
  /** The function's answer, JSON text; where `functionError` is there, what went wrong: `{"errorType": …, "errorMessage": …}`. */
  | {
      readonly answer: string;
      readonly functionError?: "Handled" | "Unhandled";
      readonly executedVersion: string;
      readonly requestId: string;
    }
  /** `code`: as Invoke's error: ResourceNotFoundException, AccessDeniedException, TooManyRequestsException, … */
  | { readonly refused: { readonly code: string; readonly message: string; readonly retryable: boolean } }
  /** `patienceMs` went by, or `signal` was aborted. */
  | { readonly timedOut: true };

/** Invokes a function and waits for its answer. Throws only for what is our own fault. Call it outside of any unit. */
export async function invokeFunction(platform: Platform, invocation: Invocation): Promise<InvocationResult> {
  const { patienceMs, signal } = invocation;
  const answer = refusing(() => answerOf(platform, invocation));
  const { promise: ended, resolve } = Promise.withResolvers<InvocationResult>();
  const giveUp = (): void => resolve({ timedOut: true });
  using _timer = patienceMs === undefined ? undefined : platform.wall.after(patienceMs, giveUp);
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([answer, ended]);
  } finally {
    signal.removeEventListener("abort", giveUp);
    // Whoever waits no more does not hear of what goes wrong later.
    answer.catch((error) => {
      if (error instanceof ServerStopping) return;
      platform.log.error({ err: error }, "An invocation failed behind its caller's back");
    });
  }
}

async function answerOf(platform: Platform, { functionArn: arn, payload, by }: Invocation): Promise<InvocationResult> {
  const named = parseArn(arn);
  const target = named && (await findTarget(platform.store, named, () => platform.ids.random()));
  if (!named || !target) throw new ModeledError("ResourceNotFoundException", `Function not found: ${arn}`);
  if (!(await mayInvoke(platform, named, by))) {
    throw new ModeledError(
      "AccessDeniedException",
      `${by.service ?? `Account ${by.sourceAccount}`} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn(named, named.qualifier)}`,
    );
  }
  const event = payloadOf(Buffer.from(payload), PAYLOAD_BYTES_MAX, "RequestResponse");
  const requestId = platform.ids.uuid();
  const outcome = await runInvocation(platform, target, { requestId, payload: event });
  return {
    answer: outcome.payload.toString(),
    ...(outcome.status !== "success" && { functionError: "Unhandled" }),
    executedVersion: target.version.version,
    requestId,
  };
}

async function refusing(act: () => Promise<InvocationResult>): Promise<InvocationResult> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    const { code, message } = error;
    return { refused: { code, message, retryable: code === "TooManyRequestsException" } };
  }
}

/** `undefined`: that is no function's ARN. */
export function parseArn(arn: string): Named | undefined {
  const [, , , region = "", account = ""] = arn.split(":");
  if (!/^arn:[^:]*:lambda:[^:]+:\d{12}:function:/.test(arn)) return undefined;
  try {
    return parseName(arn, { account, region });
  } catch (error) {
    if (error instanceof ModeledError) return undefined;
    throw error;
  }
}

/** A service needs the function's leave; a principal of the same account has asked for its own already. */
export async function mayInvoke(
  { store }: Pick<Platform, "store">,
  named: Named,
  by: Invocation["by"],
): Promise<boolean> {
  if (by.service === undefined) return by.sourceAccount === named.account;
  const policy = await store.get(policies, policyKey(named, named.qualifier));
  return letsService(named, policy, { ...by, service: by.service });
}
