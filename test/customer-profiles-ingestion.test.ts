/** Objects flow into Customer Profiles and become one profile a person, as the SDK sees it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchGetProfileCommand,
  CreateDomainCommand,
  CreateEventStreamCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  DeleteProfileCommand,
  DeleteProfileObjectCommand,
  GetDomainCommand,
  GetProfileHistoryRecordCommand,
  ListProfileHistoryRecordsCommand,
  ListProfileObjectsCommand,
  type Profile,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  type PutProfileObjectTypeCommandInput,
  SearchProfilesCommand,
  type SearchProfilesCommandInput,
  type SearchProfilesCommandOutput,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { objects } from "../src/services/customer-profiles/stored-object.ts";
import { profiles } from "../src/services/customer-profiles/stored-profile.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";
import { createStream, readStream } from "./streams.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const kinesis = new KinesisClient(server.client);
const sqs = new SQSClient(server.client);

type Mapping = Omit<PutProfileObjectTypeCommandInput, "DomainName" | "ObjectTypeName" | "Description">;

/** Scans of parcels, with keys of most kinds. */
const SCAN: Mapping = {
  AllowProfileCreation: true,
  ExpirationDays: 120,
  Fields: {
    scanId: { Source: "_source.scan.id" },
    shopperNo: { Source: "_source.shopper.number", Target: "_profile.AccountNumber" },
    mail: { Source: "_source.shopper.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
    first: { Source: "_source.shopper.first", Target: "_profile.FirstName" },
    parcelNo: { Source: "_source.parcel.no", Target: "_order.Name" },
    weight: { Source: "_source.parcel.kg", Target: "_order.TotalWeight", ContentType: "NUMBER" },
    depot: { Source: "_source.depot", Target: "_profile.Attributes.LastDepot" },
  },
  Keys: {
    parcelScanKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["scanId"] }],
    shopperKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["shopperNo"] }],
    parcelKey: [{ StandardIdentifiers: ["ORDER"], FieldNames: ["parcelNo"] }],
    _email: [{ StandardIdentifiers: ["PROFILE", "SECONDARY"], FieldNames: ["mail"] }],
  },
};

/** The name of a field begins with a letter. */
const fieldOf = (key: string): string => key.replace(/^_/, "");

/** A row with an id and keys that a test names. */
function row(keys: Record<string, readonly string[]>, more: Partial<Mapping> = {}): Mapping {
  return {
    AllowProfileCreation: true,
    Fields: {
      id: { Source: "_source.id" },
      ...Object.fromEntries(
        Object.keys(keys).map((key) => [
          fieldOf(key),
          {
            Source: `_source.${key}`,
            ...(key === "phone" && { ContentType: "PHONE_NUMBER" as const }),
            ...(key === "_email" && { ContentType: "EMAIL_ADDRESS" as const }),
          },
        ]),
      ),
      ...more.Fields,
    },
    Keys: {
      rowKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
      ...Object.fromEntries(
        Object.entries(keys).map(([key, identifiers]) => [
          key,
          [{ StandardIdentifiers: identifiers as never, FieldNames: [fieldOf(key)] }],
        ]),
      ),
    },
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== "Fields")),
  };
}

let domains = 0;
async function openDomain(types: Record<string, Mapping>, more: { DeadLetterQueueUrl?: string } = {}): Promise<string> {
  const DomainName = `domain-${++domains}`;
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, ...more }));
  for (const [ObjectTypeName, mapping] of Object.entries(types)) {
    await client.send(
      new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, Description: ObjectTypeName, ...mapping }),
    );
  }
  return DomainName;
}

async function put(DomainName: string, ObjectTypeName: string, object: unknown): Promise<string> {
  const input = { DomainName, ObjectTypeName, Object: JSON.stringify(object) };
  return (await client.send(new PutProfileObjectCommand(input))).ProfileObjectUniqueKey ?? "";
}

async function search(
  DomainName: string,
  KeyName: string,
  Values: string[],
  more: Partial<SearchProfilesCommandInput> = {},
): Promise<Profile[]> {
  return (await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values, ...more }))).Items ?? [];
}

async function objectsOf(DomainName: string, ProfileId: string | undefined, ObjectTypeName: string) {
  const { Items = [] } = await client.send(new ListProfileObjectsCommand({ DomainName, ProfileId, ObjectTypeName }));
  return Items.map((item) => JSON.parse(item.Object ?? "null"));
}

