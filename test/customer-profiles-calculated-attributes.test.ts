/** Calculated attributes of Customer Profiles, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchGetCalculatedAttributeForProfileCommand,
  CreateCalculatedAttributeDefinitionCommand,
  type CreateCalculatedAttributeDefinitionCommandInput,
  CreateDomainCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  DeleteCalculatedAttributeDefinitionCommand,
  DeleteProfileObjectCommand,
  GetCalculatedAttributeDefinitionCommand,
  GetCalculatedAttributeForProfileCommand,
  ListCalculatedAttributeDefinitionsCommand,
  ListCalculatedAttributesForProfileCommand,
  MergeProfilesCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
  UpdateCalculatedAttributeDefinitionCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);

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

/** A definition over orders, with what a test needs to be otherwise. */
function orders(
  DomainName: string,
  CalculatedAttributeName: string,
  more: Partial<CreateCalculatedAttributeDefinitionCommandInput> = {},
): CreateCalculatedAttributeDefinitionCommandInput {
  return {
    DomainName,
    CalculatedAttributeName,
    AttributeDetails: { Attributes: [{ Name: "TotalPrice" }], Expression: "{_order.TotalPrice}" },
    Statistic: "SUM",
    ...more,
  };
}

test("a domain begins with the default attributes, of which a new customer is told by age", async () => {
  const DomainName = await createDomain("defaults");
  const { Items = [] } = await client.send(new ListCalculatedAttributeDefinitionsCommand({ DomainName }));
  const names = Items.map(({ CalculatedAttributeName }) => CalculatedAttributeName);
  assert.equal(names.length, 31);
  assert.ok(names.includes("_frequent_caller") && names.includes("_campaign_sms_last_stop_carrier"));
  assert.deepEqual([...names].sort(), names);
  const caller = await client.send(
    new GetCalculatedAttributeDefinitionCommand({ DomainName, CalculatedAttributeName: "_frequent_caller" }),
  );
  assert.equal(caller.Statistic, "COUNT");
  assert.deepEqual(caller.Conditions, {
    Range: { Value: 30, Unit: "DAYS" },
    Threshold: { Operator: "GREATER_THAN", Value: "5" },
  });
  assert.equal(caller.Status, "COMPLETED");

  const { ProfileId } = await client.send(new CreateProfileCommand({ DomainName, FirstName: "Ina" }));
  const isNew = async () => {
    const of = { DomainName, ProfileId, CalculatedAttributeName: "_new_customer" };
    return (await client.send(new GetCalculatedAttributeForProfileCommand(of))).Value;
  };
  assert.equal(await isNew(), "true");
  await server.advance("P29D");
  assert.equal(await isNew(), "true");
  await server.advance("P1D");
  assert.equal(await isNew(), "false");

  const gone = { DomainName, CalculatedAttributeName: "_new_customer" };
  await client.send(new DeleteCalculatedAttributeDefinitionCommand(gone));
  await assert.rejects(
    client.send(new GetCalculatedAttributeForProfileCommand({ ...gone, ProfileId })),
    refused("ResourceNotFoundException", "Calculated attribute _new_customer does not exist"),
  );
});

