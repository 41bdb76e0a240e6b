/** IAM and STS: who may do what. Roles, users and their policies, temporary keys, and the decision on each request. */
import type { Service } from "../service.ts";
import * as attachments from "./attachments.ts";
import * as boundaries from "./boundaries.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import * as inline from "./inline-policies.ts";
import * as policies from "./policies.ts";
import { iamLimits } from "./quotas.ts";
import * as roles from "./roles.ts";

export { type AccessRequest, type Decision, decideAccess } from "./access.ts";
export { type FoundKey, findKey } from "./keys.ts";
export { assumeRoleAsService, type ServiceSession, type TemporaryKeys } from "./service-session.ts";

export const iam: Service = {
  operations: {
    iam: {
      AttachRolePolicy: attachments.attachRolePolicy,
      CreatePolicy: policies.createPolicy,
      CreatePolicyVersion: policies.createPolicyVersion,
      CreateRole: roles.createRole,
      DeletePolicy: policies.deletePolicy,
      DeletePolicyVersion: policies.deletePolicyVersion,
      DeleteRole: roles.deleteRole,
      DeleteRolePermissionsBoundary: boundaries.deleteRolePermissionsBoundary,
      DeleteRolePolicy: inline.deleteRolePolicy,
      DetachRolePolicy: attachments.detachRolePolicy,
      GetPolicy: policies.getPolicyOperation,
      GetPolicyVersion: policies.getPolicyVersion,
      GetRole: roles.getRole,
      GetRolePolicy: inline.getRolePolicy,
      ListAttachedRolePolicies: attachments.listAttachedRolePolicies,
      ListEntitiesForPolicy: attachments.listEntitiesForPolicy,
      ListPolicies: policies.listPolicies,
      ListPolicyVersions: policies.listPolicyVersions,
      ListRolePolicies: inline.listRolePolicies,
      ListRoles: roles.listRoles,
      PutRolePermissionsBoundary: boundaries.putRolePermissionsBoundary,
      PutRolePolicy: inline.putRolePolicy,
      SetDefaultPolicyVersion: policies.setDefaultPolicyVersion,
      UpdateAssumeRolePolicy: roles.updateAssumeRolePolicy,
      UpdateRole: roles.updateRole,
      UpdateRoleDescription: roles.updateRoleDescription,
    },
    sts: { GetCallerIdentity: getCallerIdentity },
  },
  limits: iamLimits,
};
