/**
 * A web shop: customers, their orders, the scans of their parcels and clicks on the shop's pages become one profile a customer.
 *
 *   node examples/shop.mjs                     a few thousand objects
 *   node examples/shop.mjs --objects 300000    a season's
 *
 * Unmodified AWS SDK clients and `trunkline import`. Start the server first (`npm start`).
 */
import {
  CreateCalculatedAttributeDefinitionCommand,
  CreateDomainCommand,
  CreateEventStreamCommand,
  CreateEventTriggerCommand,
  CreateSegmentDefinitionCommand,
  GetCalculatedAttributeForProfileCommand,
  GetDomainCommand,
  GetEventStreamCommand,
  ListProfileObjectsCommand,
  PutIntegrationCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { CreateStreamCommand, DescribeStreamSummaryCommand, waitUntilStreamExists } from "@aws-sdk/client-kinesis";
import { CreateQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import {
  below,
  chance,
  cleanUp,
  kinesis,
  load,
  objectCount,
  pick,
  printTable,
  profiles,
  queueLength,
  role,
  segmentSize,
  settled,
  sqs,
} from "./customer-data.mjs";

const DomainName = `shop-${Date.now()}`;
const began = Date.now();

await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));

// What the shop's systems know, and what of it says whose it is.
const text = (Source, Target) => ({ Source: `_source.${Source}`, Target, ContentType: "STRING" });
const types = {
  Customer: {
    AllowProfileCreation: true,
    Fields: {
      number: text("number", "_profile.AccountNumber"),
      first: text("name.first", "_profile.FirstName"),
      last: text("name.last", "_profile.LastName"),
      city: text("address.city", "_profile.Address.City"),
      mail: { ...text("mail", "_profile.EmailAddress"), ContentType: "EMAIL_ADDRESS" },
      phone: { ...text("phone", "_profile.PhoneNumber"), ContentType: "PHONE_NUMBER" },
    },
    Keys: {
      customerKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["number"] }],
      _email: [{ StandardIdentifiers: ["PROFILE", "SECONDARY"], FieldNames: ["mail"] }],
    },
  },
  Order: {
    AllowProfileCreation: false,
    Fields: {
      no: text("no", "_order.Name"),
      customer: text("customer"),
      status: text("status", "_order.Status"),
      total: { ...text("total", "_order.TotalPrice"), ContentType: "NUMBER" },
      // A walk over the articles: each becomes an item of the order.
      article: text("items[].article", "_order.OrderItems[].Title"),
    },
    Keys: {
      orderKey: [{ StandardIdentifiers: ["UNIQUE", "ORDER"], FieldNames: ["no"] }],
      customerKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["customer"] }],
    },
  },
  ParcelScan: {
    AllowProfileCreation: false,
    Fields: {
      id: text("id"),
      order: text("order", "_order.Name"),
      state: text("state", "_order.FulfillmentStatus"),
      depot: text("depot", "_profile.Attributes.LastDepot"),
    },
    Keys: {
      scanKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
      // The order's key is also one of its customer's: that is how a scan finds whom it concerns.
      orderKey: [{ StandardIdentifiers: ["PROFILE", "ORDER"], FieldNames: ["order"] }],
    },
  },
  WebClick: {
    AllowProfileCreation: true,
    ExpirationDays: 30,
    Fields: {
      id: text("id"),
      mail: { ...text("mail"), ContentType: "EMAIL_ADDRESS" },
      cookie: text("cookie"),
      page: text("page", "_profile.Attributes.LastPage"),
    },
    Keys: {
      clickKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
      cookieKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["cookie"] }],
      _email: [{ StandardIdentifiers: ["PROFILE", "SECONDARY"], FieldNames: ["mail"] }],
    },
  },
};
for (const [ObjectTypeName, mapping] of Object.entries(types)) {
  const Description = `${ObjectTypeName}s of the shop`;
  await profiles.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, Description, ...mapping }));
}

// Every change is told to a stream.
await kinesis.send(new CreateStreamCommand({ StreamName: DomainName, ShardCount: 1 }));
await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30 }, { StreamName: DomainName });
const { StreamDescriptionSummary: stream } = await kinesis.send(
  new DescribeStreamSummaryCommand({ StreamName: DomainName }),
);
await profiles.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "changes", Uri: stream.StreamARN }));

// What each customer has spent, and who has spent much.
await profiles.send(
  new CreateCalculatedAttributeDefinitionCommand({
    DomainName,
    CalculatedAttributeName: "spent",
    DisplayName: "Spent in all orders",
    AttributeDetails: { Attributes: [{ Name: "total" }], Expression: "{Order.total}" },
    Statistic: "SUM",
  }),
);
const bigSpenders = {
  Groups: [{ Dimensions: [{ CalculatedAttributes: { spent: { DimensionType: "GREATER_THAN", Values: ["500"] } } }] }],
};
const fromKiel = {
  Groups: [
    { Dimensions: [{ ProfileAttributes: { Address: { City: { DimensionType: "INCLUSIVE", Values: ["Kiel"] } } } }] },
  ],
};
for (const [name, SegmentGroups] of Object.entries({ bigSpenders, fromKiel })) {
  const input = { DomainName, SegmentDefinitionName: name, DisplayName: name, SegmentGroups };
  await profiles.send(new CreateSegmentDefinitionCommand(input));
}

