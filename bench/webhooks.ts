/**
 * Webhooks of Shopify, durable, from 64 connections: each an order that becomes a profile, an order and its items before it is answered; and
 * PutProfileObject with the same object, the event that the webhook makes of it. A wrong signature for what refusing costs.
 */
import { createHmac, randomUUID } from "node:crypto";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  PutIntegrationCommand,
} from "@aws-sdk/client-customer-profiles";
import autocannon from "autocannon";
import { type Figures, median, printBudget, printTable, rounds, SECONDS, type Side, spread } from "./measure.ts";
import { postSigned, signedPut } from "./sides/load.ts";
import { startProcess, usageOf, withDataFolder } from "./sides/processes.ts";

const CONNECTIONS = 64;
/** Orders that are told of over and over, each of another customer: they are created first, and replaced from then on. */
const ORDERS = 4_096;

const DomainName = "bench";
const SOURCE = "aws.partner/shopify.com/1/bench";
const SECRET = "client secret";

export async function run(): Promise<void> {
  const sides: readonly Side[] = [
    { name: "PutProfileObject", run: () => withDomain(puts) },
    { name: "webhook", run: () => withDomain(webhooks) },
    { name: "webhook without an integration", run: () => withDomain(webhooks, { isIntegrated: false }) },
    { name: "webhook, wrong signature", run: () => withDomain(forgeries) },
  ];
  const figures = await rounds(sides);
  const floor = median(figures.get("PutProfileObject"), "perSecond");
  const bytes = Buffer.byteLength(orderText(0));
  printTable(
    `Orders of Shopify of ${bytes} bytes, ${CONNECTIONS} connections, ${ORDERS.toLocaleString("en")} customers`,
    [
      ["", "requests/s", "of PutProfileObject", "p50 ms", "p99 ms", "main thread, ms each"],
      ...[...figures].map(([name, side]) => [
        name,
        spread(side, "perSecond"),
        (median(side, "perSecond") / floor).toFixed(2),
        spread(side, "p50Ms", 1),
        spread(side, "p99Ms", 1),
        spread(side, "threadMs", 2),
      ]),
    ],
  );
  const ratio = median(figures.get("webhook"), "perSecond") / floor;
  printBudget("webhooks into profiles against PutProfileObject", ratio, { atLeast: 0.6 });
}

/** A server of its own, with a domain that takes the orders of a webhook. */
function withDomain(
  measure: (url: string, hook: string) => Promise<Figures>,
  { isIntegrated = true }: { isIntegrated?: boolean } = {},
): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new CustomerProfilesClient({ endpoint: server.url, region: "us-east-1", credentials });
    try {
      const webhook = { kind: "shopify", source: SOURCE, secret: SECRET, eventIntegration: "bench" };
      const { url: hook } = await postSigned(server.url, "/_trunkline/webhooks", webhook);
      await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
      if (isIntegrated) {
        const Uri = "arn:aws:app-integrations:us-east-1:000000000000:event-integration/bench";
        const ObjectTypeNames = { ShopifyCreateOrders: "Shopify-Order" };
        await client.send(new PutIntegrationCommand({ DomainName, Uri, ObjectTypeNames }));
      }
      const before = await usageOf(server);
      const figures = await measure(server.url, hook);
      const { mainThreadMs = 0 } = await usageOf(server);
      const threadMs = (mainThreadMs - (before.mainThreadMs ?? 0)) / (figures.requests ?? 1);
      const { Stats } = await client.send(new GetDomainCommand({ DomainName }));
      return { ...figures, threadMs, profiles: Stats?.ProfileCount ?? 0 };
    } finally {
      client.destroy();
      await server.stop();
    }
  });
}

/** The same objects by the API, signed once, since a signature holds for five minutes. */
async function puts(url: string): Promise<Figures> {
  const path = `/domains/${DomainName}/profiles/objects`;
  const ObjectTypeName = "Shopify-Order";
  const requests = await Promise.all(
    Array.from({ length: ORDERS }, (_, at): Promise<autocannon.Request> => {
      return signedPut(url, "profile", path, { ObjectTypeName, Object: wrapped(at) });
    }),
  );
  return load(url, 200, () => requests.splice(0, ORDERS / CONNECTIONS));
}

function webhooks(url: string, hook: string): Promise<Figures> {
  return deliveries(url, hook, SECRET, 200);
}

function forgeries(url: string, hook: string): Promise<Figures> {
  return deliveries(url, hook, "guess", 401);
}

