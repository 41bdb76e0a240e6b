/**
 * All policies that have a say in a request, together: a Deny of any of them wins; limits (a boundary, a session's policies) must allow
 * what the identity's policies allow; within an account a resource's policy can allow by itself, across accounts both sides must.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
import { type Answer, askPolicy, further, type Policy, type PolicyRequest, type Reach } from "./policy.ts";

/** What an identity may do at most, and what it may. */
export interface IdentityPolicies {
  readonly identity: readonly Policy[];
  /** Absent: no limit. */
  readonly boundary?: Policy | undefined;
  /** Of a session that was limited when it began. Absent: no limit. */
  readonly session?: readonly Policy[] | undefined;
}

export type PolicyKind = "identity-based policy" | "resource-based policy" | "permissions boundary" | "session policy";

export type PolicyDecision =
  | { readonly allowed: true }
  /** `by`: the kind of policy that denies, or of which none allows. */
  | { readonly allowed: false; readonly explicitly: boolean; readonly by: PolicyKind };

const ALLOWED: PolicyDecision = { allowed: true };

/** Decides on a request. `foreign`: the resource belongs to another account than the identity. */
export function decide(
  policies: IdentityPolicies,
  resourcePolicy: Policy | undefined,
  request: PolicyRequest,
  { foreign = false }: { readonly foreign?: boolean } = {},
): PolicyDecision {
  const identity = askAll(policies.identity, request);
  if (identity.denied) return denied("identity-based policy");
  const resource = resourcePolicy === undefined ? NOTHING : askPolicy(resourcePolicy, request);
  if (resource.denied) return denied("resource-based policy");
  const boundary = policies.boundary === undefined ? EVERYTHING : askPolicy(policies.boundary, request);
  if (boundary.denied) return denied("permissions boundary");
  const session = policies.session === undefined ? EVERYTHING : askAll(policies.session, request);
  if (session.denied) return denied("session policy");

  const missing = missingOf(identity, boundary, session, foreign ? undefined : resource.allowed);
  if (missing !== undefined) return notAllowed(missing);
  return foreign && resource.allowed === undefined ? notAllowed("resource-based policy") : ALLOWED;
}

const NOTHING: Answer = { denied: false, allowed: undefined };
const EVERYTHING: Answer = { denied: false, allowed: "self" };

/** Of which kind no policy allows what one of it would have to. `own`: what the resource's policy allows by itself. */
function missingOf(
  identity: Answer,
  boundary: Answer,
  session: Answer,
  own: Reach | undefined,
): PolicyKind | undefined {
  if (own === "self") return undefined;
  if (identity.allowed === undefined && own !== "role") return "identity-based policy";
  if (boundary.allowed === undefined) return "permissions boundary";
  if (session.allowed === undefined) return "session policy";
  return undefined;
}

function askAll(policies: readonly Policy[], request: PolicyRequest): Answer {
  let allowed: Reach | undefined;
  for (const policy of policies) {
    const answer = askPolicy(policy, request);
    if (answer.denied) return answer;
    allowed = further(allowed, answer.allowed);
  }
  return { denied: false, allowed };
}

function denied(by: PolicyKind): PolicyDecision {
  return { allowed: false, explicitly: true, by };
}

function notAllowed(by: PolicyKind): PolicyDecision {
  return { allowed: false, explicitly: false, by };
}

/** The text of AccessDenied: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denialMessage(
  { principal, action, resourceArn }: PolicyRequest,
  { explicitly, by }: Extract<PolicyDecision, { allowed: false }>,
): string {
  const what = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resourceArn}`;
  const article = by === "identity-based policy" ? "an" : "a";
  return explicitly
    ? `${what} with an explicit deny in ${article} ${by}`
    : `${what} because no ${by} allows the ${action} action`;
}
