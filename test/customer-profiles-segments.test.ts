/** Segments of Customer Profiles, as the SDK sees them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import {
  CreateDomainCommand,
  CreateEventTriggerCommand,
  CreateProfileCommand,
  type CreateProfileCommandInput,
  CreateSegmentDefinitionCommand,
  CreateSegmentEstimateCommand,
  CreateSegmentSnapshotCommand,
  CustomerProfilesClient,
  DeleteEventTriggerCommand,
  DeleteIntegrationCommand,
  DeleteProfileCommand,
  DeleteSegmentDefinitionCommand,
  GetSegmentDefinitionCommand,
  GetSegmentEstimateCommand,
  GetSegmentMembershipCommand,
  GetSegmentSnapshotCommand,
  ListSegmentDefinitionsCommand,
  PutIntegrationCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  type SegmentGroup,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { call, send } from "./model-call.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
const kinesis = new KinesisClient(server.client);
after(() => s3.destroy());

const refused = (name: string, message?: string | RegExp) => (error: Error) => {
  assert.equal(error.name, name);
  if (typeof message === "string") assert.equal(error.message, message);
  if (message instanceof RegExp) assert.match(error.message, message);
  return true;
};

async function createDomain(DomainName: string): Promise<string> {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  return DomainName;
}

async function createProfile(DomainName: string, fields: Omit<CreateProfileCommandInput, "DomainName"> = {}) {
  const { ProfileId = "" } = await client.send(new CreateProfileCommand({ DomainName, ...fields }));
  return ProfileId;
}

async function createSegment(DomainName: string, SegmentDefinitionName: string, SegmentGroups: SegmentGroup) {
  return client.send(
    new CreateSegmentDefinitionCommand({ DomainName, SegmentDefinitionName, DisplayName: "A segment", SegmentGroups }),
  );
}

/** Which of some profiles belong to a segment. */
async function membersAmong(DomainName: string, SegmentDefinitionName: string, ProfileIds: string[]) {
  const { Profiles = [] } = await client.send(
    new GetSegmentMembershipCommand({ DomainName, SegmentDefinitionName, ProfileIds }),
  );
  return Profiles.filter(({ QueryResult }) => QueryResult === "PRESENT").map(({ ProfileId }) => ProfileId);
}

function custom(name: string, DimensionType: "INCLUSIVE" | "GREATER_THAN", ...Values: string[]): SegmentGroup {
  return {
    Groups: [{ Dimensions: [{ ProfileAttributes: { Attributes: { [name]: { DimensionType, Values } } } }] }],
  };
}

const LOYAL: SegmentGroup = {
  Include: "ALL",
  Groups: [
    {
      Type: "ANY",
      Dimensions: [
        {
          ProfileAttributes: {
            Address: { Country: { DimensionType: "INCLUSIVE", Values: ["DE", "AT"] } },
            Attributes: { Visits: { DimensionType: "GREATER_THAN", Values: ["4"] } },
          },
        },
        { CalculatedAttributes: { _orders_count: { DimensionType: "GREATER_THAN_OR_EQUAL", Values: ["2"] } } },
      ],
    },
    {
      Type: "NONE",
      Dimensions: [{ ProfileAttributes: { Attributes: { Staff: { DimensionType: "INCLUSIVE", Values: ["yes"] } } } }],
    },
  ],
};

/** An object type whose objects make an order each, on the profile of an account. */
async function putOrderType(DomainName: string): Promise<void> {
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Sale",
      Description: "Sales of the shop",
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.id", Target: "_order.Name" },
        account: { Source: "_source.account", Target: "_profile.AccountNumber" },
        total: { Source: "_source.total", Target: "_order.TotalPrice" },
      },
      Keys: {
        saleKey: [{ StandardIdentifiers: ["UNIQUE", "ORDER"], FieldNames: ["id"] }],
        _account: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["account"] }],
      },
    }),
  );
}

async function sell(DomainName: string, id: string, account: string, total = "1"): Promise<void> {
  const sale = JSON.stringify({ id, account, total });
  await client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName: "Sale", Object: sale }));
}

