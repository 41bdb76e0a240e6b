/** What is kept by IAM: each kind of thing from its creation to its end, as those who manage it see it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteAccountAliasCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteServiceLinkedRoleCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountSummaryCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListInstanceProfileTagsCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  ListUserPoliciesCommand,
  ListUserTagsCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
  SetDefaultPolicyVersionCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagInstanceProfileCommand,
  TagPolicyCommand,
  TagRoleCommand,
  TagUserCommand,
  UntagInstanceProfileCommand,
  UntagPolicyCommand,
  UntagRoleCommand,
  UntagUserCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateGroupCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { allow, as, createUser, policy } from "./principals.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const iam = new IAMClient(server.client);
const ACCOUNT = "000000000000";
const TRUST = policy({ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" });
const DOCUMENT = policy(allow("sqs:*"));
const tags = [{ Key: "team", Value: "a" }];

test("users: groups, keys, policies, tags, boundary, another name, and their end", async () => {
  const UserName = "ann";
  await iam.send(new CreateUserCommand({ UserName, Tags: tags }));
  await assert.rejects(iam.send(new CreateUserCommand({ UserName: "ANN" })), { name: "EntityAlreadyExistsException" });
  await iam.send(new CreateGroupCommand({ GroupName: "agents" }));
  await iam.send(new AddUserToGroupCommand({ GroupName: "agents", UserName }));
  await iam.send(new UpdateGroupCommand({ GroupName: "agents", NewGroupName: "people", NewPath: "/x/" }));
  const GroupName = "people";
  const group = await iam.send(new GetGroupCommand({ GroupName }));
  assert.deepEqual(
    group.Users?.map((user) => user.UserName),
    [UserName],
  );
  assert.equal(group.Group?.Arn, `arn:aws:iam::${ACCOUNT}:group/x/people`);
  const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName }));
  assert.deepEqual(
    Groups?.map((found) => found.GroupName),
    [GroupName],
  );
  assert.equal((await iam.send(new ListGroupsCommand({}))).Groups?.length, 1);

  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const AccessKeyId = String(AccessKey?.AccessKeyId);
  await iam.send(new CreateAccessKeyCommand({ UserName }));
  await assert.rejects(iam.send(new CreateAccessKeyCommand({ UserName })), {
    name: "LimitExceededException",
    message: "Cannot exceed quota for AccessKeysPerUser: 2",
  });
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: String(AccessKey?.SecretAccessKey) };
  const unused = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  assert.deepEqual(unused.AccessKeyLastUsed, { ServiceName: "N/A", Region: "N/A" });
  const sts = new STSClient(as(server.client, keys));
  assert.equal((await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account, ACCOUNT);
  const used = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  assert.equal(used.AccessKeyLastUsed?.ServiceName, "sts");
  const token = await sts.send(new GetSessionTokenCommand({}));
  const own = {
    accessKeyId: String(token.Credentials?.AccessKeyId),
    secretAccessKey: String(token.Credentials?.SecretAccessKey),
    sessionToken: String(token.Credentials?.SessionToken),
  };
  const again = new STSClient(as(server.client, own));
  await assert.rejects(again.send(new GetSessionTokenCommand({})), { name: "AccessDenied" });

  await iam.send(
    new PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument: policy(allow("sts:GetFederationToken")) }),
  );
  const federated = await sts.send(new GetFederationTokenCommand({ Name: "bob", Policy: DOCUMENT }));
  assert.equal(federated.FederatedUser?.Arn, `arn:aws:sts::${ACCOUNT}:federated-user/bob`);
  assert.equal((await iam.send(new GetUserPolicyCommand({ UserName, PolicyName: "p" }))).PolicyName, "p");
  assert.deepEqual((await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames, ["p"]);
  await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName: "g", PolicyDocument: DOCUMENT }));
  const inGroup = await iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName: "g" }));
  assert.equal(decodeURIComponent(String(inGroup.PolicyDocument)), DOCUMENT);
  assert.deepEqual((await iam.send(new ListGroupPoliciesCommand({ GroupName }))).PolicyNames, ["g"]);

  await iam.send(new TagUserCommand({ UserName, Tags: [{ Key: "Team", Value: "b" }] }));
  assert.deepEqual((await iam.send(new ListUserTagsCommand({ UserName }))).Tags, [{ Key: "Team", Value: "b" }]);
  await iam.send(new UntagUserCommand({ UserName, TagKeys: ["team"] }));
  const PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: PolicyArn }));
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));
  const entities = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
  assert.deepEqual(
    [entities.PolicyUsers?.length, entities.PolicyGroups?.length, entities.PolicyRoles?.length],
    [1, 1, 0],
  );
  await iam.send(new UpdateUserCommand({ UserName, NewUserName: "anna", NewPath: "/y/" }));
  const renamed = { UserName: "anna" };
  const { User } = await iam.send(new GetUserCommand(renamed));
  assert.equal(User?.Arn, `arn:aws:iam::${ACCOUNT}:user/y/anna`);
  assert.equal(User?.PermissionsBoundary?.PermissionsBoundaryArn, PolicyArn);
  assert.equal((await iam.send(new ListAttachedUserPoliciesCommand(renamed))).AttachedPolicies?.length, 1);
  assert.equal((await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName }))).AttachedPolicies?.length, 1);
  const simulated = await iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: String(User?.Arn),
      ActionNames: ["sqs:SendMessage", "s3:GetObject"],
    }),
  );
  assert.deepEqual(
    simulated.EvaluationResults?.map((result) => result.EvalDecision),
    ["implicitDeny", "allowed"],
  );

  await iam.send(new DeleteUserPermissionsBoundaryCommand(renamed));
  await iam.send(new DetachUserPolicyCommand({ ...renamed, PolicyArn }));
  await iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn }));
  await iam.send(new DeleteUserPolicyCommand({ ...renamed, PolicyName: "p" }));
  await iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName: "g" }));
  await assert.rejects(iam.send(new DeleteUserCommand(renamed)), { name: "DeleteConflictException" });
  const listed = await iam.send(new ListAccessKeysCommand(renamed));
  for (const key of listed.AccessKeyMetadata ?? []) {
    await iam.send(new DeleteAccessKeyCommand({ ...renamed, AccessKeyId: String(key.AccessKeyId) }));
  }
  await assert.rejects(iam.send(new DeleteGroupCommand({ GroupName })), { name: "DeleteConflictException" });
  await iam.send(new RemoveUserFromGroupCommand({ GroupName, ...renamed }));
  await iam.send(new DeleteGroupCommand({ GroupName }));
  await iam.send(new DeleteUserCommand(renamed));
  await assert.rejects(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId })), { name: "InvalidClientTokenId" });
});

test("managed policies have versions, of which one counts", async () => {
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: DOCUMENT, Path: "/a/", Tags: tags }),
  );
  const PolicyArn = String(Policy?.Arn);
  for (let version = 2; version <= 5; version++) {
    await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: DOCUMENT, SetAsDefault: version === 3 }),
    );
  }
  await assert.rejects(iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: DOCUMENT })), {
    name: "LimitExceededException",
  });
  assert.equal((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.DefaultVersionId, "v3");
  await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v5" }));
  const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v5" }));
  assert.equal(version.PolicyVersion?.IsDefaultVersion, true);
  await assert.rejects(iam.send(new DeletePolicyCommand({ PolicyArn })), { name: "DeleteConflictException" });
  await assert.rejects(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v5" })), {
    name: "DeleteConflictException",
  });
  for (const VersionId of ["v1", "v2", "v3", "v4"])
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  assert.equal((await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))).Versions?.length, 1);
  await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: "x", Value: "1" }] }));
  await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ["team"] }));
  assert.deepEqual((await iam.send(new ListPolicyTagsCommand({ PolicyArn }))).Tags, [{ Key: "x", Value: "1" }]);
  const own = await iam.send(new ListPoliciesCommand({ Scope: "Local" }));
  assert.deepEqual(
    own.Policies?.map((found) => found.PolicyName),
    ["p"],
  );
  const first = await iam.send(new ListPoliciesCommand({ MaxItems: 3 }));
  const second = await iam.send(new ListPoliciesCommand({ MaxItems: 3, Marker: first.Marker }));
  assert.equal(new Set([...(first.Policies ?? []), ...(second.Policies ?? [])].map((found) => found.Arn)).size, 6);
  await iam.send(new DeletePolicyCommand({ PolicyArn }));
  const custom = await iam.send(
    new SimulateCustomPolicyCommand({ PolicyInputList: [DOCUMENT], ActionNames: ["sqs:SendMessage", "s3:GetObject"] }),
  );
  assert.deepEqual(
    custom.EvaluationResults?.map((result) => result.EvalDecision),
    ["allowed", "implicitDeny"],
  );
  const badInput = { name: "InvalidInputException" };
  const many = (of: string): string[] => Array.from({ length: 1000 }, (_, index) => `${of}${index}`);
  for (const more of [{ ResourcePolicy: "{" }, { ActionNames: many("s3:Get"), ResourceArns: many("arn:aws:s3:::b") }]) {
    const asked = { PolicyInputList: [DOCUMENT], ActionNames: ["sqs:SendMessage"], ...more };
    await assert.rejects(iam.send(new SimulateCustomPolicyCommand(asked)), badInput);
  }
  const keyed = policy(
    allow("s3:*", "arn:aws:s3:::b/${aws:username}", { Condition: { Bool: { "aws:SecureTransport": "true" } } }),
  );
  const { ContextKeyNames } = await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [keyed] }));
  assert.deepEqual(ContextKeyNames, ["aws:SecureTransport", "aws:username"]);
  const garbled = { PolicyInputList: [keyed], ActionNames: ["s3:GetObject"], ResourcePolicy: "a" };
  await assert.rejects(iam.send(new SimulateCustomPolicyCommand(garbled)), { name: "InvalidInputException" });
  await createUser(server.client, "keyed", allow("s3:*", "arn:aws:s3:::b/${aws:userid}"));
  const ofUser = new GetContextKeysForPrincipalPolicyCommand({
    PolicySourceArn: `arn:aws:iam::${ACCOUNT}:user/keyed`,
    PolicyInputList: [keyed],
  });
  assert.deepEqual((await iam.send(ofUser)).ContextKeyNames, ["aws:SecureTransport", "aws:userid", "aws:username"]);
  for (const [text, message] of [
    ["{", "Syntax errors in policy."],
    [policy({ Effect: "Allow", Resource: "*" }), "Policy statement must contain actions."],
    [policy({ Effect: "Allow", Action: "s3:*" }), "Policy statement must contain resources."],
    [policy(allow("s3", "*")), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."],
    [policy(allow("s3:*", "bucket")), 'Resource bucket must be in ARN format or "*".'],
    [policy(allow("s3:*", "*", { Principal: "*" })), "Policy document should not specify a principal."],
  ] as const) {
    await assert.rejects(iam.send(new CreatePolicyCommand({ PolicyName: "bad", PolicyDocument: text })), {
      name: "MalformedPolicyDocumentException",
      message,
    });
  }
});

test("roles: sessions within their limits, instance profiles, and those that belong to a service", async () => {
  const RoleName = "worker";
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }));
  await iam.send(new UpdateRoleCommand({ RoleName, Description: "d", MaxSessionDuration: 7200 }));
  await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: "e" }));
  const RoleArn = String(Role?.Arn);
  const sts = new STSClient(server.client);
  const session = { RoleArn, RoleSessionName: "ann" };
  await assert.rejects(sts.send(new AssumeRoleCommand({ ...session, DurationSeconds: 7201 })), {
    name: "ValidationError",
    message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  });
  const { Credentials, AssumedRoleUser } = await sts.send(new AssumeRoleCommand({ ...session, DurationSeconds: 7200 }));
  assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/worker/ann`);
  const keys = {
    accessKeyId: String(Credentials?.AccessKeyId),
    secretAccessKey: String(Credentials?.SecretAccessKey),
    sessionToken: String(Credentials?.SessionToken),
  };
  const chained = new STSClient(as(server.client, keys));
  await assert.rejects(chained.send(new AssumeRoleCommand(session)), { name: "AccessDenied" });
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: policy(allow("sts:AssumeRole")) }),
  );
  await assert.rejects(chained.send(new AssumeRoleCommand({ ...session, DurationSeconds: 3601 })), {
    message: /1 hour session limit/,
  });
  await chained.send(new AssumeRoleCommand(session));
  const trust = policy({
    Effect: "Allow",
    Principal: { AWS: ACCOUNT },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": "xyz" } },
  });
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust }));
  await assert.rejects(sts.send(new AssumeRoleCommand(session)), { name: "AccessDenied" });
  await sts.send(new AssumeRoleCommand({ ...session, ExternalId: "xyz" }));

  await iam.send(new TagRoleCommand({ RoleName, Tags: tags }));
  assert.deepEqual((await iam.send(new ListRoleTagsCommand({ RoleName }))).Tags, tags);
  await iam.send(new UntagRoleCommand({ RoleName, TagKeys: ["team"] }));
  const PermissionsBoundary = "arn:aws:iam::aws:policy/AdministratorAccess";
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  assert.deepEqual((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames, ["p"]);
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "p" }));

  const profile = { InstanceProfileName: "machine" };
  await iam.send(new CreateInstanceProfileCommand({ ...profile, Tags: tags }));
  await iam.send(new AddRoleToInstanceProfileCommand({ ...profile, RoleName }));
  const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand(profile));
  assert.deepEqual(
    InstanceProfile?.Roles?.map((role) => role.RoleName),
    [RoleName],
  );
  assert.equal((await iam.send(new ListInstanceProfilesCommand({}))).InstanceProfiles?.length, 1);
  assert.equal((await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }))).InstanceProfiles?.length, 1);
  await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName })), { name: "DeleteConflictException" });
  await iam.send(new TagInstanceProfileCommand({ ...profile, Tags: [{ Key: "x", Value: "1" }] }));
  await iam.send(new UntagInstanceProfileCommand({ ...profile, TagKeys: ["team"] }));
  assert.equal((await iam.send(new ListInstanceProfileTagsCommand(profile))).Tags?.length, 1);
  await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName }));
  await iam.send(new DeleteInstanceProfileCommand(profile));
  await iam.send(new DeleteRoleCommand({ RoleName }));
  await assert.rejects(chained.send(new AssumeRoleCommand(session)), { name: "AccessDenied" });

  const linked = await iam.send(
    new CreateServiceLinkedRoleCommand({ AWSServiceName: "connect.amazonaws.com", CustomSuffix: "x" }),
  );
  const name = String(linked.Role?.RoleName);
  assert.equal(name, "AWSServiceRoleForAmazonConnect_x");
  await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName: name })), { name: "UnmodifiableEntityException" });
  const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand({ RoleName: name }));
  const status = await iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }));
  assert.equal(status.Status, "SUCCEEDED");
  assert.deepEqual((await iam.send(new ListRolesCommand({}))).Roles, []);
});

test("an account has an alias and a summary; another account sees nothing of it", async () => {
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: "centre" }));
  const other = new IAMClient(server.clientOf("other"));
  await assert.rejects(other.send(new CreateAccountAliasCommand({ AccountAlias: "centre" })), {
    name: "EntityAlreadyExistsException",
  });
  assert.deepEqual((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases, ["centre"]);
  await iam.send(new DeleteAccountAliasCommand({ AccountAlias: "centre" }));
  await iam.send(new CreateGroupCommand({ GroupName: "own" }));
  assert.equal((await iam.send(new GetAccountSummaryCommand({}))).SummaryMap?.Groups, 1);
  assert.equal((await other.send(new GetAccountSummaryCommand({}))).SummaryMap?.Groups, 0);
  await assert.rejects(other.send(new GetGroupCommand({ GroupName: "own" })), { name: "NoSuchEntityException" });
});
