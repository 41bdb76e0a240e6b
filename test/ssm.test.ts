import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { call } from "./model-call.ts";
import { allow, as, createUser } from "./principals.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client, url } = server;

// biome-ignore lint/suspicious/noExplicitAny: answers of one service, each read where it is asked for.
const ssm = (operation: string, input: object, who = {}): Promise<any> =>
  call(url, "ssm", operation, { ...input }, who);
const put = (Name: string, Value: string, more: object = {}): Promise<unknown> =>
  ssm("PutParameter", { Name, Value, Type: "String", ...more });
const textOf = async (Name: string, more: object = {}): Promise<string> =>
  (await ssm("GetParameter", { Name, ...more })).Parameter.Value;

test("a parameter has versions, and can be read by each", async () => {
  assert.deepEqual(await put("/versions/one", "a"), { Version: 1, Tier: "Standard" });
  await assert.rejects(put("/versions/one", "b"), /ParameterAlreadyExists/);
  assert.deepEqual(await put("/versions/one", "b", { Overwrite: true }), { Version: 2, Tier: "Standard" });
  assert.equal(await textOf("/versions/one"), "b");
  assert.equal(await textOf("/versions/one:1"), "a");
  assert.equal(await textOf("arn:aws:ssm:us-east-1:000000000000:parameter/versions/one"), "b");
  await assert.rejects(textOf("/versions/one:3"), /ParameterVersionNotFound/);
  const { Parameters } = await ssm("GetParameterHistory", { Name: "/versions/one" });
  assert.deepEqual(
    Parameters.map(({ Version, Value }: { Version: number; Value: string }) => [Version, Value]),
    [
      [1, "a"],
      [2, "b"],
    ],
  );
  await ssm("DeleteParameter", { Name: "/versions/one" });
  await assert.rejects(textOf("/versions/one"), /ParameterNotFound/);
  assert.deepEqual(await put("/versions/one", "c"), { Version: 1, Tier: "Standard" });
});

test("parameters are found by path, and listed by filters, page by page", async () => {
  for (const name of ["a", "b", "deep/c", "deep/d"]) await put(`/tree/${name}`, name);
  const names = ({ Parameters }: { Parameters: { Name: string }[] }): string[] => Parameters.map(({ Name }) => Name);
  assert.deepEqual(names(await ssm("GetParametersByPath", { Path: "/tree" })), ["/tree/a", "/tree/b"]);
  const first = await ssm("GetParametersByPath", { Path: "/tree/", Recursive: true, MaxResults: 3 });
  assert.deepEqual(names(first), ["/tree/a", "/tree/b", "/tree/deep/c"]);
  const more = { Path: "/tree/", Recursive: true, MaxResults: 3, NextToken: first.NextToken };
  assert.deepEqual(names(await ssm("GetParametersByPath", more)), ["/tree/deep/d"]);
  const filter = { Key: "Name", Option: "BeginsWith", Values: ["/tree/deep"] };
  const listed = await ssm("DescribeParameters", { ParameterFilters: [filter] });
  assert.deepEqual(names(listed), ["/tree/deep/c", "/tree/deep/d"]);
  const found = await ssm("GetParameters", { Names: ["/tree/a", "/tree/none"] });
  assert.deepEqual([names(found), found.InvalidParameters], [["/tree/a"], ["/tree/none"]]);
  const gone = await ssm("DeleteParameters", { Names: ["/tree/a", "/tree/none"] });
  assert.deepEqual(gone, { DeletedParameters: ["/tree/a"], InvalidParameters: ["/tree/none"] });
});

test("a secure string is read by whoever asks for it opened", async () => {
  await put("/secret", "open sesame", { Type: "SecureString" });
  assert.ok(!(await textOf("/secret")).includes("sesame"));
  assert.equal(await textOf("/secret", { WithDecryption: true }), "open sesame");
});

test("parameters have tags", async () => {
  const of = { ResourceType: "Parameter", ResourceId: "/tagged" };
  await put("/tagged", "a", { Tags: [{ Key: "a", Value: "1" }] });
  await ssm("AddTagsToResource", { ...of, Tags: [{ Key: "b", Value: "2" }] });
  await ssm("RemoveTagsFromResource", { ...of, TagKeys: ["a"] });
  assert.deepEqual(await ssm("ListTagsForResource", of), { TagList: [{ Key: "b", Value: "2" }] });
});

