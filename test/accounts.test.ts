/**
 * What belongs to one account in one Region is nobody else's: another account, and the same one in another Region, cannot read, change, list
 * or trigger any of it, by whatever name, ARN, URL, id or token they call it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { structureNamed } from "../src/models/shapes.ts";
import { type BuiltOperation, builtOperations } from "./built-operations.ts";
import { type As, call, send } from "./model-call.ts";
import { type Input, validInput } from "./model-inputs.ts";
import { type KnownValues, populate, SECRET } from "./populated-account.ts";
import { populateCases } from "./populated-cases.ts";
import { populateProfiles } from "./populated-profiles.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { type Answer, sendSigned } from "./signed-request.ts";
import { StoredRows } from "./stored-rows.ts";

const folder = temporaryFolder();
const server = await startTrunkline("--data", folder);
const known = await populate(server.url);
await populate(server.url, "second");
await server.advance("PT0S");
const rows = new StoredRows(folder);
const own = rows.all();
let seen = rows.version();

/** Another server, where the account has two of each, so that every listing has a second page. */
const listing = await startTrunkline();
const listed = await populate(listing.url);
await populate(listing.url, "second");

/** Operations that succeed by a name alone, since the name then means something of the intruder's own, or nothing. */
const NAMES_THEIR_OWN: ReadonlySet<string> = new Set([
  // Of the account in all Regions.
  "s3 ListBuckets",
  "iam CreateAccessKey",
  "iam CreateGroup",
  "iam CreateInstanceProfile",
  "iam CreatePolicy",
  "iam CreateRole",
  "iam CreateUser",
  "iam DeleteGroup",
  "iam DeleteInstanceProfile",
  "iam DeleteRole",
  "iam DeleteUser",
  "iam GetContextKeysForCustomPolicy",
  "iam SimulateCustomPolicy",
  "sqs CreateQueue",
  "sqs GetQueueUrl",
  "sqs ListQueues",
  "logs CreateLogGroup",
  "logs CreateLogStream",
  "logs DeleteLogGroup",
  "logs DescribeLogGroups",
  "logs DescribeMetricFilters",
  "logs TestMetricFilter",
  "lambda ListEventSourceMappings",
  "firehose CreateDeliveryStream",
  "firehose DeleteDeliveryStream",
  "firehose ListDeliveryStreams",
  "kinesis CreateStream",
  "kinesis DeleteStream",
  "apigateway CreateApiKey",
  "apigateway CreateRestApi",
  "apigateway CreateUsagePlan",
  "apigateway GetUsagePlans",
  "apigateway ImportRestApi",
  "events PutRule",
  "events DescribeRule",
  "events ListRules",
  "events EnableRule",
  "events DisableRule",
  "events DeleteRule",
  "events ListRuleNamesByTarget",
  "events CreateEventBus",
  "events DescribeEventBus",
  "events UpdateEventBus",
  "events ListEventBuses",
  "events DeleteEventBus",
  "events ListEventSources",
  "events DeletePartnerEventSource",
  "events CreatePartnerEventSource",
  "events DescribePartnerEventSource",
  "events ListPartnerEventSources",
  "events ListPartnerEventSourceAccounts",
  "events CreateConnection",
  "events DescribeConnection",
  "events ListConnections",
  "events UpdateConnection",
  "events DeleteConnection",
  "events DeauthorizeConnection",
  "events DescribeApiDestination",
  "events ListApiDestinations",
  "events UpdateApiDestination",
  "events DeleteApiDestination",
  "events ListArchives",
  "events ListReplays",
  "events CreateArchive",
  "events DescribeArchive",
  "events UpdateArchive",
  "events DeleteArchive",
  "events StartReplay",
  "events DescribeReplay",
  "events CancelReplay",
  ...["PutParameter", "GetParameters", "GetParametersByPath", "DeleteParameters", "DescribeParameters"].map(
    (operation) => `ssm ${operation}`,
  ),
  // What may not be deleted is told object by object.
  "s3 DeleteObjects",
  "sns CreateTopic",
  "sns ListTopics",
  "sns ListSubscriptions",
  ...["User", "Group", "Role", "InstanceProfile"].flatMap((kind) => [`iam Create${kind}`, `iam Delete${kind}`]),
  // They look at nothing but their input.
  "sts GetFederationToken",
  "sts GetSessionToken",
  // Whose account a key is of anybody may ask.
  "sts GetAccessKeyInfo",
  "connect CreateInstance",
  "customer-profiles CreateDomain",
  "customer-profiles ListDomains",
  "customer-profiles ListAccountIntegrations",
  // These are the same for all.
  "customer-profiles ListProfileObjectTypeTemplates",
  "customer-profiles GetProfileObjectTypeTemplate",
  "connectcampaignsv2 CreateCampaign",
  "connectcampaignsv2 ListCampaigns",
  "connectcases CreateDomain",
  "connectcases ListDomains",
]);