test("profiles belong to a segment by fields, by calculated attributes, and not where they are excluded", async () => {
  const DomainName = await createDomain("harbor");
  await putOrderType(DomainName);
  const german = { Address: { Country: "DE" } };
  const ids = [
    await createProfile(DomainName, { ...german, Attributes: { Visits: "5" } }),
    await createProfile(DomainName, { ...german, Attributes: { Visits: "4" } }),
    await createProfile(DomainName, { AccountNumber: "40017" }),
    await createProfile(DomainName, { AccountNumber: "40018", Attributes: { Staff: "yes" } }),
    await createProfile(DomainName),
  ];
  const created = await createSegment(DomainName, "loyal", LOYAL);
  assert.equal(
    created.SegmentDefinitionArn,
    "arn:aws:profile:us-east-1:000000000000:domains/harbor/segment-definitions/loyal",
  );
  const { SegmentGroups, SegmentType } = await client.send(
    new GetSegmentDefinitionCommand({ DomainName, SegmentDefinitionName: "loyal" }),
  );
  assert.deepEqual([SegmentGroups, SegmentType], [LOYAL, "CLASSIC"]);

  assert.deepEqual(await membersAmong(DomainName, "loyal", ids), [ids[0]]);
  for (const account of ["40017", "40018"]) {
    await sell(DomainName, `${account}-1`, account);
    await sell(DomainName, `${account}-2`, account);
  }
  assert.deepEqual(await membersAmong(DomainName, "loyal", ids), [ids[0], ids[2]]);

  const nobody = "0".repeat(32);
  const answer = await client.send(
    new GetSegmentMembershipCommand({
      DomainName,
      SegmentDefinitionName: "loyal",
      ProfileIds: [ids[0] ?? "", nobody],
    }),
  );
  assert.deepEqual(answer.Profiles, [
    {
      ProfileId: ids[0],
      QueryResult: "PRESENT",
      Profile: { ProfileId: ids[0], ...german, Attributes: { Visits: "5" } },
    },
  ]);
  assert.deepEqual(answer.Failures, [{ ProfileId: nobody, Message: `Profile ${nobody} does not exist`, Status: 404 }]);

  const estimate = await client.send(new CreateSegmentEstimateCommand({ DomainName, SegmentQuery: LOYAL }));
  assert.equal(estimate.StatusCode, 200);
  await server.advance("PT1S");
  const { EstimateId } = estimate;
  const counted = await client.send(new GetSegmentEstimateCommand({ DomainName, EstimateId }));
  assert.deepEqual([counted.Status, counted.Estimate], ["SUCCEEDED", "2"]);
});

test("segments rest on one another five deep, and what one rests on cannot be deleted", async () => {
  const DomainName = await createDomain("nested");
  const from = (...names: string[]): SegmentGroup => ({
    Groups: [{ SourceSegments: names.map((SegmentDefinitionName) => ({ SegmentDefinitionName })) }],
  });
  await createSegment(DomainName, "s0", custom("Tier", "INCLUSIVE", "gold"));
  for (const depth of [1, 2, 3, 4, 5]) await createSegment(DomainName, `s${depth}`, from(`s${depth - 1}`));
  await assert.rejects(
    createSegment(DomainName, "s6", from("s5")),
    refused("BadRequestException", "SourceSegments: segments rest on one another 6 deep, and 5 are allowed"),
  );
  await assert.rejects(
    createSegment(DomainName, "lost", from("nothing")),
    refused("ResourceNotFoundException", "Segment definition nothing does not exist"),
  );
  const gold = await createProfile(DomainName, { Attributes: { Tier: "gold" } });
  const silver = await createProfile(DomainName, { Attributes: { Tier: "silver" } });
  assert.deepEqual(await membersAmong(DomainName, "s5", [gold, silver]), [gold]);
  await createSegment(DomainName, "others", { ...from("s4"), Include: "NONE" });
  assert.deepEqual(await membersAmong(DomainName, "others", [gold, silver]), [silver]);

  const remove = (name: string) =>
    client.send(new DeleteSegmentDefinitionCommand({ DomainName, SegmentDefinitionName: name }));
  await assert.rejects(
    remove("s4"),
    refused("BadRequestException", "Segment definition s4 is a source of segment others and cannot be deleted"),
  );
  await remove("others");
  await remove("s5");
  await remove("s4");
  await assert.rejects(membersAmong(DomainName, "s5", [gold]), refused("ResourceNotFoundException"));
  // The name of a segment that is gone can be used for another one at once.
  await createSegment(DomainName, "s4", custom("Tier", "INCLUSIVE", "silver"));
  assert.deepEqual(await membersAmong(DomainName, "s4", [gold, silver]), [silver]);
  const page = await client.send(new ListSegmentDefinitionsCommand({ DomainName, MaxResults: 3 }));
  const rest = await client.send(
    new ListSegmentDefinitionsCommand({ DomainName, MaxResults: 3, NextToken: page.NextToken }),
  );
  const names = [...(page.Items ?? []), ...(rest.Items ?? [])].map((item) => item.SegmentDefinitionName);
  assert.deepEqual(names, ["s0", "s1", "s2", "s3", "s4"]);
  assert.equal(rest.NextToken, undefined);
});

