/**
 * Errors that are the same for many operations of a service, of each of them, through the SDK: what is not there, belongs to another
 * account, or is named in two ways that disagree. What is wrong with one operation alone is with the service's own tests.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { structureNamed } from "../src/models/shapes.ts";
import { type BuiltOperation, builtOperations } from "./built-operations.ts";
import { type Input, validInput } from "./model-inputs.ts";
import { populate } from "./populated-account.ts";
import { Sdk } from "./sdk-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const known = await populate(server.url);
const sdk = new Sdk(server.client);
const others = new Sdk(server.clientOf("other"));

const NOBODY = "00000000-0000-4000-8000-000000000000";

const of = (model: string): readonly BuiltOperation[] => builtOperations.filter((built) => built.model.name === model);

const takes = ({ model, definition }: BuiltOperation, member: string): boolean =>
  definition.input !== undefined && structureNamed(model, definition.input).members[member] !== undefined;

/** What an operation requires, with good sense and naming what is there; further members are named. */
function input({ model, operation, definition }: BuiltOperation, changes: Input = {}): Input {
  const shape = structureNamed(model, definition.input ?? "");
  const [valid = {}] = fc.sample(validInput(model, definition.input ?? ""), { numRuns: 1, seed: 1 });
  const members = { ...valid, ...firsts(known[model.name] ?? {}), ...SENSIBLE[`${model.name} ${operation}`] };
  const required = Object.entries(members).filter(([member]) => shape.required?.includes(member));
  return { ...Object.fromEntries(required), ...SENSIBLE[`${model.name} ${operation}`], ...changes };
}

const firsts = (values: Readonly<Record<string, readonly unknown[]>>): Input =>
  Object.fromEntries(Object.entries(values).map(([member, [first]]) => [member, first]));

