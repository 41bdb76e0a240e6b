/** What flows into a domain of Customer Profiles by itself: contact records, events of applications, of campaigns, objects of buckets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteIntegrationCommand,
  GetIntegrationCommand,
  ListAccountIntegrationsCommand,
  ListIntegrationsCommand,
  ListProfileObjectsCommand,
  PutIntegrationCommand,
  type PutIntegrationRequest,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import {
  CreateEventBusCommand,
  CreatePartnerEventSourceCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutPartnerEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { openCentre } from "./contact-centre.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const events = new EventBridgeClient(server.client);
const partner = new EventBridgeClient(server.clientOf("other"));
const sqs = new SQSClient(server.client);
const ACCOUNT = "us-east-1:000000000000";
const RoleArn = "arn:aws:iam::000000000000:role/integrations";

const refused = (name: string, message?: RegExp) => (error: Error) => {
  assert.equal(error.name, name);
  if (message) assert.match(error.message, message);
  return true;
};

async function openDomain(DomainName: string): Promise<void> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${DomainName}-rejected` }));
  await client.send(
    new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30, DeadLetterQueueUrl: QueueUrl ?? "" }),
  );
}

async function rejected(DomainName: string): Promise<readonly { ErrorMessage: string; Object: string }[]> {
  const QueueUrl = `${server.url}/000000000000/${DomainName}-rejected`;
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
  );
  return Messages.map(({ Body = "" }) => JSON.parse(Body));
}

const put = (DomainName: string, Uri: string, more: Partial<PutIntegrationRequest>) =>
  client.send(new PutIntegrationCommand({ DomainName, Uri, ...more }));

async function search(DomainName: string, KeyName: string, ...Values: string[]) {
  const { Items = [] } = await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values }));
  return Items;
}

async function objectsOf(DomainName: string, ProfileId = "", ObjectTypeName = ""): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await client.send(new ListProfileObjectsCommand({ DomainName, ProfileId, ObjectTypeName }));
  return Items.map(({ Object: object = "" }) => JSON.parse(object));
}

/** An event integration, on a bus of its own where its events come from a partner. Answers with the `Uri` of it. */
async function openEvents(Name: string, Source: string): Promise<string> {
  const isPartner = Source.startsWith("aws.partner/");
  if (isPartner) {
    await partner.send(new CreatePartnerEventSourceCommand({ Name: Source, Account: "000000000000" }));
    await events.send(new CreateEventBusCommand({ Name: Source, EventSourceName: Source }));
  }
  await call(server.url, "appintegrations", "CreateEventIntegration", {
    Name,
    EventFilter: { Source },
    EventBridgeBus: isPartner ? Source : "default",
  });
  return `arn:aws:app-integrations:${ACCOUNT}:event-integration/${Name}`;
}

/** Sends an event as an application outside does, and waits until it is where it belongs. */
async function sendEvent(Source: string, DetailType: string, detail: object): Promise<void> {
  const entry = { Source, DetailType, Detail: JSON.stringify(detail) };
  const { FailedEntryCount } = Source.startsWith("aws.partner/")
    ? await partner.send(new PutPartnerEventsCommand({ Entries: [entry] }))
    : await events.send(new PutEventsCommand({ Entries: [entry] }));
  assert.equal(FailedEntryCount, 0);
  await server.advance("PT0S");
}