test("mistakes in a segment are refused with their place, and SQL by its name", async () => {
  const DomainName = await createDomain("wrong-segments");
  await createSegment(DomainName, "taken", {});
  await assert.rejects(
    createSegment(DomainName, "taken", {}),
    refused("BadRequestException", "Segment definition with name taken already exists"),
  );
  await assert.rejects(
    createSegment(DomainName, "s", custom("Visits", "GREATER_THAN", "many")),
    refused(
      "BadRequestException",
      'SegmentGroups.Groups[0].Dimensions[0].ProfileAttributes.Attributes["Visits"].Values[0]: GREATER_THAN needs a number.',
    ),
  );
  await assert.rejects(
    createSegment(DomainName, "s", {
      Groups: [{ Dimensions: [{ CalculatedAttributes: { nothing: { DimensionType: "EQUAL", Values: ["1"] } } }] }],
    }),
    refused("ResourceNotFoundException", "Calculated attribute nothing does not exist"),
  );
  const names = Array.from({ length: 61 }, (_, index) => `a${index}`);
  const many = names.map((name) => ({
    ProfileAttributes: { Attributes: { [name]: { DimensionType: "EQUAL" as const, Values: ["1"] } } },
  }));
  await assert.rejects(
    createSegment(DomainName, "s", { Groups: [{ Dimensions: many }] }),
    refused("BadRequestException", "Limit exceeded: 61 attributes in one segment, and 60 are allowed"),
  );
  await createSegment(DomainName, "wide", { Groups: [{ Dimensions: many.slice(0, 60) }] });
  const query = { DomainName, SegmentDefinitionName: "s", DisplayName: "s", SegmentSqlQuery: "SELECT 1" };
  await assert.rejects(
    client.send(new CreateSegmentDefinitionCommand(query)),
    refused("BadRequestException", "SegmentSqlQuery: segments by SQL (ENHANCED) are not built"),
  );
  await assert.rejects(
    client.send(new CreateSegmentDefinitionCommand({ ...query, SegmentGroups: {} })),
    refused("BadRequestException", "SegmentGroups and SegmentSqlQuery: a segment has one of them"),
  );
  await assert.rejects(
    client.send(new CreateSegmentEstimateCommand({ DomainName })),
    refused("BadRequestException", "SegmentQuery: it is needed"),
  );
  await assert.rejects(
    client.send(new GetSegmentDefinitionCommand({ DomainName, SegmentDefinitionName: "s" })),
    refused("ResourceNotFoundException", "Segment definition s does not exist"),
  );
});

/** The files of a snapshot in order, as texts. */
async function filesIn(Bucket: string, Prefix: string): Promise<readonly string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? "";
    }),
  );
}

