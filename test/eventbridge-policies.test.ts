import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  CreateEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutPermissionCommand,
  type PutPermissionCommandInput,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const events = new EventBridgeClient(server.client);
const others = new EventBridgeClient(server.clientOf("other"));
const sqs = new SQSClient(server.client);
const othersSqs = new SQSClient(server.clientOf("other"));
const OTHER = "111122223333";

let count = 0;

/** A bus of ours with a rule for everything from shops, and the queue that it goes to. */
async function sharedBus(...permissions: readonly Partial<PutPermissionCommandInput>[]) {
  const name = `shared-${++count}`;
  await events.send(new CreateEventBusCommand({ Name: name }));
  const arn = `arn:aws:events:us-east-1:000000000000:event-bus/${name}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  await events.send(
    new PutRuleCommand({ Name: name, EventBusName: name, EventPattern: '{"source":[{"prefix":"shop"}]}' }),
  );
  const Targets = [{ Id: "queue", Arn: `arn:aws:sqs:us-east-1:000000000000:${name}` }];
  await events.send(new PutTargetsCommand({ Rule: name, EventBusName: name, Targets }));
  for (const permission of permissions) {
    await events.send(new PutPermissionCommand({ EventBusName: name, ...permission }));
  }
  const received = async (): Promise<readonly unknown[]> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body = "" }) => JSON.parse(Body)["detail-type"]);
  };
  return { name, arn, received };
}

const policy = (Resource: string, statement: object): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Sid: "let", Effect: "Allow", Principal: { AWS: OTHER }, Action: "events:PutEvents", Resource, ...statement },
    ],
  });

const entry = (EventBusName: string, Source: string, DetailType: string): PutEventsRequestEntry => ({
  EventBusName,
  Source,
  DetailType,
  Detail: "{}",
});

suite("policies of buses", () => {
  test("conditions on source and detail type let single entries in", async () => {
    const bus = await sharedBus();
    const Condition = { StringEquals: { "events:source": "shop", "events:detail-type": ["placed", "paid"] } };
    await events.send(new PutPermissionCommand({ EventBusName: bus.name, Policy: policy(bus.arn, { Condition }) }));
    const { FailedEntryCount, Entries = [] } = await others.send(
      new PutEventsCommand({
        Entries: [
          entry(bus.arn, "shop", "placed"),
          entry(bus.arn, "shop", "lost"),
          entry(bus.arn, "shop.other", "paid"),
          entry(bus.arn, "shop", "paid"),
        ],
      }),
    );
    assert.equal(FailedEntryCount, 2);
    assert.deepEqual(
      Entries.map(({ ErrorCode }) => ErrorCode),
      [undefined, "NotAuthorizedForDetailTypeException", "NotAuthorizedForSourceException", undefined],
    );
    await server.advance("PT0S");
    assert.deepEqual(await bus.received(), ["placed", "paid"]);
    const none = new PutEventsCommand({ Entries: [entry(bus.arn, "elsewhere", "placed")] });
    await assert.rejects(others.send(none), { name: "AccessDeniedException" });
  });

  test("a permission for an organisation is shown as it was given, and lets in nobody who is in none", async () => {
    const Condition = { Type: "StringEquals", Key: "aws:PrincipalOrgID", Value: "o-1234567890" };
    const permission = { StatementId: "org", Action: "events:PutEvents", Principal: "*", Condition };
    const bus = await sharedBus(permission);
    const { Policy = "" } = await events.send(new DescribeEventBusCommand({ Name: bus.name }));
    assert.deepEqual(JSON.parse(Policy).Statement, [
      {
        Sid: "org",
        Effect: "Allow",
        Principal: "*",
        Action: "events:PutEvents",
        Resource: bus.arn,
        Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1234567890" } },
      },
    ]);
    const put = new PutEventsCommand({ Entries: [entry(bus.arn, "shop", "placed")] });
    await assert.rejects(others.send(put), { name: "AccessDeniedException" });
  });

  /** A bus of the other account whose rule sends on to a bus of ours; answers what its dead letters say. */
  async function sendOn(to: string, more: Partial<Target>): Promise<readonly (string | undefined)[]> {
    const name = `sender-${++count}`;
    await others.send(new CreateEventBusCommand({ Name: name }));
    const { QueueUrl } = await othersSqs.send(new CreateQueueCommand({ QueueName: name }));
    await others.send(new PutRuleCommand({ Name: name, EventBusName: name, EventPattern: '{"source":["shop"]}' }));
    const DeadLetterConfig = { Arn: `arn:aws:sqs:us-east-1:${OTHER}:${name}` };
    const Targets = [{ Id: "bus", Arn: to, DeadLetterConfig, ...more }];
    await others.send(new PutTargetsCommand({ Rule: name, EventBusName: name, Targets }));
    await others.send(new PutEventsCommand({ Entries: [entry(name, "shop", "placed")] }));
    await server.advance("PT0S");
    const { Messages = [] } = await othersSqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"] }),
    );
    return Messages.map(({ MessageAttributes }) => MessageAttributes?.ERROR_CODE?.StringValue);
  }

  test("a rule that sends on to another account does so as its role, and is told from others by its ARN", async () => {
    const bus = await sharedBus();
    const role = `arn:aws:iam::${OTHER}:role/sender`;
    const admit = (statement: object) =>
      events.send(new PutPermissionCommand({ EventBusName: bus.name, Policy: policy(bus.arn, statement) }));
    await admit({ Principal: { AWS: role } });
    assert.deepEqual(await sendOn(bus.arn, { RoleArn: role }), []);
    assert.deepEqual(await sendOn(bus.arn, {}), ["CROSS_ACCOUNT_INGESTION_FAILED"]);
    const foreign = "arn:aws:iam::999988887777:role/sender";
    assert.deepEqual(await sendOn(bus.arn, { RoleArn: foreign }), ["FAILED_TO_ASSUME_ROLE"]);
    const ArnLike = { "aws:SourceArn": `arn:aws:events:us-east-1:${OTHER}:rule/*` };
    await admit({ Condition: { ArnLike } });
    assert.deepEqual(await sendOn(bus.arn, {}), []);
    await admit({ Condition: { ArnLike: { "aws:SourceArn": `arn:aws:events:us-east-1:${OTHER}:rule/no-such*` } } });
    assert.deepEqual(await sendOn(bus.arn, {}), ["CROSS_ACCOUNT_INGESTION_FAILED"]);
    assert.deepEqual(await bus.received(), ["placed", "placed"]);
  });

  test("a target that is not hosted here keeps all that is said about it, and its events are dead letters", async () => {
    const dead = await sharedBus();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
    const target: Target = {
      Id: "machine",
      Arn: "arn:aws:states:us-east-1:000000000000:stateMachine:orders",
      RoleArn: "arn:aws:iam::000000000000:role/any",
      BatchParameters: { JobDefinition: "d", JobName: "n", ArrayProperties: { Size: 2 } },
      DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" },
    };
    await events.send(new PutTargetsCommand({ Rule: dead.name, EventBusName: dead.name, Targets: [target] }));
    await events.send(new PutEventsCommand({ Entries: [entry(dead.name, "shop", "placed")] }));
    await server.advance("PT0S");
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"] }));
    const attributes = Messages[0]?.MessageAttributes ?? {};
    assert.equal(attributes.ERROR_CODE?.StringValue, "NO_RESOURCE");
    assert.match(attributes.ERROR_MESSAGE?.StringValue ?? "", /stateMachine:orders/);
  });
});
