/**
 * A bank: customers, their accounts, what is paid with their cards and what they complain about become one profile a customer.
 *
 *   node examples/bank.mjs                     a few thousand objects
 *   node examples/bank.mjs --objects 300000    a branch's year
 *
 * Unmodified AWS SDK clients and `trunkline import`. Start the server first (`npm start`).
 */
import {
  CreateCalculatedAttributeDefinitionCommand,
  CreateDomainCommand,
  CreateEventStreamCommand,
  CreateEventTriggerCommand,
  CreateSegmentDefinitionCommand,
  GetDomainCommand,
  GetEventStreamCommand,
  ListCalculatedAttributesForProfileCommand,
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

const DomainName = `bank-${Date.now()}`;
const began = Date.now();

await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1097 }));

const text = (Source, Target) => ({ Source: `_source.${Source}`, Target, ContentType: "STRING" });
const types = {
  Customer: {
    AllowProfileCreation: true,
    SourcePriority: 1,
    SourceLastUpdatedTimestampFormat: "EpochMilli",
    Fields: {
      id: text("id", "_profile.AccountNumber"),
      name: text("name", "_profile.LastName"),
      born: text("born", "_profile.BirthDate"),
      phone: { ...text("phone", "_profile.PhoneNumber"), ContentType: "PHONE_NUMBER" },
      // What changed last in the bank's own system counts, in whatever order it arrives.
      changed: text("changedAt", "_profile.SourceLastUpdatedTimestamp"),
    },
    Keys: { personKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["id"] }] },
  },
  Account: {
    AllowProfileCreation: false,
    Fields: {
      iban: text("iban", "_asset.SerialNumber"),
      kind: text("kind", "_asset.AssetName"),
      owner: text("owner"),
      card: text("card"),
      balance: { ...text("balance", "_asset.Price"), ContentType: "NUMBER" },
    },
    Keys: {
      ibanKey: [{ StandardIdentifiers: ["UNIQUE", "ASSET"], FieldNames: ["iban"] }],
      personKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["owner"] }],
      // Finds nobody here, but stays on the owner's profile: payments know the card alone.
      cardKey: [{ FieldNames: ["card"] }],
    },
  },
  CardPayment: {
    AllowProfileCreation: false,
    ExpirationDays: 90,
    Fields: {
      id: text("id"),
      card: text("card"),
      amount: { ...text("amount"), ContentType: "NUMBER" },
      country: text("merchant.country", "_profile.Attributes.LastCountry"),
    },
    Keys: {
      paymentKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
      cardKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["card"] }],
    },
  },
  Complaint: {
    AllowProfileCreation: false,
    Fields: {
      ticket: text("ticket", "_case.Title"),
      person: text("person"),
      status: text("status", "_case.Status"),
      about: text("about", "_case.Reason"),
    },
    Keys: {
      ticketKey: [{ StandardIdentifiers: ["UNIQUE", "CASE"], FieldNames: ["ticket"] }],
      personKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["person"] }],
    },
  },
};
for (const [ObjectTypeName, mapping] of Object.entries(types)) {
  const Description = `${ObjectTypeName}s of the bank`;
  await profiles.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, Description, ...mapping }));
}

async function createStream(StreamName) {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30 }, { StreamName });
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return StreamDescriptionSummary.StreamARN;
}
const Uri = await createStream(DomainName);
await profiles.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "changes", Uri }));

// What a customer has in all accounts, and how often they have paid abroad.
const attributes = {
  wealth: {
    AttributeDetails: { Attributes: [{ Name: "balance" }], Expression: "{Account.balance}" },
    Statistic: "SUM",
  },
  paidAbroad: {
    AttributeDetails: { Attributes: [{ Name: "id" }], Expression: "{CardPayment.id}" },
    Statistic: "COUNT",
    Filter: {
      Include: "ALL",
      Groups: [
        {
          Type: "ALL",
          Dimensions: [{ Attributes: { "merchant.country": { DimensionType: "EXCLUSIVE", Values: ["DE"] } } }],
        },
      ],
    },
  },
};
for (const [CalculatedAttributeName, definition] of Object.entries(attributes)) {
  const input = { DomainName, CalculatedAttributeName, DisplayName: CalculatedAttributeName, ...definition };
  await profiles.send(new CreateCalculatedAttributeDefinitionCommand(input));
}
const calculated = (name, value) => ({
  Groups: [{ Dimensions: [{ CalculatedAttributes: { [name]: { DimensionType: "GREATER_THAN", Values: [value] } } }] }],
});
const segments = { wealthy: calculated("wealth", "100000"), travelling: calculated("paidAbroad", "2") };
for (const [name, SegmentGroups] of Object.entries(segments)) {
  const input = { DomainName, SegmentDefinitionName: name, DisplayName: name, SegmentGroups };
  await profiles.send(new CreateSegmentDefinitionCommand(input));
}