test("a snapshot writes a segment's profiles to a bucket, in the order that the segment asks for", async () => {
  const DomainName = await createDomain("exported");
  const Bucket = "segments";
  await s3.send(new CreateBucketCommand({ Bucket }));
  const names = ["b, the second", 'a "quoted"', "c", "d"];
  for (const [index, FirstName] of names.entries()) {
    await createProfile(DomainName, { FirstName, Attributes: { Score: String(10 - index), In: "yes" } });
  }
  await createProfile(DomainName, { FirstName: "without a score", Attributes: { In: "yes" } });
  await createProfile(DomainName, { FirstName: "outside", Attributes: { Score: "99" } });
  await call(server.url, "customer-profiles", "CreateSegmentDefinition", {
    DomainName,
    SegmentDefinitionName: "ranked",
    DisplayName: "Ranked",
    SegmentGroups: custom("In", "INCLUSIVE", "yes"),
    SegmentSort: { Attributes: [{ Name: "Attributes.Score", Order: "DESC", DataType: "NUMBER", Type: "PROFILE" }] },
  });
  const snapshot = async (DataFormat: "CSV" | "JSONL") => {
    const of = { DomainName, SegmentDefinitionName: "ranked" };
    const { SnapshotId } = await client.send(
      new CreateSegmentSnapshotCommand({ ...of, DataFormat, DestinationUri: `s3://${Bucket}/out/` }),
    );
    const begun = await client.send(new GetSegmentSnapshotCommand({ ...of, SnapshotId }));
    assert.equal(begun.Status, "IN_PROGRESS");
    await server.advance("PT1S");
    const { Status, StatusMessage } = await client.send(new GetSegmentSnapshotCommand({ ...of, SnapshotId }));
    assert.deepEqual([Status, StatusMessage], ["COMPLETED", "5 profiles found, 5 written"]);
    return filesIn(Bucket, `out/ranked/${SnapshotId}/`);
  };
  const [json = "", ...noMore] = await snapshot("JSONL");
  assert.equal(noMore.length, 0);
  const lines = json.trimEnd().split("\n");
  const profiles = lines.map((line) => JSON.parse(line) as { FirstName: string; Attributes: object });
  assert.deepEqual(
    profiles.map(({ FirstName }) => FirstName),
    [...names, "without a score"],
  );
  assert.deepEqual(profiles[0]?.Attributes, { Score: "10", In: "yes" });

  const [csv = ""] = await snapshot("CSV");
  const rows = csv.trimEnd().split("\n");
  assert.match(
    rows[0] ?? "",
    /^ProfileId,AccountNumber,.*,FirstName,.*,Address\.City,.*,Attributes,EngagementPreferences$/,
  );
  assert.match(rows[1] ?? "", /^[a-f0-9]{32},.*,"b, the second",.*,"\{""Score"":""10"",""In"":""yes""\}",$/);
  assert.match(rows[2] ?? "", /,"a ""quoted""",/);
  assert.equal(rows.length, 6);

  const refusedAs = (input: object) =>
    client.send(new CreateSegmentSnapshotCommand({ DomainName, SegmentDefinitionName: "ranked", ...input } as never));
  await assert.rejects(
    refusedAs({ DataFormat: "ORC", DestinationUri: `s3://${Bucket}` }),
    refused("BadRequestException", "DataFormat: ORC is not built; CSV and JSONL are"),
  );
  await assert.rejects(
    refusedAs({ DataFormat: "CSV" }),
    refused("BadRequestException", "DestinationUri: it is needed"),
  );
  await assert.rejects(
    refusedAs({ DataFormat: "CSV", DestinationUri: "https://segments/out" }),
    refused("BadRequestException", /^DestinationUri: s3:\/\/BUCKET\/FOLDER is needed/),
  );
});

test("a snapshot into a bucket that is not there fails, and says why", async () => {
  const DomainName = await createDomain("bucketless");
  await createSegment(DomainName, "all", {});
  const of = { DomainName, SegmentDefinitionName: "all" };
  const { SnapshotId } = await client.send(
    new CreateSegmentSnapshotCommand({ ...of, DataFormat: "JSONL", DestinationUri: "s3://not-there/x" }),
  );
  await server.advance("PT1S");
  const { Status, StatusMessage } = await client.send(new GetSegmentSnapshotCommand({ ...of, SnapshotId }));
  assert.equal(Status, "FAILED");
  assert.equal(
    StatusMessage,
    `s3://not-there/x/all/${SnapshotId}/part-00000.jsonl cannot be written: The specified bucket does not exist`,
  );
  await assert.rejects(
    client.send(new GetSegmentSnapshotCommand({ ...of, SnapshotId: "0".repeat(32) })),
    refused("ResourceNotFoundException"),
  );
});

test("estimates and snapshots go through a domain in steps, and go on after a restart", async () => {
  const data = temporaryFolder();
  const first = await startTrunkline("--data", data);
  const customers = new CustomerProfilesClient(first.client);
  const DomainName = "many";
  await customers.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  for (let index = 0; index < 250; index++) {
    const Attributes = { Parity: index % 2 === 0 ? "even" : "odd" };
    await customers.send(new CreateProfileCommand({ DomainName, Attributes }));
  }
  const even = custom("Parity", "INCLUSIVE", "even");
  const { EstimateId } = await customers.send(new CreateSegmentEstimateCommand({ DomainName, SegmentQuery: even }));
  const of = { DomainName, SegmentDefinitionName: "even" };
  await customers.send(new CreateSegmentDefinitionCommand({ ...of, DisplayName: "Even", SegmentGroups: even }));
  await new S3Client({ ...first.client, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: "segments" }));
  const { SnapshotId } = await customers.send(
    new CreateSegmentSnapshotCommand({ ...of, DataFormat: "JSONL", DestinationUri: "s3://segments" }),
  );
  await first.close();
  const second = await startTrunkline("--data", data);
  await second.advance("PT1S");
  const again = new CustomerProfilesClient(second.client);
  const { Status, Estimate } = await again.send(new GetSegmentEstimateCommand({ DomainName, EstimateId }));
  assert.deepEqual([Status, Estimate], ["SUCCEEDED", "125"]);
  const snapshot = await again.send(new GetSegmentSnapshotCommand({ ...of, SnapshotId }));
  assert.deepEqual([snapshot.Status, snapshot.StatusMessage], ["COMPLETED", "125 profiles found, 125 written"]);
  await second.close();
});

