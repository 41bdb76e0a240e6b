/**
 * Webhooks of Shopify and Segment into Customer Profiles: each topic, by the event types of `ObjectTypeNames`, to profile, order and items, there
 * when the sender is answered, and there once.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { AppflowClient, DescribeFlowExecutionRecordsCommand } from "@aws-sdk/client-appflow";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  DeleteIntegrationCommand,
  GetDomainCommand,
  ListProfileObjectsCommand,
  type Profile,
  PutIntegrationCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";
import { CUSTOMER, DRAFT_ORDER, laterOrder, ORDER } from "./shopify-payloads.ts";
import { makeWebhook, sendSalesforce, sendSegment, sendShopify, type TestWebhook } from "./webhook-sender.ts";

const server = await startTrunkline();
const profiles = new CustomerProfilesClient(server.client);
const others = new CustomerProfilesClient(server.clientOf("other"));
const sqs = new SQSClient(server.client);
after(() => {
  for (const client of [profiles, others, sqs]) client.destroy();
});

const SHOPIFY_TYPES = {
  ShopifyCreateCustomers: "Shopify-Customer",
  ShopifyUpdateCustomers: "Shopify-Customer",
  ShopifyCreateDraftOrders: "Shopify-DraftOrder",
  ShopifyUpdateDraftOrders: "Shopify-DraftOrder",
  ShopifyCreateOrders: "Shopify-Order",
  ShopifyUpdatedOrders: "Shopify-Order",
};

/** A domain that a webhook brings objects into. */
class Shop {
  readonly DomainName: string;
  readonly webhook: TestWebhook;
  readonly #client: CustomerProfilesClient;

  private constructor(DomainName: string, webhook: TestWebhook, client: CustomerProfilesClient) {
    this.DomainName = DomainName;
    this.webhook = webhook;
    this.#client = client;
  }

