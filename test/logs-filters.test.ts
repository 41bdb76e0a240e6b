import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  type CreateLogGroupCommandInput,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DeleteSubscriptionFilterCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  DescribeSubscriptionFiltersCommand,
  DisassociateKmsKeyCommand,
  FilterLogEventsCommand,
  ListLogGroupsCommand,
  ListTagsLogGroupCommand,
  PutLogEventsCommand,
  PutLogGroupDeletionProtectionCommand,
  PutMetricFilterCommand,
  PutSubscriptionFilterCommand,
  type PutSubscriptionFilterCommandInput,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
  TagLogGroupCommand,
  TestMetricFilterCommand,
  UntagLogGroupCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from "@aws-sdk/client-kinesis";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
// The real service has a host of its own for live tails; here there is one for all.
const logs = new CloudWatchLogsClient({ ...server.client, disableHostPrefix: true });
const kinesis = new KinesisClient(server.client);
const ROLE = "arn:aws:iam::000000000000:role/logs";

let count = 0;

async function group(more: Partial<CreateLogGroupCommandInput> = {}): Promise<string> {
  const logGroupName = `/filters/group-${++count}`;
  await logs.send(new CreateLogGroupCommand({ logGroupName, ...more }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "stream" }));
  return logGroupName;
}

async function write(logGroupName: string, ...messages: readonly string[]): Promise<void> {
  const timestamp = server.app.platform().clock.now();
  const logEvents = messages.map((message) => ({ timestamp, message }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: "stream", logEvents }));
  await server.advance("PT0S");
}