test("with limits enforced, snapshots a day, subscriptions and calculated attributes are counted", async () => {
  const limits = [
    "segment-snapshots-per-day=1",
    "segment-subscriptions-per-domain=1",
    "calculated-attributes-per-domain=1",
  ];
  const flags = limits.flatMap((limit) => ["--limit", `customer-profiles.${limit}`]);
  const strict = await startTrunkline("--enforce-limits", ...flags);
  const DomainName = "strict";
  const ask = (operation: string, input: object) =>
    send(strict.url, "customer-profiles", operation, { DomainName, ...input });
  const works = async (operation: string, input: object = {}) => {
    const { status, body } = await ask(operation, input);
    assert.equal(status, 200, body.toString());
  };
  const isFull = async (what: string, operation: string, input: object) => {
    const { status, body } = await ask(operation, input);
    assert.deepEqual([status, JSON.parse(body.toString()).Message], [400, `Limit exceeded: ${what}`]);
  };
  await works("CreateDomain", { DefaultExpirationDays: 366 });
  for (const SegmentDefinitionName of ["a", "b"]) {
    await works("CreateSegmentDefinition", { SegmentDefinitionName, DisplayName: "x", SegmentGroups: {} });
  }
  const snapshot = { SegmentDefinitionName: "a", DataFormat: "CSV", DestinationUri: "s3://nowhere" };
  await works("CreateSegmentSnapshot", snapshot);
  await isFull("segment snapshots per day", "CreateSegmentSnapshot", snapshot);
  await strict.advance("P1D");
  await works("CreateSegmentSnapshot", snapshot);

  const DestinationArn = await createStream(new KinesisClient(strict.client), "limited");
  const DestinationRoleArn = "arn:aws:iam::000000000000:role/segments";
  await works("AssociateStreamForSegments", { DestinationArn, DestinationRoleArn });
  await works("PutSegmentSubscription", { SegmentDefinitionName: "a" });
  await works("PutSegmentSubscription", { SegmentDefinitionName: "a", ScheduleConfiguration: { Interval: 1 } });
  await isFull("segment subscriptions per domain", "PutSegmentSubscription", { SegmentDefinitionName: "b" });

  const AttributeDetails = { Attributes: [{ Name: "OrderId" }], Expression: "{_order.OrderId}" };
  const attribute = (CalculatedAttributeName: string) => ({
    CalculatedAttributeName,
    AttributeDetails,
    Statistic: "COUNT",
  });
  await works("CreateCalculatedAttributeDefinition", attribute("one"));
  await isFull("calculated attributes per domain", "CreateCalculatedAttributeDefinition", attribute("two"));
  await strict.close();
});

interface Told {
  readonly ProfileId: string;
  readonly OperationType: string;
  readonly EventType: string;
  readonly PreviousMembershipChangedAt?: number;
  readonly MembershipCalculatedAt: number;
}

const profile = (operation: string, input: object) =>
  call(server.url, "customer-profiles", operation, input as Record<string, unknown>);