test("the contacts of an instance come into the domain that it is bound to, each record once", async () => {
  await openDomain("calls");
  const centre = await openCentre(server);
  const Uri = `arn:aws:connect:${ACCOUNT}:instance/${centre.InstanceId}`;
  const call = async (from: string): Promise<string> => {
    const contactId = await centre.arrive({ channel: "VOICE", from, to: "+18005550199" });
    await centre.customer(contactId, "hang-up");
    await server.advance("PT0S");
    return contactId;
  };
  const early = await call("+14155550100");

  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName: "calls",
      ObjectTypeName: "CTR",
      Description: "Contacts",
      TemplateId: "CTR-NoInferred",
    }),
  );
  const bound = await put("calls", Uri, { ObjectTypeName: "CTR" });
  assert.deepEqual([bound.ObjectTypeName, bound.EventTriggerNames, bound.IsUnstructured], ["CTR", [], undefined]);
  const [first, second] = [await call("+14155550100"), await call("+14155550100")];
  assert.deepEqual(await search("calls", "_ctrContactId", early), []);
  const [caller, ...others] = await search("calls", "_phone", "(415) 555-0100");
  assert.deepEqual(others, []);
  const records = await objectsOf("calls", caller?.ProfileId, "CTR");
  assert.deepEqual(records.map(({ contactId }) => contactId).sort(), [first, second].sort());
  const [record] = records;
  assert.ok(record);
  assert.deepEqual(
    [record.channel, record.initiationMethod, record.instanceArn, record.awsAccountId],
    ["VOICE", "INBOUND", Uri, "000000000000"],
  );
  assert.deepEqual(await rejected("calls"), []);

  // A contact that an agent has talked to, and whose record changes afterwards.
  const agent = await centre.agent("ada");
  const contactId = await centre.arrive({
    channel: "VOICE",
    from: "+14155550100",
    to: "+18005550199",
    queueId: centre.queueId,
  });
  await server.advance("PT0S");
  await centre.act(agent, "accept", { contactId });
  await server.advance("PT30S");
  await centre.customer(contactId, "hang-up");
  await server.advance("PT10S");
  await centre.act(agent, "clear", { contactId });
  const talked = (await objectsOf("calls", caller?.ProfileId, "CTR")).filter((one) => one.contactId === contactId);
  const [{ agent: talkedTo = {}, queue = {} } = {}] = talked as readonly Record<string, Record<string, unknown>>[];
  assert.equal(talked.length, 1);
  assert.deepEqual([talkedTo.id, talkedTo.username, queue.id], [agent, "ada", centre.queueId]);
  assert.equal(talkedTo.agentInteractionDurationMillis, 30_000);
  assert.equal(queue.durationMillis, 0);
  assert.equal(talkedTo.afterContactWorkDurationMillis, 10_000);

  await client.send(new DeleteIntegrationCommand({ DomainName: "calls", Uri }));
  const late = await call("+14155550100");
  assert.deepEqual(await search("calls", "_ctrContactId", late), []);
});

test("an instance is bound to one domain, has to be there, and says of what type its records are", async () => {
  await openDomain("binds");
  await openDomain("binds-too");
  const { InstanceId } = await openCentre(server);
  const Uri = `arn:aws:connect:${ACCOUNT}:instance/${InstanceId}`;
  const bad: readonly (readonly [uri: string, more: Partial<PutIntegrationRequest>, message: RegExp])[] = [
    [Uri, {}, /ObjectTypeName: it is needed/],
    [Uri, { ObjectTypeNames: { CTR: "CTR" } }, /give ObjectTypeName/],
    [`${Uri}0`, { ObjectTypeName: "CTR" }, /names no instance/],
    [`${Uri}/queue/1`, { ObjectTypeName: "CTR" }, /names no instance/],
    [Uri.replace("us-east-1", "eu-west-1"), { ObjectTypeName: "CTR" }, /another account or Region/],
    [Uri.replace("000000000000", "111122223333"), { ObjectTypeName: "CTR" }, /another account or Region/],
  ];
  for (const [uri, more, message] of bad) {
    await assert.rejects(put("binds", uri, more), refused("BadRequestException", message));
  }
  await assert.rejects(put("binds", Uri, { ObjectTypeName: "None" }), refused("ResourceNotFoundException"));
  await put("binds", Uri, { ObjectTypeName: "CTR" });
  await assert.rejects(
    put("binds-too", Uri, { ObjectTypeName: "CTR" }),
    refused("BadRequestException", /is an integration of domain binds already/),
  );
  await client.send(new DeleteDomainCommand({ DomainName: "binds" }));
  await put("binds-too", Uri, { ObjectTypeName: "CTR-AutoAssociateOnly" });
  const { Items } = await client.send(new ListAccountIntegrationsCommand({ Uri }));
  assert.deepEqual(
    Items?.map(({ DomainName, ObjectTypeName }) => [DomainName, ObjectTypeName]),
    [["binds-too", "CTR-AutoAssociateOnly"]],
  );
});

const SHOP = "aws.partner/shopify.com/1/shop";

const shopEvent = (topic: string, payload: object): Promise<void> =>
  sendEvent(SHOP, "shopifyWebhook", { metadata: { "X-Shopify-Topic": topic }, payload });

