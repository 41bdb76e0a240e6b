/** Roles, users, groups and their policies, as those who manage them see it. What they let through is tested in `authorization.test.ts`. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { assumeRoleAsService, decideAccess } from "../src/services/iam/index.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const iam = new IAMClient(server.client);

const TRUST_LAMBDA = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
});
const PUT_RECORD = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "kinesis:PutRecord", Resource: "arn:aws:kinesis:*:*:stream/calls" },
});

suite("roles", () => {
  test("a role is created, described, given policies, and deleted once it has none", async () => {
    const RoleName = "Worker";
    const created = await iam.send(
      new CreateRoleCommand({ RoleName, Path: "/agents/", AssumeRolePolicyDocument: TRUST_LAMBDA }),
    );
    assert.equal(created.Role?.Arn, "arn:aws:iam::000000000000:role/agents/Worker");
    assert.match(String(created.Role?.RoleId), /^AROA[A-Z2-7]{17}$/);
    assert.equal(decodeURIComponent(String(created.Role?.AssumeRolePolicyDocument)), TRUST_LAMBDA);
    await assert.rejects(
      iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: TRUST_LAMBDA })),
      { name: "EntityAlreadyExistsException", message: "Role with name worker already exists." },
    );

    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "write", PolicyDocument: PUT_RECORD }));
    const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "write" }));
    assert.equal(decodeURIComponent(String(inline.PolicyDocument)), PUT_RECORD);
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "writers", PolicyDocument: PUT_RECORD }));
    const PolicyArn = String(Policy?.Arn);
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    assert.deepEqual(AttachedPolicies, [{ PolicyName: "writers", PolicyArn }]);

    const conflict = { name: "DeleteConflictException" };
    await assert.rejects(iam.send(new DeletePolicyCommand({ PolicyArn })), conflict);
    await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName })), conflict);
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName })), conflict);
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "write" }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName })), {
      name: "NoSuchEntityException",
      message: "The role with name Worker cannot be found.",
    });
  });
});

suite("services that act as a role", () => {
  test("keys of a session work, and what its role may do is decided", async () => {
    const platform = server.app.platform();
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: "function", AssumeRolePolicyDocument: TRUST_LAMBDA }),
    );
    await iam.send(new PutRolePolicyCommand({ RoleName: "function", PolicyName: "w", PolicyDocument: PUT_RECORD }));
    const roleArn = String(Role?.Arn);
    const session = { roleArn, service: "lambda.amazonaws.com", sessionName: "my function" };
    await assert.rejects(assumeRoleAsService(platform, { ...session, service: "firehose.amazonaws.com" }), {
      code: "AccessDenied",
    });
    await assert.rejects(assumeRoleAsService(platform, { ...session, roleArn: `${roleArn}2` }), {
      code: "AccessDenied",
    });
    const keys = await assumeRoleAsService(platform, session);
    const sts = new STSClient({ ...server.client, credentials: keys });
    const { Arn, Account, UserId } = await sts.send(new GetCallerIdentityCommand({}));
    const principalArn = "arn:aws:sts::000000000000:assumed-role/function/my-function";
    assert.deepEqual(
      { Arn, Account, UserId },
      { Arn: principalArn, Account: "000000000000", UserId: `${Role?.RoleId}:my-function` },
    );

    const caller = { account: "000000000000", region: "us-east-1", accessKeyId: keys.accessKeyId, principalArn };
    const decide = (action: string, stream: string) => {
      const resourceArn = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;
      return decideAccess(platform, { caller, action, resourceArn });
    };
    assert.deepEqual(await decide("kinesis:PutRecord", "calls"), { allowed: true });
    assert.deepEqual(await decide("kinesis:PutRecord", "other"), {
      allowed: false,
      message: `User: ${principalArn} is not authorized to perform: kinesis:PutRecord on resource: arn:aws:kinesis:us-east-1:000000000000:stream/other because no identity-based policy allows the kinesis:PutRecord action`,
    });
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "function", PolicyName: "w" }));
    assert.equal((await decide("kinesis:PutRecord", "calls")).allowed, false);
  });
});