test("what is no parameter is refused and changes nothing", async () => {
  const refused: readonly (readonly [string, object, string])[] = [
    ["aws/reserved", {}, "ValidationException"],
    ["no/slash/in/front", {}, "ValidationException"],
    [`/${"a/".repeat(15)}a`, {}, "HierarchyLevelLimitExceededException"],
    ["/wrong", { AllowedPattern: "\\d+" }, "ParameterPatternMismatchException"],
    ["/long", { Value: "a".repeat(4097) }, "ValidationException"],
    ["/policies", { Policies: "[{}]" }, "ValidationException"],
  ];
  for (const [name, more, error] of refused) await assert.rejects(put(name, "value", more), new RegExp(error), name);
  assert.deepEqual(
    (await ssm("DescribeParameters", { Filters: [{ Key: "Name", Values: ["/wrong"] }] })).Parameters,
    [],
  );
});

test("a policy allows a path", async () => {
  await put("/mine/a", "a");
  await put("/theirs/a", "a");
  const ada = await createUser(client, "ada", allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/mine/*"));
  const who = as(client, ada).credentials;
  assert.equal((await ssm("GetParameter", { Name: "/mine/a" }, who)).Parameter.Value, "a");
  await assert.rejects(ssm("GetParameter", { Name: "/theirs/a" }, who), /AccessDeniedException/);
});

test("a stack takes values from parameters", async () => {
  const stacks = new CloudFormationClient(client);
  const settled = async () => {
    await server.app.platform().flow.drained(20_000);
    return (await stacks.send(new DescribeStacksCommand({ StackName: "looking" }))).Stacks?.[0];
  };
  const TemplateBody = JSON.stringify({
    Parameters: { Delay: { Type: "AWS::SSM::Parameter::Value<Number>", Default: "/stack/delay" } },
    Resources: {
      Queue: {
        Type: "AWS::SQS::Queue",
        Properties: { DelaySeconds: { Ref: "Delay" }, VisibilityTimeout: "{{resolve:ssm:/stack/visibility:1}}" },
      },
      Made: {
        Type: "AWS::SSM::Parameter",
        Properties: { Name: "/stack/made", Type: "String", Value: { Ref: "Queue" } },
      },
    },
    Outputs: { Url: { Value: { Ref: "Queue" } } },
  });
  const missing = stacks.send(new CreateStackCommand({ StackName: "looking", TemplateBody }));
  await assert.rejects(missing, /Unable to fetch parameters \[\/stack\/delay\]/);
  await put("/stack/delay", "3");
  await put("/stack/visibility", "44");
  await stacks.send(new CreateStackCommand({ StackName: "looking", TemplateBody }));
  const stack = await settled();
  assert.equal(stack?.StackStatus, "CREATE_COMPLETE", stack?.StackStatusReason);
  assert.deepEqual(stack?.Parameters, [{ ParameterKey: "Delay", ParameterValue: "/stack/delay", ResolvedValue: "3" }]);
  const QueueUrl = stack?.Outputs?.[0]?.OutputValue;
  assert.equal(await textOf("/stack/made"), QueueUrl);
  const sqs = new SQSClient(client);
  const attributes = async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["DelaySeconds", "VisibilityTimeout"] });
    return (await sqs.send(command)).Attributes;
  };
  assert.deepEqual(await attributes(), { DelaySeconds: "3", VisibilityTimeout: "44" });

  // The parameter is looked at again, though the template is the same.
  await put("/stack/delay", "5", { Overwrite: true });
  await stacks.send(new UpdateStackCommand({ StackName: "looking", UsePreviousTemplate: true }));
  assert.equal((await settled())?.StackStatus, "UPDATE_COMPLETE");
  assert.deepEqual(await attributes(), { DelaySeconds: "5", VisibilityTimeout: "44" });
});

test("a pattern that takes too long is refused, and holds up nobody", async () => {
  const Value = `${"a".repeat(40)}!`;
  const slow = { Name: "/slow", Type: "String", Value, AllowedPattern: "^(a+)+$" };
  await assert.rejects(ssm("PutParameter", slow), /InvalidAllowedPatternException/);
  await assert.rejects(ssm("GetParameter", { Name: "/slow" }), /ParameterNotFound/);
});