test("an order of a shop becomes a profile, an order and its items, and changes with the events that follow", async () => {
  await openDomain("shop");
  const Uri = await openEvents("shop", SHOP);
  const ObjectTypeNames = {
    ShopifyCreateCustomers: "Shopify-Customer",
    ShopifyUpdateCustomers: "Shopify-Customer",
    ShopifyCreateDraftOrders: "Shopify-DraftOrder",
    ShopifyUpdateDraftOrders: "Shopify-DraftOrder",
    ShopifyCreateOrders: "Shopify-Order",
    ShopifyUpdatedOrders: "Shopify-Order",
    SomethingNew: "Shopify-Order",
  };
  const made = await put("shop", Uri, { ObjectTypeNames });
  assert.deepEqual(made.ObjectTypeNames, ObjectTypeNames);
  const got = await client.send(new GetIntegrationCommand({ DomainName: "shop", Uri }));
  assert.deepEqual({ ...got, $metadata: undefined }, { ...made, $metadata: undefined });

  const customer = {
    id: 207119551,
    email: "ina@example.com",
    first_name: "Ina",
    last_name: "Dyk",
    phone: "+494215550100",
    default_address: { address1: "Am Wall 1", city: "Bremen", country: "Germany", zip: "28195" },
  };
  await shopEvent("customers/create", customer);
  await shopEvent("customers/enable", { ...customer, note: "Likes tea" });
  await shopEvent("orders/create", ORDER);
  await shopEvent("orders/paid", { ...ORDER, financial_status: "paid" });
  await shopEvent("products/create", { id: 1 });

  const [profile, ...others] = await search("shop", "_shopifyCustomerId", "207119551");
  assert.deepEqual(others, []);
  assert.deepEqual(
    [profile?.FirstName, profile?.EmailAddress, profile?.Address?.City, profile?.AdditionalInformation],
    ["Ina", "ina@example.com", "Bremen", "Likes tea"],
  );
  const [order, ...orders] = await objectsOf("shop", profile?.ProfileId, "_order");
  assert.deepEqual(orders, []);
  assert.partialDeepStrictEqual(order, {
    Name: "#1001",
    Status: "paid",
    StatusCode: "ACTIVATED",
    TotalPrice: "409.94",
    Currency: "EUR",
    CustomerEmail: "ina@example.com",
    BillingAddress: { Name: "Ina Dyk", City: "Bremen" },
    Attributes: { ShopifyOrderId: "450789469", ShopifyCustomerId: "207119551" },
    OrderItems: [
      { Title: "Teapot", Price: "199.99", Quantity: "2" },
      { Title: "Tea", Price: "9.96", Quantity: "1" },
    ],
  });
  const raw = await objectsOf("shop", profile?.ProfileId, "Shopify-Order");
  assert.equal(raw.length, 1);
  assert.equal(raw[0]?.source, "aws.app-integrations");
  assert.deepEqual(await rejected("shop"), []);
});

const ORDER = {
  id: 450789469,
  name: "#1001",
  email: "ina@example.com",
  currency: "EUR",
  created_at: "2024-06-10T15:04:05Z",
  financial_status: "pending",
  order_status_url: "https://shop.example/orders/1001",
  total_price: "409.94",
  customer: { id: 207119551 },
  line_items: [
    { title: "Teapot", price: "199.99", quantity: 2 },
    { title: "Tea", price: "9.96", quantity: 1 },
  ],
  billing_address: { name: "Ina Dyk", address1: "Am Wall 1", city: "Bremen" },
};

