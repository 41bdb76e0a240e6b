/**
 * Errors that are the same for many operations of a service, of each of them, through the SDK: what is not there, belongs to another
 * account, or is named in two ways that disagree. What is wrong with one operation alone is with the service's own tests.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { structureNamed } from "../src/models/shapes.ts";
import { type BuiltOperation, builtOperations } from "./built-operations.ts";
import type { Input } from "./model-inputs.ts";
import { populate } from "./populated-account.ts";
import { Sdk } from "./sdk-call.ts";
import { sensibleInput } from "./sensible-input.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const known = await populate(server.url);
const sdk = new Sdk(server.client);
const others = new Sdk(server.clientOf("other"));

const NOBODY = "00000000-0000-4000-8000-000000000000";

const of = (model: string): readonly BuiltOperation[] => builtOperations.filter((built) => built.model.name === model);

const takes = ({ model, definition }: BuiltOperation, member: string): boolean =>
  definition.input !== undefined && structureNamed(model, definition.input).members[member] !== undefined;

const input = (built: BuiltOperation, changes?: Input): Input => sensibleInput(built, known, changes);

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
    t.diagnostic(`${answers.length} operations`);
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
    of("logs").filter((built) => /Tag/.test(built.operation) && takes(built, "resourceArn")),
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

  const ofConnections = of("events").filter(({ operation }) => /Connection$|ApiDestination$/.test(operation));
  refused(
    "a connection or an API destination that is not there",
    ofConnections.filter(({ operation }) => operation !== "CreateConnection"),
    "ResourceNotFoundException",
    (built) =>
      input(built, {
        Name: "missing",
        ConnectionArn: `arn:aws:events:us-east-1:000000000000:connection/missing/${NOBODY}`,
      }),
  );
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

suite("sns", () => {
  const missing = `${known.sns?.TopicArn?.[0]}-missing`;
  refused(
    "a topic that is not there",
    // What is not there is deleted already.
    of("sns").filter((built) => takes(built, "TopicArn") && built.operation !== "DeleteTopic"),
    "NotFoundException",
    (built) => input(built, { TopicArn: missing, Token: "0".repeat(64) }),
  );
  refused(
    "another account's topic",
    of("sns").filter((built) => takes(built, "TopicArn") && !/^(ConfirmSubscription|Publish)$/.test(built.operation)),
    "AuthorizationErrorException",
    (built) => input(built),
    others,
  );
  refused(
    "a subscription that is not there",
    of("sns").filter(({ operation }) => /SubscriptionAttributes$/.test(operation)),
    "NotFoundException",
    (built) => input(built, { SubscriptionArn: `${missing}:${NOBODY}` }),
  );
  refused(
    "a resource that is not there",
    of("sns").filter((built) => takes(built, "ResourceArn")),
    "ResourceNotFoundException",
    (built) => input(built, { ResourceArn: missing }),
  );
});

suite("connect", () => {
  const inInstance = of("connect").filter((built) => takes(built, "InstanceId"));
  refused("an instance that is not there", inInstance, "ResourceNotFoundException", (built) =>
    input(built, { InstanceId: NOBODY }),
  );
  for (const member of [
    "HoursOfOperationId",
    "QueueId",
    "ContactFlowId",
    "ContactFlowModuleId",
    "ContactId",
    "InitialContactId",
    "RuleId",
  ]) {
    // StopContact has an error of its own for that.
    const operations = inInstance.filter((built) => takes(built, member) && built.operation !== "StopContact");
    refused(`${member} of what is nobody's`, operations, "ResourceNotFoundException", (built) =>
      input(built, { [member]: NOBODY }),
    );
  }
  refused(
    "a phone number that is nobody's",
    of("connect").filter((built) => takes(built, "PhoneNumberId")),
    "ResourceNotFoundException",
    (built) => input(built, { PhoneNumberId: NOBODY }),
  );
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

suite("customer-profiles", () => {
  // The client that can be had is older than some operations.
  const built = of("customer-profiles").filter(({ operation }) => sdk.has("customer-profiles", operation));
  const inDomain = built.filter((one) => takes(one, "DomainName") && one.operation !== "CreateDomain");
  const named = (member: string, besides: RegExp = /^Create|^Put/): readonly BuiltOperation[] =>
    inDomain.filter((one) => takes(one, member) && !besides.test(one.operation));
  const id = "0".repeat(32);

  refused("a domain that is not there", inDomain, "ResourceNotFoundException", (one) =>
    input(one, { DomainName: "missing" }),
  );
  // Where a stream or a role is named too, it is another account's as well.
  const alone = inDomain.filter((one) => !takes(one, "Uri") && !takes(one, "RoleArn"));
  refused("another account's domain", alone, "ResourceNotFoundException", (one) => input(one), others);
  refused(
    "a profile that is not there",
    named("ProfileId", /History|^List(Calculated|Segment)/),
    "ResourceNotFoundException",
    (one) => input(one, { ProfileId: id }),
  );
  refused("a token that is none", named("NextToken"), "BadRequestException", (one) =>
    input(one, { NextToken: "none" }),
  );
  const names = [
    "EventTriggerName",
    "SegmentDefinitionName",
    "CalculatedAttributeName",
    "EstimateId",
    "SnapshotId",
    "WorkflowId",
  ];
  for (const member of names) {
    const operations = named(member, /^Create(?!SegmentSnapshot)|^Delete(Segment|Calculated)/);
    refused(`${member} of what is not there`, operations, "ResourceNotFoundException", (one) =>
      input(one, { [member]: member.endsWith("Id") ? id : "missing" }),
    );
  }
  refused(
    "a resource that is not there",
    built.filter((one) => takes(one, "resourceArn")),
    "ResourceNotFoundException",
    (one) => input(one, { resourceArn: "arn:aws:profile:us-east-1:000000000000:domains/missing" }),
  );
});

suite("connectcampaignsv2", () => {
  const one = of("connectcampaignsv2").filter((built) => takes(built, "id"));
  refused("a campaign that is not there", one, "ResourceNotFoundException", (built) => input(built, { id: NOBODY }));
  refused("another account's campaign", one, "ResourceNotFoundException", (built) => input(built), others);
});

suite("connectcases", () => {
  const inDomain = of("connectcases").filter((built) => takes(built, "domainId"));
  const named = (member: string, besides: RegExp = /^$/): readonly BuiltOperation[] =>
    inDomain.filter((one) => takes(one, member) && !besides.test(one.operation));

  refused("a domain that is not there", inDomain, "ResourceNotFoundException", (one) =>
    input(one, { domainId: NOBODY }),
  );
  refused("another account's domain", inDomain, "ResourceNotFoundException", (one) => input(one), others);
  for (const member of ["fieldId", "templateId", "layoutId", "caseRuleId", "caseId", "relatedItemId"]) {
    refused(`${member} of what is not there`, named(member), "ResourceNotFoundException", (one) =>
      input(one, { [member]: NOBODY }),
    );
  }
  refused("a token that is none", named("nextToken", /^GetCase$/), "ValidationException", (one) =>
    input(one, { nextToken: "none" }),
  );
  refused("an id that is too long", inDomain, "ValidationException", (one) =>
    input(one, { domainId: "x".repeat(501) }),
  );
  refused(
    "a resource that is not there",
    of("connectcases").filter((one) => takes(one, "arn")),
    "ResourceNotFoundException",
    (one) => input(one, { arn: `${known.connectcases?.arn?.[0]}/field/${NOBODY}` }),
  );
});