// Fraud hears of each large payment abroad; who looks after the wealthy, of what these complain about.
async function tellQueue(name, ObjectTypeName, condition, SegmentFilter) {
  const QueueName = `${DomainName}-${name}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  await profiles.send(
    new CreateEventTriggerCommand({
      DomainName,
      EventTriggerName: name,
      ObjectTypeName,
      SegmentFilter,
      EventTriggerConditions: [{ LogicalOperator: "ALL", EventTriggerDimensions: [{ ObjectAttributes: condition }] }],
      EventTriggerLimits: { Periods: [{ Unit: "DAYS", Value: 1, Unlimited: true }] },
    }),
  );
  const integration = { DomainName, Uri: Attributes.QueueArn, EventTriggerNames: [name], RoleArn: role };
  await profiles.send(new PutIntegrationCommand(integration));
  return QueueUrl;
}
const fraud = await tellQueue("fraud", "CardPayment", [
  { FieldName: "amount", ComparisonOperator: "GREATER_THAN_OR_EQUAL", Values: ["900"] },
  { FieldName: "country", ComparisonOperator: "EXCLUSIVE", Values: ["DE"] },
]);
const open = [{ Source: "status", ComparisonOperator: "INCLUSIVE", Values: ["OPEN"] }];
const care = await tellQueue("care", "Complaint", open, "wealthy");

// A year of a branch: of twenty objects two are customers, three accounts, fourteen payments, one a complaint.
const NAMES = ["Ahrens", "Bauer", "Çelik", "Duarte", "Ekström", "Fischer", "Giráldez", "Hansen"];
const COUNTRIES = ["DE", "DE", "DE", "DE", "DE", "DE", "FR", "DK", "PT"];
const ABOUT = ["fees", "a card that is lost", "the queue", "an app that is slow"];

const customers = Array.from({ length: Math.max(1, Math.round(objectCount * 0.1)) }, (_, place) => ({
  id: `p-${place}`,
  name: pick(NAMES),
  born: `${1940 + below(65)}-0${1 + below(9)}-1${below(9)}`,
  phone: `+49 30 ${String(1000000 + place)}`,
  changedAt: Date.UTC(2024, 5, 10) + place,
}));
const accounts = Array.from({ length: Math.max(1, Math.round(objectCount * 0.15)) }, (_, place) => ({
  iban: `DE${String(place).padStart(20, "0")}`,
  kind: chance(0.7) ? "current account" : "savings account",
  owner: pick(customers).id,
  card: `4000 ${String(place).padStart(12, "0")}`,
  balance: chance(0.1) ? 50_000 + below(200_000) : below(5000),
}));
const payments = Array.from({ length: Math.round(objectCount * 0.7) }, (_, place) => ({
  id: `c-${place}`,
  card: pick(accounts).card,
  amount: chance(0.05) ? 800 + below(1000) : 1 + below(120),
  merchant: { country: pick(COUNTRIES) },
}));
const complaints = Array.from({ length: Math.round(objectCount * 0.05) }, (_, place) => ({
  ticket: `t-${place}`,
  person: pick(customers).id,
  status: chance(0.7) ? "OPEN" : "CLOSED",
  about: pick(ABOUT),
}));

const loading = Date.now();
await load(DomainName, "Customer", customers);
await load(DomainName, "Account", accounts);
await load(DomainName, "CardPayment", payments);
await load(DomainName, "Complaint", complaints);
const seconds = (Date.now() - loading) / 1000;

// What came of it, beside what the objects themselves say.
const wealth = new Map();
for (const { owner, balance } of accounts) wealth.set(owner, (wealth.get(owner) ?? 0) + balance);
const isWealthy = (id) => (wealth.get(id) ?? 0) > 100_000;
const ownerOf = new Map(accounts.map(({ card, owner }) => [card, owner]));
const abroad = new Map();
const isAbroad = ({ merchant }) => merchant.country !== "DE";
for (const { card } of payments.filter(isAbroad)) {
  const owner = ownerOf.get(card);
  abroad.set(owner, (abroad.get(owner) ?? 0) + 1);
}
const suspicious = payments.filter((payment) => isAbroad(payment) && payment.amount >= 900).length;
const cared = complaints.filter(({ person, status }) => status === "OPEN" && isWealthy(person)).length;
const made = customers.length + accounts.length + payments.length + complaints.length;
const { Stats } = await profiles.send(new GetDomainCommand({ DomainName }));
printTable([
  ["profiles", customers.length, Stats.ProfileCount],
  ["objects, assets and cases", made + accounts.length + complaints.length, Stats.ObjectCount],
  [
    "have more than 100,000",
    customers.filter(({ id }) => isWealthy(id)).length,
    await segmentSize(DomainName, segments.wealthy),
  ],
  [
    "paid abroad more than twice",
    [...abroad.values()].filter((count) => count > 2).length,
    await segmentSize(DomainName, segments.travelling),
  ],
  ["large payments abroad told", suspicious, await settled(() => queueLength(fraud), suspicious)],
  ["complaints of the wealthy told", cared, await settled(() => queueLength(care), cared)],
]);

const [richest = [customers[0].id]] = [...wealth].sort(([, one], [, other]) => other - one);
const search = { DomainName, KeyName: "personKey", Values: [richest[0]] };
const [profile] = (await profiles.send(new SearchProfilesCommand(search))).Items;
const of = { DomainName, ProfileId: profile.ProfileId };
const { Items } = await profiles.send(new ListCalculatedAttributesForProfileCommand({ ...of, MaxResults: 100 }));
const value = (name) => Items.find(({ CalculatedAttributeName }) => CalculatedAttributeName === name)?.Value;
console.log(`${profile.LastName} is the richest: ${value("wealth")}, and paid abroad ${value("paidAbroad")} times`);
const { State } = await profiles.send(new GetEventStreamCommand({ DomainName, EventStreamName: "changes" }));
console.log(`stream ${DomainName} is ${State}`);
console.log(`${made} objects in ${seconds.toFixed(1)} s, ${((Date.now() - began) / 1000).toFixed(1)} s with all`);
cleanUp();
