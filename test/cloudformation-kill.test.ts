/**
 * Kills the server (SIGKILL) in the middle of stacks that are made, changed and deleted: whoever starts next goes on, and in the end each
 * resource is there once, or none.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SeededIds } from "../src/time/ids.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const KILLS = FULL ? 20 : 2;
const ROUNDS = 12;

/** Queues, topics and streams, each row of which waits for the one before: so a stack takes many steps. */
function template(delaySeconds: number): string {
  const resources = Array.from({ length: ROUNDS }, (_, row) => {
    const after = row === 0 ? {} : { DependsOn: `Queue${row - 1}` };
    return {
      [`Queue${row}`]: { Type: "AWS::SQS::Queue", ...after, Properties: { DelaySeconds: delaySeconds } },
      [`Topic${row}`]: { Type: "AWS::SNS::Topic", ...after, Properties: { DisplayName: `row ${delaySeconds}` } },
      [`Stream${row}`]: { Type: "AWS::Kinesis::Stream", ...after, Properties: { ShardCount: 1 } },
    };
  });
  return JSON.stringify({ Resources: Object.assign({}, ...resources) });
}

test("stacks go on where they were, whenever the server is killed", async () => {
  const ids = new SeededIds("stacks");
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const client = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 5,
  };
  const stacks = new CloudFormationClient(client);

  const events = async (StackName: string): Promise<number> => {
    const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName }));
    return StackEvents.length;
  };
  const status = async (StackName: string): Promise<string> => {
    const { Stacks: [stack] = [] } = await stacks.send(new DescribeStacksCommand({ StackName }));
    return String(stack?.StackStatus);
  };
  /** Kills the server some times while a stack is being worked on, and waits for its end. */
  const killed = async (StackName: string): Promise<string> => {
    for (let kill = 0; kill < KILLS; kill++) {
      const wanted = (await events(StackName)) + Math.floor(ids.random() * 12);
      while ((await status(StackName)).endsWith("_IN_PROGRESS") && (await events(StackName)) < Math.min(wanted, 99));
      server.child.kill("SIGKILL");
      await once(server.child, "exit");
      server = await spawnTrunkline(folder, "--port", new URL(url).port);
    }
    while ((await status(StackName)).endsWith("_IN_PROGRESS"));
    return status(StackName);
  };
  const counts = async (): Promise<number[]> => {
    const { QueueUrls = [] } = await new SQSClient(client).send(new ListQueuesCommand({}));
    const { Topics = [] } = await new SNSClient(client).send(new ListTopicsCommand({}));
    const { StreamNames = [] } = await new KinesisClient(client).send(new ListStreamsCommand({}));
    return [QueueUrls.length, Topics.length, StreamNames.length];
  };

  const { StackId = "" } = await stacks.send(
    new CreateStackCommand({ StackName: "killed", TemplateBody: template(1) }),
  );
  assert.equal(await killed(StackId), "CREATE_COMPLETE");
  assert.deepEqual(await counts(), [ROUNDS, ROUNDS, ROUNDS], "each is there once");

  await stacks.send(new UpdateStackCommand({ StackName: "killed", TemplateBody: template(2) }));
  assert.equal(await killed(StackId), "UPDATE_COMPLETE");
  assert.deepEqual(await counts(), [ROUNDS, ROUNDS, ROUNDS]);

  await stacks.send(new DeleteStackCommand({ StackName: "killed" }));
  assert.equal(await killed(StackId), "DELETE_COMPLETE");
  assert.deepEqual(await counts(), [0, 0, 0], "and none is left");
});