test("of Segment's calls those that identify somebody come in, and each event once a day", async () => {
  await openDomain("segment");
  const Uri = await openEvents("segment", "aws.partner/segment.com/1/site");
  await put("segment", Uri, { ObjectTypeNames: { SegmentIdentify: "Segment-Identify" } });
  const traits = {
    email: "bo@example.com",
    firstName: "Bo",
    company: { name: "Kaje GmbH" },
    address: { city: "Kiel" },
  };
  const identify = { type: "identify", messageId: "m-1", userId: "u-77", traits };
  await sendEvent("aws.partner/segment.com/1/site", "Segment Event", identify);
  await sendEvent("aws.partner/segment.com/1/site", "Segment Event", { ...identify, type: "track", userId: "u-78" });
  const [profile, ...others] = await search("segment", "_segmentUserId", "u-77", "u-78");
  assert.deepEqual(others, []);
  assert.deepEqual(
    [profile?.FirstName, profile?.BusinessName, profile?.Address?.City, profile?.Attributes],
    ["Bo", "Kaje GmbH", "Kiel", { SegmentUserId: "u-77" }],
  );

  // The same event again, as a webhook brings it that was not answered.
  const { store, flow, ids } = server.app.platform();
  const arn = `arn:aws:profile:${ACCOUNT}:ingest/segment/${Uri}`;
  const bring = async (id: string, firstName: string): Promise<void> => {
    const detail = { ...identify, traits: { ...traits, firstName } };
    const request = {
      deliveryId: ids.uuid(),
      body: JSON.stringify({ id, detail }),
      account: "000000000000",
      principal: "events.amazonaws.com",
      sourceArn: "",
    };
    await store.commit(async (unit) => flow.findSink(arn)?.append?.(unit, arn, [request]));
  };
  const firstName = async () => (await search("segment", "_segmentUserId", "u-77"))[0]?.FirstName;
  await bring("e-1", "Bob");
  await bring("e-1", "Bart");
  assert.equal(await firstName(), "Bob");
  await bring("e-2", "Bert");
  assert.equal(await firstName(), "Bert");
  await server.advance("PT24H");
  await bring("e-1", "Bart");
  assert.equal(await firstName(), "Bart");
});

test("records of a stream come through a pipe, and what is wrong with them is told to the dead-letter queue", async () => {
  await openDomain("piped");
  const Uri = await openEvents("piped", "Pipe depot");
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName: "piped",
      ObjectTypeName: "Scan",
      Description: "Scans of parcels",
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.detail.event.detail.data.id" },
        shopper: { Source: "_source.detail.event.detail.data.shopper", Target: "_profile.AccountNumber" },
      },
      Keys: {
        scanKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
        shopperKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["shopper"] }],
      },
    }),
  );
  await put("piped", Uri, { ObjectTypeName: "Scan" });
  await sendEvent("Pipe depot", "Event from Kinesis", { data: { id: "s-1", shopper: "7" } });
  await sendEvent("Pipe depot", "Event from Kinesis", { data: { id: "s-2" } });
  assert.equal((await search("piped", "shopperKey", "7")).length, 1);
  const [told, ...others] = await rejected("piped");
  assert.deepEqual(others, []);
  assert.match(told?.ErrorMessage ?? "", /no profile key \(shopperKey\)/);
  assert.equal(JSON.parse(told?.Object ?? "").detail.event.detail.data.id, "s-2");
});

const LETS_GO = "aws.partner/example.com/lets-go";

test("an event integration is let go with its integration and with its domain", async () => {
  await openDomain("lets-go");
  const Uri = await openEvents("lets-go", LETS_GO);
  const more = { ObjectTypeName: "Segment-Identify" };
  const rules = async () =>
    (await events.send(new ListRulesCommand({ NamePrefix: "trunkline-profiles-", EventBusName: LETS_GO }))).Rules
      ?.length;
  await put("lets-go", Uri, more);
  await put("lets-go", Uri, { ObjectTypeName: "Shopify-Customer" });
  assert.equal(await rules(), 1);
  await client.send(new DeleteIntegrationCommand({ DomainName: "lets-go", Uri }));
  assert.equal(await rules(), 0);
  await put("lets-go", Uri, more);
  await client.send(new DeleteDomainCommand({ DomainName: "lets-go" }));
  assert.equal(await rules(), 0);
  await call(server.url, "appintegrations", "DeleteEventIntegration", { Name: "lets-go" });

  await openDomain("lets-go");
  await assert.rejects(put("lets-go", Uri, more), refused("ResourceNotFoundException", /lets-go does not exist/));
  const there = await openEvents("lets-go-again", "Pipe lets-go");
  const bad: readonly (readonly [uri: string, more: Partial<PutIntegrationRequest>, message: RegExp])[] = [
    [there, {}, /ObjectTypeName, ObjectTypeNames: one of them is needed/],
    [there, { ObjectTypeNames: {} }, /one of them is needed/],
    [there, { ...more, EventTriggerNames: ["x"] }, /EventTriggerNames/],
    [there.replace("us-east-1", "eu-west-1"), more, /another account or Region/],
    [there.replace("event-integration/", "data-integration/"), more, /names no event integration/],
  ];
  for (const [uri, what, message] of bad) {
    await assert.rejects(put("lets-go", uri, what), refused("BadRequestException", message));
  }
  await assert.rejects(put("lets-go", there, { ObjectTypeNames: { a: "None" } }), refused("ResourceNotFoundException"));
});

