/** Templates and moments that were not meant: what is wrong is refused or fails its own stack, and never another one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  type Stack,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const stacks = new CloudFormationClient(client);
const sqs = new SQSClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });

async function settled(StackName: string): Promise<Stack> {
  await server.app.platform().flow.drained(20_000);
  const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({ StackName }));
  assert.ok(Stacks[0]);
  return Stacks[0];
}

const begin = (StackName: string, template: object): Promise<unknown> =>
  stacks.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));

async function created(StackName: string, template: object): Promise<Stack> {
  await begin(StackName, template);
  return settled(StackName);
}

async function updated(StackName: string, template: object): Promise<Stack> {
  await stacks.send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
  return settled(StackName);
}

async function deleted({ StackId = "" }: Stack): Promise<Stack> {
  await stacks.send(new DeleteStackCommand({ StackName: StackId }));
  return settled(StackId);
}

async function reasons(StackName: string): Promise<string> {
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.map(({ LogicalResourceId, ResourceStatus, ResourceStatusReason = "" }) =>
    [LogicalResourceId, ResourceStatus, ResourceStatusReason].join(" "),
  ).join("\n");
}

async function queues(QueueNamePrefix: string): Promise<readonly string[]> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix }));
  return QueueUrls.map((url) => url.slice(url.lastIndexOf("/") + 1));
}

const queue = (Properties: object = {}): object => ({ Type: "AWS::SQS::Queue", Properties });
const handle = { Type: "AWS::CloudFormation::WaitConditionHandle" };
const waits = (Properties: object): object => ({
  Resources: {
    Handle: handle,
    Wait: { Type: "AWS::CloudFormation::WaitCondition", Properties: { Handle: { Ref: "Handle" }, ...Properties } },
  },
});
const custom = (Properties: object): object => ({ Resources: { Thing: { Type: "Custom::Thing", Properties } } });
const topic = "arn:aws:sns:us-east-1:000000000000:nobody";

const failing: readonly (readonly [string, object, RegExp])[] = [
  ["a wait without a number", waits({ Timeout: "soon" }), /#\/Timeout: it must be a whole number from 0 to 43200/],
  ["an endless wait", waits({ Timeout: "1e400" }), /#\/Timeout/],
  ["a wait for no number of signals", waits({ Timeout: 5, Count: "many" }), /#\/Count: it must be a whole number/],
  ["a custom resource with an odd time", custom({ ServiceToken: topic, ServiceTimeout: [] }), /#\/ServiceTimeout/],
  [
    "a list that is a text",
    { Resources: { P: { Type: "AWS::SQS::QueuePolicy", Properties: { Queues: "q", PolicyDocument: {} } } } },
    /#\/Queues: expected type: JSONArray, found: String/,
  ],
  ["a name that is a list", { Resources: { Q: queue({ QueueName: ["q"] }) } }, /#\/QueueName: it must be a string/],
  ["tags that are none", { Resources: { Q: queue({ Tags: "red" }) } }, /#\/Tags: each must have a Key and a Value/],
  [
    "a text deep inside where a list has to be",
    { Resources: { B: { Type: "AWS::S3::Bucket", Properties: { CorsConfiguration: { CorsRules: "all" } } } } },
    /a property is not of the type that it has to be/,
  ],
  [
    "properties that become a text",
    { Resources: { Q: { Type: "AWS::SQS::Queue", Properties: { "Fn::Sub": "x" } } } },
    /Properties of Q must be an object/,
  ],
  [
    "an export without a name",
    { Resources: { Q: queue() }, Outputs: { O: { Value: "v", Export: { Name: "" } } } },
    /Name of an Export must not be empty/,
  ],
  [
    "one name for two exports",
    {
      Resources: { Q: queue() },
      Outputs: { A: { Value: "v", Export: { Name: "n" } }, B: { Value: "w", Export: { Name: "n" } } },
    },
    /Duplicate Export names: n/,
  ],
];

for (const [place, [what, template, why]] of failing.entries()) {
  test(`${what} fails its stack, and no other one`, async () => {
    const names = [`wrong-${place}`, `beside-${place}`] as const;
    await Promise.all([begin(names[0], template), begin(names[1], { Resources: { Q: queue() } })]);
    assert.equal((await settled(names[0])).StackStatus, "ROLLBACK_COMPLETE", await reasons(names[0]));
    assert.match(await reasons(names[0]), why);
    assert.equal((await settled(names[1])).StackStatus, "CREATE_COMPLETE");
  });
}

const declared = (P: object): object => ({
  Parameters: { P: { Type: "String", Default: "x", ...P } },
  Resources: { Q: queue() },
});
const refused: readonly (readonly [string, object, RegExp])[] = [
  ["a pattern that is a list", declared({ AllowedPattern: ["x"] }), /Every AllowedPattern member must be a string/],
  ["a default that is a map", declared({ Default: { a: 1 } }), /Every Default member must be a string/],
  ["allowed values that are maps", declared({ AllowedValues: [{}] }), /Every AllowedValues member/],
  ["a length that is no number", declared({ MinLength: "few" }), /Every MinLength member must be a number/],
  ["a value of more than 4,096 bytes", declared({ Default: "é".repeat(2049) }), /must contain at most 4096 characters/],
  [
    "conditions in a circle that nobody asks",
    { Conditions: { A: { Condition: "B" }, B: { Condition: "A" } }, Resources: { Q: queue() } },
    /Circular dependency between conditions/,
  ],
  [
    "more than 500 resources",
    { Resources: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`R${n}`, queue()])) },
    /Number of resources, 501, is greater than maximum allowed, 500/,
  ],
  [
    "more than 200 outputs",
    {
      Resources: { Q: queue() },
      Outputs: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`O${n}`, { Value: "" }])),
    },
    /Number of outputs, 201/,
  ],
];
for (const [what, template, message] of refused) {
  test(`${what} is refused`, async () => {
    await assert.rejects(begin("refused", template), { name: "ValidationError", message });
  });
}

const HANDLER = `
const asked = [];
export const handler = async (event) => {
  if (event.asked) return asked.splice(0);
  asked.push([event.RequestType, event.PhysicalResourceId ?? ""]);
  if (event.ResourceProperties.Silent === event.RequestType) return;
  const given = event.ResourceProperties.Answer;
  const body = JSON.stringify({ Status: "SUCCESS", PhysicalResourceId: "thing", ...(given && JSON.parse(given)) });
  await fetch(event.ResponseURL, { method: "PUT", body });
};`;
const { FunctionArn: ServiceToken = "" } = await createFunction(client, HANDLER, {
  FunctionName: "provider",
  Role: await createRole(client, "provider"),
});

test("an answer with an id that is none fails its resource", async () => {
  for (const [name, id] of [
    ["empty-id", ""],
    ["long-id", "x".repeat(1025)],
    ["listed-id", ["x"]],
  ] as const) {
    const Answer = JSON.stringify({ PhysicalResourceId: id });
    assert.equal((await created(name, custom({ ServiceToken, Answer }))).StackStatus, "ROLLBACK_COMPLETE");
    assert.match(await reasons(name), /Thing CREATE_FAILED Invalid PhysicalResourceId/);
  }
});

test("what a stack has begun goes with it, when it is deleted before it is made", async () => {
  const bucket = "templates";
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const inner = {
    Resources: {
      Thing: { Type: "Custom::Thing", Properties: { ServiceToken, Silent: "Create" } },
      Queue: queue({ QueueName: "early-inner" }),
    },
  };
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "inner.json", Body: JSON.stringify(inner) }));
  const row = (n: number): object => ({
    [`Q${n}`]: { ...queue({ QueueName: `early-${n}` }), ...(n > 0 && { DependsOn: `Q${n - 1}` }) },
  });
  const stack = {
    Resources: {
      ...Object.assign({}, ...Array.from({ length: 30 }, (_, n) => row(n))),
      Thing: { Type: "Custom::Thing", Properties: { ServiceToken, Silent: "Create" } },
      Nested: { Type: "AWS::CloudFormation::Stack", Properties: { TemplateURL: `${server.url}/${bucket}/inner.json` } },
    },
  };
  const { StackId = "" } = await stacks.send(
    new CreateStackCommand({ StackName: "early", TemplateBody: JSON.stringify(stack) }),
  );
  // Both custom resources have been asked for, and some queues are there or are being made.
  while (!/Thing CREATE_IN_PROGRESS/.test(await reasons(StackId)));
  await stacks.send(new DeleteStackCommand({ StackName: StackId }));
  assert.equal((await settled(StackId)).StackStatus, "DELETE_COMPLETE", await reasons(StackId));
  assert.deepEqual(await queues("early-"), []);
  const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({}));
  assert.deepEqual(
    Stacks.filter(({ ParentId }) => ParentId === StackId),
    [],
    "nor is the nested stack",
  );
});

test("a stack that is being updated is not deleted", async () => {
  const stack = await created("busy", { Resources: { Q: queue() } });
  const template = custom({ ServiceToken, Silent: "Create", ServiceTimeout: 60 });
  assert.equal((await updated("busy", template)).StackStatus, "UPDATE_IN_PROGRESS");
  await assert.rejects(stacks.send(new DeleteStackCommand({ StackName: "busy" })), {
    name: "ValidationError",
    message: /cannot be deleted while in status UPDATE_IN_PROGRESS/,
  });
  await assert.rejects(updated("busy", template), /is in UPDATE_IN_PROGRESS state and can not be updated/);
  await server.advance("PT61S");
  assert.equal((await settled("busy")).StackStatus, "UPDATE_ROLLBACK_COMPLETE", await reasons("busy"));
  assert.equal((await deleted(stack)).StackStatus, "DELETE_COMPLETE");
});

test("an update of a nested stack ends before what is around it goes back", async () => {
  const Bucket = "nested-updates";
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const [Key, Resources] of [
    ["one.json", { Q: queue() }],
    [
      "two.json",
      {
        Q: queue(),
        Thing: { Type: "Custom::Thing", Properties: { ServiceToken, Silent: "Create", ServiceTimeout: 60 } },
      },
    ],
  ] as const) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify({ Resources }) }));
  }
  const outer = (Key: string, more: object = {}): object => ({
    Resources: {
      Nested: { Type: "AWS::CloudFormation::Stack", Properties: { TemplateURL: `${server.url}/${Bucket}/${Key}` } },
      ...more,
    },
  });
  await created("around", outer("one.json"));
  const busy = await updated("around", outer("two.json", { Bad: queue({ DelaySeconds: -1 }) }));
  assert.equal(busy.StackStatus, "UPDATE_IN_PROGRESS", await reasons("around"));
  await server.advance("PT61S");
  assert.equal((await settled("around")).StackStatus, "UPDATE_ROLLBACK_COMPLETE", await reasons("around"));
});

test("what a resource that could not be deleted rests on stays with it", async () => {
  const template = {
    Resources: {
      Files: { Type: "AWS::S3::Bucket", DependsOn: "Under", Properties: { BucketName: "not-empty" } },
      Under: queue({ QueueName: "rests-under" }),
      Beside: queue({ QueueName: "rests-beside" }),
    },
  };
  const stack = await created("rests", template);
  await s3.send(new PutObjectCommand({ Bucket: "not-empty", Key: "x", Body: "x" }));
  assert.equal((await deleted(stack)).StackStatus, "DELETE_FAILED");
  assert.deepEqual(await queues("rests-"), ["rests-under"]);
  await s3.send(new DeleteObjectCommand({ Bucket: "not-empty", Key: "x" }));
  assert.equal((await deleted(stack)).StackStatus, "DELETE_COMPLETE");
  assert.deepEqual(await queues("rests-"), []);
});

test("a resource is deleted though the parameter is gone that it was made with", async () => {
  await call(server.url, "ssm", "PutParameter", { Name: "/delay", Value: "7", Type: "String" });
  const stack = await created("looked-up", {
    Resources: { Q: queue({ QueueName: "looked-up", DelaySeconds: "{{resolve:ssm:/delay}}" }) },
  });
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", await reasons("looked-up"));
  await call(server.url, "ssm", "DeleteParameter", { Name: "/delay" });
  assert.equal((await deleted(stack)).StackStatus, "DELETE_COMPLETE");
  assert.deepEqual(await queues("looked-up"), []);
});

test("RetainExceptOnCreate keeps nothing that an update made which goes back", async () => {
  const kept = { ...queue({ QueueName: "except-new" }), DeletionPolicy: "RetainExceptOnCreate" };
  await created("except", { Resources: { Q: queue() } });
  const failed = await updated("except", {
    Resources: { Q: queue(), Kept: kept, Bad: { ...queue({ DelaySeconds: -1 }), DependsOn: "Kept" } },
  });
  assert.equal(failed.StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  assert.deepEqual(await queues("except-new"), []);
  await updated("except", { Resources: { Q: queue(), Kept: kept } });
  await updated("except", { Resources: { Q: queue() } });
  assert.deepEqual(await queues("except-new"), ["except-new"]);
});

test("a change set is obsolete once its stack was updated by another way", async () => {
  await created("stale", { Resources: { Q: queue({ DelaySeconds: 1 }) } });
  const set = { StackName: "stale", ChangeSetName: "planned" };
  const TemplateBody = JSON.stringify({ Resources: { Q: queue({ DelaySeconds: 2 }) } });
  await stacks.send(new CreateChangeSetCommand({ ...set, TemplateBody }));
  await updated("stale", { Resources: { Q: queue({ DelaySeconds: 3 }) } });
  assert.equal((await stacks.send(new DescribeChangeSetCommand(set))).ExecutionStatus, "OBSOLETE");
  await assert.rejects(stacks.send(new ExecuteChangeSetCommand(set)), { name: "InvalidChangeSetStatusException" });
});

test("change sets are refused for stacks that cannot be, and go with theirs", async () => {
  const TemplateBody = JSON.stringify({ Resources: { Q: queue() } });
  const named = { StackName: "arn:aws:cloudformation:us-east-1:000000000000:stack/x/y", ChangeSetName: "first" };
  await assert.rejects(stacks.send(new CreateChangeSetCommand({ ...named, ChangeSetType: "CREATE", TemplateBody })), {
    name: "ValidationError",
    message: /'stackName' failed to satisfy constraint/,
  });
  const failed = await created("cannot", { Resources: { Q: queue({ DelaySeconds: -1 }) } });
  const of = { StackName: "cannot", ChangeSetName: "again" };
  await assert.rejects(
    stacks.send(new CreateChangeSetCommand({ ...of, TemplateBody })),
    /ROLLBACK_COMPLETE state and can not be updated/,
  );
  await deleted(failed);

  const review = { StackName: "review", ChangeSetName: "first", ChangeSetType: "CREATE" as const, TemplateBody };
  const { Id, StackId = "" } = await stacks.send(new CreateChangeSetCommand(review));
  await deleted({ StackId } as Stack);
  await assert.rejects(stacks.send(new DescribeChangeSetCommand({ ChangeSetName: Id })), {
    name: "ChangeSetNotFoundException",
  });
});

test("of those who make a stack of one name at once, one does", async () => {
  const TemplateBody = JSON.stringify({ Resources: { Q: queue() } });
  const sets = ["a", "b", "c"].map((ChangeSetName) =>
    stacks.send(
      new CreateChangeSetCommand({ StackName: "at-once", ChangeSetName, ChangeSetType: "CREATE", TemplateBody }),
    ),
  );
  const ids = (await Promise.all(sets)).map(({ StackId }) => StackId);
  assert.equal(new Set(ids).size, 1, "three sets of one stack");
  const creations = await Promise.allSettled([
    begin("race", { Resources: { Q: queue() } }),
    begin("race", { Resources: { Q: queue() } }),
  ]);
  assert.deepEqual(creations.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await settled("race");
  const updates = [4, 5].map((DelaySeconds) => updated("race", { Resources: { Q: queue({ DelaySeconds }) } }));
  const ended = await Promise.allSettled(updates);
  assert.ok(ended.some(({ status }) => status === "fulfilled"));
  assert.equal((await settled("race")).StackStatus, "UPDATE_COMPLETE");
});

test("a queue of another owner is not taken for the stack's", async () => {
  await sqs.send(new CreateQueueCommand({ QueueName: "somebody-elses" }));
  const stack = await created("taker", { Resources: { Q: queue({ QueueName: "somebody-elses" }) } });
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
  assert.match(await reasons("taker"), /identifier '.*somebody-elses' already exists/);
  assert.deepEqual(await queues("somebody-elses"), ["somebody-elses"], "and is not deleted with it");
});