const statsOf = async (DomainName: string) => (await client.send(new GetDomainCommand({ DomainName }))).Stats;

const refused = (name: string, message: RegExp) => (error: Error) => {
  assert.equal(error.name, name);
  assert.match(error.message, message);
  return true;
};

const scan = (id: string, shopper: object, parcel: object = {}, depot = "Bremen 2") => ({
  scan: { id },
  shopper,
  parcel,
  depot,
});

test("an object makes a profile, a standard object and its keys; the same unique value replaces it", async () => {
  const DomainName = await openDomain({ ParcelScan: SCAN });
  const key = await put(
    DomainName,
    "ParcelScan",
    scan("s-9", { number: "40017", mail: "Ina@Example.com" }, { no: "P1", kg: 2.5 }),
  );
  assert.match(key, /^[A-Za-z0-9+/]{43}=$/);
  const [profile, ...others] = await search(DomainName, "shopperKey", ["40017"]);
  assert.deepEqual(others, []);
  const { ProfileId, FoundByItems, ...fields } = profile ?? {};
  assert.deepEqual(fields, {
    AccountNumber: "40017",
    EmailAddress: "Ina@Example.com",
    Attributes: { LastDepot: "Bremen 2" },
  });
  assert.deepEqual(FoundByItems, [{ KeyName: "shopperKey", Values: ["40017"] }]);
  const [order] = await objectsOf(DomainName, ProfileId, "_order");
  const { OrderId, ...orderFields } = order;
  assert.match(OrderId, /^[a-f0-9]{32}$/);
  assert.deepEqual(orderFields, { Name: "P1", TotalWeight: "2.5" });
  for (const [name, value] of [
    ["parcelScanKey", "s-9"],
    ["parcelKey", "P1"],
    ["_email", "INA@example.com"],
    ["_account", "40017"],
    ["_orderId", OrderId],
  ] as const) {
    assert.deepEqual(
      (await search(DomainName, name, [value])).map((found) => found.ProfileId),
      [ProfileId],
      name,
    );
  }

  const again = scan("s-9", { number: "40017" }, { no: "P1" }, "Kiel");
  assert.equal(await put(DomainName, "ParcelScan", again), key);
  assert.deepEqual(await objectsOf(DomainName, ProfileId, "ParcelScan"), [again]);
  // What is empty clears nothing.
  const [after] = await search(DomainName, "_email", ["ina@example.com"]);
  assert.equal(after?.Attributes?.LastDepot, "Kiel");
  assert.deepEqual(await objectsOf(DomainName, ProfileId, "_order"), [order]);
  const stats = await statsOf(DomainName);
  assert.deepEqual([stats?.ProfileCount, stats?.ObjectCount, stats?.MeteringProfileCount], [1, 2, 1]);
});

test("keys are compared by their content type", async () => {
  const DomainName = await openDomain({
    Call: row({ phone: ["PROFILE"] }),
    Plain: row({ number: ["PROFILE"] }),
  });
  await put(DomainName, "Call", { id: "1", phone: "+1 (415) 555-0199" });
  await put(DomainName, "Call", { id: "2", phone: "4155550199" });
  await put(DomainName, "Plain", { id: "1", number: "+1 (415) 555-0199" });
  await put(DomainName, "Plain", { id: "2", number: "4155550199" });
  assert.equal((await statsOf(DomainName))?.ProfileCount, 3);
  const [caller] = await search(DomainName, "phone", ["415.555.0199"]);
  assert.equal((await objectsOf(DomainName, caller?.ProfileId, "Call")).length, 2);
  // Created of nothing but a phone number, which no target names.
  assert.equal(caller?.PhoneNumber, "+1 (415) 555-0199");
});

