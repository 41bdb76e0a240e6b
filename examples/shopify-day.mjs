/**
 * A day of a shop on Shopify: what Shopify's webhooks send, signed as Shopify signs it, becomes customers, draft orders and orders with their
 * items; deliveries come twice, late and from a second subscription, as they do there, and nothing is there twice.
 *
 *   node examples/shopify-day.mjs                    a quiet day
 *   node examples/shopify-day.mjs --objects 30000    a busy one
 *
 * Start the server first (`npm start`). A shop at Shopify itself sends the same requests to the same address: docs/webhooks.md.
 */
import { createHash, createHmac } from "node:crypto";
import {
  CreateDomainCommand,
  GetDomainCommand,
  ListProfileObjectsCommand,
  PutIntegrationCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import {
  below,
  chance,
  cleanUp,
  control,
  objectCount,
  options,
  pick,
  printTable,
  profiles,
  random,
} from "./customer-data.mjs";

const began = Date.now();
const DomainName = `shopify-${began}`;
const source = `aws.partner/shopify.com/427319918593/${DomainName}`;
const secret = createHash("sha256").update(`client secret ${random()}`).digest("hex");

// One call: the webhook, the event bus that accepts its source, and an event integration of the source.
const { url } = await control("POST", "webhooks", { kind: "shopify", source, secret, eventIntegration: DomainName });

// One more: the domain takes the events of the integration, each topic as what it is.
await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
await profiles.send(
  new PutIntegrationCommand({
    DomainName,
    Uri: `arn:aws:app-integrations:${options.region}:000000000000:event-integration/${DomainName}`,
    ObjectTypeNames: {
      ShopifyCreateCustomers: "Shopify-Customer",
      ShopifyUpdateCustomers: "Shopify-Customer",
      ShopifyCreateDraftOrders: "Shopify-DraftOrder",
      ShopifyUpdateDraftOrders: "Shopify-DraftOrder",
      ShopifyCreateOrders: "Shopify-Order",
      ShopifyUpdatedOrders: "Shopify-Order",
    },
  }),
);

const FIRST = ["Ina", "Jonas", "Mette", "Yusuf", "Olga", "Piet", "Aylin", "Chiara"];
const LAST = ["Möller", "Petersen", "Yılmaz", "Nowak", "O'Brien", "Graf", "Lindqvist", "van Dijk"];
const GOODS = [
  ["Rain coat", 8900],
  ["Sou'wester", 2450],
  ["Rubber boots", 5995],
  ["Lantern", 1999],
];
const price = (cents) => (cents / 100).toFixed(2);

/** What Shopify says of a customer. */
function makeCustomer(place) {
  const first_name = pick(FIRST);
  const last_name = pick(LAST);
  const address1 = `Deichstraße ${1 + below(90)}`;
  return {
    // Ids of Shopify are larger than what a double can hold.
    id: 7064055069303700000n + BigInt(place),
    email: `customer.${place}@example.com`,
    first_name,
    last_name,
    state: "disabled",
    note: chance(0.1) ? "Likes to be called" : null,
    phone: `+49431${100000 + place}`,
    tags: "",
    currency: "EUR",
    default_address: {
      first_name,
      last_name,
      address1,
      city: "Kiel",
      province: null,
      country: "Germany",
      zip: "24103",
    },
  };
}

/** An order as it is created: who has bought what. */
function makeOrder(id, customer) {
  const line_items = Array.from({ length: 1 + below(3) }, () => {
    const [title, cents] = pick(GOODS);
    return { title, price: price(cents), quantity: 1 + below(2) };
  });
  const total = line_items.reduce((sum, item) => sum + Number(item.price) * item.quantity, 0);
  const address = { ...customer.default_address, name: `${customer.first_name} ${customer.last_name}` };
  return {
    id,
    name: `#${id % 100000n}`,
    email: customer.email,
    currency: "EUR",
    customer: { id: customer.id, email: customer.email },
    line_items,
    total_price: total.toFixed(2),
    total_tax: (total * 0.19).toFixed(2),
    billing_address: address,
    shipping_address: address,
  };
}

const customers = Array.from({ length: Math.max(1, Math.round(objectCount / 4)) }, (_, place) => makeCustomer(place));
const sold = new Map(customers.map((customer) => [customer, []]));
let drafts = 0;
let orderId = 5940139491000n;

/** All that happens to an order: what is told of it, in that order. */
function sell(order) {
  const created = { ...order, financial_status: "pending", fulfillment_status: null };
  const first = {
    topic: "orders/create",
    payload: { ...created, order_status_url: `https://shop.example/${order.id}` },
  };
  if (chance(0.1)) {
    const voided = { ...created, financial_status: "voided", cancelled_at: new Date().toISOString() };
    return [first, { topic: "orders/cancelled", payload: { ...voided, cancel_reason: "customer" } }];
  }
  const paid = { ...created, financial_status: "paid" };
  return [
    first,
    { topic: "orders/paid", payload: paid },
    ...(chance(0.2)
      ? [{ topic: "orders/partially_fulfilled", payload: { ...paid, fulfillment_status: "partial" } }]
      : []),
    { topic: "orders/fulfilled", payload: { ...paid, fulfillment_status: "fulfilled" } },
    // Hours later Shopify tries what it believes it has no answer for: it must not undo what has happened since.
    ...(chance(0.1) ? [first] : []),
  ];
}

/** A draft that an employee writes, and that becomes an order. */
function draft(order) {
  drafts++;
  const written = {
    ...order,
    id: order.id + 10_000_000n,
    status: "open",
    invoice_url: `https://shop.example/d${order.id}`,
  };
  return [
    { topic: "draft_orders/create", payload: written },
    { topic: "draft_orders/update", payload: { ...written, status: "completed", order_id: order.id } },
  ];
}

/** A customer's day. Others have theirs at the same time. */
function dayOf(customer) {
  const told = [];
  for (let count = below(4); count > 0; count--) {
    const order = makeOrder(orderId++, customer);
    if (chance(0.2)) told.push(...draft(order));
    told.push(...sell(order));
    sold.get(customer).push({
      ...order,
      isPaid: told.some(({ topic, payload }) => topic === "orders/paid" && payload.id === order.id),
    });
  }
  const created = { topic: "customers/create", payload: customer };
  // Topics do not wait for each other: at times an order is there before its customer.
  const inOrder = chance(0.8) ? [created, ...told] : [...told, created];
  if (chance(0.3)) inOrder.push({ topic: "customers/update", payload: { ...customer, note: "Has moved" } });
  return [...inOrder, { topic: "products/update", payload: { id: 1, title: "Rain coat" } }];
}

let deliveries = 0;
let repeated = 0;
let answeredAsRepeated = 0;
const notIngested = new Set();

/** Shopify tells of events one after the other: again where it has had no answer in time, and to each subscription of a topic. */
async function tell(events) {
  const told = new Set();
  for (const event of events) {
    event.webhookId ??= `delivery-${deliveries++}`;
    event.eventId ??= `event of ${event.webhookId}`;
    const answer = await deliver(event);
    if (told.has(event)) count(answer);
    told.add(event);
    if (answer.eventType === null) notIngested.add(event.topic);
    if (event.isTriedAgain) count(await deliver(event));
    if (event.hasSecondSubscription) count(await deliver({ ...event, webhookId: `second ${event.webhookId}` }));
  }
}

function count(answer) {
  repeated++;
  if (answer.duplicate) answeredAsRepeated++;
}

/** https://shopify.dev/docs/apps/build/webhooks/delivery-structure */
async function deliver({ topic, payload, webhookId, eventId }, key = secret) {
  const text = JSON.stringify(payload, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
  const body = text.replace(/"(\d+)n"/g, "$1");
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json",
      "X-Shopify-Topic": topic,
      "X-Shopify-Shop-Domain": "sturm-und-drang.myshopify.com",
      "X-Shopify-API-Version": "2026-01",
      "X-Shopify-Webhook-Id": webhookId,
      "X-Shopify-Event-Id": eventId,
      "X-Shopify-Triggered-At": new Date().toISOString(),
      "X-Shopify-Hmac-SHA256": createHmac("sha256", key).update(body).digest("base64"),
    },
  });
  if (answer.status !== 200 && key === secret) throw new Error(`${topic}: ${answer.status} ${await answer.text()}`);
  return { status: answer.status, ...(await answer.json()) };
}