test("who joins a subscribed segment and who leaves it is told on a stream of Kinesis, at once and by comparison", async () => {
  const DomainName = await createDomain("followed");
  const arn = await createStream(kinesis, "members");
  const of = { DomainName, SegmentDefinitionName: "regulars" };
  const regular = {
    ProfileAttributes: { Attributes: { Since: { DimensionType: "AFTER" as const, Values: ["-P7D"] } } },
  };
  await createSegment(DomainName, "regulars", { Groups: [{ Dimensions: [regular] }] });
  const now = () => new Date(server.app.platform().clock.now()).toISOString();
  const there = await createProfile(DomainName, { Attributes: { Since: now() } });
  const withoutStream = await send(server.url, "customer-profiles", "PutSegmentSubscription", of);
  assert.equal(withoutStream.status, 400);

  const DestinationRoleArn = "arn:aws:iam::000000000000:role/segments";
  await profile("AssociateStreamForSegments", { DomainName, DestinationArn: arn, DestinationRoleArn });
  const again = { DomainName, DestinationArn: arn, DestinationRoleArn };
  assert.equal((await send(server.url, "customer-profiles", "AssociateStreamForSegments", again)).status, 400);
  const schedule = { Interval: 2, Unit: "HOURLY" };
  const put = await profile("PutSegmentSubscription", { ...of, ScheduleConfiguration: schedule });
  assert.deepEqual([put.Status, put.ScheduleConfiguration], ["STARTING", schedule]);
  await server.advance("PT1S");
  assert.equal((await profile("GetSegmentSubscription", of)).Status, "RUNNING");
  assert.deepEqual(await readStream<Told>(kinesis, arn), []);

  const joining = await createProfile(DomainName, { Attributes: { Since: now() } });
  await createProfile(DomainName, { Attributes: { Since: "2020-01-01" } });
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId: joining, FirstName: "Ina" }));
  await server.advance("PT1H");
  const attribute = (Since: string) =>
    client.send(new UpdateProfileCommand({ DomainName, ProfileId: joining, Attributes: { Since } }));
  await attribute("2020-01-01");
  await server.advance("PT1H");
  await attribute(now());
  const told = await readStream<Told>(kinesis, arn);
  const changes = told.map(({ ProfileId, OperationType, EventType }) => [ProfileId, OperationType, EventType]);
  assert.deepEqual(changes, [
    [joining, "JOINED", "LIVE"],
    [joining, "LEFT", "LIVE"],
    [joining, "JOINED", "LIVE"],
  ]);
  const [first, second, third] = told;
  assert.equal(first?.PreviousMembershipChangedAt, undefined);
  assert.equal(second?.PreviousMembershipChangedAt, first?.MembershipCalculatedAt);
  assert.equal(third?.PreviousMembershipChangedAt, second?.MembershipCalculatedAt);
  const { EventType, OperationType, MembershipCalculatedAt, ...rest } = first ?? assert.fail();
  assert.deepEqual(rest, {
    AccountId: "000000000000",
    DomainName,
    SegmentDefinitionName: "regulars",
    SegmentType: "CLASSIC",
    ProfileId: joining,
  });

  // Time alone takes profiles out of it: only a comparison finds that. The stream keeps records for a day.
  await server.advance("P7DT2H");
  const later = await readStream<Told>(kinesis, arn);
  assert.deepEqual(
    later.map((event) => [event.OperationType, event.EventType, event.ProfileId]).sort(),
    [there, joining].map((id) => ["LEFT", "SCHEDULE", id]).sort(),
  );
  const { ScheduledExecutions } = await profile("GetSegmentSubscription", of);
  assert.ok(ScheduledExecutions.LastExecutedAt < ScheduledExecutions.NextExecutedAt);

  const { Events, NextToken } = await profile("ListSegmentSubscriptionEvents", { ...of, MaxResults: 2 });
  assert.deepEqual(
    Events.map((event: { Event: string; EventType: string }) => [event.Event, event.EventType]),
    [
      ["LEFT", "SCHEDULE"],
      ["LEFT", "SCHEDULE"],
    ],
  );
  const more = await profile("ListSegmentSubscriptionEvents", { ...of, NextToken });
  // They can be listed for 7 days.
  assert.deepEqual(
    more.Events.map((event: { Event: string }) => event.Event),
    ["JOINED"],
  );

  await attribute(now());
  await client.send(new DeleteProfileCommand({ DomainName, ProfileId: joining }));
  const last = (await readStream<Told>(kinesis, arn)).slice(2).map((event) => [event.OperationType, event.EventType]);
  assert.deepEqual(last, [
    ["JOINED", "LIVE"],
    ["LEFT", "LIVE"],
  ]);

  const newest = (await profile("ListSegmentSubscriptionEvents", { ...of, MaxResults: 2 })).Events;
  assert.deepEqual(
    newest.map((event: { Event: string; ProfileId: string }) => [event.Event, event.ProfileId]),
    [
      ["LEFT", joining],
      ["JOINED", joining],
    ],
  );

  await profile("DeleteSegmentSubscription", of);
  assert.equal((await send(server.url, "customer-profiles", "GetSegmentSubscription", of)).status, 404);
  await profile("DisassociateStreamForSegments", { DomainName });
  assert.equal((await profile("GetStreamForSegments", { DomainName })).State, "STOPPED");
});

