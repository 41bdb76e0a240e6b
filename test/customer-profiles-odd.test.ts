/** Customer Profiles with what nobody expects: odd names, keys and times, as the SDK sees it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AddProfileKeyCommand,
  CreateDomainCommand,
  type CreateDomainCommandInput,
  CreateProfileCommand,
  CustomerProfilesClient,
  DeleteProfileCommand,
  GetDomainCommand,
  ListProfileHistoryRecordsCommand,
  ListProfileObjectsCommand,
  MergeProfilesCommand,
  type Profile,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  type PutProfileObjectTypeCommandInput,
  SearchProfilesCommand,
  type StandardIdentifier,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);

type Mapping = Omit<PutProfileObjectTypeCommandInput, "DomainName" | "ObjectTypeName" | "Description">;

/** A type whose keys have one field each, of the same name. */
function typeOf(keys: Readonly<Record<string, readonly StandardIdentifier[]>>, more: Partial<Mapping> = {}): Mapping {
  const names = Object.keys(keys);
  return {
    AllowProfileCreation: true,
    ...more,
    Fields: {
      ...Object.fromEntries(
        names.map((name) => [name.replace(/^_/, ""), { Source: `_source.${name.replace(/^_/, "")}` }]),
      ),
      ...more.Fields,
    },
    Keys: {
      ...Object.fromEntries(
        Object.entries(keys).map(([name, identifiers]) => [
          name,
          [{ StandardIdentifiers: [...identifiers], FieldNames: [name.replace(/^_/, "")] }],
        ]),
      ),
      ...more.Keys,
    },
  };
}

let domains = 0;
async function openDomain(
  types: Readonly<Record<string, Mapping>>,
  more: Partial<CreateDomainCommandInput> = {},
): Promise<string> {
  const DomainName = `odd-${++domains}`;
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, ...more }));
  for (const [ObjectTypeName, mapping] of Object.entries(types)) {
    const input = { DomainName, ObjectTypeName, Description: ObjectTypeName, ...mapping };
    await client.send(new PutProfileObjectTypeCommand(input));
  }
  return DomainName;
}

async function put(DomainName: string, ObjectTypeName: string, object: unknown): Promise<string> {
  const text = typeof object === "string" ? object : JSON.stringify(object);
  const { ProfileObjectUniqueKey = "" } = await client.send(
    new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: text }),
  );
  return ProfileObjectUniqueKey;
}

async function search(DomainName: string, KeyName: string, ...Values: string[]): Promise<readonly Profile[]> {
  return (await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values }))).Items ?? [];
}

const idOf = ([profile]: readonly Profile[]): string => profile?.ProfileId ?? "";

const stats = async (DomainName: string) => (await client.send(new GetDomainCommand({ DomainName }))).Stats;

async function objectsOf(
  DomainName: string,
  ProfileId: string,
  ObjectTypeName: string,
  filter?: [string, ...string[]],
) {
  const ObjectFilter = filter && { KeyName: filter[0], Values: filter.slice(1) };
  const input = { DomainName, ProfileId, ObjectTypeName, ObjectFilter };
  return (
    (await client.send(new ListProfileObjectsCommand(input))).Items?.map((item) => JSON.parse(item.Object ?? "")) ?? []
  );
}

test("object types, attributes and fields can be called as what every object has", async () => {
  const names = ["constructor", "toString", "hasOwnProperty"];
  const mapping = typeOf(
    { id: ["UNIQUE"], no: ["PROFILE"] },
    {
      MaxProfileObjectCount: 2,
      Fields: Object.fromEntries(
        names.map((name) => [name, { Source: `_source.${name}`, Target: `_profile.Attributes.${name}` }]),
      ),
    },
  );
  const domain = await openDomain(Object.fromEntries(names.map((name) => [name, mapping])));
  for (const name of names) {
    for (const id of ["a", "b", "c"])
      await put(domain, name, { id, no: "1", [name]: "x", __proto__: { toString: "y" } });
  }
  const [profile] = await search(domain, "no", "1");
  assert.deepEqual(Object.entries(profile?.Attributes ?? {}).sort(), names.map((name) => [name, "x"]).sort());
  const { ProfileCount, ObjectCount } = (await stats(domain)) ?? {};
  assert.deepEqual([ProfileCount, ObjectCount], [1, 6]);
  for (const name of names) assert.equal((await objectsOf(domain, idOf([profile as Profile]), name)).length, 2);
});

