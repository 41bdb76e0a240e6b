/** Policies of the whole house: of identities, of resources, of sessions. Knows no service. */
export { type DocumentKind, findPolicyFault } from "./check-policy.ts";
export {
  decide,
  denialMessage,
  type IdentityPolicies,
} from "./decide.ts";
export type { Keys } from "./glob.ts";
export {
  type Policy,
  type PolicyDocument,
  type PolicyRequest,
  type Principal,
  parsePolicy,
  type Statement,
} from "./policy.ts";
export { compiledPolicy, policyAllows, principalOf } from "./resource-policy.ts";