test("an ambiguous key finds nobody: it makes a profile where that is allowed, else the object is a dead letter", async () => {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "dead-objects" }));
  const DomainName = await openDomain(
    { Free: row({ _email: ["PROFILE"] }), Strict: row({ _email: ["PROFILE"] }, { AllowProfileCreation: false }) },
    { DeadLetterQueueUrl: QueueUrl },
  );
  for (const FirstName of ["One", "Two"]) {
    await client.send(new CreateProfileCommand({ DomainName, FirstName, EmailAddress: "shared@example.com" }));
  }
  const object = { id: "1", _email: "shared@example.com" };
  assert.match(await put(DomainName, "Strict", object), /=$/);
  assert.equal((await statsOf(DomainName))?.ProfileCount, 2);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  assert.deepEqual(
    Messages.map(({ Body = "" }) => {
      const { EventTimestamp, ...letter } = JSON.parse(Body);
      assert.match(EventTimestamp, /Z$/);
      return letter;
    }),
    [
      {
        DomainName,
        ObjectTypeName: "Strict",
        ErrorMessage: "No profile matched and AllowProfileCreation is false",
        Object: JSON.stringify(object),
      },
    ],
  );
  await put(DomainName, "Free", object);
  assert.equal((await statsOf(DomainName))?.ProfileCount, 3);
  const found = await search(DomainName, "rowKey", ["1"]);
  assert.equal(found.length, 1);
  // The ambiguous key was not stored; the address is the inferred profile's own.
  assert.equal(found[0]?.EmailAddress, "shared@example.com");
});

test("SECONDARY, LOOKUP_ONLY and NEW_ONLY keys look up and stay as they say", async () => {
  const DomainName = await openDomain({
    Row: row({
      main: ["PROFILE"],
      second: ["PROFILE", "SECONDARY"],
      look: ["PROFILE", "LOOKUP_ONLY"],
      fresh: ["NEW_ONLY"],
    }),
  });
  await put(DomainName, "Row", { id: "1", main: "a", second: "s1", look: "l1", fresh: "f1" });
  await put(DomainName, "Row", { id: "2", main: "b", second: "s2", look: "l2", fresh: "f2" });
  assert.equal((await search(DomainName, "look", ["l1"])).length, 0);
  assert.equal((await search(DomainName, "fresh", ["f1"])).length, 1);
  // The main key decides, whatever the second one says.
  await put(DomainName, "Row", { id: "3", main: "a", second: "s2", fresh: "f3" });
  const [first] = await search(DomainName, "main", ["a"]);
  const rows = await objectsOf(DomainName, first?.ProfileId, "Row");
  assert.deepEqual(rows.map(({ id }) => id).sort(), ["1", "3"]);
  assert.equal((await search(DomainName, "fresh", ["f3"])).length, 0);
  // Where the main key finds nobody, the second one does; two profiles have "s2" by now.
  await put(DomainName, "Row", { id: "4", main: "c", second: "s1" });
  assert.deepEqual(
    (await search(DomainName, "main", ["c"])).map(({ ProfileId }) => ProfileId),
    [first?.ProfileId],
  );
  await put(DomainName, "Row", { id: "5", main: "d", second: "s2" });
  const [fifth] = await search(DomainName, "main", ["d"]);
  assert.equal((await statsOf(DomainName))?.ProfileCount, 3);
  assert.equal(
    (await search(DomainName, "second", ["s2"])).some(({ ProfileId }) => ProfileId === fifth?.ProfileId),
    false,
  );
});

test("who may write a field is decided by priority: by hand, then by none, then 2, then 1", async () => {
  const named = (SourcePriority?: number) =>
    row(
      { no: ["PROFILE"] },
      { SourcePriority, Fields: { name: { Source: "_source.name", Target: "_profile.FirstName" } } },
    );
  const DomainName = await openDomain({ None: named(), Second: named(2), First: named(1) });
  await put(DomainName, "None", { id: "1", no: "7", name: "from none" });
  const nameOf = async () => (await search(DomainName, "no", ["7"]))[0]?.FirstName;
  const [profile] = await search(DomainName, "no", ["7"]);
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId: profile?.ProfileId, FirstName: "by hand" }));
  await put(DomainName, "None", { id: "2", no: "7", name: "from none again" });
  assert.equal(await nameOf(), "by hand");
  await put(DomainName, "Second", { id: "1", no: "7", name: "from second" });
  assert.equal(await nameOf(), "from second");
  await put(DomainName, "First", { id: "1", no: "7", name: "from first" });
  await put(DomainName, "Second", { id: "2", no: "7", name: "from second again" });
  assert.equal(await nameOf(), "from first");
  await put(DomainName, "First", { id: "2", no: "7", name: "" });
  assert.equal(await nameOf(), "from first");
});

