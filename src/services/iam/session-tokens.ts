/** Temporary keys for who has other ones already. */
import type {
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  GetFederationTokenRequest,
  GetFederationTokenResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from "@aws-sdk/client-sts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { showKeys } from "./assume-role.ts";
import { accessDenied } from "./errors.ts";
import { identityKey, USERS } from "./identity.ts";
import { ACCESS_KEYS, beginSession, type NewSession, SESSIONS } from "./keys.ts";
import { sessionPolicies } from "./session-policies.ts";

const TOKEN_SECONDS = 43_200;
/** An account's root gets no more. */
const ROOT_TOKEN_SECONDS = 3600;

/** Temporary keys with all that the caller's own ones may do. */
export async function getSessionToken(
  input: Validated<GetSessionTokenRequest>,
  context: Context,
): Promise<GetSessionTokenResponse> {
  const session = await ownSession(context, "GetSessionToken");
  return { Credentials: showKeys(await beginSession(context, session, durationOf(input, session))) };
}

/** Temporary keys for somebody whom the caller vouches for: they may do what the caller may, as far as the policies given here allow. */
export async function getFederationToken(
  input: Validated<GetFederationTokenRequest>,
  context: Context,
): Promise<GetFederationTokenResponse> {
  const { Name: name, Tags: tags = [] } = input;
  const { account, store } = context;
  const own = await ownSession(context, "GetFederationToken");
  const { limits, packedPercent } = await sessionPolicies(store, account, input);
  const federated: NewSession = {
    ...own,
    federated: true,
    principalArn: `arn:aws:sts::${account}:federated-user/${name}`,
    userId: `${account}:${name}`,
    tags,
    // Without policies it may do nothing but what policies of resources let it.
    policies: limits.policies ?? [],
    ...(limits.policyArns !== undefined && { policyArns: limits.policyArns }),
  };
  const session = await beginSession(context, federated, durationOf(input, own));
  return {
    Credentials: showKeys(session),
    FederatedUser: { FederatedUserId: session.userId, Arn: session.principalArn },
    ...(packedPercent > 0 && { PackedPolicySize: packedPercent }),
  };
}

function durationOf(
  { DurationSeconds: seconds = TOKEN_SECONDS }: { DurationSeconds?: number | undefined },
  own: NewSession,
): number {
  return own.of === "root" ? Math.min(seconds, ROOT_TOKEN_SECONDS) : seconds;
}

/** A session as who calls. Throws `AccessDenied` for one who calls with temporary keys. */
async function ownSession(context: Context, operation: string): Promise<NewSession> {
  const { account, accessKeyId, principalArn, store } = context;
  if (await store.get(SESSIONS, accessKeyId)) throw accessDenied(`Cannot call ${operation} with session credentials`);
  const none = { tags: [], transitiveTagKeys: [] };
  const key = await store.get(ACCESS_KEYS, accessKeyId);
  if (key === undefined) return { ...none, account, principalArn, of: "root", userId: account };
  const user = await store.get(USERS, identityKey(account, key.userName));
  if (user === undefined) throw accessDenied(`User: ${principalArn} is not there any more`);
  return { ...none, account, principalArn, of: "user", name: user.name, identityId: user.id, userId: user.id };
}

/** Which account a key belongs to. */
export async function getAccessKeyInfo(
  input: Validated<GetAccessKeyInfoRequest>,
  context: Context,
): Promise<GetAccessKeyInfoResponse> {
  const { AccessKeyId: id } = input;
  const { store, account, accessKeyId } = context;
  const found = (await store.get(SESSIONS, id)) ?? (await store.get(ACCESS_KEYS, id));
  if (found !== undefined) return { Account: found.account };
  if (id === accessKeyId) return { Account: account };
  throw new ModeledError("ValidationError", `There is no access key ${id}.`);
}