test("what became of a campaign's messages comes in by a rule, each channel as its type", async () => {
  await openDomain("campaigns");
  const { InstanceId } = await openCentre(server);
  const Uri = `arn:aws:connect-campaigns:${ACCOUNT}:instance/${InstanceId}`;
  const ObjectTypeNames = { "Campaign-Email": "Campaign-Email", "Campaign-Orchestration": "Campaign-Orchestration" };
  await assert.rejects(put("campaigns", Uri, { ObjectTypeNames }), refused("BadRequestException", /RoleArn/));
  await assert.rejects(
    put("campaigns", Uri, { ObjectTypeName: "Campaign-Email", RoleArn }),
    refused("BadRequestException", /ObjectTypeNames: it is needed/),
  );
  await assert.rejects(
    put("campaigns", `${Uri}x`, { ObjectTypeNames, RoleArn }),
    refused("BadRequestException", /names no instance/),
  );
  const made = await put("campaigns", Uri, { ObjectTypeNames, RoleArn });
  assert.deepEqual([made.ObjectTypeNames, made.RoleArn], [ObjectTypeNames, RoleArn]);

  const Name = "campaign-events";
  await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: ["crm.campaigns"] }) }));
  const Arn = `arn:aws:profile:${ACCOUNT}:ingest/campaigns/${Uri}`;
  await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "profiles", Arn }] }));
  const { ProfileId: profile_id = "" } = (await call(server.url, "customer-profiles", "CreateProfile", {
    DomainName: "campaigns",
    EmailAddress: "cy@example.com",
  })) as { ProfileId?: string };
  const mail = { profile_id, outbound_request_id: "r-1", channel: { name: "EMAIL", subtype: "connect:Email" } };
  await sendEvent("crm.campaigns", "Campaign", { ...mail, campaign_event_id: "c-1", campaign_event_type: "Delivery" });
  await sendEvent("crm.campaigns", "Campaign", { ...mail, campaign_event_id: "c-2", campaign_event_type: "Open" });
  await sendEvent("crm.campaigns", "Campaign", {
    profile_id,
    campaign_event_id: "c-3",
    campaign_event_type: "Started",
  });
  await sendEvent("crm.campaigns", "Campaign", { ...mail, channel: { subtype: "connect:SMS" } });
  const records = await objectsOf("campaigns", profile_id, "_communicationRecord");
  assert.deepEqual(records.map(({ LastEventType }) => LastEventType).sort(), ["Open", "Started"]);
  assert.partialDeepStrictEqual(
    records.find(({ LastEventType }) => LastEventType === "Open"),
    { Channel: "EMAIL", Events: { Delivery: { EventId: "c-1" }, Open: { EventId: "c-2" } } },
  );
  assert.deepEqual(await rejected("campaigns"), []);
});

test("a bucket's objects are asked for by a flow that nobody sees, and only the account's own", async () => {
  await openDomain("bucket");
  await new S3Client({ ...server.client, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: "depot-files" }),
  );
  const Uri = "arn:aws:s3:::depot-files/guests/";
  const more = { ObjectTypeName: "Zendesk-users" };
  await assert.rejects(
    put("bucket", "arn:aws:s3:::no-such-bucket/x", more),
    refused("BadRequestException", /no bucket/),
  );
  await assert.rejects(put("bucket", "arn:aws:s3:::/x", more), refused("BadRequestException", /names no bucket/));
  await assert.rejects(put("bucket", Uri, {}), refused("BadRequestException", /ObjectTypeName: it is needed/));
  await put("bucket", Uri, more);
  const { Items } = await client.send(new ListIntegrationsCommand({ DomainName: "bucket" }));
  assert.deepEqual(
    Items?.map((item) => item.Uri),
    [Uri],
  );
  const changed = await put("bucket", Uri, { ObjectTypeName: "Marketo-leads" });
  assert.equal(changed.ObjectTypeName, "Marketo-leads");
  await client.send(new DeleteIntegrationCommand({ DomainName: "bucket", Uri }));
  const other = new CustomerProfilesClient(server.clientOf("other"));
  await other.send(new CreateDomainCommand({ DomainName: "bucket", DefaultExpirationDays: 30 }));
  await assert.rejects(
    other.send(new PutIntegrationCommand({ DomainName: "bucket", Uri, ...more })),
    refused("BadRequestException", /no bucket/),
  );
});