test("a definition is kept as it was given, changed in part, listed by pages and deleted", async () => {
  const DomainName = await createDomain("definitions");
  const of = { DomainName, CalculatedAttributeName: "big_spender" };
  const Conditions = {
    Range: {
      Unit: "DAYS" as const,
      ValueRange: { Start: 60, End: 30 },
      TimestampSource: "{_order.CreatedDate}",
      TimestampFormat: "ISO_8601",
    },
    Threshold: { Operator: "GREATER_THAN" as const, Value: "1000" },
  };
  const created = await client.send(
    new CreateCalculatedAttributeDefinitionCommand(
      orders(DomainName, of.CalculatedAttributeName, { DisplayName: "Big spender", Conditions, Tags: { team: "crm" } }),
    ),
  );
  assert.equal(created.Status, "COMPLETED");
  const got = await client.send(new GetCalculatedAttributeDefinitionCommand(of));
  assert.deepEqual(got.Conditions, Conditions);
  assert.deepEqual(got.AttributeDetails, {
    Attributes: [{ Name: "TotalPrice" }],
    Expression: "{_order.TotalPrice}",
  });
  assert.deepEqual([got.DisplayName, got.Statistic, got.Tags], ["Big spender", "SUM", { team: "crm" }]);
  await assert.rejects(
    client.send(new CreateCalculatedAttributeDefinitionCommand(orders(DomainName, of.CalculatedAttributeName))),
    refused("BadRequestException", "Calculated attribute definition with name big_spender already exists"),
  );

  const update = (Range: object) =>
    client.send(new UpdateCalculatedAttributeDefinitionCommand({ ...of, Conditions: { Range } }));
  await assert.rejects(
    update({ Unit: "DAYS", Value: 90, TimestampFormat: "EPOCHMILLI" }),
    refused("BadRequestException"),
  );
  const updated = await update({ Unit: "DAYS", Value: 90 });
  assert.deepEqual(updated.Conditions, {
    Range: {
      Unit: "DAYS",
      Value: 90,
      TimestampSource: "{_order.CreatedDate}",
      TimestampFormat: "ISO_8601",
    },
  });
  assert.equal(updated.DisplayName, "Big spender");

  const first = await client.send(new ListCalculatedAttributeDefinitionsCommand({ DomainName, MaxResults: 31 }));
  const second = await client.send(
    new ListCalculatedAttributeDefinitionsCommand({ DomainName, MaxResults: 31, NextToken: first.NextToken }),
  );
  const listed = [...(first.Items ?? []), ...(second.Items ?? [])];
  assert.equal(listed.length, 32);
  assert.equal(listed.at(-1)?.CalculatedAttributeName, "big_spender");
  await client.send(new DeleteCalculatedAttributeDefinitionCommand(of));
  await assert.rejects(
    client.send(new DeleteCalculatedAttributeDefinitionCommand(of)),
    refused("ResourceNotFoundException", "Calculated attribute big_spender does not exist"),
  );
});

test("mistakes in a definition are refused with their place, and nothing is created", async () => {
  const DomainName = await createDomain("mistakes");
  const details = (Expression: string, ...names: string[]) => ({
    AttributeDetails: { Attributes: names.map((Name) => ({ Name })), Expression },
  });
  const range = (Range: object) => ({ Conditions: { Range: { Unit: "DAYS" as const, ...Range } } });
  const filter = (DimensionType: "GREATER_THAN" | "BETWEEN", ...Values: string[]) => ({
    Filter: {
      Include: "ALL" as const,
      Groups: [{ Type: "ALL" as const, Dimensions: [{ Attributes: { Status: { DimensionType, Values } } }] }],
    },
  });
  const mistakes: readonly (readonly [Partial<CreateCalculatedAttributeDefinitionCommandInput>, string | RegExp])[] = [
    [
      details("TotalPrice", "TotalPrice"),
      "AttributeDetails.Expression: at character 1, {ObjectType.attribute} is needed",
    ],
    [
      details("{_order.TotalPrice}", "Price"),
      "AttributeDetails.Attributes: TotalPrice, which the expression names, is needed among them",
    ],
    [
      details("{_order.TotalPrice} + {_asset.Price}", "TotalPrice", "Price"),
      "AttributeDetails.Expression: _order and _asset are two object types, and one is needed",
    ],
    [details("{_profile.createdAt}", "createdAt"), "AttributeDetails.Expression: _profile has no objects"],
    [range({ Value: 367 }), "Conditions.Range.Value: 1 to 366 days are allowed"],
    [
      range({ ValueRange: { Start: 0, End: 7 } }),
      "Conditions.Range.ValueRange: Start must be above End: days count into the past",
    ],
    [
      range({ Value: 7, TimestampSource: "{_asset.PurchaseDate}" }),
      "Conditions.Range.TimestampSource: it must be of _order, as the expression is",
    ],
    [
      range({ Value: 7, TimestampSource: "{_order.CreatedDate}", TimestampFormat: "DAYS" }),
      "Conditions.Range.TimestampFormat: one of EPOCHMILLI, ISO_8601 is needed",
    ],
    [{ Conditions: { ObjectCount: 101 } }, "Conditions.ObjectCount: at most 100 are allowed"],
    [
      { Conditions: { Threshold: { Operator: "GREATER_THAN", Value: "2024-01-01" } } },
      "Conditions.Threshold.Value: GREATER_THAN needs a number",
    ],
    [filter("GREATER_THAN", "many"), /^Filter\.Groups\[0\].*Values\[0\]: GREATER_THAN needs a number\.$/],
    [filter("BETWEEN", "1"), /^Filter\.Groups\[0\].*: BETWEEN needs exactly 2 values, and 1 are given\.$/],
  ];
  for (const [more, message] of mistakes) {
    await assert.rejects(
      client.send(new CreateCalculatedAttributeDefinitionCommand(orders(DomainName, "wrong", more))),
      refused("BadRequestException", message),
    );
  }
  await assert.rejects(
    client.send(
      new CreateCalculatedAttributeDefinitionCommand(orders(DomainName, "wrong", details("{Nothing.a}", "a"))),
    ),
    refused("ResourceNotFoundException", "Object type Nothing does not exist"),
  );
  const { Items } = await client.send(new ListCalculatedAttributeDefinitionsCommand({ DomainName }));
  assert.equal(Items?.length, 31);
});