/**
 * Operations that are signed. Those of chats' participants know no accounts: whoever bears a token may; connect-chat.test.ts holds that
 * nobody else does.
 */
const signedOperations = builtOperations
  .filter(({ model }) => model.name !== "connectparticipant")
  // From its creation on the name of a domain means the intruder's own.
  .sort((one, other) => Number(one.operation === "CreateDomain") - Number(other.operation === "CreateDomain"));

interface Intruder {
  readonly name: string;
  readonly as: As;
  /** What its names and URLs may mean beside, since they hold no Region. */
  readonly namesItsOwn?: RegExp;
  /** Services that are its own as much. */
  readonly shares?: RegExp;
}

const OTHER: Intruder = { name: "another account", as: { accessKeyId: "other" } };
const ELSEWHERE: Intruder = {
  name: "the same account in another Region",
  as: { region: "eu-west-1" },
  namesItsOwn: /^(sqs |s3 ListBuckets$)/,
  shares: /^(iam|sts)$/,
};

interface Listing {
  readonly model: string;
  readonly operation: string;
  readonly input?: Input;
  /** The members that bound a page, continue a listing, and say in the output where it goes on. */
  readonly size: string;
  readonly token: string;
  readonly next: string;
}

const kinesis = { model: "kinesis", size: "MaxResults", token: "NextToken", next: "NextToken" };
const sqs = { model: "sqs", size: "MaxResults", token: "NextToken", next: "NextToken" };
const logs = { model: "logs", size: "limit", token: "nextToken", next: "nextToken" };
const events = { model: "events", size: "Limit", token: "NextToken", next: "NextToken" };
const connect = { model: "connect", size: "MaxResults", token: "NextToken", next: "NextToken" };
const profiles = { ...connect, model: "customer-profiles" };
const cases = { model: "connectcases", size: "maxResults", token: "nextToken", next: "nextToken" };
const ofDomain = { ...profiles, input: { DomainName: "orders" } };

const LISTINGS: readonly Listing[] = [
  { ...kinesis, operation: "ListStreams", size: "Limit" },
  { ...kinesis, operation: "ListShards", input: { StreamName: "orders" } },
  { ...sqs, operation: "ListQueues" },
  { ...logs, operation: "DescribeLogGroups" },
  {
    ...logs,
    operation: "GetLogEvents",
    input: { logGroupName: "/orders", logStreamName: "today" },
    next: "nextForwardToken",
  },
  { ...events, operation: "ListEventBuses" },
  { ...connect, operation: "ListInstances" },
  { ...connect, operation: "ListInstanceAttributes" },
  { ...connect, operation: "ListQueues" },
  { ...connect, operation: "ListContactFlows" },
  { ...connect, operation: "ListSecurityProfiles" },
  { ...connect, operation: "SearchSecurityProfiles" },
  { ...connect, operation: "ListPredefinedAttributes" },
  { ...connect, operation: "SearchPredefinedAttributes" },
  { ...profiles, operation: "ListDomains" },
  { ...ofDomain, operation: "ListCalculatedAttributeDefinitions" },
  { ...ofDomain, operation: "ListProfileHistoryRecords" },
  {
    ...profiles,
    operation: "SearchProfiles",
    input: { DomainName: "orders", KeyName: "_email", Values: ["ina@example.com"] },
  },
  { ...cases, operation: "ListDomains" },
  { ...cases, operation: "ListFields" },
  { ...cases, operation: "ListFieldOptions", input: { fieldId: "status" } },
];