test("object types that share keys meet on one profile and one order", async () => {
  const order = (field: string): Mapping =>
    row(
      { customer: ["PROFILE"], order: ["ORDER"] },
      { Fields: { [field]: { Source: `_source.${field}`, Target: `_order.${field}` } } },
    );
  const DomainName = await openDomain({ Sold: order("TotalPrice"), Sent: order("FulfillmentStatus") });
  await put(DomainName, "Sold", { id: "1", customer: "c", order: "o", TotalPrice: 12.5 });
  await put(DomainName, "Sent", { id: "1", customer: "c", order: "o", FulfillmentStatus: "sent" });
  assert.equal((await statsOf(DomainName))?.ProfileCount, 1);
  const [profile] = await search(DomainName, "order", ["o"]);
  const orders = await objectsOf(DomainName, profile?.ProfileId, "_order");
  assert.deepEqual(
    orders.map(({ TotalPrice, FulfillmentStatus }) => [TotalPrice, FulfillmentStatus]),
    [["12.5", "sent"]],
  );
});

test("fifty objects at once with one profile key leave one profile", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"] }) });
  await Promise.all(Array.from({ length: 50 }, (_, id) => put(DomainName, "Row", { id, no: "same" })));
  const stats = await statsOf(DomainName);
  assert.deepEqual([stats?.ProfileCount, stats?.ObjectCount], [1, 50]);
});

test("search takes keys together, by pages, and says what found a profile", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"], team: [] }) });
  for (let no = 0; no < 45; no++) {
    await put(DomainName, "Row", { id: no, no: `n${no}`, team: no % 2 === 0 ? "even" : "odd" });
  }
  const all: Profile[] = [];
  let NextToken: string | undefined;
  const sizes: number[] = [];
  const input = { DomainName, KeyName: "team", Values: ["even", "odd"] };
  do {
    const page = await client.send(new SearchProfilesCommand({ ...input, NextToken }));
    all.push(...(page.Items ?? []));
    sizes.push(page.Items?.length ?? 0);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  assert.deepEqual(sizes, [20, 20, 5]);
  assert.equal(new Set(all.map(({ ProfileId }) => ProfileId)).size, 45);
  const AdditionalSearchKeys = [{ KeyName: "no", Values: ["n4"] }];
  const both = await search(DomainName, "team", ["even"], { AdditionalSearchKeys, LogicalOperator: "AND" });
  assert.deepEqual(
    both.map(({ FoundByItems }) => FoundByItems?.map(({ KeyName }) => KeyName)),
    [["team", "no"]],
  );
  assert.deepEqual(await search(DomainName, "team", ["odd"], { AdditionalSearchKeys, LogicalOperator: "AND" }), []);
  const pages: Profile[] = [];
  NextToken = undefined;
  do {
    const every = { KeyName: "no", Values: Array.from({ length: 45 }, (_, no) => `n${no}`) };
    const both = { KeyName: "team", Values: ["odd"], AdditionalSearchKeys: [every] };
    const asked: SearchProfilesCommandInput = { DomainName, ...both, LogicalOperator: "AND", MaxResults: 5, NextToken };
    const page: SearchProfilesCommandOutput = await client.send(new SearchProfilesCommand(asked));
    pages.push(...(page.Items ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  assert.equal(new Set(pages.map(({ ProfileId }) => ProfileId)).size, 22);
  assert.equal(pages.length, 22);
  const either = await search(DomainName, "team", ["odd"], { AdditionalSearchKeys, MaxResults: 100 });
  assert.equal(either.length, 23);
  assert.deepEqual(await search(DomainName, "noSuchKey", ["x"]), []);
  await assert.rejects(
    search(DomainName, "team", ["even"], { NextToken: "x" }),
    refused("BadRequestException", /nextToken/),
  );
});

test("a key of several fields is searched by its parts or by one text", async () => {
  const DomainName = await openDomain({
    Room: {
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.id" },
        house: { Source: "_source.house" },
        room: { Source: "_source.room" },
      },
      Keys: {
        idKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
        roomKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["house", "room"] }],
      },
    },
  });
  await put(DomainName, "Room", { id: "1", house: "a b", room: "c" });
  await put(DomainName, "Room", { id: "2", house: "a", room: "b c" });
  assert.equal((await statsOf(DomainName))?.ProfileCount, 2);
  assert.equal((await search(DomainName, "roomKey", ["a b", "c"])).length, 1);
  assert.equal((await search(DomainName, "roomKey", ["a b c"])).length, 2);
  assert.equal((await search(DomainName, "roomKey", ["a b", "x"])).length, 0);
});

