import { compiledPolicy, decide, denialMessage, type Keys, type PolicyRequest } from "../policy/index.ts";
import type { Caller, Platform } from "../service.ts";
import { EVERYTHING, type Identified, identify, isRoot } from "./identified.ts";

/** What somebody wants to do with one resource. */
export interface AccessRequest {
  readonly caller: Pick<Caller, "account" | "region" | "accessKeyId" | "principalArn" | "sourceIp">;
  /** `lambda:InvokeFunction`. */
  readonly action: string;
  /** `*` where the action is on no resource in particular. */
  readonly resourceArn: string;
  /** The account that owns the resource. Absent: the caller's. */
  readonly resourceAccount?: string;
  /** The policy that the resource itself has, as JSON text. */
  readonly resourcePolicy?: string | undefined;
  /** Condition keys beyond those that every request has: `{"aws:SourceArn": ["arn:…"]}`. */
  readonly conditions?: Readonly<Record<string, readonly string[]>>;
}

export type Decision =
  | { readonly allowed: true }
  /** `message`: the text of AccessDenied, which names principal, action, resource and why. */
  | { readonly allowed: false; readonly message: string };

/**
 * Whether the policies of who asks, and the resource's own, let a request through. The root of an account, which is what the keys of the
 * credentials file are, may do anything with what is its account's.
 */
export async function decideAccess(
  platform: Pick<Platform, "store" | "wall">,
  request: AccessRequest,
): Promise<Decision> {
  const { caller, resourceAccount = caller.account } = request;
  const foreign = resourceAccount !== caller.account;
  if (!foreign && isRoot(caller) && request.resourcePolicy === undefined) return { allowed: true };
  const identified = await identify(platform.store, caller);
  const asked = policyRequest(platform, request, identified);
  const resourcePolicy = request.resourcePolicy === undefined ? undefined : compiledPolicy(request.resourcePolicy);
  const decision = decide(identified.policies ?? { identity: EVERYTHING }, resourcePolicy, asked, { foreign });
  return decision.allowed ? decision : { allowed: false, message: denialMessage(asked, decision) };
}

/**
 * The same of a request that has come through the front door, whose resource may be another account's: that account's side is decided by the
 * service that has the resource.
 */
export async function decideRequest(
  platform: Pick<Platform, "store" | "wall">,
  request: AccessRequest,
): Promise<Decision> {
  const owner = request.resourceArn.split(":", 5)[4];
  const foreign = /^\d{12}$/.test(owner ?? "") && owner !== request.caller.account;
  return decideAccess(platform, foreign ? { ...request, resourcePolicy: undefined } : request);
}

/** A request as policies see it. */
export function policyRequest(
  platform: Pick<Platform, "wall">,
  request: AccessRequest,
  identified: Identified,
): PolicyRequest {
  const { action, resourceArn } = request;
  return { principal: identified.principal, action, resourceArn, keys: requestKeys(platform, request, identified) };
}

/** The condition keys of a request: who calls, what the caller of this function knows, and what every request has. */
function requestKeys(
  { wall }: Pick<Platform, "wall">,
  { caller, resourceAccount, conditions = {} }: AccessRequest,
  { keys }: Identified,
): Keys {
  // Built at the first look: most policies have no conditions.
  let given: ReadonlyMap<string, readonly string[]> | undefined;
  return (name) => {
    given ??= new Map(Object.entries(conditions).map(([key, values]) => [key.toLowerCase(), values]));
    return given.get(name) ?? keys.get(name) ?? common(name);
  };

  function common(name: string): readonly string[] | undefined {
    switch (name) {
      case "aws:currenttime":
        return [new Date(wall.now()).toISOString()];
      case "aws:epochtime":
        return [String(Math.floor(wall.now() / 1000))];
      case "aws:requestedregion":
        return caller.region === "" ? undefined : [caller.region];
      case "aws:resourceaccount":
        return [resourceAccount ?? caller.account];
      case "aws:securetransport":
        // What protects a connection stands in front of us; templates that insist on it are to work here as they are.
        return ["true"];
      case "aws:sourceip":
        return caller.sourceIp === undefined ? undefined : [caller.sourceIp];
      default:
        return undefined;
    }
  }
}