/** What a request of Cases names that is in no domain but one. */
const ONE_CASES_OWN =
  /^(fieldId|fields|layoutId|layoutConfiguration|requiredFields|caseRuleId|caseRules|rules|templateId|caseId|relatedItemId|contactArn|content|eventBridge|arn)$/;

/** What a request of Customer Profiles names that no other domain has: where it is given, nothing is found. */
const ONE_PROFILES_OWN =
  /^(ProfileId|MainProfileId|ProfileIds|ProfileIdsToBeMerged|EstimateId|SnapshotId|Id|Uri|DestinationArn|resourceArn)$/;

for (const { name: who, as: intruder, namesItsOwn, shares } of [OTHER, ELSEWHERE]) {
  let world: Promise<KnownValues> | undefined;
  /** What it has of its own, from the first time that it is asked for. */
  const ownWorld = (): Promise<KnownValues> => (world ??= populate(server.url, "own", intruder));

  test(`${who} gets at nothing, whatever it calls it by`, async (t) => {
    let requests = 0;
    for (const built of signedOperations.filter(({ model }) => !shares?.test(model.name))) {
      const name = `${built.model.name} ${built.operation}`;
      for (const input of inputsThatName(built)) {
        const answer = await send(server.url, built.model.name, built.operation, input, intruder);
        const what = `${name} ${JSON.stringify(input)}`;
        const mayMeanIts = NAMES_THEIR_OWN.has(name) || namesItsOwn?.test(name);
        assert.ok(isRefusal(answer) || (mayMeanIts && answer.status < 300), `${what}: ${shown(answer)}`);
        assertTellsNothing(answer, what);
        assertUntouched(what);
        requests++;
      }
    }
    t.diagnostic(`${requests} requests`);
  });

  test(`${who} cannot use what is another's in an instance of its own`, async () => {
    const its = await ownWorld();
    for (const built of builtOperations.filter(({ model }) => model.name === "connect")) {
      for (const input of inputsThatName(built)) {
        const instance = "InstanceId" in input ? { InstanceId: its.connect?.InstanceId?.[0] } : {};
        const names = Object.keys(input).filter((member) => member !== "InstanceId" && member in (its.connect ?? {}));
        const isHarmless = names.every((member) => /PhoneNumber|InstanceAlias|[tT]agKeys/.test(member));
        if (isHarmless) continue;
        const what = `${built.operation} ${JSON.stringify({ ...input, ...instance })}`;
        const answer = await send(server.url, "connect", built.operation, { ...input, ...instance }, intruder);
        assert.ok(isRefusal(answer), `${what}: ${shown(answer)}`);
        assertUntouched(what);
      }
    }
  });

  test(`${who} finds nothing of another's in a domain of its own, and sends nothing to what is another's`, async () => {
    const its = await ownWorld();
    await call(server.url, "kinesis", "CreateStream", { StreamName: "mine", ShardCount: 1 }, intruder);
    await populateProfiles(server.url, "mine", intruder, {
      streamArn: String(its.kinesis?.StreamARN?.[0]).replace(/own$/, "mine"),
      bucket: String(its.s3?.Bucket?.[0]),
      secret: "no-secret",
    });
    for (const built of builtOperations.filter(({ model }) => model.name === "customer-profiles")) {
      if (NAMES_THEIR_OWN.has(`customer-profiles ${built.operation}`)) continue;
      for (const input of inputsThatName(built, ONE_PROFILES_OWN)) {
        const changed = "DomainName" in input ? { ...input, DomainName: "mine" } : input;
        const what = `${built.operation} ${JSON.stringify(changed)}`;
        const answer = await send(server.url, "customer-profiles", built.operation, changed, intruder);
        assert.ok(answer.status < 500, `${what}: ${shown(answer)}`);
        if (!JSON.stringify(changed).includes(SECRET)) assertTellsNothing(answer, what);
        assertUntouched(what);
      }
    }
    await server.advance("PT0S");
    assertUntouched("what follows");
  });

  test(`${who} finds nothing of another's in a Cases domain of its own`, async () => {
    const contactArn = String((await ownWorld()).connectcases?.contactArn?.[0]);
    const its = await populateCases(server.url, "mine", intruder, { contactArn, secret: "no-secret" });
    for (const built of builtOperations.filter(({ model }) => model.name === "connectcases")) {
      for (const input of inputsThatName(built, ONE_CASES_OWN)) {
        const changed = "domainId" in input ? { ...input, domainId: its.domainId?.[0] } : input;
        const what = `${built.operation} ${JSON.stringify(changed)}`;
        const answer = await send(server.url, "connectcases", built.operation, changed, intruder);
        assert.ok(answer.status < 500, `${what}: ${shown(answer)}`);
        if (!JSON.stringify(changed).includes(SECRET)) assertTellsNothing(answer, what);
        assertUntouched(what);
      }
    }
    await server.advance("PT0S");
    assertUntouched("what follows");
  });

  test(`${who} cannot go on where a listing of another has come to`, async () => {
    const { url } = listing;
    const its = await populate(url, "orders", intruder);
    for (const { model, operation, input = {}, size, token, next } of LISTINGS) {
      // The same request but for who makes it, and for the id of what it has by the same name.
      const instanceOf = (values: KnownValues): Input => {
        if (model === "connect") return { InstanceId: values.connect?.InstanceId?.[0] };
        if (model === "connectcases" && operation !== "ListDomains")
          return { domainId: values.connectcases?.domainId?.[0] };
        return operation === "ListProfileHistoryRecords" ? { ProfileId: values[model]?.ProfileId?.[0] } : {};
      };
      const first = await call(url, model, operation, { ...input, ...instanceOf(listed), [size]: 1 });
      assert.equal(typeof first[next], "string", `${operation} has a second page`);
      const goingOn = { ...input, ...instanceOf(its), [size]: 1, [token]: first[next] };
      const answer = await send(url, model, operation, goingOn, intruder);
      assert.ok(isRefusal(answer), `${operation} ${JSON.stringify(goingOn)}: ${shown(answer)}`);
    }
  });
}

