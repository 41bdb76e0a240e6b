import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { SinkOutcome, SinkRequest } from "../../flow/index.ts";
import { eventBridge } from "../eventbridge/index.ts";
import { ACCOUNT, OTHER_ACCOUNT, openServiceWorld, REGION, type ServiceWorld } from "../world.test.ts";
import { associateEventIntegration, createWebhook, disassociateEventIntegration, receiveWebhook } from "./index.ts";
import type { WebhookAnswer } from "./receive-webhook.ts";

const SOURCE = "aws.partner/segment.com/s-1";
const SECRET = "hush";
const OWNER = { account: ACCOUNT, region: REGION };

/** Somebody who is told of events, and what they were told, once its unit has committed. */
class Listener {
  readonly told: SinkRequest[] = [];
  outcome: SinkOutcome;

  listen({ platform }: ServiceWorld, name: string): void {
    const listener = this;
    platform.flow.sink("test", name, {
      async append(unit, _arn, requests) {
        unit.afterCommit(() => void listener.told.push(...requests));
        return requests.map(() => listener.outcome);
      },
    });
  }
}

async function associate(world: ServiceWorld, integrationName: string, name: string, atOnce: boolean): Promise<void> {
  const targetArn = `arn:aws:test:${REGION}:${ACCOUNT}:${name}`;
  const associate = { integrationName, id: name, clientId: "client", ruleName: `rule-${name}`, targetArn, atOnce };
  await world.platform.store.commit((unit) => associateEventIntegration(unit, world.platform, OWNER, associate));
}

async function send({ platform }: ServiceWorld, id: string, call: object): Promise<WebhookAnswer> {
  const body = Buffer.from(JSON.stringify(call));
  const headers = { "x-signature": createHmac("sha1", SECRET).update(body).digest("hex") };
  return receiveWebhook(platform, id, headers, async () => body);
}

/** A webhook with its event integration. */
async function makeWebhook(world: ServiceWorld): Promise<string> {
  const webhook = { kind: "segment", source: SOURCE, secret: SECRET, eventIntegration: "visitors" } as const;
  return (await createWebhook(world.context(), webhook)).id;
}

test("who wants events at once has them when the sender is answered, and as everybody by the rule, with one id", async () => {
  await using world = await openServiceWorld(eventBridge);
  const id = await makeWebhook(world);
  const [eager, patient] = [new Listener(), new Listener()];
  eager.listen(world, "eager");
  patient.listen(world, "patient");
  await associate(world, "visitors", "eager", true);
  await associate(world, "visitors", "patient", false);

  const answer = await send(world, id, { type: "identify", messageId: "m-1", userId: "u-1" });
  assert.partialDeepStrictEqual(answer, { givenTo: 1, eventType: "SegmentIdentify" });
  const [atOnce] = eager.told;
  assert.ok(atOnce);
  assert.deepEqual(
    { ...atOnce, body: JSON.parse(atOnce.body).id },
    {
      deliveryId: `${answer.events[0]}>rule-eager`,
      body: answer.events[0],
      account: ACCOUNT,
      principal: "events.amazonaws.com",
      sourceArn: `arn:aws:events:${REGION}:${ACCOUNT}:rule/${SOURCE}/rule-eager`,
    },
  );

  await world.advance(0);
  assert.deepEqual([eager.told.length, patient.told.length], [2, 1]);
  const byRule = eager.told[1];
  assert.deepEqual([byRule?.body, byRule?.sourceArn], [atOnce.body, atOnce.sourceArn]);

  assert.equal((await send(world, id, { type: "identify", messageId: "m-1", userId: "u-1" })).duplicate, true);
  await world.advance(0);
  assert.deepEqual([eager.told.length, patient.told.length], [2, 1]);
});

test("an event that some reject and others cannot take now is taken all the same", async () => {
  await using world = await openServiceWorld(eventBridge);
  const id = await makeWebhook(world);
  const [never, later, gone] = [new Listener(), new Listener(), new Listener()];
  never.outcome = { code: "INVALID_PARAMETER", message: "It has no key", retryable: false };
  later.outcome = { code: "THROTTLING", message: "Not now", retryable: true };
  never.listen(world, "never");
  later.listen(world, "later");
  gone.listen(world, "gone");
  for (const name of ["never", "later", "gone"]) await associate(world, "visitors", name, true);
  const about = { integrationName: "visitors", id: "gone" };
  await world.platform.store.commit((unit) => disassociateEventIntegration(unit, world.platform, OWNER, about));

  const answer = await send(world, id, { type: "identify", messageId: "m-1", userId: "u-1" });
  assert.deepEqual(answer, {
    events: answer.events,
    givenTo: 2,
    rejected: ["It has no key"],
    eventType: "SegmentIdentify",
  });
  assert.equal(gone.told.length, 0);
});

test("what a webhook needs is made with it, once, and for its own account", async () => {
  await using world = await openServiceWorld(eventBridge, { enforced: true });
  await makeWebhook(world);
  await makeWebhook(world);
  const webhook = { kind: "segment", source: `${SOURCE}/2`, secret: SECRET } as const;
  const taken = { ...webhook, eventIntegration: "visitors" };
  await assert.rejects(createWebhook(world.context(), taken), /exists already, for aws\.partner\/segment\.com\/s-1/);
  await createWebhook(world.context({ account: OTHER_ACCOUNT }), taken);
  for (const eventIntegration of ["", "a b", "x".repeat(256)]) {
    await assert.rejects(createWebhook(world.context(), { ...webhook, eventIntegration }), /name/);
  }
  for (let count = 2; count <= 10; count++) {
    await createWebhook(world.context(), { ...webhook, eventIntegration: `visitors-${count}` });
  }
  const beyond = { ...webhook, source: `${SOURCE}/3`, eventIntegration: "visitors-11" };
  await assert.rejects(createWebhook(world.context(), beyond), /quota/);
});
