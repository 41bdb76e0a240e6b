/** IAM and STS: who may do what. Roles, users and their policies, temporary keys, and the decision on each request. */
import type { Service } from "../service.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";

export { type AccessRequest, type Decision, decideAccess } from "./access.ts";
export { assumeRoleAsService, type ServiceSession, type TemporaryKeys } from "./service-session.ts";

export const iam: Service = {
  operations: {
    iam: {},
    sts: { GetCallerIdentity: getCallerIdentity },
  },
};
