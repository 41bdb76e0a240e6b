/** Policies that ask for the tags of what a call is on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConnectClient,
  CreateInstanceCommand,
  DescribeInstanceCommand,
  TagResourceCommand,
} from "@aws-sdk/client-connect";
import { CreateStreamCommand, DescribeStreamSummaryCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateTopicCommand, GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient, UntagQueueCommand } from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { allow, as, createUser } from "./principals.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

test("a policy for what has a tag lets through what has it, as long as it has it", async () => {
  const { client } = server;
  const tags = { team: "calls" };
  await new KinesisClient(client).send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1, Tags: tags }));
  const queues = new SQSClient(client);
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: "q", tags }));
  const topics = new SNSClient(client);
  const Tags = [{ Key: "team", Value: "calls" }];
  const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: "t", Tags }));
  const other = await topics.send(new CreateTopicCommand({ Name: "other", Tags: [{ Key: "team", Value: "chats" }] }));
  const Role = await createRole(client, "fn");
  await createFunction(client, "export const handler = async () => 1", { FunctionName: "f", Role, Tags: tags });
  const instance = { IdentityManagementType: "CONNECT_MANAGED", InstanceAlias: "centre" } as const;
  const calls = { InboundCallsEnabled: true, OutboundCallsEnabled: true };
  const connect = new ConnectClient(client);
  const { Id: InstanceId, Arn } = await connect.send(new CreateInstanceCommand({ ...instance, ...calls }));
  await connect.send(new TagResourceCommand({ resourceArn: Arn, tags }));

  const tagged = { Condition: { StringEquals: { "aws:ResourceTag/team": "calls" } } };
  const keys = await createUser(client, "ann", allow("*", "*", tagged));
  const hers = as(client, keys);
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => "allowed",
      (error) => error.name as string,
    );
  const herQueues = new SQSClient(hers);
  const look = () => herQueues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  assert.deepEqual(
    {
      stream: await outcome(new KinesisClient(hers).send(new DescribeStreamSummaryCommand({ StreamName: "s" }))),
      queue: await outcome(look()),
      topic: await outcome(new SNSClient(hers).send(new GetTopicAttributesCommand({ TopicArn }))),
      function: await outcome(new LambdaClient(hers).send(new GetFunctionCommand({ FunctionName: "f" }))),
      instance: await outcome(new ConnectClient(hers).send(new DescribeInstanceCommand({ InstanceId }))),
    },
    { stream: "allowed", queue: "allowed", topic: "allowed", function: "allowed", instance: "allowed" },
  );
  const { TopicArn: theirs } = other;
  assert.match(
    await outcome(new SNSClient(hers).send(new GetTopicAttributesCommand({ TopicArn: theirs }))),
    /AuthorizationError/,
  );
  await queues.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["team"] }));
  assert.match(await outcome(look()), /AccessDenied/);
});
