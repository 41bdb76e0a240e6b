/**
 * Kills the server (SIGKILL) while Shopify delivers orders: those that were acknowledged are there after a restart, as order and on the bus, and
 * in the end, when Shopify has tried again what it had no answer for, each is there once.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  ListProfileObjectsCommand,
  PutIntegrationCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { SeededIds } from "../src/time/ids.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { ORDER } from "./shopify-payloads.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";
import { makeWebhook, sendShopify, type WebhookReply } from "./webhook-sender.ts";

/** Each round sees a kill. */
const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 60 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const ORDERS = 16;
const DomainName = "killed";
const SOURCE = "aws.partner/shopify.com/1/killed";
const FIRST_ID = 820982911946154508n;
const BOB = "706405506930370084";

test("what a shop was answered is there, and each order once, whenever the server is killed", async (t) => {
  const ids = new SeededIds(`webhooks ${SEED}`);
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const options = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const profiles = new CustomerProfilesClient(options);
  const kinesis = new KinesisClient(options);
  const events = new EventBridgeClient(options);
  after(() => {
    for (const client of [profiles, kinesis, events]) client.destroy();
  });

  const webhook = await makeWebhook(url, { kind: "shopify", source: SOURCE, eventIntegration: "killed" });
  await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const Uri = "arn:aws:app-integrations:us-east-1:000000000000:event-integration/killed";
  const ObjectTypeNames = { ShopifyCreateOrders: "Shopify-Order" };
  await profiles.send(new PutIntegrationCommand({ DomainName, Uri, ObjectTypeNames }));
  const stream = await createStream(kinesis, "events");
  await events.send(
    new PutRuleCommand({ Name: "all", EventBusName: SOURCE, EventPattern: JSON.stringify({ source: [SOURCE] }) }),
  );
  const Targets = [{ Id: "stream", Arn: stream }];
  await events.send(new PutTargetsCommand({ Rule: "all", EventBusName: SOURCE, Targets }));

  const deliver = (place: number): Promise<WebhookReply> => {
    const order = ORDER.replace(`"id": ${FIRST_ID}`, `"id": ${FIRST_ID + BigInt(place)}`);
    return sendShopify(webhook, "orders/create", order, { webhookId: `w-${place}`, eventId: `e-${place}` });
  };
  /** Numbers of the orders that lie in the domain. */
  const stored = async (): Promise<bigint[]> => {
    const search = { DomainName, KeyName: "_shopifyCustomerId", Values: [BOB] };
    const [profile] = (await profiles.send(new SearchProfilesCommand(search))).Items ?? [];
    const found: bigint[] = [];
    let NextToken: string | undefined;
    do {
      const input = { DomainName, ProfileId: profile?.ProfileId, ObjectTypeName: "_order", MaxResults: 100, NextToken };
      const page = await profiles.send(new ListProfileObjectsCommand(input));
      const orders = (page.Items ?? []).map(({ Object: text = "" }) => JSON.parse(text));
      found.push(...orders.map(({ Attributes }) => BigInt(Attributes.ShopifyOrderId) - FIRST_ID));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  };

  const acknowledged = new Set<number>();
  let total = 0;
  let repetitions = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ended = once(server.child, "exit");
    // The machine may be busy: what counts is how much has come through.
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const wanted = acknowledged.size + 1 + Math.floor(ids.random() * (ORDERS - 2));
    const places = Array.from({ length: ORDERS }, () => total++);
    const work = Promise.allSettled(
      places.map(async (place) => {
        assert.equal((await deliver(place)).status, 200);
        if (acknowledged.add(place).size === wanted) resolve();
      }),
    );
    void work.then(() => resolve());
    await enough;
    server.child.kill("SIGKILL");
    await Promise.all([ended, work]);
    server = await spawnTrunkline(folder, "--port", new URL(url).port);

    const there = new Set(await stored());
    for (const place of acknowledged) assert.ok(there.has(BigInt(place)), `order ${place} was acknowledged`);
    // Shopify does not trust some of the answers that it had.
    for (const place of places) {
      if (acknowledged.has(place) && ids.random() < 0.7) continue;
      const { status, body } = await deliver(place);
      assert.equal(status, 200);
      assert.ok(body.duplicate || !acknowledged.has(place), `order ${place} was known already`);
      if (body.duplicate) repetitions++;
      acknowledged.add(place);
    }
  }

  const body = JSON.stringify({ advance: "PT0S" });
  assert.equal((await sendSigned(url, { service: "trunkline", path: "/_trunkline/clock", body })).status, 200);
  const expected = Array.from({ length: total }, (_, place) => BigInt(place));
  assert.deepEqual(
    (await stored()).toSorted((one, other) => Number(one - other)),
    expected,
  );
  const { Stats } = await profiles.send(new GetDomainCommand({ DomainName }));
  assert.deepEqual([Stats?.ProfileCount, Stats?.ObjectCount], [1, 2 * total]);
  const told = await readStream<{ id: string }>(kinesis, stream);
  assert.deepEqual([told.length, new Set(told.map(({ id }) => id)).size], [total, total]);
  t.diagnostic(`seed ${SEED}: ${ROUNDS} kills, ${total} orders, ${repetitions} repetitions`);
});
