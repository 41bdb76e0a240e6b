import type { Caller } from "../models/caller.ts";
import type { Credential } from "./credentials.ts";

type Request = Pick<Caller, "requestId" | "signal" | "sourceIp">;

export function signedCaller(
  { credential, region }: { readonly credential: Credential; readonly region: string },
  { requestId, signal, sourceIp }: Request,
): Caller {
  const { account, accessKeyId } = credential;
  const principalArn = credential.principalArn ?? `arn:aws:iam::${account}:root`;
  return { account, region, accessKeyId, principalArn, sourceIp, requestId, signal };
}

/** For operations that carry their own proof, a token that the service has given out. */
export function unsignedCaller({ requestId, signal, sourceIp }: Request): Caller {
  return { account: "", region: "", accessKeyId: "", principalArn: "", sourceIp, requestId, signal };
}
