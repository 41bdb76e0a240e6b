import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const stacks = new CloudFormationClient(client);
const sqs = new SQSClient(client);

async function described(StackName: string): Promise<Stack> {
  await server.app.platform().flow.drained(20_000);
  const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({ StackName }));
  assert.ok(Stacks[0]);
  return Stacks[0];
}

async function created(StackName: string, template: object): Promise<Stack> {
  const TemplateBody = JSON.stringify(template);
  const { StackId = "" } = await stacks.send(new CreateStackCommand({ StackName, TemplateBody }));
  return described(StackId);
}

async function updated(StackName: string, template: object): Promise<Stack> {
  await stacks.send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
  return described(StackName);
}

async function deleted({ StackId = "" }: Stack): Promise<Stack> {
  await stacks.send(new DeleteStackCommand({ StackName: StackId }));
  return described(StackId);
}

const outputOf = ({ Outputs = [] }: Stack, name: string): string | undefined =>
  Outputs.find(({ OutputKey }) => OutputKey === name)?.OutputValue;

async function reasons(StackName: string): Promise<string> {
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.map(({ LogicalResourceId, ResourceStatus, ResourceStatusReason = "" }) =>
    [LogicalResourceId, ResourceStatus, ResourceStatusReason].join(" "),
  ).join("\n");
}

/** Answers as the CDK's libraries do: hostname and path of the URL, by HTTPS. Remembers what it was asked. */
const HANDLER = `
import https from "node:https";
const asked = [];
export const handler = async (event) => {
  if (event.asked) return asked.splice(0);
  const { RequestType, PhysicalResourceId = "first", ResourceProperties: given, OldResourceProperties: old } = event;
  asked.push([RequestType, PhysicalResourceId, given.Name ?? "", old?.Name ?? ""]);
  if (given.Silent === "true" && RequestType !== "Delete") return;
  const fails = given.Fails === RequestType;
  const body = JSON.stringify({
    Status: fails ? "FAILED" : "SUCCESS",
    Reason: "because",
    PhysicalResourceId: given.Name ?? PhysicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    Data: { Greeting: "hello " + given.Name, Count: given.Count },
  });
  const { hostname, pathname: path, search } = new URL(event.ResponseURL);
  await new Promise((resolve, reject) => {
    const options = { hostname, path: path + search, method: "PUT", headers: { "content-type": "", "content-length": body.length } };
    https.request(options, (response) => response.resume().on("end", resolve)).on("error", reject).end(body);
  });
};`;

const lambda = new LambdaClient(client);
const { FunctionArn: ServiceToken = "" } = await createFunction(client, HANDLER, {
  FunctionName: "provider",
  Role: await createRole(client, "provider"),
});

async function asked(): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "provider", Payload: '{"asked":true}' }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

const thing = (Properties: object): object => ({
  Resources: { Thing: { Type: "Custom::Thing", Properties: { ServiceToken, ...Properties } } },
  Outputs: { Greeting: { Value: { "Fn::GetAtt": "Thing.Greeting" } }, Id: { Value: { Ref: "Thing" } } },
});

test("a custom resource is what its function answers", async () => {
  const stack = await created("custom", thing({ Name: "ada", Count: 3 }));
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", await reasons("custom"));
  assert.equal(outputOf(stack, "Greeting"), "hello ada");
  assert.equal(outputOf(stack, "Id"), "ada");
  assert.deepEqual(await asked(), [["Create", "first", "ada", ""]]);

  // Another id means another resource: the old one is deleted once the stack is through.
  const other = await updated("custom", thing({ Name: "grace", Count: 3 }));
  assert.equal(other.StackStatus, "UPDATE_COMPLETE", await reasons("custom"));
  assert.equal(outputOf(other, "Id"), "grace");
  assert.deepEqual(await asked(), [
    ["Update", "ada", "grace", "ada"],
    ["Delete", "ada", "ada", ""],
  ]);

  assert.equal((await deleted(stack)).StackStatus, "DELETE_COMPLETE");
  assert.deepEqual(await asked(), [["Delete", "grace", "grace", ""]]);
});

test("a custom resource that fails takes its stack back, and is told to go", async () => {
  const stack = await created("failing", thing({ Name: "ada", Fails: "Create" }));
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
  assert.match(await reasons("failing"), /Thing CREATE_FAILED Received response status \[FAILED\].*because/);
  assert.deepEqual(await asked(), [
    ["Create", "first", "ada", ""],
    ["Delete", "ada", "ada", ""],
  ]);
});

test("an update that fails is taken back with the properties before", async () => {
  const stack = await created("back", thing({ Name: "ada" }));
  const after = await updated("back", thing({ Name: "grace", Fails: "Update" }));
  assert.equal(after.StackStatus, "UPDATE_ROLLBACK_COMPLETE", await reasons("back"));
  assert.equal(outputOf(after, "Id"), "ada");
  await deleted(stack);
  await asked();
});

test("a custom resource that nobody answers for fails by the clock", async () => {
  const stack = await created("silent", thing({ Silent: true, ServiceTimeout: 60 }));
  assert.equal(stack.StackStatus, "CREATE_IN_PROGRESS");
  await server.advance("PT59S");
  assert.equal((await described("silent")).StackStatus, "CREATE_IN_PROGRESS");
  await server.advance("PT2S");
  assert.equal((await described("silent")).StackStatus, "ROLLBACK_COMPLETE");
  assert.match(await reasons("silent"), /did not receive a response from your Custom Resource/);
  await asked();
});

