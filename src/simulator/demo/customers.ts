import { chanceOf } from "../chance.ts";
import type { Centre } from "../set-up.ts";
import { createRole, createStream, type DemoStage } from "./stage.ts";

/** Customers whose numbers are among those of the simulated callers, so that contacts find their profiles. */
const CUSTOMERS = 60;
const ORDERS_EACH_MAX = 4;

const text = (source: string, target?: string) => ({
  Source: `_source.${source}`,
  ContentType: "STRING",
  ...(target && { Target: target }),
});

const CUSTOMER = {
  Description: "Customers of Northwind Home, as its shop knows them",
  AllowProfileCreation: true,
  Fields: {
    id: text("id", "_profile.AccountNumber"),
    first: text("first", "_profile.FirstName"),
    last: text("last", "_profile.LastName"),
    phone: { ...text("phone", "_profile.PhoneNumber"), ContentType: "PHONE_NUMBER" },
    email: { ...text("email", "_profile.EmailAddress"), ContentType: "EMAIL_ADDRESS" },
    plan: text("plan", "_profile.Attributes.Plan"),
  },
  Keys: {
    customerKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["id"] }],
    _phone: [{ FieldNames: ["phone"] }],
    _email: [{ FieldNames: ["email"] }],
  },
};

const ORDER = {
  Description: "Orders, each time that their state changes",
  AllowProfileCreation: false,
  Fields: {
    number: text("number", "_order.Name"),
    customer: text("customer"),
    state: text("state", "_order.Status"),
    total: { ...text("total", "_order.TotalPrice"), ContentType: "NUMBER" },
  },
  Keys: {
    orderKey: [{ StandardIdentifiers: ["UNIQUE", "ORDER"], FieldNames: ["number"] }],
    customerKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["customer"] }],
  },
};

const inclusive = (...Values: string[]) => ({ DimensionType: "INCLUSIVE", Values });
const attributeIs = (name: string, ...values: string[]) => ({
  Include: "ALL",
  Groups: [{ Type: "ALL", Dimensions: [{ ProfileAttributes: { Attributes: { [name]: inclusive(...values) } } }] }],
});
const calculatedAbove = (name: string, value: string) => ({
  Include: "ALL",
  Groups: [
    {
      Type: "ALL",
      Dimensions: [{ CalculatedAttributes: { [name]: { DimensionType: "GREATER_THAN", Values: [value] } } }],
    },
  ],
});

/**
 * A Customer Profiles domain with what a shop knows: customers and orders, a figure and segments, an event stream, and triggers that tell a
 * queue and a bus. Contacts of the instance come into it as records, and find their customers by their numbers.
 */
export async function buildCustomers(stage: DemoStage, { instanceId }: Pick<Centre, "instanceId">): Promise<void> {
  const { name: DomainName, call, arn } = stage;
  const profiles = (operation: string, input: object) => call("customer-profiles", operation, { DomainName, ...input });
  const told = await call("sqs", "CreateQueue", { QueueName: `${DomainName}-profile-failures` });
  await profiles("CreateDomain", { DefaultExpirationDays: 366, DeadLetterQueueUrl: told.QueueUrl });
  await profiles("PutProfileObjectType", { ObjectTypeName: "Customer", ...CUSTOMER });
  await profiles("PutProfileObjectType", { ObjectTypeName: "Order", ...ORDER });
  await profiles("PutProfileObjectType", {
    ObjectTypeName: "CTR",
    Description: "Contacts",
    TemplateId: "CTR-NoInferred",
  });
  await profiles("PutIntegration", { Uri: arn("connect", `instance/${instanceId}`), ObjectTypeName: "CTR" });
  const Uri = await createStream(stage, `${DomainName}-profile-changes`);
  await profiles("CreateEventStream", { EventStreamName: "changes", Uri });
  await profiles("CreateCalculatedAttributeDefinition", {
    CalculatedAttributeName: "spent",
    DisplayName: "Spent on orders",
    AttributeDetails: { Attributes: [{ Name: "total" }], Expression: "{Order.total}" },
    Statistic: "SUM",
  });
  for (const [SegmentDefinitionName, DisplayName, SegmentGroups] of [
    ["plus-customers", "Customers with Northwind Plus", attributeIs("Plan", "plus")],
    ["big-spenders", "Spent more than 500", calculatedAbove("spent", "500")],
  ] as const) {
    await profiles("CreateSegmentDefinition", { SegmentDefinitionName, DisplayName, SegmentGroups });
  }
  await buildTriggers(stage);
  await putCustomers(stage);
}