test("who joins and leaves within a millisecond is listed each time", async () => {
  const DomainName = await createDomain("hasty");
  const DestinationArn = await createStream(kinesis, "hasty");
  const of = { DomainName, SegmentDefinitionName: "gold" };
  const gold = {
    ProfileAttributes: { Attributes: { Tier: { DimensionType: "INCLUSIVE" as const, Values: ["gold"] } } },
  };
  await createSegment(DomainName, "gold", { Groups: [{ Dimensions: [gold] }] });
  const DestinationRoleArn = "arn:aws:iam::000000000000:role/segments";
  await profile("AssociateStreamForSegments", { DomainName, DestinationArn, DestinationRoleArn });
  await profile("PutSegmentSubscription", of);
  await server.advance("PT1S");
  const ProfileId = await createProfile(DomainName, { Attributes: { Tier: "gold" } });
  for (const Tier of ["none", "gold"]) {
    await client.send(new UpdateProfileCommand({ DomainName, ProfileId, Attributes: { Tier } }));
  }
  const { Events } = await profile("ListSegmentSubscriptionEvents", of);
  assert.deepEqual(
    Events.map(({ Event }: { Event: string }) => Event),
    ["JOINED", "LEFT", "JOINED"],
  );
});

test("a segment that is subscribed again at once tells nobody of who was in it before", async () => {
  const DomainName = await createDomain("resubscribed");
  const DestinationArn = await createStream(kinesis, "resubscribed");
  const of = { DomainName, SegmentDefinitionName: "all" };
  await createSegment(DomainName, "all", { Groups: [] });
  // So many that what was known of them does not go at once.
  for (let count = 0; count < 11; count++) {
    await Promise.all(Array.from({ length: 50 }, () => createProfile(DomainName, {})));
  }
  const DestinationRoleArn = "arn:aws:iam::000000000000:role/segments";
  await profile("AssociateStreamForSegments", { DomainName, DestinationArn, DestinationRoleArn });
  await profile("PutSegmentSubscription", of);
  await server.advance("PT1S");
  await Promise.all([profile("DeleteSegmentSubscription", of), profile("PutSegmentSubscription", of)]);
  await server.advance("PT25H");
  assert.deepEqual(await readStream<Told>(kinesis, DestinationArn), []);
});

test("what a missing stream was not told is told once there is one again", async () => {
  const DomainName = await createDomain("interrupted");
  const arn = await createStream(kinesis, "broken");
  const of = { DomainName, SegmentDefinitionName: "gold" };
  await createSegment(DomainName, "gold", custom("Tier", "INCLUSIVE", "gold"));
  const gone = await createProfile(DomainName, { Attributes: { Tier: "gold" } });
  const DestinationRoleArn = "arn:aws:iam::000000000000:role/segments";
  await profile("AssociateStreamForSegments", { DomainName, DestinationArn: arn, DestinationRoleArn });
  await profile("PutSegmentSubscription", { ...of, ScheduleConfiguration: { Interval: 1 } });
  await server.advance("PT1S");
  await call(server.url, "kinesis", "DeleteStream", { StreamName: "broken" });
  await server.advance("PT1M");
  const id = await createProfile(DomainName, { Attributes: { Tier: "gold" } });
  await client.send(new DeleteProfileCommand({ DomainName, ProfileId: gone }));
  const unhealthy = await profile("GetStreamForSegments", { DomainName });
  assert.equal(unhealthy.State, "UNHEALTHY");
  assert.match(unhealthy.FailureReason, /does not exist or is not active/);
  assert.deepEqual(
    unhealthy.AssociatedSegments.map((one: { SegmentName: string; Status: string }) => [one.SegmentName, one.Status]),
    [["gold", "FAILED"]],
  );
  await createStream(kinesis, "broken");
  await server.advance("PT1H");
  assert.deepEqual(
    (await readStream<Told>(kinesis, arn)).map((told) => [told.ProfileId, told.OperationType, told.EventType]),
    [
      [id, "JOINED", "SCHEDULE"],
      [gone, "LEFT", "SCHEDULE"],
    ],
  );
  assert.equal((await profile("GetStreamForSegments", { DomainName })).State, "RUNNING");
});