test("an event stream is told of the object, the profile and the order, in this order", async () => {
  const DomainName = await openDomain({ ParcelScan: SCAN });
  const Uri = await createStream(kinesis, DomainName);
  await client.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "changes", Uri }));
  const first = `{ "scan": {"id": "s-1"}, "shopper": {"number": 1e2, "mail": "a@b.example"}, "parcel": {"no": "P"}, "big": 12345678901234567890.50 }`;
  const input = { DomainName, ObjectTypeName: "ParcelScan" };
  const { ProfileObjectUniqueKey } = await client.send(new PutProfileObjectCommand({ ...input, Object: first }));
  await client.send(new PutProfileObjectCommand({ ...input, Object: first }));
  await server.advance("PT1S");
  await put(DomainName, "ParcelScan", scan("s-2", { number: "1e2", first: "Ina" }));
  interface Told {
    EventType: string;
    ObjectTypeName?: string;
    AssociatedProfileId?: string;
    ProfileObjectUniqueKey?: string;
    Object?: Record<string, unknown>;
  }
  const told = (await readStream<Told>(kinesis, Uri)).slice(1);
  assert.deepEqual(
    told.map(({ EventType, ObjectTypeName }) => [EventType, ObjectTypeName]),
    [
      ["CREATED", "_profile"],
      ["CREATED", "ParcelScan"],
      ["CREATED", "_order"],
      ["UPDATED", "ParcelScan"],
      ["UPDATED", "_order"],
      ["CREATED", "ParcelScan"],
      ["UPDATED", "_profile"],
    ],
  );
  const [profile, object] = told;
  assert.equal(object?.AssociatedProfileId, profile?.Object?.ProfileId);
  assert.equal(object?.ProfileObjectUniqueKey, ProfileObjectUniqueKey);
  assert.equal(profile?.AssociatedProfileId, undefined);
  assert.equal(profile?.Object?.AccountNumber, "1e2");
  const [stored] = await client
    .send(new ListProfileObjectsCommand({ ...input, ProfileId: String(profile?.Object?.ProfileId), MaxResults: 1 }))
    .then(async ({ NextToken }) =>
      client.send(
        new ListProfileObjectsCommand({
          ...input,
          ProfileId: String(profile?.Object?.ProfileId),
          MaxResults: 1,
          NextToken,
        }),
      ),
    )
    .then(({ Items }) => Items ?? []);
  assert.equal(stored?.Object, first);
});

test("an object that a source says is older changes nothing", async () => {
  const DomainName = await openDomain({
    Row: row(
      { no: ["PROFILE"] },
      {
        SourceLastUpdatedTimestampFormat: "EpochMilli",
        Fields: {
          at: { Source: "_source.at", Target: "_profile.SourceLastUpdatedTimestamp" },
          name: { Source: "_source.name", Target: "_profile.FirstName" },
        },
      },
    ),
  });
  await put(DomainName, "Row", { id: "1", no: "1", at: 2000, name: "new" });
  await put(DomainName, "Row", { id: "1", no: "1", at: 1000, name: "old" });
  const [profile] = await search(DomainName, "no", ["1"]);
  assert.equal(profile?.FirstName, "new");
  assert.deepEqual(await objectsOf(DomainName, profile?.ProfileId, "Row"), [
    { id: "1", no: "1", at: 2000, name: "new" },
  ]);
});

test("an object whose profile key has changed moves, with its keys", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"], tag: [] }) });
  await put(DomainName, "Row", { id: "1", no: "a", tag: "t" });
  await put(DomainName, "Row", { id: "2", no: "b" });
  await put(DomainName, "Row", { id: "1", no: "b", tag: "t" });
  const [a] = await search(DomainName, "no", ["a"]);
  const [b] = await search(DomainName, "no", ["b"]);
  assert.equal(a, undefined);
  assert.deepEqual(
    (await search(DomainName, "tag", ["t"])).map(({ ProfileId }) => ProfileId),
    [b?.ProfileId],
  );
  assert.equal((await objectsOf(DomainName, b?.ProfileId, "Row")).length, 2);
  const stats = await statsOf(DomainName);
  assert.deepEqual([stats?.ProfileCount, stats?.ObjectCount], [2, 2]);
});