async function streamOf(name: string): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
  return `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
}

interface Packed {
  readonly messageType: string;
  readonly logEvents: readonly { readonly id: string; readonly timestamp: number; readonly message: string }[];
  readonly [member: string]: unknown;
}

async function recordsOf(StreamName: string): Promise<readonly { readonly key: string; readonly text: Packed }[]> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId: "shardId-000000000000",
      ShardIteratorType: "TRIM_HORIZON",
    }),
  );
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ PartitionKey: key = "", Data = new Uint8Array() }) => ({
    key,
    text: JSON.parse(gunzipSync(Data).toString()),
  }));
}

suite("filter patterns", () => {
  test("events are filtered by patterns over text, JSON and columns", async () => {
    const logGroupName = await group();
    const json = '{"level":"error","status":503}';
    await write(logGroupName, json, '{"level":"info","status":200}', "GET /index 404 12", "user 42 left");
    const filtered = async (filterPattern: string): Promise<readonly unknown[]> => {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }));
      return events.map(({ message }) => message);
    };
    assert.deepEqual(await filtered("{ $.level = err* && $.status >= 500 }"), [json]);
    assert.deepEqual(await filtered("[method, path, status = 4*, bytes > 10]"), ["GET /index 404 12"]);
    assert.deepEqual(await filtered("%user [0-9]+ %"), ["user 42 left"]);
    await assert.rejects(filtered("{ $.level = }"), { name: "InvalidParameterException" });
  });

  test("a pattern is tried on messages, and what it names is taken out of them", async () => {
    const { matches } = await logs.send(
      new TestMetricFilterCommand({
        filterPattern: "[ip, status = 4*, bytes]",
        logEventMessages: ["127.0.0.1 200 7", "127.0.0.2 404 9"],
      }),
    );
    assert.deepEqual(matches, [
      {
        eventNumber: 2,
        eventMessage: "127.0.0.2 404 9",
        extractedValues: { $ip: "127.0.0.2", $status: "404", $bytes: "9" },
      },
    ]);
    const bad = new TestMetricFilterCommand({ filterPattern: "[", logEventMessages: ["x"] });
    await assert.rejects(logs.send(bad), { name: "InvalidParameterException" });
  });
});

suite("metric filters", () => {
  const metricTransformations = [{ metricName: "bytes", metricNamespace: "web", metricValue: "$.bytes" }];

  test("what a filter adds up is among the metrics", async () => {
    const logGroupName = await group();
    const filter = { logGroupName, filterName: "bytes", filterPattern: "{ $.bytes > 10 }", metricTransformations };
    await logs.send(new PutMetricFilterCommand(filter));
    await write(logGroupName, '{"bytes":11}', '{"bytes":5}', '{"bytes":31}');
    const sketch = { service: "trunkline", method: "GET", path: "/_trunkline/metrics" };
    const { body } = await sendSigned(server.url, sketch);
    const line = String(body)
      .split("\n")
      .find((each) => each.startsWith("trunkline_log_metric_total{") && each.includes('namespace="web"'));
    assert.match(line ?? "", /metric="bytes".*\} 42$/);
  });

  test("filters are put, described by group, prefix or metric, and deleted", async () => {
    const logGroupName = await group();
    const put = (filterName: string, metricName: string) =>
      logs.send(
        new PutMetricFilterCommand({
          logGroupName,
          filterName,
          filterPattern: "",
          metricTransformations: [{ metricName, metricNamespace: "ns", metricValue: "1", defaultValue: 0 }],
        }),
      );
    await put("b-two", "m2");
    await put("a-one", "m1");
    await put("a-one", "m1");
    const describe = async (input: object): Promise<readonly unknown[]> => {
      const { metricFilters = [] } = await logs.send(new DescribeMetricFiltersCommand(input));
      return metricFilters.map(({ filterName }) => filterName);
    };
    assert.deepEqual(await describe({ logGroupName }), ["a-one", "b-two"]);
    assert.deepEqual(await describe({ logGroupName, filterNamePrefix: "b" }), ["b-two"]);
    assert.deepEqual(await describe({ metricName: "m1", metricNamespace: "ns" }), ["a-one"]);
    const { metricFilters, nextToken } = await logs.send(new DescribeMetricFiltersCommand({ logGroupName, limit: 1 }));
    assert.deepEqual(metricFilters, [
      {
        filterName: "a-one",
        logGroupName,
        filterPattern: "",
        metricTransformations: [{ metricName: "m1", metricNamespace: "ns", metricValue: "1", defaultValue: 0 }],
        creationTime: server.app.platform().clock.now(),
      },
    ]);
    assert.deepEqual(await describe({ logGroupName, limit: 1, nextToken }), ["b-two"]);
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    assert.equal(logGroups?.[0]?.metricFilterCount, 2);

    await logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName: "a-one" }));
    const again = logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName: "a-one" }));
    await assert.rejects(again, { name: "ResourceNotFoundException" });
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    assert.deepEqual(await describe({ logGroupName }), []);
  });

  test("what is no metric, or no group for it, is refused", async () => {
    const logGroupName = await group();
    const filter = { logGroupName, filterName: "f", filterPattern: "", metricTransformations };
    const [transformation = { metricName: "m", metricNamespace: "n", metricValue: "1" }] = metricTransformations;
    const bad: readonly object[] = [
      { filterPattern: "[" },
      { metricTransformations: [{ ...transformation, metricValue: "much" }] },
      { metricTransformations: [{ ...transformation, defaultValue: 0, dimensions: { a: "$.a" } }] },
      { metricTransformations: [{ ...transformation, dimensions: { a: "1", b: "2", c: "3", d: "4" } }] },
    ];
    for (const more of bad) {
      const put = logs.send(new PutMetricFilterCommand({ ...filter, ...more }));
      await assert.rejects(put, { name: "InvalidParameterException" }, JSON.stringify(more));
    }
    const rare = await group({ logGroupClass: "INFREQUENT_ACCESS" });
    const put = logs.send(new PutMetricFilterCommand({ ...filter, logGroupName: rare }));
    await assert.rejects(put, { name: "InvalidOperationException" });
    const halfNamed = logs.send(new DescribeMetricFiltersCommand({ metricName: "m" }));
    await assert.rejects(halfNamed, { name: "InvalidParameterException" });
  });
});

suite("subscription filters", () => {
  const filterOf = (logGroupName: string, destinationArn: string): PutSubscriptionFilterCommandInput => ({
    logGroupName,
    filterName: "errors",
    filterPattern: "ERROR",
    destinationArn,
    roleArn: ROLE,
  });

  test("events that match go to a stream, compressed, one record a batch, by stream of the group", async () => {
    const logGroupName = await group();
    await logs.send(new PutSubscriptionFilterCommand(filterOf(logGroupName, await streamOf("by-stream"))));
    await write(logGroupName, "ERROR one", "fine", "ERROR two");
    await write(logGroupName, "fine");
    const [control, data, ...none] = await recordsOf("by-stream");
    assert.deepEqual(none, []);
    assert.equal(control?.text.messageType, "CONTROL_MESSAGE");
    assert.equal(data?.key, "stream");
    const { logEvents, ...envelope } = data?.text ?? {};
    assert.deepEqual(envelope, {
      messageType: "DATA_MESSAGE",
      owner: "000000000000",
      logGroup: logGroupName,
      logStream: "stream",
      subscriptionFilters: ["errors"],
    });
    assert.deepEqual(
      logEvents?.map(({ message }) => message),
      ["ERROR one", "ERROR two"],
    );
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: "ERROR" }));
    assert.deepEqual(
      logEvents?.map(({ id }) => id),
      events.map(({ eventId }) => eventId),
    );
  });

  test("distributed at random, each record has a key of its own", async () => {
    const logGroupName = await group();
    const filter = { ...filterOf(logGroupName, await streamOf("random")), distribution: "Random" as const };
    await logs.send(new PutSubscriptionFilterCommand(filter));
    for (let batch = 0; batch < 3; batch++) await write(logGroupName, "ERROR");
    const keys = (await recordsOf("random")).slice(1).map(({ key }) => key);
    assert.equal(new Set(keys).size, 3);
  });

  test("filters are described, replaced and deleted; a group has two", async () => {
    const logGroupName = await group();
    const filter = filterOf(logGroupName, await streamOf("described"));
    await logs.send(new PutSubscriptionFilterCommand(filter));
    await logs.send(new PutSubscriptionFilterCommand({ ...filter, filterPattern: "", applyOnTransformedLogs: false }));
    await logs.send(new PutSubscriptionFilterCommand({ ...filter, filterName: "all" }));
    const third = logs.send(new PutSubscriptionFilterCommand({ ...filter, filterName: "third" }));
    await assert.rejects(third, { name: "LimitExceededException" });
    const describe = async (input: object) =>
      (await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName, ...input }))).subscriptionFilters;
    assert.deepEqual(await describe({ filterNamePrefix: "e" }), [
      {
        ...filter,
        filterPattern: "",
        distribution: "ByLogStream",
        applyOnTransformedLogs: false,
        creationTime: server.app.platform().clock.now(),
      },
    ]);
    assert.equal((await describe({}))?.length, 2);
    await logs.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName: "all" }));
    const again = logs.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName: "all" }));
    await assert.rejects(again, { name: "ResourceNotFoundException" });
  });

  test("a destination that nothing can be sent to is refused", async () => {
    const logGroupName = await group();
    const arn = await streamOf("there");
    const cases: readonly [Partial<PutSubscriptionFilterCommandInput>, RegExp][] = [
      [{ destinationArn: "arn:aws:kinesis:us-east-1:000000000000:stream/nowhere" }, /Could not deliver test message/],
      [{ destinationArn: arn, roleArn: undefined }, /vendor kinesis cannot be used without roleArn/],
      [
        { destinationArn: "arn:aws:lambda:us-east-1:000000000000:function:f" },
        /vendor lambda cannot be used with roleArn/,
      ],
      [{ destinationArn: "arn:aws:logs:us-east-1:000000000000:destination:d" }, /destinations of other accounts/],
      [{ destinationArn: arn, filterPattern: "{" }, /Invalid filter pattern/],
    ];
    for (const [more, message] of cases) {
      const put = new PutSubscriptionFilterCommand({ ...filterOf(logGroupName, arn), ...more });
      await assert.rejects(logs.send(put), { name: "InvalidParameterException", message });
    }
    assert.equal((await recordsOf("there")).length, 0, "a filter that is refused has sent nothing");
  });

  test("events are stored though the destination is gone", async () => {
    const logGroupName = await group();
    await logs.send(new PutSubscriptionFilterCommand(filterOf(logGroupName, await streamOf("short-lived"))));
    await kinesis.send(new DeleteStreamCommand({ StreamName: "short-lived" }));
    await write(logGroupName, "ERROR");
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    assert.equal(events?.length, 1);
  });
});

suite("live tail", () => {
  async function open(input: object): Promise<AsyncIterator<StartLiveTailResponseStream>> {
    const start = new StartLiveTailCommand({ logGroupIdentifiers: [], ...input });
    const { responseStream } = await logs.send(start);
    assert.ok(responseStream);
    return responseStream[Symbol.asyncIterator]();
  }

  async function nextMessages(session: AsyncIterator<StartLiveTailResponseStream>): Promise<readonly unknown[]> {
    for (;;) {
      const { value } = await session.next();
      const results = (value as StartLiveTailResponseStream).sessionUpdate?.sessionResults ?? [];
      if (results.length > 0) return results.map(({ message }) => message);
    }
  }

  test("what is stored and matches is pushed", async () => {
    const logGroupName = await group();
    const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
    await write(logGroupName, "ERROR before");
    const session = await open({ logGroupIdentifiers: [arn], logEventFilterPattern: "ERROR" });
    const { value } = await session.next();
    assert.deepEqual((value as StartLiveTailResponseStream).sessionStart?.logGroupIdentifiers, [arn]);
    await write(await group(), "ERROR elsewhere");
    await write(logGroupName, "fine", "ERROR now");
    assert.deepEqual(await nextMessages(session), ["ERROR now"]);
    await session.return?.();
  });

  test("only some streams are followed where they are named", async () => {
    const logGroupName = await group();
    const session = await open({ logGroupIdentifiers: [logGroupName], logStreamNamePrefixes: ["str"] });
    await session.next();
    await write(logGroupName, "one");
    assert.deepEqual(await nextMessages(session), ["one"]);
    await session.return?.();
  });

  test("what cannot be followed is refused", async () => {
    const [one, two] = [await group(), await group()];
    await assert.rejects(open({ logGroupIdentifiers: ["nowhere"] }), { name: "ResourceNotFoundException" });
    const invalid = { name: "InvalidParameterException" };
    await assert.rejects(open({ logGroupIdentifiers: [one, two], logStreamNames: ["s"] }), invalid);
    await assert.rejects(
      open({ logGroupIdentifiers: [one], logStreamNames: ["s"], logStreamNamePrefixes: ["s"] }),
      invalid,
    );
    await assert.rejects(open({ logGroupIdentifiers: [one], logEventFilterPattern: "[" }), invalid);
    const rare = await group({ logGroupClass: "INFREQUENT_ACCESS" });
    await assert.rejects(open({ logGroupIdentifiers: [rare] }), { name: "InvalidOperationException" });
  });
});

suite("groups", () => {
  test("groups are listed in short by a part of their name, class and tags", async () => {
    const [one, two] = [await group({ tags: { team: "red" } }), await group({ logGroupClass: "INFREQUENT_ACCESS" })];
    const list = async (input: object): Promise<readonly unknown[]> => {
      const { logGroups = [] } = await logs.send(new ListLogGroupsCommand(input));
      return logGroups.map(({ logGroupName }) => logGroupName);
    };
    assert.deepEqual(await list({ logGroupNamePattern: `^${one}|${two}`.replaceAll("/filters/", "") }), [two]);
    assert.deepEqual(await list({ logGroupNamePattern: `^/filters/|nothing`, logGroupClass: "INFREQUENT_ACCESS" }), [
      ...(await list({ logGroupClass: "INFREQUENT_ACCESS" })),
    ]);
    assert.deepEqual(await list({ logGroupTags: [{ key: "team", values: ["re*"] }] }), [one]);
    assert.deepEqual(await list({ logGroupTags: [{ key: "team", values: ["!red"] }] }), []);
    assert.deepEqual(await list({ logGroupTags: [{ key: "team" }] }), [one]);
    await assert.rejects(list({ includeLinkedAccounts: true }), { name: "InvalidParameterException" });
    const { logGroups, nextToken } = await logs.send(new ListLogGroupsCommand({ limit: 1 }));
    assert.equal(logGroups?.length, 1);
    assert.ok((await list({ limit: 1, nextToken }))[0]);
  });

  test("the older API for tags works by name", async () => {
    const logGroupName = await group();
    await logs.send(new TagLogGroupCommand({ logGroupName, tags: { a: "1", b: "2" } }));
    await logs.send(new UntagLogGroupCommand({ logGroupName, tags: ["a"] }));
    assert.deepEqual((await logs.send(new ListTagsLogGroupCommand({ logGroupName }))).tags, { b: "2" });
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]));
    const tooMany = logs.send(new TagLogGroupCommand({ logGroupName, tags }));
    await assert.rejects(tooMany, { name: "InvalidParameterException" });
    const nowhere = logs.send(new ListTagsLogGroupCommand({ logGroupName: "nowhere" }));
    await assert.rejects(nowhere, { name: "ResourceNotFoundException" });
  });

  test("a protected group is not deleted, and keys are told", async () => {
    const logGroupName = await group();
    const protect = (deletionProtectionEnabled: boolean) =>
      logs.send(
        new PutLogGroupDeletionProtectionCommand({ logGroupIdentifier: logGroupName, deletionProtectionEnabled }),
      );
    await protect(true);
    await assert.rejects(logs.send(new DeleteLogGroupCommand({ logGroupName })), { name: "ValidationException" });
    await protect(false);
    const keyOf = async () =>
      (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }))).logGroups?.[0]?.kmsKeyId;
    await logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: "key" }));
    assert.equal(await keyOf(), "key");
    await logs.send(new DisassociateKmsKeyCommand({ resourceIdentifier: logGroupName }));
    assert.equal(await keyOf(), undefined);
    const neither = logs.send(new DisassociateKmsKeyCommand({}));
    await assert.rejects(neither, { name: "InvalidParameterException" });
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  });
});