test("a profile without objects has counts of 0 and no other values; unknown profiles are told", async () => {
  const DomainName = await createDomain("empty");
  const { ProfileId = "" } = await client.send(new CreateProfileCommand({ DomainName }));
  const { Items = [] } = await client.send(new ListCalculatedAttributesForProfileCommand({ DomainName, ProfileId }));
  const valueFor = (name: string) => Items.find(({ CalculatedAttributeName }) => CalculatedAttributeName === name);
  assert.deepEqual(valueFor("_orders_count"), {
    CalculatedAttributeName: "_orders_count",
    DisplayName: "Orders count",
    IsDataPartial: "false",
    Value: "0",
  });
  assert.equal(valueFor("_orders_total_price_sum")?.Value, undefined);
  assert.equal(valueFor("_frequent_caller")?.Value, "false");

  const nobody = "0".repeat(32);
  const of = { DomainName, CalculatedAttributeName: "_orders_count" };
  const batch = await client.send(
    new BatchGetCalculatedAttributeForProfileCommand({ ...of, ProfileIds: [ProfileId, nobody] }),
  );
  assert.deepEqual(
    batch.CalculatedAttributeValues?.map((value) => [value.ProfileId, value.Value]),
    [[ProfileId, "0"]],
  );
  assert.deepEqual(batch.Errors, [
    { Code: "ResourceNotFoundException", Message: `Profile ${nobody} does not exist`, ProfileId: nobody },
  ]);
  await assert.rejects(
    client.send(new GetCalculatedAttributeForProfileCommand({ ...of, ProfileId: nobody })),
    refused("ResourceNotFoundException", `Profile ${nobody} does not exist`),
  );
});

const DAY_MS = 86_400_000;

/** Scans of parcels, which belong to the profile of a shopper's number. */
async function putScanType(DomainName: string): Promise<void> {
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Scan",
      Description: "Scans of parcels",
      AllowProfileCreation: true,
      ExpirationDays: 60,
      Fields: {
        id: { Source: "_source.id" },
        shopper: { Source: "_source.shopper", Target: "_profile.AccountNumber" },
      },
      Keys: {
        scanKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
        shopperKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["shopper"] }],
      },
    }),
  );
}

async function scan(DomainName: string, id: string, more: object = {}): Promise<string> {
  const object = { ObjectTypeName: "Scan", Object: JSON.stringify({ id, shopper: "40017", ...more }) };
  const { ProfileObjectUniqueKey = "" } = await client.send(new PutProfileObjectCommand({ DomainName, ...object }));
  return ProfileObjectUniqueKey;
}

