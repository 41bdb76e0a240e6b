import type { Credential } from "./credentials.ts";

/** Who calls, and in which request. Resources belong to an (account, region). */
export interface Caller {
  /** Empty for an operation that is not signed, as `region`, `accessKeyId` and `principalArn` are. */
  readonly account: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** ARN of the principal: `arn:aws:iam::000000000000:root`. */
  readonly principalArn: string;
  readonly requestId: string;
  /** Aborted when the client goes away or the server stops: ends long polls and pushes. */
  readonly signal: AbortSignal;
}

type Request = Pick<Caller, "requestId" | "signal">;

export function signedCaller(
  { credential, region }: { readonly credential: Credential; readonly region: string },
  { requestId, signal }: Request,
): Caller {
  const { account, accessKeyId } = credential;
  const principalArn = credential.principalArn ?? `arn:aws:iam::${account}:root`;
  return { account, region, accessKeyId, principalArn, requestId, signal };
}

/** For operations that carry their own proof, a token that the service has given out. */
export function unsignedCaller({ requestId, signal }: Request): Caller {
  return { account: "", region: "", accessKeyId: "", principalArn: "", requestId, signal };
}