test("rules match by attributes that are called as what every object has", async () => {
  const domain = await openDomain(
    {},
    {
      RuleBasedMatching: {
        Enabled: true,
        MatchingRules: [
          { Rule: ["Attributes.constructor"] },
          { Rule: ["Attributes.__proto__"] },
          { Rule: ["LastName"] },
        ],
        MaxAllowedRuleLevelForMatching: 3,
        MaxAllowedRuleLevelForMerging: 3,
        ConflictResolution: { ConflictResolvingModel: "RECENCY" },
        AttributeTypesSelector: { AttributeMatchingModel: "ONE_TO_ONE" },
      },
    },
  );
  for (const FirstName of ["one", "two"]) {
    const input = { DomainName: domain, FirstName, LastName: "Odd", Attributes: { other: FirstName } };
    await client.send(new CreateProfileCommand(input));
  }
  await server.advance("PT1S");
  assert.equal((await stats(domain))?.ProfileCount, 1);
});

test("an object that comes again keeps the keys that it has given", async () => {
  const domain = await openDomain({
    New: typeOf({ id: ["UNIQUE", "PROFILE"], first: ["NEW_ONLY"] }),
    Shared: typeOf({ card: ["PROFILE"], sid: ["UNIQUE", "PROFILE"] }),
  });
  for (let times = 0; times < 3; times++) await put(domain, "New", { id: "1", first: "f" });
  assert.deepEqual(idOf(await search(domain, "first", "f")), idOf(await search(domain, "id", "1")));
  assert.notEqual(idOf(await search(domain, "first", "f")), "");

  await put(domain, "Shared", { card: "c", sid: "1" });
  const mine = idOf(await search(domain, "sid", "1"));
  const { ProfileId = "" } = await client.send(new CreateProfileCommand({ DomainName: domain, FirstName: "other" }));
  await client.send(new AddProfileKeyCommand({ DomainName: domain, ProfileId, KeyName: "card", Values: ["c"] }));
  for (let times = 0; times < 3; times++) await put(domain, "Shared", { card: "c", sid: "1" });
  assert.equal(idOf(await search(domain, "sid", "1")), mine);
  assert.equal((await search(domain, "card", "c")).length, 2);
});

test("an object that has expired and comes again counts once, and what it gave to another profile is gone", async () => {
  const domain = await openDomain({
    Short: typeOf({ id: ["UNIQUE"], no: ["PROFILE"], extra: [] }, { ExpirationDays: 1, MaxProfileObjectCount: 1 }),
    Long: typeOf({ lid: ["UNIQUE"], no: ["PROFILE"] }),
  });
  await put(domain, "Long", { lid: "l", no: "1" });
  await put(domain, "Long", { lid: "m", no: "2" });
  await put(domain, "Short", { id: "s", no: "1", extra: "x" });
  await server.advance("P2D");
  await put(domain, "Short", { id: "s", no: "1", extra: "x" });
  assert.equal((await stats(domain))?.ObjectCount, 3);
  assert.equal((await objectsOf(domain, idOf(await search(domain, "no", "1")), "Short")).length, 1);
  await server.advance("P2D");
  await put(domain, "Short", { id: "s", no: "2", extra: "x" });
  assert.equal((await stats(domain))?.ObjectCount, 3);
  const [one, two] = [idOf(await search(domain, "no", "1")), idOf(await search(domain, "no", "2"))];
  assert.deepEqual(
    (await search(domain, "extra", "x")).map(({ ProfileId }) => ProfileId),
    [two],
  );
  assert.equal((await objectsOf(domain, one, "Short")).length, 0);
  for (const ProfileId of [one, two]) await client.send(new DeleteProfileCommand({ DomainName: domain, ProfileId }));
  assert.deepEqual(await stats(domain), { ProfileCount: 0, MeteringProfileCount: 0, ObjectCount: 0, TotalSize: 0 });
});