async function shopperOf(DomainName: string, number = "40017"): Promise<string> {
  const found = await client.send(new SearchProfilesCommand({ DomainName, KeyName: "shopperKey", Values: [number] }));
  return found.Items?.[0]?.ProfileId ?? assert.fail(`Nobody has the number ${number}`);
}

async function define(
  DomainName: string,
  CalculatedAttributeName: string,
  Expression: string,
  Statistic: "COUNT" | "SUM" | "AVERAGE" | "LAST_OCCURRENCE",
  more: Partial<CreateCalculatedAttributeDefinitionCommandInput> = {},
) {
  const Attributes = Array.from(Expression.matchAll(/Scan\.([^{}]+)/g), ([, Name]) => ({ Name }));
  const AttributeDetails = { Attributes, Expression };
  return client.send(
    new CreateCalculatedAttributeDefinitionCommand({
      DomainName,
      CalculatedAttributeName,
      AttributeDetails,
      Statistic,
      ...more,
    }),
  );
}

async function valueIn(DomainName: string, CalculatedAttributeName: string, ProfileId?: string) {
  const id = ProfileId ?? (await shopperOf(DomainName));
  return client.send(
    new GetCalculatedAttributeForProfileCommand({ DomainName, CalculatedAttributeName, ProfileId: id }),
  );
}

test("a count goes by a filter, by a range of the object's own time, and says whether it is beyond a threshold", async () => {
  const DomainName = await createDomain("held-parcels");
  await putScanType(DomainName);
  const range = (Start: number, End: number) => ({
    Range: {
      Unit: "DAYS" as const,
      ValueRange: { Start, End },
      TimestampSource: "{Scan.at}",
      TimestampFormat: "ISO_8601",
    },
  });
  const Filter = {
    Include: "ALL" as const,
    Groups: [
      {
        Type: "ANY" as const,
        Dimensions: [{ Attributes: { state: { DimensionType: "INCLUSIVE" as const, Values: ["HELD", "LOST"] } } }],
      },
    ],
  };
  const Threshold = { Operator: "GREATER_THAN" as const, Value: "1" };
  await define(DomainName, "held", "{Scan.id}", "COUNT", { Filter, Conditions: { ...range(30, 0), Threshold } });
  await define(DomainName, "coming", "{Scan.id}", "COUNT", { Filter, Conditions: range(0, -7) });
  const at = (days: number) => new Date(server.app.platform().clock.now() + days * DAY_MS).toISOString();
  await scan(DomainName, "1", { state: "HELD", at: at(-1) });
  await scan(DomainName, "2", { state: "OK", at: at(-1) });
  await scan(DomainName, "3", { state: "HELD", at: at(-31) });
  await scan(DomainName, "4", { state: "LOST", at: at(3) });
  await scan(DomainName, "5", { state: "LOST", at: at(8) });
  await scan(DomainName, "6", { state: "HELD" });
  assert.equal((await valueIn(DomainName, "held")).Value, "false");
  assert.equal((await valueIn(DomainName, "coming")).Value, "1");
  // The one of tomorrow's past: time alone brings it in, and takes the first one out.
  await server.advance("P4D");
  const held = await valueIn(DomainName, "held");
  assert.equal(held.Value, "true");
  assert.equal(held.LastObjectTimestamp?.toISOString(), at(-1));
  assert.equal((await valueIn(DomainName, "coming")).Value, "1");
  await server.advance("P26D");
  assert.equal((await valueIn(DomainName, "held")).Value, "true");
  await server.advance("P4D");
  assert.equal((await valueIn(DomainName, "held")).Value, "false");
});

