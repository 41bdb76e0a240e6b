import assert from "node:assert/strict";
import { test } from "node:test";
import { OTHER_ACCOUNT, openServiceWorld, START_MS } from "../world.test.ts";
import { logEvents } from "./events.ts";
import { getLogEvents } from "./get-log-events.ts";
import { logs } from "./index.ts";
import { DAY_MS } from "./limits.ts";
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  putRetentionPolicy,
} from "./log-groups.ts";
import { createLogStream, deleteLogStream, describeLogStreams } from "./log-streams.ts";
import { putLogEvents } from "./put-log-events.ts";
import { deleteResourcePolicy, describeResourcePolicies, putResourcePolicy } from "./resource-policies.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";

const NO_GROUP = { code: "ResourceNotFoundException", message: "The specified log group does not exist." };
const ARN = "arn:aws:logs:us-east-1:000000000000:log-group:";

test("a group is described as the service does", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createLogGroup({ logGroupName: "/aws/events/a" }, context);
  await assert.rejects(createLogGroup({ logGroupName: "/aws/events/a" }, context), {
    code: "ResourceAlreadyExistsException",
    message: "The specified log group already exists",
  });
  await putRetentionPolicy({ logGroupName: "/aws/events/a", retentionInDays: 7 }, context);
  assert.deepEqual(await describeLogGroups({}, context), {
    logGroups: [
      {
        logGroupName: "/aws/events/a",
        creationTime: START_MS,
        retentionInDays: 7,
        metricFilterCount: 0,
        arn: `${ARN}/aws/events/a:*`,
        logGroupArn: `${ARN}/aws/events/a`,
        storedBytes: 0,
        logGroupClass: "STANDARD",
        deletionProtectionEnabled: false,
      },
    ],
  });
  await deleteRetentionPolicy({ logGroupName: "/aws/events/a" }, context);
  const { logGroups } = await describeLogGroups({}, context);
  assert.equal(logGroups?.[0]?.retentionInDays, undefined);
});

test("groups are found by prefix, by part of the name and by identifier, in pages", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  const all = Array.from({ length: 130 }, (_, index) => `group-${String(index).padStart(3, "0")}`);
  for (const logGroupName of [...all, "other"]) await createLogGroup({ logGroupName }, context);

  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await describeLogGroups(
      { logGroupNamePrefix: "group", limit: 40, ...(nextToken && { nextToken }) },
      context,
    );
    found.push(...(page.logGroups ?? []).map((group) => group.logGroupName ?? ""));
    nextToken = page.nextToken;
  } while (nextToken);
  assert.deepEqual(found, all);

  const names = async (input: Parameters<typeof describeLogGroups>[0]): Promise<unknown[]> =>
    ((await describeLogGroups(input, context)).logGroups ?? []).map((group) => group.logGroupName);
  assert.deepEqual(await names({ logGroupNamePattern: "UP-12" }), all.slice(120));
  assert.deepEqual(await names({ logGroupIdentifiers: ["other", `${ARN}group-000`] }), ["other", "group-000"]);
  await assert.rejects(names({ logGroupNamePrefix: "a", logGroupNamePattern: "b" }), {
    code: "InvalidParameterException",
    message: "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
  });

  const first = await describeLogGroups({ limit: 1 }, context);
  const foreign = describeLogGroups(
    { limit: 1, nextToken: first.nextToken },
    world.context({ account: OTHER_ACCOUNT }),
  );
  for (const refused of [
    foreign,
    describeLogGroups({ logGroupNamePrefix: "g", nextToken: first.nextToken }, context),
  ]) {
    await assert.rejects(refused, {
      code: "InvalidParameterException",
      message: "The specified nextToken is invalid.",
    });
  }
});

test("no account and no region sees a group of another", async () => {
  await using world = await openServiceWorld(logs);
  await createLogGroup({ logGroupName: "g" }, world.context());
  for (const other of [world.context({ account: OTHER_ACCOUNT }), world.context({ region: "eu-west-1" })]) {
    assert.deepEqual(await describeLogGroups({}, other), { logGroups: [] });
    await assert.rejects(deleteLogGroup({ logGroupName: "g" }, other), NO_GROUP);
    await assert.rejects(describeLogStreams({ logGroupIdentifier: `${ARN}g` }, other), NO_GROUP);
    await assert.rejects(listTagsForResource({ resourceArn: `${ARN}g` }, other), NO_GROUP);
  }
});