test("objects are listed by any key of theirs, by one of several values, and by none that is not theirs", async () => {
  const domain = await openDomain({
    Row: typeOf(
      { id: ["UNIQUE"], no: ["PROFILE"], seen: ["LOOKUP_ONLY"], order: ["ORDER"] },
      {
        Fields: { order: { Source: "_source.order", Target: "_order.Name" } },
      },
    ),
  });
  for (const id of ["a", "b", "c"]) await put(domain, "Row", { id, no: "1", seen: `s${id}`, order: `o${id}` });
  const profile = idOf(await search(domain, "no", "1"));
  const ids = async (...filter: [string, ...string[]]) =>
    (await objectsOf(domain, profile, "Row", filter)).map(({ id }) => id).sort();
  assert.deepEqual(await ids("id", "a"), ["a"]);
  assert.deepEqual(await ids("id", "a", "c"), ["a", "c"]);
  assert.deepEqual(await ids("seen", "sb"), ["b"]);
  assert.deepEqual(await ids("order", "oc"), ["c"]);
  assert.deepEqual(await ids("id", "none"), []);
  assert.deepEqual(await ids("nothing", "a"), []);
  assert.deepEqual(
    (await objectsOf(domain, profile, "_order", ["order", "ob"])).map(({ Name }) => Name),
    ["ob"],
  );
});

test("a key of several names is found by one text in whatever case", async () => {
  const names = {
    first: { Source: "_source.first", ContentType: "NAME" as const },
    last: { Source: "_source.last", ContentType: "NAME" as const },
  };
  const both = [{ StandardIdentifiers: ["PROFILE" as const], FieldNames: ["first", "last"] }];
  const domain = await openDomain({ Row: typeOf({ id: ["UNIQUE"] }, { Fields: names, Keys: { both } }) });
  await put(domain, "Row", { id: "1", first: "Ada", last: "Lovelace" });
  assert.equal((await search(domain, "both", "ADA", " lovelace")).length, 1);
  assert.equal((await search(domain, "both", "Ada  Lovelace")).length, 1);
});

test("keys of odd characters, of any length and of large numbers are one profile each", async () => {
  const domain = await openDomain({ Row: typeOf({ id: ["UNIQUE", "PROFILE"] }) });
  const odd = [
    "__proto__",
    "constructor",
    "\0",
    "\0\0",
    "a\0",
    "a\u001fb",
    "a\u001e_b",
    "\u001e",
    "\ud800",
    "\udc00",
    "\ufffd",
    "é",
    "e\u0301",
    " a",
    "a ",
    "x".repeat(255),
    `${"x".repeat(254)}y`,
    "l".repeat(60_000),
    `${"l".repeat(60_000)}m`,
    "\u{1f600}".repeat(100),
  ];
  const before = (await stats(domain))?.ProfileCount ?? 0;
  for (let times = 0; times < 2; times++) for (const id of odd) await put(domain, "Row", { id });
  assert.equal(((await stats(domain))?.ProfileCount ?? 0) - before, odd.length);
  const isSearched = (id: string): boolean => id.length <= 255 && id.isWellFormed();
  for (const id of odd.filter(isSearched)) assert.equal((await search(domain, "id", id)).length, 1, JSON.stringify(id));
  const numbers = ["9007199254740993", "9007199254740992", "1e400", "0.1000000000000000055", "-0"];
  for (const number of numbers) await put(domain, "Row", `{"id":${number}}`);
  for (const number of numbers) assert.equal((await search(domain, "id", number)).length, 1, number);
});

test("of the objects of one batch with one unique key the last one counts", async () => {
  const domain = await openDomain({
    Row: typeOf({ id: ["UNIQUE", "PROFILE"] }, { Fields: { n: { Source: "_source.n", Target: "_profile.LastName" } } }),
  });
  for (let round = 0; round < 5; round++) {
    const Items = Array.from({ length: 10 }, (_, n) => ({
      Id: String(n),
      Object: JSON.stringify({ id: `r${round}`, n }),
    }));
    await call(server.url, "customer-profiles", "BatchPutProfileObject", {
      DomainName: domain,
      ObjectTypeName: "Row",
      Items,
    });
    const [profile] = await search(domain, "id", `r${round}`);
    assert.equal(profile?.LastName, "9");
  }
});