test("values follow objects that are replaced, deleted, merged and expired", async () => {
  const DomainName = await createDomain("following");
  await putScanType(DomainName);
  await define(DomainName, "total", "{Scan.price} * {Scan.count}", "SUM");
  await define(DomainName, "last", "{Scan.depot}", "LAST_OCCURRENCE", { Conditions: { ObjectCount: 1 } });
  const one = await scan(DomainName, "1", { price: 0.1, count: 1, depot: "Bremen 2" });
  await scan(DomainName, "2", { price: "0.2", count: 1, depot: "Kiel" });
  const ProfileId = await shopperOf(DomainName);
  const totals = async () => [
    (await valueIn(DomainName, "total", ProfileId)).Value,
    (await valueIn(DomainName, "last", ProfileId)).Value,
  ];
  assert.deepEqual(await totals(), ["0.3", "Kiel"]);
  await server.advance("PT1S");
  await scan(DomainName, "1", { price: 1.5, count: 3, depot: "Bremen 1" });
  assert.deepEqual(await totals(), ["4.7", "Bremen 1"]);
  // Long values are cut between characters.
  await scan(DomainName, "2", { price: "0.2", count: 1, depot: `${"x".repeat(254)}😀` });
  assert.deepEqual(await totals(), ["4.7", "x".repeat(254)]);
  await scan(DomainName, "2", { price: "0.2", count: 1, depot: "Kiel" });
  await client.send(
    new DeleteProfileObjectCommand({ DomainName, ProfileId, ObjectTypeName: "Scan", ProfileObjectUniqueKey: one }),
  );
  assert.deepEqual(await totals(), ["0.2", "Kiel"]);

  await server.advance("P1D");
  await scan(DomainName, "3", { price: 10, count: 1, depot: "Hamburg", shopper: "40018" });
  const other = await shopperOf(DomainName, "40018");
  await client.send(new MergeProfilesCommand({ DomainName, MainProfileId: ProfileId, ProfileIdsToBeMerged: [other] }));
  assert.deepEqual(await totals(), ["10.2", "Hamburg"]);
  // An object that goes to another shopper takes its say along.
  await scan(DomainName, "2", { price: "0.2", count: 1, depot: "Kiel", shopper: "40019" });
  assert.deepEqual(await totals(), ["10", "Hamburg"]);
  assert.equal((await valueIn(DomainName, "total", await shopperOf(DomainName, "40019"))).Value, "0.2");
  // The profile stays, its objects go.
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId, FirstName: "Ina" }));
  await server.advance("P61D");
  assert.deepEqual(await totals(), [undefined, undefined]);
});

test("older objects count where historical data is asked for, read in steps, and else only later ones", async () => {
  const DomainName = await createDomain("historical");
  await putScanType(DomainName);
  for (let index = 0; index < 130; index++) await scan(DomainName, String(index));
  const created = await define(DomainName, "all", "{Scan.id}", "COUNT", { UseHistoricalData: true });
  assert.equal(created.Status, "PREPARING");
  await define(DomainName, "later", "{Scan.id}", "COUNT");
  await server.advance("PT1S");
  const of = { DomainName, CalculatedAttributeName: "all" };
  const got = await client.send(new GetCalculatedAttributeDefinitionCommand(of));
  assert.deepEqual([got.Status, got.Readiness?.ProgressPercentage], ["COMPLETED", 100]);
  await scan(DomainName, "new");
  await scan(DomainName, "0");
  const all = await valueIn(DomainName, "all");
  assert.deepEqual([all.Value, all.IsDataPartial], ["131", "false"]);
  const later = await valueIn(DomainName, "later");
  assert.deepEqual([later.Value, later.IsDataPartial], ["2", "true"]);

  // Another definition of the name does not see what the first has seen.
  const gone = { DomainName, CalculatedAttributeName: "later" };
  await client.send(new DeleteCalculatedAttributeDefinitionCommand(gone));
  await define(DomainName, "later", "{Scan.id}", "COUNT");
  assert.equal((await valueIn(DomainName, "later")).Value, "0");
});