test("an event trigger fires for the members of its segment, as the object that triggers it has made them", async () => {
  const DomainName = await createDomain("filtered");
  await putOrderType(DomainName);
  const arn = await createStream(kinesis, "triggered");
  await createSegment(DomainName, "buyers", {
    Groups: [
      {
        Dimensions: [
          { CalculatedAttributes: { _orders_count: { DimensionType: "GREATER_THAN_OR_EQUAL", Values: ["2"] } } },
        ],
      },
    ],
  });
  const trigger = {
    DomainName,
    EventTriggerName: "second-sale",
    ObjectTypeName: "Sale",
    EventTriggerConditions: [
      {
        LogicalOperator: "ALL" as const,
        EventTriggerDimensions: [
          { ObjectAttributes: [{ Source: "id", ComparisonOperator: "BEGINS_WITH" as const, Values: ["s"] }] },
        ],
      },
    ],
  };
  await assert.rejects(
    client.send(new CreateEventTriggerCommand({ ...trigger, SegmentFilter: "nobody" })),
    refused("ResourceNotFoundException", "Segment definition nobody does not exist"),
  );
  await client.send(new CreateEventTriggerCommand({ ...trigger, SegmentFilter: "buyers" }));
  const RoleArn = "arn:aws:iam::000000000000:role/triggers";
  const EventTriggerNames = ["second-sale"];
  await client.send(new PutIntegrationCommand({ DomainName, Uri: arn, EventTriggerNames, RoleArn }));
  for (const [id, account] of [
    ["s1", "1"],
    ["s2", "2"],
    ["s3", "1"],
  ] as const) {
    await sell(DomainName, id, account);
  }
  await server.advance("PT1S");
  const told = await readStream<{ readonly eventTriggerContext: { readonly sourceEvent: string } }>(kinesis, arn);
  const sold = told.map(({ eventTriggerContext }) => JSON.parse(eventTriggerContext.sourceEvent).id);
  assert.deepEqual(sold, ["s3"]);

  const remove = () => client.send(new DeleteSegmentDefinitionCommand({ DomainName, SegmentDefinitionName: "buyers" }));
  await assert.rejects(
    remove(),
    refused(
      "BadRequestException",
      "Segment definition buyers is the filter of event trigger second-sale and cannot be deleted",
    ),
  );
  await client.send(new DeleteIntegrationCommand({ DomainName, Uri: arn }));
  await client.send(new DeleteEventTriggerCommand({ DomainName, EventTriggerName: "second-sale" }));
  await remove();
});

test("why a profile belongs to a segment or does not is told, of the segments that it rests on too", async () => {
  const DomainName = await createDomain("explained");
  await createSegment(DomainName, "gold", custom("Tier", "INCLUSIVE", "gold"));
  await createSegment(DomainName, "near", {
    Groups: [
      {
        SourceSegments: [{ SegmentDefinitionName: "gold" }],
        Dimensions: [{ ProfileAttributes: { Address: { City: { DimensionType: "INCLUSIVE", Values: ["Kiel"] } } } }],
      },
    ],
  });
  const id = await createProfile(DomainName, { Address: { City: "Kiel" }, Attributes: { Tier: "silver" } });
  const explain = async (question: object) => {
    const body = JSON.stringify({ segment: "near", domain: DomainName, profile: id, ...question });
    const answer = await sendSigned(server.url, { service: "trunkline", path: "/_trunkline/explain", body });
    return [answer.status, JSON.parse(answer.body.toString())] as const;
  };
  const [status, near] = await explain({});
  assert.equal(status, 200);
  assert.deepEqual([near.matched, near.reason], [false, "it was not found that the profile is in segment gold"]);
  assert.equal(near.segment, "arn:aws:profile:us-east-1:000000000000:domains/explained/segment-definitions/near");
  const [gold] = near.sources;
  assert.equal(gold.name, "gold");
  assert.match(gold.reason, /^_profile\.Attributes\.Tier is "silver", but the rule asks for a value that .*"gold"$/);
  assert.equal((await explain({ segment: "none" }))[0], 404);
  assert.equal((await explain({ profile: "0".repeat(32) }))[0], 404);
  assert.equal((await explain({ colour: "red" }))[0], 400);

  const bin = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
  const args = ["explain", "--segment", "near", "--profile", id, "--domain", DomainName, "--url", server.url];
  const failed = await promisify(execFile)(process.execPath, [bin, ...args]).catch((error) => error);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /^no match: it was not found that the profile is in segment gold\n/);
  assert.match(failed.stdout, /✓ _profile\.Address\.City/);
  assert.match(failed.stdout, /\nsegment gold\n {2}no match: /);
});
