import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from "@aws-sdk/client-cloudformation";
import { allow, as, createRole, createUser } from "./principals.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const TemplateBody = JSON.stringify({ Resources: { Queue: { Type: "AWS::SQS::Queue" } } });

async function outcome(of: CloudFormationClient, StackName: string): Promise<string> {
  await server.app.platform().flow.drained(20_000);
  const { Stacks: [stack] = [] } = await of.send(new DescribeStacksCommand({ StackName }));
  const { StackEvents = [] } = await of.send(new DescribeStackEventsCommand({ StackName }));
  const failure = StackEvents.find(({ ResourceStatus }) => ResourceStatus?.endsWith("_FAILED"));
  return `${stack?.StackStatus} ${failure?.ResourceStatusReason ?? ""}`;
}

test("who may not use stacks is refused", async () => {
  const keys = await createUser(client, "nobody", allow("sqs:*"));
  const stacks = new CloudFormationClient(as(client, keys));
  await assert.rejects(stacks.send(new CreateStackCommand({ StackName: "denied", TemplateBody })), {
    name: "AccessDenied",
  });
});

test("a stack may do what whoever makes it may do, and no more", async () => {
  const keys = await createUser(client, "stacks-only", allow("cloudformation:*"));
  const stacks = new CloudFormationClient(as(client, keys));
  await stacks.send(new CreateStackCommand({ StackName: "poor", TemplateBody }));
  assert.match(
    await outcome(stacks, "poor"),
    /^ROLLBACK_COMPLETE .*not authorized to perform: sqs:CreateQueue.*AccessDenied/,
  );
});

test("a stack with a role may do what the role may do", async () => {
  const RoleARN = await createRole(client, "deployer", { Service: "cloudformation.amazonaws.com" }, allow("sqs:*"));
  const keys = await createUser(client, "with-role", allow("cloudformation:*"), allow("iam:PassRole", RoleARN));
  const stacks = new CloudFormationClient(as(client, keys));
  await stacks.send(new CreateStackCommand({ StackName: "rich", TemplateBody, RoleARN }));
  assert.match(await outcome(stacks, "rich"), /^CREATE_COMPLETE/);

  const passesNone = await createUser(client, "passes-none", allow("cloudformation:*"));
  const denied = new CloudFormationClient(as(client, passesNone));
  await assert.rejects(denied.send(new CreateStackCommand({ StackName: "none", TemplateBody, RoleARN })), {
    name: "AccessDenied",
  });
});

test("a role that does not trust the service fails the stack, and says so", async () => {
  const RoleARN = await createRole(client, "distrusting", { Service: "lambda.amazonaws.com" }, allow("sqs:*"));
  const stacks = new CloudFormationClient(client);
  await stacks.send(new CreateStackCommand({ StackName: "untrusted", TemplateBody, RoleARN }));
  assert.match(await outcome(stacks, "untrusted"), /^ROLLBACK_COMPLETE .*cannot be assumed by cloudformation/);
});