test("streams come in order of name or of last event, up and down, in pages", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  const logGroupName = "g";
  await createLogGroup({ logGroupName }, context);
  const byName = ["a", "b", "c", "d", "e"];
  for (const logStreamName of byName) await createLogStream({ logGroupName, logStreamName }, context);
  const byTime = ["c", "e", "d", "b", "a"];
  for (const [index, logStreamName] of ["d", "b", "a"].entries()) {
    const logEvents = [{ timestamp: START_MS - 10 + index, message: "x" }];
    await putLogEvents({ logGroupName, logStreamName, logEvents }, context);
  }

  const list = async (input: Partial<Parameters<typeof describeLogStreams>[0]>): Promise<string[]> => {
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await describeLogStreams(
        { logGroupName, limit: 2, ...input, ...(nextToken && { nextToken }) },
        context,
      );
      found.push(...(page.logStreams ?? []).map((stream) => stream.logStreamName ?? ""));
      nextToken = page.nextToken;
    } while (nextToken);
    return found;
  };
  assert.deepEqual(await list({}), byName);
  assert.deepEqual(await list({ descending: true }), byName.toReversed());
  assert.deepEqual(await list({ orderBy: "LastEventTime" }), byTime);
  assert.deepEqual(await list({ orderBy: "LastEventTime", descending: true }), byTime.toReversed());
  assert.deepEqual(await list({ logStreamNamePrefix: "c" }), ["c"]);
  await assert.rejects(list({ orderBy: "LastEventTime", logStreamNamePrefix: "c" }), {
    code: "InvalidParameterException",
    message: "Cannot order by LastEventTime with a logStreamNamePrefix.",
  });
  await assert.rejects(list({ logGroupIdentifier: "g" }), {
    code: "ValidationException",
    message: "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
  });

  const described = await describeLogStreams({ logGroupIdentifier: `${ARN}g`, logStreamNamePrefix: "d" }, context);
  const [{ uploadSequenceToken, ...stream }] = described.logStreams as [Record<string, unknown>];
  assert.deepEqual(stream, {
    logStreamName: "d",
    creationTime: START_MS,
    firstEventTimestamp: START_MS - 10,
    lastEventTimestamp: START_MS - 10,
    lastIngestionTime: START_MS,
    arn: `${ARN}g:log-stream:d`,
    storedBytes: 0,
  });
  assert.match(String(uploadSequenceToken), /^\d{56}$/);
});

test("what was in a deleted group or stream is gone, also where one of the same name follows", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  const stream = { logGroupName: "g", logStreamName: "s" };
  const fill = async (): Promise<void> => {
    await createLogStream(stream, context);
    const events = Array.from({ length: 250 }, () => ({ timestamp: START_MS, message: "x" }));
    await putLogEvents({ ...stream, logEvents: events }, context);
  };
  await createLogGroup({ logGroupName: "g" }, context);
  await fill();
  await assert.rejects(createLogStream(stream, context), {
    code: "ResourceAlreadyExistsException",
    message: "The specified log stream already exists",
  });
  await deleteLogStream(stream, context);
  await assert.rejects(getLogEvents(stream, context), { message: "The specified log stream does not exist." });
  await createLogStream(stream, context);
  assert.deepEqual((await getLogEvents(stream, context)).events, []);
  await deleteLogStream(stream, context);
  await world.advance(0);
  assert.equal((await describeLogGroups({}, context)).logGroups?.[0]?.storedBytes, 0);

  await fill();
  assert.equal((await describeLogGroups({}, context)).logGroups?.[0]?.storedBytes, 250 * 27);
  await deleteLogGroup({ logGroupName: "g" }, context);
  await assert.rejects(getLogEvents(stream, context), NO_GROUP);
  await world.advance(0);
  assert.equal((await world.platform.store.list(logEvents, { limit: 1 })).documents.length, 0);
});