test("the events of another account reach no stream, queue, log group or bus", async () => {
  const events = (operation: string, input: Input) => send(server.url, "events", operation, input, OTHER.as);
  const arns = [
    known.kinesis?.StreamARN,
    known.events?.TargetArn,
    known.logs?.resourceArn,
    [known.events?.ResourceARN?.[1]],
  ];
  const targets = arns.flatMap((list) => list ?? []).map((Arn, index) => ({ Id: `target-${index}`, Arn }));
  const deadLetters = { DeadLetterConfig: { Arn: known.events?.TargetArn?.[0] } };
  const missing = {
    Id: "missing",
    Arn: String(known.kinesis?.StreamARN?.[0]).replace("orders", "missing"),
    ...deadLetters,
  };
  await call(server.url, "events", "PutRule", { Name: "leak", EventPattern: '{"source":["leak"]}' }, OTHER.as);
  for (const target of [...targets, missing]) {
    // Whether such a target is refused or comes to nothing is the service's choice.
    await events("PutTargets", { Rule: "leak", Targets: [target] });
    await events("PutEvents", { Entries: [{ Source: "leak", DetailType: "leak", Detail: "{}" }] });
    await server.advance("PT0S");
    assertUntouched(`an event for ${target.Arn}`);
    await events("RemoveTargets", { Rule: "leak", Ids: [target.Id] });
  }
  const entry = { Source: "leak", DetailType: "leak", Detail: "{}", EventBusName: known.events?.ResourceARN?.[1] };
  assert.ok(isRefusal(await events("PutEvents", { Entries: [entry] })));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: known.events?.TargetArn?.[0], maxReceiveCount: 1 });
  const queue = { QueueName: "leak", Attributes: { RedrivePolicy } };
  assert.ok(isRefusal(await send(server.url, "sqs", "CreateQueue", queue, OTHER.as)));
  assertUntouched("a redrive policy");
});