test("a deleted object takes the keys that only it gave; a deleted profile takes all", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"], tag: [] }) });
  const key = await put(DomainName, "Row", { id: "1", no: "a", tag: "only" });
  await put(DomainName, "Row", { id: "2", no: "a", tag: "other" });
  const [profile] = await search(DomainName, "no", ["a"]);
  const input = { DomainName, ProfileId: profile?.ProfileId, ObjectTypeName: "Row", ProfileObjectUniqueKey: key };
  await client.send(new DeleteProfileObjectCommand(input));
  await assert.rejects(
    client.send(new DeleteProfileObjectCommand(input)),
    refused("ResourceNotFoundException", /does not exist/),
  );
  assert.deepEqual(await search(DomainName, "tag", ["only"]), []);
  assert.equal((await search(DomainName, "no", ["a"])).length, 1);
  await client.send(new DeleteProfileCommand({ DomainName, ProfileId: profile?.ProfileId }));
  assert.deepEqual(await search(DomainName, "no", ["a"]), []);
  assert.deepEqual(await statsOf(DomainName), {
    ProfileCount: 0,
    MeteringProfileCount: 0,
    ObjectCount: 0,
    TotalSize: 0,
  });
});

test("objects and profiles are gone when their days are over", async () => {
  const DomainName = await openDomain({
    Short: row({ no: ["PROFILE"] }, { ExpirationDays: 1 }),
    Long: row({ no: ["PROFILE"] }, { ExpirationDays: 3 }),
  });
  await put(DomainName, "Short", { id: "1", no: "both" });
  await put(DomainName, "Long", { id: "1", no: "both" });
  await put(DomainName, "Short", { id: "2", no: "short" });
  await server.advance("P1D");
  const [both] = await search(DomainName, "no", ["both"]);
  assert.deepEqual(await objectsOf(DomainName, both?.ProfileId, "Short"), []);
  assert.equal((await objectsOf(DomainName, both?.ProfileId, "Long")).length, 1);
  assert.deepEqual(await search(DomainName, "no", ["short"]), []);
  // The key finds nobody who has expired.
  await put(DomainName, "Long", { id: "2", no: "short" });
  await server.advance("P4D");
  const changes = await sweepAll(DomainName, "Long");
  const stats = await statsOf(DomainName);
  assert.deepEqual([stats?.ProfileCount, stats?.ObjectCount], [changes, changes]);
  const { ProfileHistoryRecords = [] } = await client.send(
    new ListProfileHistoryRecordsCommand({ DomainName, ProfileId: both?.ProfileId, ActionType: "EXPIRED" }),
  );
  assert.ok(ProfileHistoryRecords.length > 0);
});

test("what comes again stays for its new days, and is swept when they are over", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"] }, { ExpirationDays: 2 }) });
  await put(DomainName, "Row", { id: "1", no: "again" });
  await put(DomainName, "Row", { id: "2", no: "once" });
  await server.advance("P1D");
  await put(DomainName, "Row", { id: "1", no: "again" });
  await server.advance("P1DT1H");
  const first = await sweepAll(DomainName, "Row");
  const [again] = await search(DomainName, "no", ["again"]);
  assert.equal((await objectsOf(DomainName, again?.ProfileId, "Row")).length, 1);
  assert.deepEqual(await search(DomainName, "no", ["once"]), []);
  assert.equal((await statsOf(DomainName))?.ObjectCount, first + 1);
  await server.advance("P1D");
  const second = await sweepAll(DomainName, "Row");
  assert.deepEqual(await search(DomainName, "no", ["again"]), []);
  // Those of the first sweep came again with the second, and the others were not expired yet.
  assert.equal((await statsOf(DomainName))?.ObjectCount, Math.max(first, second));
});

