import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteResourcePolicyCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeResourcePoliciesCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type InputLogEvent,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  paginateFilterLogEvents,
  paginateGetLogEvents,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const logs = new CloudWatchLogsClient(server.client);
const others = new CloudWatchLogsClient(server.clientOf("other"));

const NO_GROUP = { name: "ResourceNotFoundException", message: "The specified log group does not exist." };
const startMs = server.app.platform().clock.now();
let count = 0;

async function group(): Promise<{ logGroupName: string; arn: string }> {
  const logGroupName = `/aws/events/group-${++count}`;
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  return { logGroupName, arn: `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}` };
}

async function stream(): Promise<{ logGroupName: string; logStreamName: string }> {
  const names = { logGroupName: (await group()).logGroupName, logStreamName: "stream" };
  await logs.send(new CreateLogStreamCommand(names));
  return names;
}

function numbered(total: number): InputLogEvent[] {
  return Array.from({ length: total }, (_, index) => ({ timestamp: startMs + index, message: `event ${index}` }));
}

suite("groups and streams", () => {
  test("a group is created, described, tagged, given a retention and deleted", async () => {
    const { logGroupName, arn } = await group();
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 14 }));
    const described = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    assert.deepEqual(described.logGroups, [
      {
        logGroupName,
        creationTime: described.logGroups?.[0]?.creationTime,
        retentionInDays: 14,
        metricFilterCount: 0,
        arn: `${arn}:*`,
        logGroupArn: arn,
        storedBytes: 0,
        logGroupClass: "STANDARD",
        deletionProtectionEnabled: false,
      },
    ]);
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));

    await logs.send(new TagResourceCommand({ resourceArn: arn, tags: { team: "a", stage: "test" } }));
    await logs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ["stage"] }));
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    assert.deepEqual(tags, { team: "a" });

    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    await assert.rejects(logs.send(new DeleteLogGroupCommand({ logGroupName })), NO_GROUP);
  });

  test("a stream is created, described and deleted", async () => {
    const names = await stream();
    await logs.send(new PutLogEventsCommand({ ...names, logEvents: numbered(3) }));
    const { logStreams } = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName: names.logGroupName, orderBy: "LastEventTime", descending: true }),
    );
    const [described] = logStreams ?? [];
    assert.deepEqual(
      [described?.logStreamName, described?.firstEventTimestamp, described?.lastEventTimestamp],
      ["stream", startMs, startMs + 2],
    );
    await logs.send(new DeleteLogStreamCommand(names));
    await assert.rejects(logs.send(new GetLogEventsCommand(names)), {
      name: "ResourceNotFoundException",
      message: "The specified log stream does not exist.",
    });
  });

  test("resource policies are kept for those who ask", async () => {
    const policyDocument = '{"Version":"2012-10-17","Statement":[]}';
    await logs.send(new PutResourcePolicyCommand({ policyName: "events", policyDocument }));
    const { resourcePolicies } = await logs.send(new DescribeResourcePoliciesCommand({}));
    assert.deepEqual(
      resourcePolicies?.map((policy) => [policy.policyName, policy.policyDocument]),
      [["events", policyDocument]],
    );
    await logs.send(new DeleteResourcePolicyCommand({ policyName: "events" }));
    await assert.rejects(logs.send(new DeleteResourcePolicyCommand({ policyName: "events" })), {
      name: "ResourceNotFoundException",
      message: "Policy with name [events] does not exist.",
    });
  });

  test("another account finds no group, by name or by ARN", async () => {
    const { logGroupName, arn } = await group();
    assert.deepEqual((await others.send(new DescribeLogGroupsCommand({}))).logGroups, []);
    await assert.rejects(others.send(new DeleteLogGroupCommand({ logGroupName })), NO_GROUP);
    await assert.rejects(others.send(new FilterLogEventsCommand({ logGroupIdentifier: arn })), NO_GROUP);
    await assert.rejects(others.send(new TagResourceCommand({ resourceArn: arn, tags: { a: "b" } })), NO_GROUP);
  });
});

