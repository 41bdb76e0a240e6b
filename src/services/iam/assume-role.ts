import type { AssumeRoleRequest, AssumeRoleResponse, Credentials } from "@aws-sdk/client-sts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compiledPolicy, decide, type PolicyRequest } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { policyRequest } from "./access.ts";
import { accessDenied } from "./errors.ts";
import { EVERYTHING, type Identified, identify } from "./identified.ts";
import { findRoleByArn, type Role } from "./identity.ts";
import { beginSession, SESSIONS, type Session } from "./keys.ts";
import { roleSession } from "./role-session.ts";
import { sessionPolicies } from "./session-policies.ts";

const SESSION_SECONDS = 3600;
/** Of a role that is assumed by a session of another one, whatever the role allows. */
const CHAINED_SECONDS_MAX = 3600;

/**
 * Keys of a session as a role, of the caller's account or another one. The role's trust policy must let the caller in; where it names the
 * caller's account only, so must the caller's own policies.
 */
export async function assumeRole(input: Validated<AssumeRoleRequest>, context: Context): Promise<AssumeRoleResponse> {
  const { RoleArn: roleArn, RoleSessionName: sessionName, SourceIdentity: sourceIdentity } = input;
  const callingSession = await context.store.get(SESSIONS, context.accessKeyId);
  const tags = sessionTags(input, callingSession);
  const caller = await identify(context.store, context);
  const role = await findRoleByArn(context.store, roleArn);
  const wanted = [
    "sts:AssumeRole",
    ...(tags.given.length > 0 ? ["sts:TagSession"] : []),
    ...(sourceIdentity !== undefined ? ["sts:SetSourceIdentity"] : []),
  ];
  for (const action of wanted) {
    if (role !== undefined && mayAssume(role, caller, requestFor(action, input, context, caller))) continue;
    throw accessDenied(`User: ${context.principalArn} is not authorized to perform: ${action} on resource: ${roleArn}`);
  }
  const found = role as Role;
  const durationSeconds = input.DurationSeconds ?? SESSION_SECONDS;
  checkDuration(durationSeconds, found, callingSession);
  const { limits, packedPercent } = await sessionPolicies(context.store, found.account, input);
  const identity = sourceIdentity ?? callingSession?.sourceIdentity;
  const session = await beginSession(
    context,
    {
      ...roleSession(found, sessionName),
      ...limits,
      tags: tags.all,
      transitiveTagKeys: tags.transitive,
      ...(identity !== undefined && { sourceIdentity: identity }),
    },
    durationSeconds,
  );
  return {
    Credentials: showKeys(session),
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.principalArn },
    ...(packedPercent > 0 && { PackedPolicySize: packedPercent }),
    ...(identity !== undefined && { SourceIdentity: identity }),
  };
}

function mayAssume(role: Role, caller: Identified, request: PolicyRequest): boolean {
  const trust = compiledPolicy(role.trustPolicy);
  const foreign = role.account !== caller.principal.account;
  // The trust policy must allow it in the account too, so nobody's own policies do alone.
  if (trust === undefined || !decide({ identity: EVERYTHING }, trust, request, { foreign: true }).allowed) return false;
  return decide(caller.policies ?? { identity: EVERYTHING }, trust, request, { foreign }).allowed;
}

function requestFor(
  action: string,
  input: Validated<AssumeRoleRequest>,
  context: Context,
  caller: Identified,
): PolicyRequest {
  const { RoleArn: resourceArn, ExternalId, RoleSessionName, SourceIdentity, Tags = [], TransitiveTagKeys } = input;
  const conditions: Record<string, readonly string[]> = {
    "sts:RoleSessionName": [RoleSessionName],
    ...(ExternalId !== undefined && { "sts:ExternalId": [ExternalId] }),
    ...(SourceIdentity !== undefined && { "sts:SourceIdentity": [SourceIdentity] }),
    ...(Tags.length > 0 && { "aws:TagKeys": Tags.map(({ Key }) => Key) }),
    ...(TransitiveTagKeys !== undefined && { "sts:TransitiveTagKeys": TransitiveTagKeys }),
  };
  for (const { Key, Value } of Tags) conditions[`aws:RequestTag/${Key}`] = [Value];
  return policyRequest(context, { caller: context, action, resourceArn, conditions }, caller);
}

type Tags = Session["tags"];

/** The tags of a new session: those that are given, and those that the calling session hands on. */
function sessionTags(
  { Tags: given = [], TransitiveTagKeys: transitive = [] }: Validated<AssumeRoleRequest>,
  calling: Session | undefined,
): { readonly given: Tags; readonly all: Tags; readonly transitive: readonly string[] } {
  const keys = given.map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw new ModeledError(
      "InvalidParameterValue",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  }
  const handedOn = (calling?.transitiveTagKeys ?? []).map((key) => key.toLowerCase());
  const inherited = (calling?.tags ?? []).filter(({ Key }) => handedOn.includes(String(Key).toLowerCase()));
  const repeated = given.find(({ Key }) => handedOn.includes(Key.toLowerCase()));
  if (repeated) {
    throw new ModeledError(
      "InvalidParameterValue",
      `One of the specified transitive tag keys can't be set: ${repeated.Key}.`,
    );
  }
  return {
    given,
    all: [...inherited, ...given],
    transitive: [...inherited.map(({ Key }) => String(Key)), ...transitive],
  };
}

function checkDuration(seconds: number, role: Role, calling: Session | undefined): void {
  if (calling?.of === "role" && seconds > CHAINED_SECONDS_MAX) {
    throw new ModeledError(
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (seconds <= role.maxSessionSeconds) return;
  throw new ModeledError(
    "ValidationError",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
}

export function showKeys({ accessKeyId, secretAccessKey, sessionToken, expiresMs }: Session): Credentials {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: new Date(expiresMs),
  };
}