// Whose parcel is held or lost is called back: once a day at most, however many scans there are.
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: DomainName }));
const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
const held = { Source: "state", ComparisonOperator: "INCLUSIVE", Values: ["HELD", "LOST"] };
await profiles.send(
  new CreateEventTriggerCommand({
    DomainName,
    EventTriggerName: "held",
    ObjectTypeName: "ParcelScan",
    EventTriggerConditions: [{ LogicalOperator: "ALL", EventTriggerDimensions: [{ ObjectAttributes: [held] }] }],
    EventTriggerLimits: { Periods: [{ Unit: "DAYS", Value: 1, MaxInvocationsPerProfile: 1 }] },
  }),
);
await profiles.send(
  new PutIntegrationCommand({ DomainName, Uri: Attributes.QueueArn, EventTriggerNames: ["held"], RoleArn: role }),
);

// A season: of ten objects one is a customer, two are orders, four scans and three clicks.
const FIRST = ["Ina", "Jonas", "Mette", "Yusuf", "Olga", "Piet", "Aylin", "Chiara"];
const LAST = ["Möller", "Petersen", "Yılmaz", "Nowak", "O'Brien", "Graf", "Lindqvist", "van Dijk"];
const CITIES = ["Kiel", "Bremen", "Lübeck", "Husum", "Rostock"];
const ARTICLES = ["rain coat", "sou'wester", "rubber boots", "tea", "lantern"];
const STATES = ["IN_TRANSIT", "IN_TRANSIT", "IN_TRANSIT", "DELIVERED", "DELIVERED", "HELD", "LOST"];

const customers = Array.from({ length: Math.max(1, Math.round(objectCount * 0.1)) }, (_, place) => ({
  number: String(40000 + place),
  name: { first: pick(FIRST), last: pick(LAST) },
  address: { city: pick(CITIES) },
  mail: `Customer.${place}@Example.com`,
  phone: `+49 431 ${String(100000 + place)}`,
}));
const orders = Array.from({ length: Math.round(objectCount * 0.2) }, (_, place) => ({
  no: `o-${place}`,
  customer: pick(customers).number,
  status: chance(0.9) ? "PAID" : "OPEN",
  total: 5 + below(300),
  items: Array.from({ length: 1 + below(3) }, () => ({ article: pick(ARTICLES) })),
}));
const scans = Array.from({ length: orders.length === 0 ? 0 : Math.round(objectCount * 0.4) }, (_, place) => ({
  id: `s-${place}`,
  order: pick(orders).no,
  state: pick(STATES),
  depot: `${pick(CITIES)} ${1 + below(3)}`,
}));
const clicks = Array.from({ length: Math.round(objectCount * 0.3) }, (_, place) => {
  // Some are signed in, and are known by their mail, in whatever case; the others are known by a cookie alone.
  const known = chance(0.6) ? below(customers.length) : undefined;
  const who = known === undefined ? { cookie: `c-${below(objectCount)}` } : { mail: `customer.${known}@example.COM` };
  return { id: `w-${place}`, ...who, page: `/${pick(ARTICLES).replace(" ", "-")}` };
});

const loading = Date.now();
await load(DomainName, "Customer", customers);
await load(DomainName, "Order", orders);
await load(DomainName, "ParcelScan", scans);
await load(DomainName, "WebClick", clicks);
const seconds = (Date.now() - loading) / 1000;

// What came of it, beside what the objects themselves say.
const spent = new Map();
for (const { customer, total } of orders) spent.set(customer, (spent.get(customer) ?? 0) + total);
const customerOf = new Map(orders.map(({ no, customer }) => [no, customer]));
const concerned = new Set(
  scans.filter(({ state }) => /HELD|LOST/.test(state)).map(({ order }) => customerOf.get(order)),
);
const strangers = new Set(clicks.flatMap(({ cookie }) => cookie ?? []));
const made = customers.length + orders.length + scans.length + clicks.length;
const { Stats } = await profiles.send(new GetDomainCommand({ DomainName }));
const told = await settled(() => queueLength(QueueUrl), concerned.size);
printTable([
  ["profiles", customers.length + strangers.size, Stats.ProfileCount],
  ["objects and standard orders", made + orders.length, Stats.ObjectCount],
  [
    "spent more than 500",
    [...spent.values()].filter((sum) => sum > 500).length,
    await segmentSize(DomainName, bigSpenders),
  ],
  [
    "live in Kiel",
    customers.filter(({ address }) => address.city === "Kiel").length,
    await segmentSize(DomainName, fromKiel),
  ],
  ["told of a held or lost parcel", concerned.size, told],
]);

const [best = [customers[0].number, 0]] = [...spent].sort(([, one], [, other]) => other - one);
const search = { DomainName, KeyName: "customerKey", Values: [best[0]] };
const [profile] = (await profiles.send(new SearchProfilesCommand(search))).Items;
const of = { DomainName, ProfileId: profile.ProfileId };
const attribute = { ...of, CalculatedAttributeName: "spent" };
const { Value } = await profiles.send(new GetCalculatedAttributeForProfileCommand(attribute));
const { Items } = await profiles.send(new ListProfileObjectsCommand({ ...of, ObjectTypeName: "_order" }));
const name = `${profile.FirstName} ${profile.LastName}`;
console.log(`${name} of ${profile.Address.City} has spent most: ${Value} in ${Items.length} orders`);
const { State } = await profiles.send(new GetEventStreamCommand({ DomainName, EventStreamName: "changes" }));
console.log(`stream ${DomainName} is ${State}`);
console.log(`${made} objects in ${seconds.toFixed(1)} s, ${((Date.now() - began) / 1000).toFixed(1)} s with all`);
cleanUp();