async function buildTriggers(stage: DemoStage): Promise<void> {
  const { name: DomainName, call, arn } = stage;
  const RoleArn = await createRole(stage, `${DomainName}-triggers`, "profile.amazonaws.com", [
    "sqs:SendMessage",
    "events:PutEvents",
  ]);
  await call("sqs", "CreateQueue", { QueueName: `${DomainName}-lost-parcels` });
  const orderIs = (...Values: string[]) => [
    {
      LogicalOperator: "ALL",
      EventTriggerDimensions: [{ ObjectAttributes: [{ Source: "state", ComparisonOperator: "INCLUSIVE", Values }] }],
    },
  ];
  for (const [EventTriggerName, Description, EventTriggerConditions, Uri] of [
    [
      "lost-parcel",
      "An order is lost: somebody writes to the customer",
      orderIs("LOST"),
      arn("sqs", `${DomainName}-lost-parcels`),
    ],
    ["returned", "An order comes back", orderIs("RETURNED"), arn("events", "event-bus/default")],
  ] as const) {
    await call("customer-profiles", "CreateEventTrigger", {
      DomainName,
      EventTriggerName,
      ObjectTypeName: "Order",
      Description,
      EventTriggerConditions,
      EventTriggerLimits: { Periods: [{ Unit: "HOURS", Value: 6, MaxInvocationsPerProfile: 2 }] },
    });
    await call("customer-profiles", "PutIntegration", {
      DomainName,
      Uri,
      EventTriggerNames: [EventTriggerName],
      RoleArn,
    });
  }
}

async function putCustomers({ name: DomainName, call }: DemoStage): Promise<void> {
  const chance = chanceOf(DomainName, "customers", 0);
  const put = (ObjectTypeName: string, object: object) =>
    call("customer-profiles", "PutProfileObject", { DomainName, ObjectTypeName, Object: JSON.stringify(object) });
  for (let number = 0; number < CUSTOMERS; number++) {
    const id = `NW-${4_000 + number}`;
    const [first, last] = [chance.pick(FIRST), chance.pick(LAST)];
    await put("Customer", {
      id,
      first,
      last,
      // Each of the simulated callers has one of a thousand numbers that end so.
      phone: `+447700900${String(chance.below(1_000)).padStart(3, "0")}`,
      email: `${first}.${last}.${number}@example.com`.toLowerCase(),
      plan: chance.happens(0.3) ? "plus" : "basic",
    });
    for (let order = chance.below(ORDERS_EACH_MAX + 1); order > 0; order--) {
      const draw = chance.uniform();
      const state = draw < 0.06 ? "LOST" : draw < 0.16 ? "RETURNED" : draw < 0.7 ? "DELIVERED" : "SENT";
      const total = (8 + chance.below(420) + 0.95).toFixed(2);
      await put("Order", { number: `${id}-${order}`, customer: id, state, total });
    }
  }
}

const FIRST = [
  "Amara",
  "Ben",
  "Chiara",
  "Dimitri",
  "Elif",
  "Frank",
  "Grace",
  "Hanna",
  "Ivan",
  "Jamila",
  "Kofi",
  "Lena",
];
const LAST = ["Okafor", "Whitaker", "Rossi", "Papadakis", "Demir", "Novak", "Lindqvist", "Haddad", "Mensah", "Fischer"];