test("a retention hides older events at once and has them deleted soon", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  const stream = { logGroupName: "g", logStreamName: "s" };
  await createLogGroup({ logGroupName: "g" }, context);
  await createLogStream(stream, context);
  const events = Array.from({ length: 240 }, (_, index) => ({ timestamp: START_MS, message: `${index}` }));
  await putLogEvents({ ...stream, logEvents: events }, context);
  await world.advance(2 * DAY_MS);
  await putLogEvents({ ...stream, logEvents: [{ timestamp: START_MS + 2 * DAY_MS, message: "new" }] }, context);

  await putRetentionPolicy({ logGroupName: "g", retentionInDays: 1 }, context);
  const seen = async (): Promise<unknown[]> =>
    ((await getLogEvents(stream, context)).events ?? []).map((event) => event.message);
  assert.deepEqual(await seen(), ["new"]);
  await world.advance(0);
  const { documents } = await world.platform.store.list(logEvents, { limit: 10 });
  assert.deepEqual(
    documents.map((event) => event.message),
    ["new"],
  );

  await world.advance(DAY_MS);
  assert.deepEqual(await seen(), []);
  await world.advance(DAY_MS);
  assert.equal((await world.platform.store.list(logEvents, { limit: 1 })).documents.length, 0);

  // The timer begins anew with the next event.
  await putLogEvents({ ...stream, logEvents: [{ timestamp: START_MS + 4 * DAY_MS, message: "newer" }] }, context);
  await world.advance(2 * DAY_MS);
  assert.equal((await world.platform.store.list(logEvents, { limit: 1 })).documents.length, 0);
});

test("only documented numbers of days are a retention", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createLogGroup({ logGroupName: "g" }, context);
  await assert.rejects(putRetentionPolicy({ logGroupName: "g", retentionInDays: 2 }, context), {
    code: "InvalidParameterException",
    message: /^1 validation error detected: Value '2' at 'retentionInDays'/,
  });
  await assert.rejects(putRetentionPolicy({ logGroupName: "absent", retentionInDays: 1 }, context), NO_GROUP);
});

test("tags are added, replaced and taken away", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createLogGroup({ logGroupName: "g", tags: { env: "test" } }, context);
  const resourceArn = `${ARN}g`;
  await tagResource({ resourceArn: `${resourceArn}:*`, tags: { env: "live", team: "a" } }, context);
  assert.deepEqual(await listTagsForResource({ resourceArn }, context), { tags: { env: "live", team: "a" } });
  await untagResource({ resourceArn, tagKeys: ["env"] }, context);
  assert.deepEqual(await listTagsForResource({ resourceArn }, context), { tags: { team: "a" } });

  const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, "value"]));
  await assert.rejects(tagResource({ resourceArn, tags }, context), { code: "TooManyTagsException" });
  await assert.rejects(listTagsForResource({ resourceArn: "arn:aws:s3:::bucket" }, context), {
    code: "InvalidParameterException",
  });
});

test("resource policies are kept by name", async () => {
  await using world = await openServiceWorld(logs, { enforced: true });
  const context = world.context();
  const policyDocument = '{"Version":"2012-10-17","Statement":[]}';
  for (let index = 0; index < 10; index++)
    await putResourcePolicy({ policyName: `p${index}`, policyDocument }, context);
  await putResourcePolicy({ policyName: "p0", policyDocument: "{}" }, context);
  await assert.rejects(putResourcePolicy({ policyName: "p10", policyDocument }, context), {
    code: "LimitExceededException",
    message: "Resource limit exceeded.",
  });
  const first = await describeResourcePolicies({ limit: 9 }, context);
  const rest = await describeResourcePolicies({ limit: 9, nextToken: first.nextToken }, context);
  assert.deepEqual(first.resourcePolicies?.[0], {
    policyName: "p0",
    policyDocument: "{}",
    lastUpdatedTime: START_MS,
    policyScope: "ACCOUNT",
  });
  assert.deepEqual(
    rest.resourcePolicies?.map((policy) => policy.policyName),
    ["p9"],
  );
  assert.equal(rest.nextToken, undefined);
  await deleteResourcePolicy({ policyName: "p9" }, context);
  await assert.rejects(deleteResourcePolicy({ policyName: "p9" }, context), {
    code: "ResourceNotFoundException",
    message: "Policy with name [p9] does not exist.",
  });
  await assert.rejects(putResourcePolicy({ policyName: "p", policyDocument: "no JSON" }, context), {
    code: "InvalidParameterException",
  });
});