suite("events", () => {
  test("the SDK's pagers read every event once", async () => {
    const names = await stream();
    const logEvents = numbered(250);
    const { nextSequenceToken } = await logs.send(new PutLogEventsCommand({ ...names, logEvents }));
    assert.match(nextSequenceToken ?? "", /^\d{56}$/);

    const read: (string | undefined)[] = [];
    // GetLogEvents gives the same token again at the end.
    const pager = { client: logs, pageSize: 40, stopOnSameToken: true };
    for await (const { events = [] } of paginateGetLogEvents(pager, { ...names, startFromHead: true })) {
      read.push(...events.map((event) => event.message));
    }
    assert.deepEqual(
      read,
      logEvents.map((event) => event.message),
    );

    const filtered: (string | undefined)[] = [];
    const filter = { logGroupName: names.logGroupName, filterPattern: '"event 2" -20' };
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs, pageSize: 7 }, filter)) {
      filtered.push(...events.map((event) => event.message));
    }
    const matching = (message = ""): boolean => message.includes("event 2") && !message.includes("20");
    assert.deepEqual(filtered, read.filter(matching));
  });

  test("a retention hides old events at once", async () => {
    const names = await stream();
    const fortnight = 13 * 86_400_000;
    const now = server.app.platform().clock.now();
    await logs.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp: now - fortnight, message: "old" }] }));
    await logs.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp: now, message: "new" }] }));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: names.logGroupName, retentionInDays: 7 }));
    const { events = [] } = await logs.send(new GetLogEventsCommand(names));
    assert.deepEqual(
      events.map((event) => event.message),
      ["new"],
    );
    await server.advance("P7D");
    assert.deepEqual((await logs.send(new GetLogEventsCommand(names))).events, []);
  });

  test("each error has its modelled name", async () => {
    const names = await stream();
    const { logGroupName } = names;
    const now = server.app.platform().clock.now();
    const event = { timestamp: now, message: "x" };
    const invalid = "InvalidParameterException";
    const refused: [name: string, message: string | RegExp, () => Promise<unknown>][] = [
      [
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
        () => logs.send(new CreateLogGroupCommand({ logGroupName })),
      ],
      [
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
        () => logs.send(new CreateLogStreamCommand(names)),
      ],
      [
        invalid,
        "Log events in a single PutLogEvents request must be in chronological order.",
        () => logs.send(new PutLogEventsCommand({ ...names, logEvents: [event, { ...event, timestamp: now - 1 }] })),
      ],
      [
        invalid,
        "The specified nextToken is invalid.",
        () => logs.send(new GetLogEventsCommand({ ...names, nextToken: "x" })),
      ],
      [
        invalid,
        "The specified nextToken is invalid.",
        () => logs.send(new FilterLogEventsCommand({ logGroupName, nextToken: "x" })),
      ],
      [
        invalid,
        "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
        () => logs.send(new GetLogEventsCommand({ ...names, limit: 10_001 })),
      ],
      [invalid, /pattern/, () => logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: "{ $.a = " }))],
      [
        invalid,
        /'2' at 'retentionInDays'/,
        () => logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 2 })),
      ],
      [
        "ValidationException",
        "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
        () => logs.send(new DescribeLogStreamsCommand({ logGroupName, logGroupIdentifier: logGroupName })),
      ],
    ];
    for (const [name, message, call] of refused) await assert.rejects(call(), { name, message });

    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, "x"]));
    const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
    await logs.send(new TagResourceCommand({ resourceArn, tags }));
    await assert.rejects(logs.send(new TagResourceCommand({ resourceArn, tags: { one: "more" } })), {
      name: "TooManyTagsException",
      resourceName: resourceArn,
    });
  });

  test("with enforced limits an account has ten resource policies", async () => {
    const enforcing = await startTrunkline("--enforce-limits");
    const client = new CloudWatchLogsClient(enforcing.client);
    const put = (policyName: string): Promise<unknown> =>
      client.send(new PutResourcePolicyCommand({ policyName, policyDocument: "{}" }));
    for (let index = 0; index < 10; index++) await put(`policy-${index}`);
    await assert.rejects(put("policy-10"), { name: "LimitExceededException", message: "Resource limit exceeded." });
  });
});