test("bad objects are refused with the reason and leave nothing behind", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"] }) });
  const input = { DomainName, ObjectTypeName: "Row" };
  for (const [object, message] of [
    ["{", /could not parse/],
    ["[1]", /a JSON object is needed/],
    ["null", /a JSON object is needed/],
    [JSON.stringify({ no: "1" }), /unique key rowKey/],
    [JSON.stringify({ id: "", no: "1" }), /unique key rowKey/],
    [JSON.stringify({ id: "1" }), /no profile key \(no\)/],
    [JSON.stringify({ id: "1", no: "1", pad: "ä".repeat(130_000) }), /larger than 250 KB/],
    [`{"id":1,"no":1,"x":${"[".repeat(2000)}${"]".repeat(2000)}}`, /nested deeper/],
  ] as const) {
    await assert.rejects(
      client.send(new PutProfileObjectCommand({ ...input, Object: object })),
      refused("BadRequestException", message),
      object.slice(0, 40),
    );
  }
  for (const ObjectTypeName of ["Nothing", "_profile", "_order"]) {
    await assert.rejects(
      client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: "{}" })),
      (error: Error) => ["ResourceNotFoundException", "BadRequestException"].includes(error.name),
      ObjectTypeName,
    );
  }
  assert.deepEqual(await statsOf(DomainName), {
    ProfileCount: 0,
    MeteringProfileCount: 0,
    ObjectCount: 0,
    TotalSize: 0,
  });
});

test("the objects of a batch are ingested each by itself", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"] }) });
  const batch = (Items: readonly { Id: string; Object: string }[]) =>
    call(server.url, "customer-profiles", "BatchPutProfileObject", { DomainName, ObjectTypeName: "Row", Items });
  const { Successful, Failed } = (await batch([
    { Id: "good", Object: JSON.stringify({ id: "1", no: "1" }) },
    { Id: "bad", Object: "{" },
    { Id: "same", Object: JSON.stringify({ id: "2", no: "1" }) },
  ])) as {
    Successful: { Id: string; ProfileObjectUniqueKey: string }[];
    Failed: { Id: string; Code: number; Message: string }[];
  };
  assert.deepEqual(
    Successful.map(({ Id }) => Id),
    ["good", "same"],
  );
  assert.deepEqual(
    Failed.map(({ Id, Code }) => [Id, Code]),
    [["bad", 400]],
  );
  const stats = await statsOf(DomainName);
  assert.deepEqual([stats?.ProfileCount, stats?.ObjectCount], [1, 2]);
  const twice = [
    { Id: "x", Object: "{}" },
    { Id: "x", Object: "{}" },
  ];
  await assert.rejects(batch(twice), /400 .*Id of its own/);
});

test("history tells of each ingestion with what the object was then", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"] }) });
  const versions = ["first", "second"].map((note) => ({ id: "1", no: "h", note }));
  const key = await put(DomainName, "Row", versions[0]);
  await server.advance("PT1S");
  await put(DomainName, "Row", versions[1]);
  const [profile] = await search(DomainName, "no", ["h"]);
  const of = { DomainName, ProfileId: profile?.ProfileId };
  const listed = await client.send(new ListProfileHistoryRecordsCommand({ ...of, ActionType: "INGESTED" }));
  const contentOf = async (Id: string | undefined) => {
    const { Content = "null", ProfileObjectUniqueKey } = await client.send(
      new GetProfileHistoryRecordCommand({ ...of, Id }),
    );
    assert.equal(ProfileObjectUniqueKey, key);
    return JSON.parse(Content);
  };
  const [newest, oldest, ...others] = listed.ProfileHistoryRecords ?? [];
  assert.deepEqual([await contentOf(newest?.Id), await contentOf(oldest?.Id)], [versions[1], versions[0]]);
  assert.deepEqual(others, []);
});

test("a profile that an object made can be read by its id", async () => {
  const DomainName = await openDomain({ Row: row({ no: ["PROFILE"] }) });
  await put(DomainName, "Row", { id: "1", no: "1" });
  const [found] = await search(DomainName, "no", ["1"]);
  const ProfileId = found?.ProfileId ?? "";
  const { Profiles } = await client.send(new BatchGetProfileCommand({ DomainName, ProfileIds: [ProfileId] }));
  assert.deepEqual(Profiles, [{ ProfileId }]);
});

/** Puts objects until all that is due is swept: changes sweep, by chance, so that how many are needed is not known. Answers with how many. */
async function sweepAll(DomainName: string, type: string): Promise<number> {
  const { store, clock } = server.app.platform();
  const due = { index: "due", before: clock.now(), limit: 10 };
  const left = async () => [
    ...(await store.list(objects, due)).documents,
    ...(await store.list(profiles, due)).documents,
  ];
  let changes = 0;
  for (; changes < 3000 && (changes < 10 || (await left()).length > 0); changes++) {
    await put(DomainName, type, { id: `sweep-${changes}`, no: `sweep-${changes}` });
  }
  assert.deepEqual(await left(), []);
  return changes;
}