test("a topic can stand for a custom resource's function", async () => {
  const sns = new SNSClient(client);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "provider" }));
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: "provider",
      Attributes: {
        Policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*" }],
        }),
      },
    }),
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: Attributes?.QueueArn,
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  const template = thing({ ServiceToken: TopicArn });
  assert.equal((await created("by-topic", template)).StackStatus, "CREATE_IN_PROGRESS");
  const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  const { ResponseURL, RequestType, ResourceType } = JSON.parse(message?.Body ?? "{}");
  assert.deepEqual([RequestType, ResourceType], ["Create", "Custom::Thing"]);
  const answer = { Status: "SUCCESS", PhysicalResourceId: "by-topic", Data: { Greeting: "hi" } };
  const put = (url: string): Promise<Response> => fetch(url, { method: "PUT", body: JSON.stringify(answer) });
  assert.equal((await put(`${ResponseURL}x`)).status, 403);
  assert.equal((await put(ResponseURL)).status, 200);
  assert.equal(outputOf(await described("by-topic"), "Greeting"), "hi");
});

test("what another resource waits for is given up when one fails", async () => {
  const template = {
    Resources: {
      Thing: { Type: "Custom::Thing", Properties: { ServiceToken, Silent: true } },
      Missing: { Type: "AWS::S3::BucketPolicy", Properties: { Bucket: "no-such-bucket", PolicyDocument: {} } },
    },
  };
  const stack = await created("given-up", template);
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE", await reasons("given-up"));
  assert.match(await reasons("given-up"), /Thing CREATE_FAILED Resource creation cancelled/);
});

test("a wait condition waits for as many signals as it counts", async () => {
  const template = (Count: number): object => ({
    Resources: {
      Handle: { Type: "AWS::CloudFormation::WaitConditionHandle" },
      Wait: {
        Type: "AWS::CloudFormation::WaitCondition",
        Properties: { Handle: { Ref: "Handle" }, Timeout: "60", Count },
      },
    },
    Outputs: { Data: { Value: { "Fn::GetAtt": ["Wait", "Data"] } } },
  });
  assert.equal((await created("waiting", template(2))).StackStatus, "CREATE_IN_PROGRESS");
  const { StackResourceDetail } = await stacks.send(
    new DescribeStackResourceCommand({ StackName: "waiting", LogicalResourceId: "Handle" }),
  );
  const signal = async (UniqueId: string, Status = "SUCCESS"): Promise<void> => {
    const body = JSON.stringify({ Status, UniqueId, Reason: "done", Data: `from ${UniqueId}` });
    await fetch(StackResourceDetail?.PhysicalResourceId ?? "", { method: "PUT", body });
  };
  await signal("a");
  await signal("a");
  assert.equal((await described("waiting")).StackStatus, "CREATE_IN_PROGRESS");
  await signal("b");
  const stack = await described("waiting");
  assert.equal(outputOf(stack, "Data"), '{"a":"from a","b":"from b"}');

  await created("waiting-in-vain", template(1));
  await server.advance("PT61S");
  assert.match(await reasons("waiting-in-vain"), /WaitCondition timed out. Received 0 conditions when expecting 1/);
});

test("a stack in a stack is made, changed and deleted with it", async () => {
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "templates" }));
  const put = (Key: string, template: object): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: "templates", Key, Body: JSON.stringify(template) }));
  const nested = (TemplateURL: string, more: object = {}): object => ({
    Type: "AWS::CloudFormation::Stack",
    Properties: { TemplateURL: `${server.url}/templates/${TemplateURL}`, ...more },
  });
  await put("inner.json", {
    Parameters: { Name: { Type: "String" } },
    Resources: { Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: { Ref: "Name" } } } },
    Outputs: { Url: { Value: { Ref: "Queue" } } },
  });
  await put("middle.json", {
    Parameters: { Name: { Type: "String" } },
    Resources: { Inner: nested("inner.json", { Parameters: { Name: { Ref: "Name" } } }) },
    Outputs: { Url: { Value: { "Fn::GetAtt": ["Inner", "Outputs.Url"] } } },
  });
  const outer = (Name: string, more: object = {}): object => ({
    Resources: { Middle: nested("middle.json", { Parameters: { Name } }), ...more },
    Outputs: { Url: { Value: { "Fn::GetAtt": "Middle.Outputs.Url" } }, Middle: { Value: { Ref: "Middle" } } },
  });
  const stack = await created("outer", outer("inner-1"));
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", await reasons("outer"));
  assert.match(outputOf(stack, "Url") ?? "", /inner-1$/);
  const middle = outputOf(stack, "Middle") ?? "";
  assert.equal((await described(middle)).ParentId, stack.StackId);
  const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({}));
  const inner = Stacks.find(({ ParentId }) => ParentId === middle);
  assert.equal(inner?.RootId, stack.StackId);

  const changed = await updated("outer", outer("inner-2"));
  assert.match(outputOf(changed, "Url") ?? "", /inner-2$/, await reasons("outer"));

  // What fails deep inside takes all of them back.
  const failed = await updated("outer", outer("not a name"));
  assert.equal(failed.StackStatus, "UPDATE_ROLLBACK_COMPLETE", await reasons("outer"));
  assert.match(await reasons("outer"), /Middle UPDATE_FAILED Embedded stack .* was not successfully updated/);
  assert.match(outputOf(failed, "Url") ?? "", /inner-2$/);

  assert.equal((await deleted(stack)).StackStatus, "DELETE_COMPLETE", await reasons(stack.StackId ?? ""));
  assert.equal((await described(middle)).StackStatus, "DELETE_COMPLETE");
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "inner-" }));
  assert.deepEqual(QueueUrls, []);

  const broken = await created("broken", outer("not a name"));
  assert.equal(broken.StackStatus, "ROLLBACK_COMPLETE");
  assert.match(await reasons("broken"), /Middle CREATE_FAILED Embedded stack .* was not successfully created/);
});