const days = customers.map(dayOf);
for (const event of days.flat())
  Object.assign(event, { isTriedAgain: chance(0.1), hasSecondSubscription: chance(0.05) });
const loading = Date.now();
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (let day = days.pop(); day; day = days.pop()) await tell(day);
  }),
);
const seconds = (Date.now() - loading) / 1000;
const forgery = { topic: "orders/create", payload: {}, webhookId: "forged", eventId: "forged" };
const forged = await deliver(forgery, "no secret");

// What came of it, beside what the shop knows itself.
const orders = [...sold.values()].flat();
const found = (await Promise.all(customers.map(ordersOf))).flat();
const size = (list, wanted) => list.filter(wanted).length;
const { Stats } = await profiles.send(new GetDomainCommand({ DomainName }));
printTable([
  ["profiles", customers.length, Stats.ProfileCount],
  ["objects and standard orders", customers.length + 2 * (drafts + orders.length), Stats.ObjectCount],
  ["orders paid", size(orders, ({ isPaid }) => isPaid), size(found, ({ Status }) => Status === "paid")],
  ["orders cancelled", size(orders, ({ isPaid }) => !isPaid), size(found, ({ CancelReason }) => CancelReason)],
  ["drafts completed", drafts, size(found, ({ Status }) => Status === "completed")],
  [
    "lines of orders",
    orders.flatMap(({ line_items }) => line_items).length,
    found.filter(({ Status }) => Status !== "completed").flatMap(({ OrderItems }) => OrderItems).length,
  ],
  ["deliveries known as repetitions", repeated, answeredAsRepeated],
]);

const [best] = [...sold].sort(([, one], [, other]) => spent(other) - spent(one))[0];
const [profile] = await search(best);
console.log(
  `${profile.FirstName} ${profile.LastName} of ${profile.Address.City} has bought for ${price(spent(sold.get(best)) * 100)} EUR`,
);
console.log(`events on the bus and no more: ${[...notIngested].join(", ")}`);
console.log(`a forged delivery is answered with ${forged.status}`);
console.log(
  `${deliveries + repeated} deliveries in ${seconds.toFixed(1)} s, ${((Date.now() - began) / 1000).toFixed(1)} s with all`,
);
cleanUp();

function spent(list) {
  return list.filter(({ isPaid }) => isPaid).reduce((sum, { total_price }) => sum + Number(total_price), 0);
}

async function search(customer) {
  const input = { DomainName, KeyName: "_shopifyCustomerId", Values: [String(customer.id)] };
  return (await profiles.send(new SearchProfilesCommand(input))).Items;
}

/** The standard orders of a customer's profile. */
async function ordersOf(customer) {
  const [{ ProfileId }] = await search(customer);
  const of = { DomainName, ProfileId, ObjectTypeName: "_order", MaxResults: 100 };
  const { Items } = await profiles.send(new ListProfileObjectsCommand(of));
  return Items.map(({ Object: text }) => JSON.parse(text));
}