test("an attribute can be asked for over another range, as far as it is known", async () => {
  const DomainName = await createDomain("overridden");
  await putScanType(DomainName);
  await define(DomainName, "month", "{Scan.id}", "COUNT", {
    Conditions: { Range: { Value: 30, Unit: "DAYS" } },
    UseHistoricalData: true,
  });
  await scan(DomainName, "1");
  await server.advance("P10D");
  await scan(DomainName, "2");
  const id = await shopperOf(DomainName);
  const over = async (Start: number, End?: number) => {
    const of = { DomainName, CalculatedAttributeName: "month", ProfileIds: [id] };
    const { CalculatedAttributeValues, ConditionOverrides } = await client.send(
      new BatchGetCalculatedAttributeForProfileCommand({
        ...of,
        ConditionOverrides: { Range: { Start, Unit: "DAYS", ...(End !== undefined && { End }) } },
      }),
    );
    assert.equal(ConditionOverrides?.Range?.Start, Start);
    const [found] = CalculatedAttributeValues ?? [];
    return [found?.Value, found?.IsDataPartial];
  };
  assert.deepEqual(await over(30), ["2", "false"]);
  assert.deepEqual(await over(7, 0), ["1", "false"]);
  assert.deepEqual(await over(20, 5), ["1", "false"]);
  assert.deepEqual(await over(60), ["2", "true"]);
  await assert.rejects(over(0, 5), refused("BadRequestException", /^ConditionOverrides\.Range: Start must be/));
});

test("the default attributes tell of contacts and of campaign mails", async () => {
  const DomainName = await createDomain("contacts");
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "CTR",
      Description: "Contact records",
      TemplateId: "CTR-NoInferred",
    }),
  );
  const begin = Date.parse("2026-11-01T10:00:00Z");
  for (const [index, channel] of ["VOICE", "VOICE", "CHAT", "VOICE", "VOICE", "CHAT"].entries()) {
    await server.advance("PT1M");
    const record = {
      contactId: `contact-${index}`,
      channel,
      customerEndpoint: { address: "+12065550101", type: "TELEPHONE_NUMBER" },
      initiationTimestamp: new Date(begin).toISOString(),
      disconnectTimestamp: new Date(begin + (index + 1) * 1000).toISOString(),
      agent: { id: `agent-${index}`, customerHoldDurationMillis: 100 * index },
      ...(index > 0 && { queue: { durationMillis: 1000 } }),
    };
    const put = { DomainName, ObjectTypeName: "CTR", Object: JSON.stringify(record) };
    await client.send(new PutProfileObjectCommand(put));
  }
  const found = await client.send(
    new SearchProfilesCommand({ DomainName, KeyName: "_phone", Values: ["+1 (206) 555-0101"] }),
  );
  assert.equal(found.Items?.length, 1);
  const ProfileId = found.Items?.[0]?.ProfileId ?? "";
  const mail = {
    campaign_event_id: "event-1",
    outbound_request_id: "request-1",
    campaign_event_type: "Open",
    campaign_event_timestamp: "2026-11-02T10:00:00Z",
    channel: { name: "EMAIL", subtype: "connect:Email" },
    profile_id: ProfileId,
  };
  await client.send(
    new PutProfileObjectCommand({ DomainName, ObjectTypeName: "Campaign-Email", Object: JSON.stringify(mail) }),
  );
  const { Items = [] } = await client.send(new ListCalculatedAttributesForProfileCommand({ DomainName, ProfileId }));
  const values = Object.fromEntries(
    Items.map(({ CalculatedAttributeName, Value }) => [CalculatedAttributeName, Value]),
  );
  assert.partialDeepStrictEqual(values, {
    _most_frequent_channel: "VOICE",
    _last_channel: "CHAT",
    _last_agent_id: "agent-5",
    _frequent_caller: "true",
    _average_hold_time: "1300",
    _maximum_hold_time: "1500",
    _average_call_duration: "3500",
    _new_customer: "true",
    _campaign_email_open_count: "1",
    _campaign_email_delivery_count: "0",
    _campaign_email_last_open: "2026-11-02T10:00:00Z",
    _orders_count: "0",
  });
});