  static async open(
    name: string,
    {
      kind = "shopify",
      types = SHOPIFY_TYPES,
      accessKeyId = "test",
      queue,
    }: { kind?: string; types?: Record<string, string>; accessKeyId?: string; queue?: string } = {},
  ): Promise<Shop> {
    const client = accessKeyId === "test" ? profiles : others;
    const source = `aws.partner/${kind}.com/1/${name}`;
    const webhook = await makeWebhook(server.url, { kind, source, eventIntegration: name }, { accessKeyId });
    await client.send(
      new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 366, DeadLetterQueueUrl: queue }),
    );
    const Uri = uriOf(name, accessKeyId);
    await client.send(new PutIntegrationCommand({ DomainName: name, Uri, ObjectTypeNames: types }));
    return new Shop(name, webhook, client);
  }

  /** Of a customer of the shop. */
  async find(id: string, KeyName = "_shopifyCustomerId"): Promise<Profile[]> {
    const { DomainName } = this;
    return (await this.#client.send(new SearchProfilesCommand({ DomainName, KeyName, Values: [id] }))).Items ?? [];
  }

  async profile(id: string, keyName?: string): Promise<Profile> {
    const [profile, ...more] = await this.find(id, keyName);
    assert.ok(profile, `${id} has a profile`);
    assert.equal(more.length, 0);
    return profile;
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an object, it checks.
  async objects({ ProfileId }: Profile, ObjectTypeName: string): Promise<any[]> {
    const input = { DomainName: this.DomainName, ProfileId, ObjectTypeName };
    const { Items = [] } = await this.#client.send(new ListProfileObjectsCommand(input));
    return Items.map(({ Object: text = "" }) => JSON.parse(text));
  }

  /** How many profiles and objects there are, standard ones among them. */
  async counts(): Promise<readonly [number, number]> {
    const { Stats } = await this.#client.send(new GetDomainCommand({ DomainName: this.DomainName }));
    return [Stats?.ProfileCount ?? -1, Stats?.ObjectCount ?? -1];
  }
}

function uriOf(name: string, accessKeyId = "test"): string {
  const account = accessKeyId === "test" ? "000000000000" : "111122223333";
  return `arn:aws:app-integrations:us-east-1:${account}:event-integration/${name}`;
}

const BOB = "706405506930370084";

test("a customer of Shopify is a profile when Shopify is answered", async () => {
  const shop = await Shop.open("customers");
  const { status, body } = await sendShopify(shop.webhook, "customers/create", CUSTOMER);
  assert.deepEqual([status, body.givenTo, body.eventType], [200, 1, "ShopifyCreateCustomers"]);
  const profile = await shop.profile(BOB);
  assert.partialDeepStrictEqual(profile, {
    FirstName: "Bob",
    LastName: "Biller",
    EmailAddress: "bob@biller.com",
    PhoneNumber: "+1 555 555 0111",
    AdditionalInformation: "This customer loves ice cream",
    Address: { Address1: "151 O'Connor Street", City: "Ottawa", Province: "ON", Country: "CA", PostalCode: "K2P 2L8" },
    Attributes: { ShopifyCustomerId: BOB },
  });
  for (const [topic, name] of [
    ["customers/update", "Robert"],
    ["customers/enable", "Rob"],
  ] as const) {
    const { body: answer } = await sendShopify(shop.webhook, topic, CUSTOMER.replace('"Bob"', `"${name}"`));
    assert.equal(answer.eventType, "ShopifyUpdateCustomers");
    assert.equal((await shop.profile(BOB)).FirstName, name);
  }
  await server.advance("PT0S");
  assert.deepEqual(await shop.counts(), [1, 1]);
});

test("an order of Shopify is an order with its items on its customer's profile, and follows its topics", async () => {
  const shop = await Shop.open("orders");
  // It may come before its customer.
  await sendShopify(shop.webhook, "orders/create", ORDER);
  await sendShopify(shop.webhook, "customers/create", CUSTOMER);
  const profile = await shop.profile(BOB);
  assert.equal(profile.FirstName, "Bob");
  const [order, ...more] = await shop.objects(profile, "_order");
  assert.equal(more.length, 0);
  assert.partialDeepStrictEqual(order, {
    Name: "#9999",
    CustomerEmail: "jon@example.com",
    CustomerPhone: "+1 555 555 0111",
    Currency: "USD",
    Status: "pending",
    StatusCode: "ACTIVATED",
    TotalPrice: "388.00",
    TotalTax: "5.00",
    TotalShippingPrice: "10.00",
    TotalItemsPrice: "398.00",
    TotalDiscounts: "20.00",
    Gateway: "bogus",
    CreatedDate: "2021-12-31T19:00:00-05:00",
    CreditCardCompany: "Visa",
    BillingAddress: {
      Name: "Steve Shipper",
      Address1: "123 Shipping Street",
      City: "Shippington",
      PostalCode: "40003",
    },
    ShippingAddress: { Province: "Kentucky", Country: "United States" },
    Attributes: { ShopifyOrderId: "820982911946154508", ShopifyCustomerId: BOB },
    OrderItems: [
      { Title: "IPod Nano - 8GB", Price: "199.00", Quantity: "1" },
      { Title: "Aviator sunglasses", Price: "89.99", Quantity: "2" },
    ],
  });

  const follows = [
    ["orders/updated", { name: "#9999-2" }, { Name: "#9999-2" }],
    ["orders/paid", { financial_status: "paid" }, { Status: "paid" }],
    ["orders/partially_fulfilled", { fulfillment_status: "partial" }, { FulfillmentStatus: "partial" }],
    ["orders/fulfilled", { fulfillment_status: "fulfilled" }, { FulfillmentStatus: "fulfilled" }],
    [
      "orders/cancelled",
      { cancel_reason: "customer", cancelled_at: "2022-01-01T00:00:00Z" },
      { CancelReason: "customer" },
    ],
  ] as const;
  for (const [topic, changes, expected] of follows) {
    const { body } = await sendShopify(shop.webhook, topic, laterOrder(changes));
    assert.equal(body.eventType, "ShopifyUpdatedOrders");
    assert.partialDeepStrictEqual((await shop.objects(profile, "_order"))[0], expected, topic);
  }
  await server.advance("PT0S");
  assert.equal((await shop.objects(profile, "_order"))[0].OrderItems.length, 2);
  assert.deepEqual(await shop.counts(), [1, 3]);
});

test("a draft order is an order of its own", async () => {
  const shop = await Shop.open("drafts");
  const { body } = await sendShopify(shop.webhook, "draft_orders/create", DRAFT_ORDER);
  assert.equal(body.eventType, "ShopifyCreateDraftOrders");
  const profile = await shop.profile(BOB);
  assert.partialDeepStrictEqual((await shop.objects(profile, "_order"))[0], {
    Name: "#D1",
    Status: "open",
    StatusCode: "DRAFT",
    AdditionalInformation: "rush order",
    StatusUrl: "https://jsmith.myshopify.com/548380009/invoices/ba8dcf6c022ccad3d47e3909e378e33f",
    OrderItems: [{ Quantity: "1" }, { Quantity: "2" }],
  });
  const done = DRAFT_ORDER.replace('"open"', '"completed"');
  assert.equal(
    (await sendShopify(shop.webhook, "draft_orders/update", done)).body.eventType,
    "ShopifyUpdateDraftOrders",
  );
  await sendShopify(shop.webhook, "orders/create", ORDER);
  const statuses = (await shop.objects(profile, "_order")).map(({ Status }) => Status);
  assert.deepEqual(statuses.toSorted(), ["completed", "pending"]);
});

test("what comes again changes nothing, also when something newer has come between", async () => {
  const shop = await Shop.open("again");
  const delivery = { webhookId: "w-1", eventId: "e-1" };
  await sendShopify(shop.webhook, "orders/create", ORDER, delivery);
  await sendShopify(shop.webhook, "orders/paid", laterOrder({ financial_status: "paid" }));
  const profile = await shop.profile(BOB);
  const before = await shop.objects(profile, "_order");
  const again = [delivery, delivery, { ...delivery, webhookId: "w-2" }];
  const answers = await Promise.all(again.map((one) => sendShopify(shop.webhook, "orders/create", ORDER, one)));
  for (const { status, body } of answers) assert.deepEqual([status, body.duplicate], [200, true]);
  await server.advance("PT0S");
  assert.deepEqual(await shop.objects(profile, "_order"), before);
  assert.equal(before[0].Status, "paid");
  assert.deepEqual(await shop.counts(), [1, 2]);
});

test("orders of one customer that come at once meet on one profile", async () => {
  const shop = await Shop.open("at-once");
  const orders = Array.from({ length: 12 }, (_, place) =>
    ORDER.replace('"id": 820982911946154508', `"id": 82098291194615450${place}`),
  );
  const deliveries = orders.flatMap((order, place) => {
    const delivery = { webhookId: `w-${place}`, eventId: `e-${place}` };
    return [1, 2, 3].map(() => sendShopify(shop.webhook, "orders/create", order, delivery));
  });
  const answers = await Promise.all(deliveries);
  assert.equal(answers.filter(({ body }) => body.duplicate).length, 24);
  await server.advance("PT0S");
  assert.equal((await shop.objects(await shop.profile(BOB), "_order")).length, 12);
  assert.deepEqual(await shop.counts(), [1, 24]);
});

test("topics without an event type, and event types without an object type, are ingested nowhere", async () => {
  const shop = await Shop.open("some-topics", { types: { ShopifyCreateCustomers: "Shopify-Customer" } });
  for (const topic of ["orders/create", "orders/delete", "products/create"]) {
    const { status, body } = await sendShopify(shop.webhook, topic, ORDER);
    assert.equal(status, 200);
    assert.equal(body.events.length, 1);
  }
  await server.advance("PT0S");
  assert.deepEqual(await shop.counts(), [0, 0]);
});

test("what cannot be ingested goes to the dead-letter queue once, and its sender need not try again", async () => {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
  const shop = await Shop.open("rejects", { queue: QueueUrl });
  const delivery = { webhookId: "w-1", eventId: "e-1" };
  const guest = ORDER.replace('"customer": {"id": 706405506930370084', '"customer": {"id": null');
  const { status, body } = await sendShopify(shop.webhook, "orders/create", guest, delivery);
  assert.deepEqual([status, body.givenTo, body.rejected.length], [200, 1, 1]);
  assert.equal((await sendShopify(shop.webhook, "orders/create", guest, delivery)).body.duplicate, true);
  await server.advance("PT1H");
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const told = Messages.map(({ Body = "" }) => JSON.parse(Body));
  assert.deepEqual(
    told.map(({ DomainName, ObjectTypeName, ErrorMessage }) => [DomainName, ObjectTypeName, ErrorMessage]),
    [["rejects", "Shopify-Order", body.rejected[0]]],
  );
  assert.match(told[0].Object, /820982911946154508/);
  assert.deepEqual(await shop.counts(), [0, 0]);
});

test("an identify call of Segment is a profile, and other calls are not", async () => {
  const shop = await Shop.open("visitors", { kind: "segment", types: { SegmentIdentify: "Segment-Identify" } });
  // https://www.twilio.com/docs/segment/connections/spec/identify, with the traits that are reserved there.
  const identify = {
    type: "identify",
    messageId: "segment-fake-message-id",
    timestamp: "2015-02-23T22:28:55.111Z",
    userId: "97980cfea0067",
    traits: {
      email: "peter@example.com",
      firstName: "Peter",
      lastName: "Gibbons",
      phone: "570-690-4150",
      gender: "male",
      birthday: "1971-02-19",
      company: { name: "Initech" },
      address: { street: "6th St", city: "San Francisco", state: "CA", postalCode: "94103", country: "USA" },
    },
  };
  const { body } = await sendSegment(shop.webhook, identify);
  assert.deepEqual(body, { events: body.events, givenTo: 1, eventType: "SegmentIdentify" });
  assert.partialDeepStrictEqual(await shop.profile("97980cfea0067", "_segmentUserId"), {
    FirstName: "Peter",
    LastName: "Gibbons",
    EmailAddress: "peter@example.com",
    BusinessName: "Initech",
    Address: { Address1: "6th St", City: "San Francisco", State: "CA", PostalCode: "94103", Country: "USA" },
    Attributes: { SegmentUserId: "97980cfea0067" },
  });
  for (const type of ["track", "page", "screen", "group", "alias", "delete"]) {
    const { status, body: answer } = await sendSegment(shop.webhook, {
      ...identify,
      type,
      messageId: `m-${type}`,
      userId: type,
    });
    assert.deepEqual([status, answer.eventType], [200, null]);
  }
  assert.equal((await sendSegment(shop.webhook, { ...identify, userId: "another" })).body.duplicate, true);
  await server.advance("PT0S");
  assert.deepEqual(await shop.counts(), [1, 1]);
});

test("all that a source brings can be of one type", async () => {
  const { webhook } = await (async () => {
    const source = "aws.partner/segment.com/all";
    const made = await makeWebhook(server.url, { kind: "segment", source, eventIntegration: "all" });
    return { webhook: made };
  })();
  const DomainName = "all";
  await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  await profiles.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Call",
      Description: "calls of Segment",
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.detail.event.detail.messageId" },
        user: { Source: "_source.detail.event.detail.userId", Target: "_profile.AccountNumber" },
      },
      Keys: {
        callKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
        userKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["user"] }],
      },
    }),
  );
  await profiles.send(new PutIntegrationCommand({ DomainName, Uri: uriOf("all"), ObjectTypeName: "Call" }));
  for (const type of ["track", "page"]) await sendSegment(webhook, { type, messageId: type, userId: "u-1" });
  const search = { DomainName, KeyName: "userKey", Values: ["u-1"] };
  const [profile] = (await profiles.send(new SearchProfilesCommand(search))).Items ?? [];
  const objects = { DomainName, ProfileId: profile?.ProfileId, ObjectTypeName: "Call" };
  assert.equal((await profiles.send(new ListProfileObjectsCommand(objects))).Items?.length, 2);
});

