/** Values of parameters that are declared with `NoEcho`: they reach what they are for, and lie sealed in the data folder. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  type Parameter,
  type Stack,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { call } from "./model-call.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";

const Parameters = { Key: { Type: "String", NoEcho: true }, Region: { Type: "String", Default: "north" } };
const key = (value: string): Parameter[] => [{ ParameterKey: "Key", ParameterValue: value }];
const same: Parameter[] = [{ ParameterKey: "Key", UsePreviousValue: true }];

async function settled(server: TestServer, StackName: string): Promise<Stack> {
  await server.app.platform().flow.drained(20_000);
  const { Stacks = [] } = await new CloudFormationClient(server.client).send(new DescribeStacksCommand({ StackName }));
  assert.ok(Stacks[0]);
  return Stacks[0];
}

test("a secret reaches its resource, is kept for the next update, and comes back with one that fails", async () => {
  const server = await startTrunkline();
  const stacks = new CloudFormationClient(server.client);
  const template = (more: object = {}, Description = "d"): string =>
    JSON.stringify({
      Parameters,
      Resources: {
        Kept: {
          Type: "AWS::SSM::Parameter",
          Properties: { Name: "/kept", Type: "String", Value: { "Fn::Sub": "<${Key}>" }, Description },
        },
        ...more,
      },
      Outputs: { Region: { Value: { Ref: "Region" } } },
    });
  const value = async (): Promise<string> =>
    (await call(server.url, "ssm", "GetParameter", { Name: "/kept" })).Parameter.Value;
  const update = async (TemplateBody: string, given: Parameter[]): Promise<string | undefined> => {
    await stacks.send(new UpdateStackCommand({ StackName: "secret", TemplateBody, Parameters: given }));
    return (await settled(server, "secret")).StackStatus;
  };

  await stacks.send(
    new CreateStackCommand({ StackName: "secret", TemplateBody: template(), Parameters: key("s3cret-1") }),
  );
  const stack = await settled(server, "secret");
  assert.deepEqual(stack.Parameters, [
    { ParameterKey: "Key", ParameterValue: "****" },
    { ParameterKey: "Region", ParameterValue: "north" },
  ]);
  assert.equal(await value(), "<s3cret-1>");

  await assert.rejects(update(template(), same), { message: "No updates are to be performed." });
  await assert.rejects(update(template(), key("s3cret-1")), { message: "No updates are to be performed." });
  assert.equal(await update(template({}, "other"), same), "UPDATE_COMPLETE");
  assert.equal(await value(), "<s3cret-1>");
  assert.equal(await update(template({}, "other"), key("s3cret-2")), "UPDATE_COMPLETE");
  assert.equal(await value(), "<s3cret-2>");

  const bad = {
    Type: "AWS::SSM::Parameter",
    DependsOn: "Kept",
    Properties: { Name: { "Fn::Sub": "//${Key}" }, Type: "String", Value: "v" },
  };
  assert.equal(await update(template({ bad }, "third"), key("s3cret-3")), "UPDATE_ROLLBACK_COMPLETE");
  assert.equal(await value(), "<s3cret-2>");

  const queue = {
    Type: "AWS::SQS::Queue",
    DependsOn: "Kept",
    Properties: { QueueName: { "Fn::Sub": "what ${Key}" }, RedrivePolicy: { "Fn::Sub": "${Key}" } },
  };
  assert.equal(await update(template({ queue }, "fourth"), key("s3cret-4")), "UPDATE_ROLLBACK_COMPLETE");
  const { StackEvents } = await stacks.send(new DescribeStackEventsCommand({ StackName: "secret" }));
  assert.doesNotMatch(JSON.stringify(StackEvents), /s3cret/);

  const set = { StackName: "secret", ChangeSetName: "five" };
  await stacks.send(new CreateChangeSetCommand({ ...set, TemplateBody: template(), Parameters: key("s3cret-5") }));
  const planned = await stacks.send(new DescribeChangeSetCommand(set));
  assert.doesNotMatch(JSON.stringify(planned), /s3cret/);
  await stacks.send(new ExecuteChangeSetCommand(set));
  assert.equal((await settled(server, "secret")).StackStatus, "UPDATE_COMPLETE");
  assert.equal(await value(), "<s3cret-5>");
});

test("nothing in the data folder tells a secret", async () => {
  const folder = temporaryFolder();
  const server = await startTrunkline("--data", folder);
  const stacks = new CloudFormationClient(server.client);
  // A connection is one of those that seal what they are given themselves.
  const connection = (Name: string): object => ({
    Type: "AWS::Events::Connection",
    Properties: {
      Name,
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "key", ApiKeyValue: { Ref: "Key" } } },
    },
  });
  const template = (...names: string[]): string =>
    JSON.stringify({ Parameters, Resources: Object.fromEntries(names.map((name) => [name, connection(name)])) });
  const of = { StackName: "sealed" };
  await stacks.send(new CreateStackCommand({ ...of, TemplateBody: template("one"), Parameters: key("s3cret-1") }));
  assert.equal((await settled(server, "sealed")).StackStatus, "CREATE_COMPLETE");
  await stacks.send(
    new UpdateStackCommand({ ...of, TemplateBody: template("one", "two"), Parameters: key("s3cret-2") }),
  );
  assert.equal((await settled(server, "sealed")).StackStatus, "UPDATE_COMPLETE");
  const planned = { ...of, TemplateBody: template("one"), Parameters: key("s3cret-3") };
  await stacks.send(new CreateChangeSetCommand({ ...planned, ChangeSetName: "planned" }));
  await server.close();

  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const told = files.filter(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes("s3cret"));
  assert.deepEqual(told, []);
  assert.ok(
    files.some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes("north")),
    "what is no secret lies open",
  );

  const again = await startTrunkline("--data", folder);
  const later = new CloudFormationClient(again.client);
  await later.send(new ExecuteChangeSetCommand({ StackName: "sealed", ChangeSetName: "planned" }));
  assert.equal((await settled(again, "sealed")).StackStatus, "UPDATE_COMPLETE");
});