test("another account sees nothing by Trunkline's own endpoints", async () => {
  const get = { service: "trunkline", method: "GET", ...OTHER.as };
  for (const name of [
    "second",
    "event-bus/second",
    String(known.kinesis?.StreamARN?.[0]),
    String(known.events?.ResourceARN?.[1]),
  ]) {
    const query = new URLSearchParams({ name, from: "oldest" }).toString();
    const answer = await sendSigned(server.url, { ...get, path: "/_trunkline/live", query }, true);
    assert.equal(answer.status, 404, name);
  }
  const EventBusName = known.events?.ResourceARN?.[1];
  const body = JSON.stringify([{ Source: "aws.leak", DetailType: "leak", Detail: "{}", EventBusName }]);
  const sent = await sendSigned(server.url, { ...get, method: "POST", path: "/_trunkline/events", body });
  assert.ok(isRefusal(sent), shown(sent));
  assertUntouched("events");
});

/** Inputs that name what `test` has in us-east-1: all that is required, and one by one what may be given. */
function* inputsThatName(built: BuiltOperation, only: RegExp = /^/): Generator<Input> {
  const { model, definition } = built;
  if (definition.input === undefined) return;
  const shape = structureNamed(model, definition.input);
  const isRequired = (member: string): boolean => shape.required?.includes(member) ?? false;
  const members = Object.entries(known[model.name] ?? {}).filter(([member]) => shape.members[member] !== undefined);
  const valid = validOnce(built, definition.input);
  const base = Object.fromEntries(Object.entries(valid).filter(([member]) => isRequired(member)));
  for (const [member, values] of members.filter(([name]) => only.test(name))) {
    for (const [index, value] of values.entries()) {
      const required = members.filter(([name]) => isRequired(name));
      const others = required.map(([name, choice]) => [name, choice[index % choice.length]]);
      yield { ...base, ...Object.fromEntries(others), [member]: value };
    }
  }
}

const validInputs = new Map<BuiltOperation, Input>();

/** The same for all tests: to make one takes longer than to send it. */
function validOnce(built: BuiltOperation, shape: string): Input {
  const known = validInputs.get(built);
  if (known) return known;
  const [valid = {}] = fc.sample(validInput(built.model, shape), { numRuns: 1, seed: 1 });
  validInputs.set(built, valid);
  return valid;
}

/** A value that asks for what is not built is refused whoever asks. */
const isRefusal = ({ status }: Answer): boolean => (status >= 400 && status < 500) || status === 501;

const shown = ({ status, body }: Answer): string => `${status} ${body}`;

function assertTellsNothing({ body }: Answer, what: string): void {
  const text = body.toString();
  for (const told of [SECRET, Buffer.from(SECRET).toString("base64")])
    assert.ok(!text.includes(told), `${what}: ${text}`);
}

/** All that was there is there as it was, and nothing has come to it. */
function assertUntouched(what: string): void {
  const version = rows.version();
  if (version === seen) return;
  seen = version;
  const now = rows.all();
  const changed = [...own.difference(now)].filter((row) => !isShared(row));
  const added = [...now.difference(own)].filter((row) => OWNER.test(row));
  assert.deepEqual([changed, added], [[], []], what);
}

/** What begins the ids of all that lies in a domain of Customer Profiles or Cases. */
const DOMAIN = /^(?:profiles|cases)_domains .*us-east-1.*\\"(?:uid|domainId)\\":\\"([\w-]+)/;
const domains = [...own].flatMap((row) => DOMAIN.exec(row)?.[1] ?? []);

/** How ids of documents and names of logs begin. In S3 that is a bucket's name. */
const OWNER = new RegExp(
  `"(id|log|name)":"(([a-z]+/)?000000000000(\\\\u001f|/)us-east-1|(orders|second)-test-us-east-1|${domains.join("|")})`,
);

/** Where a manual clock stands, and logs of all accounts: of attempts, runs of flows, files, profiles to match, objects that came in, cases, contacts. */
const isShared = (row: string): boolean =>
  row.startsWith("manual_clock") ||
  /"(flow\/attempts|appflow\/run-ends|s3\/stored)|customer-profiles\.(matching|ingested)|cases\.changes|connect\.contact-history/.test(
    row,
  );