/** Each delivery has ids of its own: else it would have come before. */
async function deliveries(url: string, hook: string, secret: string, status: number): Promise<Figures> {
  const path = new URL(hook).pathname;
  const bodies = Array.from({ length: ORDERS }, (_, at) => {
    const body = orderText(at);
    return { body, signature: createHmac("sha256", secret).update(body).digest("base64") };
  });
  return load(url, status, () =>
    bodies.splice(0, ORDERS / CONNECTIONS).map(({ body, signature }) => ({
      method: "POST",
      path,
      body,
      setupRequest: (request) => {
        const id = randomUUID();
        return {
          ...request,
          headers: {
            "content-type": "application/json",
            "x-shopify-topic": "orders/create",
            "x-shopify-shop-domain": "bench.myshopify.com",
            "x-shopify-api-version": "2026-01",
            "x-shopify-triggered-at": "2026-03-03T10:15:00.123Z",
            "x-shopify-webhook-id": id,
            "x-shopify-event-id": id,
            "x-shopify-hmac-sha256": signature,
          },
        };
      },
    })),
  );
}

/** Each connection has requests of its own. */
async function load(url: string, status: number, requestsOf: () => autocannon.Request[]): Promise<Figures> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    setupClient: (client) => client.setRequests(requestsOf()),
  });
  const wrong = Object.entries(result.statusCodeStats ?? {}).filter(([code]) => Number(code) !== status);
  if (wrong.length > 0 || result.errors > 0) throw new Error(`${JSON.stringify(wrong)}, ${result.errors} failed`);
  const { average, total } = result.requests;
  return { perSecond: average, requests: total, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

/** What Shopify sends of an order with two items: most of it nobody maps. */
function orderText(at: number): string {
  const address = {
    first_name: "Ina",
    last_name: "Möller",
    name: "Ina Möller",
    address1: `Deichstraße ${at}`,
    city: "Kiel",
    zip: "24103",
    country: "Germany",
    country_code: "DE",
  };
  const money = (amount: string) => ({
    shop_money: { amount, currency_code: "EUR" },
    presentment_money: { amount, currency_code: "EUR" },
  });
  const item = (title: string, price: string, quantity: number) => ({
    id: 866550311766000 + at,
    title,
    price,
    quantity,
    grams: 567,
    name: title,
    product_id: 632910392,
    price_set: money(price),
    sku: `SKU-${title}`,
    taxable: true,
    tax_lines: [{ price: "14.21", rate: 0.19, title: "MwSt", price_set: money("14.21") }],
    properties: [],
    duties: [],
  });
  return JSON.stringify({
    id: 5940139491000 + at,
    admin_graphql_api_id: `gid://shopify/Order/${5940139491000 + at}`,
    name: `#${at}`,
    email: `customer.${at}@example.com`,
    currency: "EUR",
    created_at: "2026-03-03T10:15:00+01:00",
    financial_status: "paid",
    fulfillment_status: null,
    gateway: "bogus",
    order_status_url: `https://shop.example/orders/${at}/authenticate?key=abcdefg`,
    total_price: "147.90",
    total_price_set: money("147.90"),
    total_tax: "23.61",
    total_discounts: "0.00",
    total_line_items_price: "147.90",
    total_shipping_price_set: money("4.90"),
    customer: {
      id: 706405506930370 + at,
      email: `customer.${at}@example.com`,
      first_name: "Ina",
      default_address: address,
    },
    billing_address: address,
    shipping_address: address,
    line_items: [item("Rain coat", "89.00", 1), item("Sou'wester", "24.50", 2)],
  });
}

/** The object that the webhook of an order makes. */
function wrapped(at: number): string {
  const metadata = {
    "Content-Type": "application/json",
    "X-Shopify-Topic": "orders/create",
    "X-Shopify-Shop-Domain": "bench.myshopify.com",
    "X-Shopify-Api-Version": "2026-01",
    "X-Shopify-Triggered-At": "2026-03-03T10:15:00.123Z",
    "X-Shopify-Webhook-Id": randomUUID(),
    "X-Shopify-Hmac-SHA256": "XWmrwMey6OsLMeiZKwP4FppHH3cmAiiJJAweH5Jo4bM=",
  };
  const event = `{"version":"0","id":"${randomUUID()}","detail-type":"shopifyWebhook","source":"${SOURCE}","account":"000000000000","time":"2026-03-03T10:15:00Z","region":"us-east-1","resources":[],"detail":{"payload":${orderText(at)},"metadata":${JSON.stringify(metadata)}}}`;
  return `{"version":"0","id":"${randomUUID()}","detail-type":"event","source":"aws.app-integrations","account":"000000000000","time":"2026-03-03T10:15:00Z","region":"us-east-1","resources":[],"detail":{"event":${event}}}`;
}