test("two accounts have the same shop, each for itself", async () => {
  const mine = await Shop.open("shared-name");
  const theirs = await Shop.open("shared-name", { accessKeyId: "other" });
  const delivery = { webhookId: "w-1", eventId: "e-1" };
  await sendShopify(mine.webhook, "customers/create", CUSTOMER, delivery);
  assert.equal((await mine.find(BOB)).length, 1);
  assert.equal((await theirs.find(BOB)).length, 0);
  assert.equal((await sendShopify(theirs.webhook, "customers/create", CUSTOMER, delivery)).body.duplicate, undefined);
  assert.equal((await theirs.find(BOB)).length, 1);
  // Each has a secret of its own, but for this test.
  assert.equal((await sendShopify({ ...mine.webhook, secret: "theirs" }, "customers/create", CUSTOMER)).status, 401);
  await server.advance("PT0S");
  assert.deepEqual(
    [await mine.counts(), await theirs.counts()],
    [
      [1, 1],
      [1, 1],
    ],
  );
});

test("after its integration is deleted a domain is told of nothing", async () => {
  const shop = await Shop.open("ended");
  await sendShopify(shop.webhook, "customers/create", CUSTOMER);
  await profiles.send(new DeleteIntegrationCommand({ DomainName: "ended", Uri: uriOf("ended") }));
  const { status, body } = await sendShopify(shop.webhook, "orders/create", ORDER);
  assert.deepEqual([status, body.givenTo], [200, undefined]);
  assert.match(body.note, /no domain has an integration/);
  await server.advance("PT0S");
  assert.deepEqual(await shop.counts(), [1, 1]);
});

