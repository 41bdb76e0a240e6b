import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
} from "@aws-sdk/client-iam";
import type { As } from "./model-call.ts";
import type { KnownValues } from "./populated-account.ts";
import { allow, assume, createRole, policy } from "./principals.ts";

/**
 * A user with a key in a group, a role with a session, a managed policy and an instance profile; and values by which generated requests
 * reach them, for IAM and for STS. IAM is one for an account, so the Region is in the names.
 */
export async function populateIam(url: string, name: string, as: As, secret: string): Promise<KnownValues> {
  const { accessKeyId = "test", region = "us-east-1" } = as;
  const client = { endpoint: url, region, credentials: { accessKeyId, secretAccessKey: accessKeyId }, maxAttempts: 1 };
  const iam = new IAMClient(client);
  const own = `${name}-${region}`;
  const Tags = [{ Key: "note", Value: secret }];
  const PolicyDocument = policy(allow("sqs:ListQueues", "*", { Sid: secret.replaceAll("-", "") }));
  const { User } = await iam.send(new CreateUserCommand({ UserName: own, Tags }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: own }));
  await iam.send(new CreateGroupCommand({ GroupName: own }));
  await iam.send(new AddUserToGroupCommand({ GroupName: own, UserName: own }));
  await iam.send(new PutGroupPolicyCommand({ GroupName: own, PolicyName: "inline", PolicyDocument }));
  const created = await iam.send(new CreatePolicyCommand({ PolicyName: own, PolicyDocument, Description: secret }));
  const PolicyArn = String(created.Policy?.Arn);
  const account = PolicyArn.split(":")[4];
  const RoleArn = await createRole(client, own, { AWS: account }, allow("sqs:*"));
  await iam.send(new AttachRolePolicyCommand({ RoleName: own, PolicyArn }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: own, Tags }));
  const session = await assume(client, RoleArn);
  return {
    iam: {
      UserName: [own],
      GroupName: [own],
      RoleName: [own],
      InstanceProfileName: [own],
      PolicyName: ["inline", "own"],
      PolicyArn: [PolicyArn],
      PermissionsBoundary: [PolicyArn],
      PolicyDocument: [PolicyDocument],
      AssumeRolePolicyDocument: [policy({ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" })],
      VersionId: ["v1"],
      AccessKeyId: [AccessKey?.AccessKeyId],
      PolicySourceArn: [User?.Arn, RoleArn],
      PolicyInputList: [[PolicyDocument]],
      ActionNames: [["sqs:ListQueues"]],
      TagKeys: [["note"]],
      Tags: [Tags],
    },
    sts: {
      RoleArn: [RoleArn],
      RoleSessionName: ["session"],
      AccessKeyId: [session.accessKeyId, AccessKey?.AccessKeyId],
      Name: ["somebody"],
      Policy: [PolicyDocument],
      DurationSeconds: [900],
    },
  };
}