test("twenty profiles with many objects become one that has them all", async () => {
  const domain = await openDomain({ Row: typeOf({ id: ["UNIQUE"], no: ["PROFILE"] }) });
  for (let no = 0; no < 21; no++) {
    const Items = Array.from({ length: 10 }, (_, n) => ({
      Id: String(n),
      Object: JSON.stringify({ id: `${no}-${n}`, no }),
    }));
    await call(server.url, "customer-profiles", "BatchPutProfileObject", {
      DomainName: domain,
      ObjectTypeName: "Row",
      Items,
    });
  }
  const before = await stats(domain);
  const ids: string[] = [];
  for (let no = 0; no < 21; no++) ids.push(idOf(await search(domain, "no", String(no))));
  const [MainProfileId = "", ...ProfileIdsToBeMerged] = ids;
  await client.send(new MergeProfilesCommand({ DomainName: domain, MainProfileId, ProfileIdsToBeMerged }));
  const after = await stats(domain);
  assert.deepEqual([after?.ProfileCount, after?.ObjectCount], [1, before?.ObjectCount]);
  for (let no = 0; no < 21; no++) assert.equal(idOf(await search(domain, "no", String(no))), MainProfileId);
  await put(domain, "Row", { id: "20-3", no: "7" });
  assert.equal((await stats(domain))?.ObjectCount, before?.ObjectCount);
  await client.send(new DeleteProfileCommand({ DomainName: domain, ProfileId: MainProfileId }));
  assert.deepEqual(await stats(domain), { ProfileCount: 0, MeteringProfileCount: 0, ObjectCount: 0, TotalSize: 0 });
});

test("history of one moment is told in the order in which it happened", async () => {
  const domain = await openDomain({ Row: typeOf({ id: ["UNIQUE", "PROFILE"] }) });
  await put(domain, "Row", { id: "1" });
  const ProfileId = idOf(await search(domain, "id", "1"));
  for (const FirstName of ["a", "b", "c"]) {
    await client.send(new UpdateProfileCommand({ DomainName: domain, ProfileId, FirstName }));
    await put(domain, "Row", { id: "1", FirstName });
  }
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const input = { DomainName: domain, ProfileId, MaxResults: 3, NextToken };
    const page = await client.send(new ListProfileHistoryRecordsCommand(input));
    found.push(...(page.ProfileHistoryRecords ?? []).map(({ ActionType = "" }) => ActionType));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  const change = ["INGESTED", "UPDATED"];
  assert.deepEqual(found, [...change, ...change, ...change, "INGESTED", "CREATED"]);
});

test("a key by hand has a value, in whatever form it is compared", async () => {
  const domain = await openDomain({ Row: typeOf({ id: ["UNIQUE", "PROFILE"] }) });
  const { ProfileId = "" } = await client.send(new CreateProfileCommand({ DomainName: domain, FirstName: "x" }));
  const add = (KeyName: string, ...Values: string[]) =>
    client.send(new AddProfileKeyCommand({ DomainName: domain, ProfileId, KeyName, Values }));
  await assert.rejects(add("_email", "a@x.y", "  "), {
    name: "BadRequestException",
    message: "Values: a value is empty",
  });
  assert.equal((await search(domain, "_email", "a@x.y")).length, 0);
  await add("id", " ", "\u001e", "v\u001f1", "\u{1f600}".repeat(127));
  for (const id of [" ", "\u001e", "v\u001f1", "\u{1f600}".repeat(127)]) {
    assert.equal(idOf(await search(domain, "id", id)), ProfileId);
  }
});

test("a standard object on another profile keeps what it is given, counts there, and keeps that profile alive", async () => {
  const fields = {
    order: { Source: "_source.order", Target: "_order.Name" },
    text: { Source: "_source.text", Target: "_order.Status" },
  };
  const keys = { orderKey: [{ StandardIdentifiers: ["ORDER" as const], FieldNames: ["order"] }] };
  const row = typeOf({ id: ["UNIQUE"], no: ["PROFILE"] }, { Fields: fields, Keys: keys });
  const domain = await openDomain({ Short: { ...row, ExpirationDays: 1 }, Long: { ...row, ExpirationDays: 9 } });
  await put(domain, "Short", { id: "1", no: "a", order: "o", text: "x" });
  await put(domain, "Long", { id: "2", no: "b", order: "o", text: "y".repeat(100) });
  await server.advance("P2D");
  const [first] = await search(domain, "orderKey", "o");
  const orders = await objectsOf(domain, first?.ProfileId ?? "", "_order");
  assert.deepEqual(
    orders.map(({ Status }) => Status),
    ["y".repeat(100)],
  );
  for (const ProfileId of [first?.ProfileId ?? "", idOf(await search(domain, "no", "b"))]) {
    await client.send(new DeleteProfileCommand({ DomainName: domain, ProfileId }));
  }
  assert.deepEqual(await stats(domain), { ProfileCount: 0, MeteringProfileCount: 0, ObjectCount: 0, TotalSize: 0 });
});