test("changes of Salesforce go through the flows that wait for them, with a bus or without, once", async () => {
  const source = "aws.partner/appflow/salesforce.com/000000000000/crm";
  const webhook = await makeWebhook(server.url, { kind: "salesforce", source });
  const DomainName = "crm";
  await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  await profiles.send(
    new PutIntegrationCommand({
      DomainName,
      ObjectTypeName: "Salesforce-Contact",
      FlowDefinition: {
        FlowName: "crm-contacts",
        KmsArn: "arn:aws:kms:us-east-1:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
        SourceFlowConfig: {
          ConnectorType: "Salesforce",
          ConnectorProfileName: "crm",
          SourceConnectorProperties: { Salesforce: { Object: "Contact" } },
        },
        Tasks: [],
        TriggerConfig: { TriggerType: "Event" },
      },
    }),
  );
  // https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm
  const change = (sequenceNumber: number, entityName: string, fields: object, changeType = "CREATE"): object => ({
    ChangeEventHeader: {
      entityName,
      recordIds: ["0035f00000ABCDEAA4"],
      changeType,
      transactionKey: "0004c1d2-55aa-7b3c-9e10-2f4d6a8b0c1e",
      sequenceNumber,
      commitTimestamp: 1768904098000,
    },
    ...fields,
  });
  const created = change(1, "Contact", { Name: { FirstName: "Ina", LastName: "Dyk" }, Email: "ina@example.com" });
  const first = await sendSalesforce(webhook, created);
  assert.deepEqual([first.status, first.body.flows, first.body.events.length], [200, 1, 1]);
  assert.match(first.body.note, /has not accepted .*: flows alone have the event/);
  const find = async () => {
    const search = { DomainName, KeyName: "_salesforceContactId", Values: ["0035f00000ABCDEAA4"] };
    return (await profiles.send(new SearchProfilesCommand(search))).Items ?? [];
  };
  assert.partialDeepStrictEqual(await find(), [{ FirstName: "Ina", LastName: "Dyk", EmailAddress: "ina@example.com" }]);

  // What nobody waits for, and has no bus, is lost.
  assert.match((await sendSalesforce(webhook, change(2, "Account", {}))).body.note, /lost/);

  await makeWebhook(server.url, { kind: "salesforce", source, eventIntegration: "crm" });
  assert.deepEqual((await sendSalesforce(webhook, created)).body, { events: first.body.events, duplicate: true });
  const update = change(3, "Contact", { Email: "ina.dyk@example.com" }, "UPDATE");
  const second = await sendSalesforce(webhook, { events: [created, update] });
  assert.deepEqual([second.body.flows, second.body.events.length, second.body.note], [1, 2, undefined]);
  assert.equal((await find())[0]?.EmailAddress, "ina.dyk@example.com");
  await server.advance("PT0S");
  const { Stats } = await profiles.send(new GetDomainCommand({ DomainName }));
  assert.deepEqual([Stats?.ProfileCount, Stats?.ObjectCount], [1, 1]);

  // One change of many records, which comes twice at once.
  const recordIds = Array.from({ length: 100 }, (_, place) => `003${String(place).padStart(15, "0")}`);
  const header = { ...(change(4, "Contact", {}) as { ChangeEventHeader: object }).ChangeEventHeader, recordIds };
  const many = { ChangeEventHeader: header, LastName: "Dyk" };
  const answers = await Promise.all([1, 2].map(() => sendSalesforce(webhook, many)));
  assert.deepEqual(answers.map(({ status, body }) => [status, body.duplicate === true]).toSorted(), [
    [200, false],
    [200, true],
  ]);
  const { Stats: after } = await profiles.send(new GetDomainCommand({ DomainName }));
  assert.deepEqual([after?.ProfileCount, after?.ObjectCount], [101, 101]);
  const { flowExecutions } = await new AppflowClient(server.clientOf("test")).send(
    new DescribeFlowExecutionRecordsCommand({ flowName: "crm-contacts" }),
  );
  assert.equal(flowExecutions?.[0]?.executionResult?.recordsProcessed, 102);
});
