/** IAM and STS: who may do what. Roles, users and their policies, temporary keys, and the decision on each request. */
import type { Service } from "../service.ts";
import * as accessKeys from "./access-keys.ts";
import * as account from "./account.ts";
import { assumeRole } from "./assume-role.ts";
import * as attachments from "./attachments.ts";
import * as boundaries from "./boundaries.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import * as groups from "./groups.ts";
import * as inline from "./inline-policies.ts";
import * as profiles from "./instance-profiles.ts";
import * as policies from "./policies.ts";
import { iamLimits } from "./quotas.ts";
import * as tags from "./resource-tags.ts";
import * as roles from "./roles.ts";
import * as linked from "./service-linked-roles.ts";
import { getAccessKeyInfo, getFederationToken, getSessionToken } from "./session-tokens.ts";
import * as signIn from "./sign-in.ts";
import * as simulation from "./simulate.ts";
import * as users from "./users.ts";

export { type AccessRequest, decideAccess, decideRequest } from "./access.ts";
export { findKey } from "./keys.ts";
export { recordUse } from "./record-use.ts";
export { iamResourceArns } from "./resource-arns.ts";
export { assumeRoleAsService, type TemporaryKeys } from "./service-session.ts";

export const iam: Service = {
  operations: {
    iam: {
      AddRoleToInstanceProfile: profiles.addRoleToInstanceProfile,
      AddUserToGroup: groups.addUserToGroup,
      AttachGroupPolicy: attachments.attachGroupPolicy,
      AttachRolePolicy: attachments.attachRolePolicy,
      AttachUserPolicy: attachments.attachUserPolicy,
      CreateAccessKey: accessKeys.createAccessKey,
      CreateAccountAlias: account.createAccountAlias,
      CreateGroup: groups.createGroup,
      CreateInstanceProfile: profiles.createInstanceProfile,
      CreatePolicy: policies.createPolicy,
      CreatePolicyVersion: policies.createPolicyVersion,
      CreateRole: roles.createRole,
      CreateServiceLinkedRole: linked.createServiceLinkedRole,
      CreateUser: users.createUser,
      DeleteAccessKey: accessKeys.deleteAccessKey,
      DeleteAccountAlias: account.deleteAccountAlias,
      DeleteGroup: groups.deleteGroup,
      DeleteGroupPolicy: inline.deleteGroupPolicy,
      DeleteInstanceProfile: profiles.deleteInstanceProfile,
      DeleteLoginProfile: signIn.deleteLoginProfile,
      DeletePolicy: policies.deletePolicy,
      DeletePolicyVersion: policies.deletePolicyVersion,
      DeleteRole: roles.deleteRole,
      DeleteRolePermissionsBoundary: boundaries.deleteRolePermissionsBoundary,
      DeleteRolePolicy: inline.deleteRolePolicy,
      DeleteServiceLinkedRole: linked.deleteServiceLinkedRole,
      DeleteUser: users.deleteUser,
      DeleteUserPermissionsBoundary: boundaries.deleteUserPermissionsBoundary,
      DeleteUserPolicy: inline.deleteUserPolicy,
      DetachGroupPolicy: attachments.detachGroupPolicy,
      DetachRolePolicy: attachments.detachRolePolicy,
      DetachUserPolicy: attachments.detachUserPolicy,
      GetAccessKeyLastUsed: accessKeys.getAccessKeyLastUsed,
      GetAccountSummary: account.getAccountSummary,
      GetContextKeysForCustomPolicy: simulation.getContextKeysForCustomPolicy,
      GetContextKeysForPrincipalPolicy: simulation.getContextKeysForPrincipalPolicy,
      GetGroup: groups.getGroup,
      GetGroupPolicy: inline.getGroupPolicy,
      GetInstanceProfile: profiles.getInstanceProfile,
      GetLoginProfile: signIn.getLoginProfile,
      GetPolicy: policies.getPolicyOperation,
      GetPolicyVersion: policies.getPolicyVersion,
      GetRole: roles.getRole,
      GetRolePolicy: inline.getRolePolicy,
      GetServiceLinkedRoleDeletionStatus: linked.getServiceLinkedRoleDeletionStatus,
      GetUser: users.getUser,
      GetUserPolicy: inline.getUserPolicy,
      ListAccessKeys: accessKeys.listAccessKeys,
      ListAccountAliases: account.listAccountAliases,
      ListAttachedGroupPolicies: attachments.listAttachedGroupPolicies,
      ListAttachedRolePolicies: attachments.listAttachedRolePolicies,
      ListAttachedUserPolicies: attachments.listAttachedUserPolicies,
      ListEntitiesForPolicy: attachments.listEntitiesForPolicy,
      ListGroupPolicies: inline.listGroupPolicies,
      ListGroups: groups.listGroups,
      ListGroupsForUser: groups.listGroupsForUser,
      ListInstanceProfileTags: tags.listInstanceProfileTags,
      ListInstanceProfiles: profiles.listInstanceProfiles,
      ListInstanceProfilesForRole: profiles.listInstanceProfilesForRole,
      ListMFADevices: signIn.listMfaDevices,
      ListPolicies: policies.listPolicies,
      ListPolicyTags: tags.listPolicyTags,
      ListPolicyVersions: policies.listPolicyVersions,
      ListRolePolicies: inline.listRolePolicies,
      ListRoleTags: tags.listRoleTags,
      ListRoles: roles.listRoles,
      ListSSHPublicKeys: signIn.listSshPublicKeys,
      ListServiceSpecificCredentials: signIn.listServiceSpecificCredentials,
      ListSigningCertificates: signIn.listSigningCertificates,
      ListUserPolicies: inline.listUserPolicies,
      ListUserTags: tags.listUserTags,
      ListUsers: users.listUsers,
      ListVirtualMFADevices: signIn.listVirtualMfaDevices,
      PutGroupPolicy: inline.putGroupPolicy,
      PutRolePermissionsBoundary: boundaries.putRolePermissionsBoundary,
      PutRolePolicy: inline.putRolePolicy,
      PutUserPermissionsBoundary: boundaries.putUserPermissionsBoundary,
      PutUserPolicy: inline.putUserPolicy,
      RemoveRoleFromInstanceProfile: profiles.removeRoleFromInstanceProfile,
      RemoveUserFromGroup: groups.removeUserFromGroup,
      SetDefaultPolicyVersion: policies.setDefaultPolicyVersion,
      SimulateCustomPolicy: simulation.simulateCustomPolicy,
      SimulatePrincipalPolicy: simulation.simulatePrincipalPolicy,
      TagInstanceProfile: tags.tagInstanceProfile,
      TagPolicy: tags.tagPolicy,
      TagRole: tags.tagRole,
      TagUser: tags.tagUser,
      UntagInstanceProfile: tags.untagInstanceProfile,
      UntagPolicy: tags.untagPolicy,
      UntagRole: tags.untagRole,
      UntagUser: tags.untagUser,
      UpdateAccessKey: accessKeys.updateAccessKey,
      UpdateAssumeRolePolicy: roles.updateAssumeRolePolicy,
      UpdateGroup: groups.updateGroup,
      UpdateRole: roles.updateRole,
      UpdateRoleDescription: roles.updateRoleDescription,
      UpdateUser: users.updateUser,
    },
    sts: {
      AssumeRole: assumeRole,
      GetAccessKeyInfo: getAccessKeyInfo,
      GetCallerIdentity: getCallerIdentity,
      GetFederationToken: getFederationToken,
      GetSessionToken: getSessionToken,
    },
  },
  limits: iamLimits,
};