/** Where the model alone says too little. */
const SENSIBLE: Readonly<Record<string, Input>> = {
  "kinesis AddTagsToStream": { Tags: { a: "b" } },
  "kinesis TagResource": { Tags: { a: "b" } },
  "kinesis DeregisterStreamConsumer": { ConsumerName: "orders-reader" },
  "kinesis DescribeStreamConsumer": { ConsumerName: "orders-reader" },
  "kinesis GetShardIterator": { ShardIteratorType: "TRIM_HORIZON" },
  "kinesis PutRecord": { Data: Buffer.from("x"), PartitionKey: "key" },
  "kinesis PutRecords": { Records: [{ Data: Buffer.from("x"), PartitionKey: "key" }] },
  "kinesis PutResourcePolicy": {
    Policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "kinesis:DescribeStream", Resource: "*" }],
    }),
  },
  "kinesis StartStreamEncryption": { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
  "kinesis StopStreamEncryption": { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
  "sqs ChangeMessageVisibilityBatch": { Entries: [{ Id: "a", ReceiptHandle: "x", VisibilityTimeout: 1 }] },
  "sqs DeleteMessageBatch": { Entries: [{ Id: "a", ReceiptHandle: "x" }] },
  "sqs SendMessageBatch": { Entries: [{ Id: "a", MessageBody: "x" }] },
  "logs PutLogEvents": { logEvents: [{ timestamp: server.app.platform().clock.now(), message: "x" }] },
  "logs PutRetentionPolicy": { retentionInDays: 30 },
  "events PutRule": { EventPattern: '{"source":["shop"]}' },
  "events PutTargets": { Targets: [{ Id: "a", Arn: known.events?.TargetArn?.[0] }] },
  "connect UpdateInstanceAttribute": { AttributeType: "INBOUND_CALLS", Value: "true" },
  "connect CreateHoursOfOperation": {
    TimeZone: "UTC",
    Config: [{ Day: "MONDAY", StartTime: { Hours: 8, Minutes: 0 }, EndTime: { Hours: 17, Minutes: 0 } }],
  },
  "connect StartOutboundVoiceContact": { SourcePhoneNumber: "+12065550000" },
  "connect StartTaskContact": { ContactFlowId: known.connect?.ContactFlowId?.[0] },
  "connect CreateContact": { Channel: "TASK", InitiationMethod: "API", InitiateAs: "COMPLETED" },
  "connect UpdateContact": { Name: "x" },
};

/** One test of many operations: each refuses its input with the error, where it models that. */
function refused(
  title: string,
  operations: readonly BuiltOperation[],
  error: string,
  inputOf: (built: BuiltOperation) => Input,
  by: Sdk = sdk,
): void {
  test(`${title}: ${error}`, async (t) => {
    const modelled = operations.filter(({ definition }) => definition.errors?.includes(error));
    const answers = await Promise.all(
      modelled.map(async (built) => [
        built.operation,
        await by.refusal(built.model.name, built.operation, inputOf(built)),
      ]),
    );
    assert.ok(answers.length > 0);
    const others = answers.filter(([, name]) => name !== error);
    assert.deepEqual(others, []);
    t.diagnostic(answers.map(([operation]) => operation).join(" "));
  });
}

suite("kinesis", () => {
  const isCreation = ({ operation }: BuiltOperation): boolean => operation === "CreateStream";
  const byName = of("kinesis").filter((built) => takes(built, "StreamName") && !isCreation(built));
  // The stream of GetRecords is the iterator's.
  const byArn = (member: string) =>
    of("kinesis").filter((built) => takes(built, member) && built.operation !== "GetRecords");
  const missing = String(known.kinesis?.StreamARN?.[0]).replace("orders", "missing");
  const ConsumerARN = `${missing}/consumer/orders-reader:1`;

  refused("a stream that is not there", byName, "ResourceNotFoundException", (built) =>
    input(built, { StreamName: "missing" }),
  );
  refused("a stream's ARN that is not there", byArn("StreamARN"), "ResourceNotFoundException", (built) =>
    input(built, { StreamARN: missing }),
  );
  refused("a resource that is not there", byArn("ResourceARN"), "ResourceNotFoundException", (built) =>
    input(built, { ResourceARN: missing }),
  );
  refused("a consumer that is not there", byArn("ConsumerARN"), "ResourceNotFoundException", (built) =>
    input(built, { ConsumerARN }),
  );
  for (const member of ["StreamARN", "ResourceARN", "ConsumerARN"]) {
    refused(
      `another account's ${member}`,
      byArn(member),
      "AccessDeniedException",
      (built) => input(built, { [member]: known.kinesis?.[member]?.[0] }),
      others,
    );
  }
  refused("no stream at all", byName, "InvalidArgumentException", (built) => input(built));
  refused("a name and an ARN that disagree", byName, "InvalidArgumentException", (built) =>
    input(built, { StreamName: "other", StreamARN: known.kinesis?.StreamARN?.[0] }),
  );
  refused("a dry run that would succeed", byArn("DryRun"), "DryRunOperationException", (built) =>
    input(built, { StreamARN: known.kinesis?.StreamARN?.[0], DryRun: true }),
  );
});

suite("sqs", () => {
  const QueueUrl = `${server.url}/000000000000/missing`;
  const batches = of("sqs").filter((built) => takes(built, "Entries"));
  const entry = (Id: string): Input => ({ Id, MessageBody: "x", ReceiptHandle: "x", VisibilityTimeout: 1 });
  const entries =
    (...ids: string[]) =>
    (built: BuiltOperation) =>
      input(built, { Entries: ids.map(entry) });

  refused(
    "a queue that is not there",
    of("sqs").filter((built) => takes(built, "QueueUrl")),
    "QueueDoesNotExist",
    (built) => input(built, { QueueUrl }),
  );
  refused("no entry", batches, "EmptyBatchRequest", entries());
  refused("eleven entries", batches, "TooManyEntriesInBatchRequest", entries(..."abcdefghijk"));
  refused("two entries with one id", batches, "BatchEntryIdsNotDistinct", entries("a", "a"));
  refused("an id that is none", batches, "InvalidBatchEntryId", entries("a b"));
  refused(
    "a URL that is no queue's",
    of("sqs").filter((built) => takes(built, "QueueUrl")),
    "InvalidAddress",
    (built) => input(built, { QueueUrl: "nothing" }),
  );
});

suite("logs", () => {
  const grouped = of("logs").filter((built) => takes(built, "logGroupName") && built.operation !== "CreateLogGroup");
  const streams = of("logs").filter((built) => takes(built, "logStreamName") && built.operation !== "CreateLogStream");
  const resourceArn = String(known.logs?.resourceArn?.[0]).replace("orders", "missing");

  refused("a group that is not there", grouped, "ResourceNotFoundException", (built) =>
    input(built, { logGroupName: "missing" }),
  );
  refused("a stream that is not there", streams, "ResourceNotFoundException", (built) =>
    input(built, { logGroupName: "/orders", logStreamName: "missing" }),
  );
  refused(
    "a resource that is not there",
    of("logs").filter(({ operation }) => /Tag/.test(operation)),
    "ResourceNotFoundException",
    (built) => input(built, { resourceArn }),
  );
  refused(
    "a group's name that is none",
    of("logs").filter((built) => takes(built, "logGroupName")),
    "InvalidParameterException",
    (built) => input(built, { logGroupName: "no group" }),
  );
});

suite("events", () => {
  const onBus = of("events").filter((built) => takes(built, "EventBusName"));
  const onRule = of("events").filter(
    ({ operation }) =>
      /Rule$|Targets|TargetsByRule/.test(operation) && !/^(PutRule|DeleteRule|ListRule)/.test(operation),
  );
  const EventBusName = "missing";

  refused("a bus that is not there", onBus, "ResourceNotFoundException", (built) => input(built, { EventBusName }));
  refused("a rule that is not there", onRule, "ResourceNotFoundException", (built) =>
    input(built, { Name: "missing", Rule: "missing" }),
  );
  refused(
    "a resource that is not there",
    of("events").filter((built) => takes(built, "ResourceARN")),
    "ResourceNotFoundException",
    (built) => input(built, { ResourceARN: `${known.events?.ResourceARN?.[1]}-missing` }),
  );
});

suite("connect", () => {
  const inInstance = of("connect").filter((built) => takes(built, "InstanceId"));
  refused("an instance that is not there", inInstance, "ResourceNotFoundException", (built) =>
    input(built, { InstanceId: NOBODY }),
  );
  for (const member of ["HoursOfOperationId", "QueueId", "ContactFlowId", "ContactId", "InitialContactId"]) {
    // StopContact has an error of its own for that.
    const operations = inInstance.filter((built) => takes(built, member) && built.operation !== "StopContact");
    refused(`a ${member} that is nobody's`, operations, "ResourceNotFoundException", (built) =>
      input(built, { [member]: NOBODY }),
    );
  }
  const resourceArn = `${known.connect?.resourceArn?.[0]}/queue/${NOBODY}`;
  refused(
    "a resource that is not there",
    of("connect").filter((built) => takes(built, "resourceArn")),
    "ResourceNotFoundException",
    (built) => input(built, { resourceArn }),
  );
  refused("an instance id that is too long", inInstance, "InvalidParameterException", (built) =>
    input(built, { InstanceId: "x".repeat(251) }),
  );
});
