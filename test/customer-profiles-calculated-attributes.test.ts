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
  GetCalculatedAttributeDefinitionCommand,
  GetCalculatedAttributeForProfileCommand,
  ListCalculatedAttributeDefinitionsCommand,
  ListCalculatedAttributesForProfileCommand,
  UpdateCalculatedAttributeDefinitionCommand,
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
