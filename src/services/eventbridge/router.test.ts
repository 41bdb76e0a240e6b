import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createFlow, type Flow, type SinkRequest } from "../../flow/index.ts";
import type { Context, Platform } from "../service.ts";
import { ACCOUNT, openServiceWorld, REGION, START_MS } from "../world.test.ts";
import { createEventBus } from "./event-buses.ts";
import { eventBridge, putEventsAsService, putServiceEvent, tailBus } from "./index.ts";
import { putEvents } from "./put-events.ts";
import { deleteRule, putRule } from "./rules.ts";
import { putTargets, removeTargets } from "./targets.ts";

const ARN = `arn:aws:test:${REGION}:${ACCOUNT}:x`;
const PATTERN = '{"source":["shop"]}';
const ORDER = { Source: "shop", DetailType: "order placed", Detail: '{"id":7}' };

/** Takes everything that is sent to `arn:aws:test:…` into memory, once its unit has committed. */
function takeInto(flow: Flow): SinkRequest[] {
  const taken: SinkRequest[] = [];
  flow.sink("test", "", {
    async append(unit, _arn, requests) {
      unit.afterCommit(() => void taken.push(...requests));
      return requests.map(() => undefined);
    },
  });
  return taken;
}

async function addRule(context: Context, name: string, eventPattern = PATTERN): Promise<void> {
  await putRule({ Name: name, EventPattern: eventPattern }, context);
  await putTargets({ Rule: name, Targets: [{ Id: "1", Arn: ARN }] }, context);
}

test("who sends, for whom and which delivery it is goes along", async () => {
  await using world = await openServiceWorld(eventBridge);
  const taken = takeInto(world.platform.flow);
  await addRule(world.context(), "orders");
  await putEvents({ Entries: [ORDER, ORDER] }, world.context());
  await world.advance(0);
  const ruleArn = `arn:aws:events:${REGION}:${ACCOUNT}:rule/orders`;
  assert.deepEqual(
    taken.map(({ body: _, ...request }) => request),
    [1, 2].map((sequence) => ({
      deliveryId: `bus/${ACCOUNT}/${REGION}/default#0.${sequence}>orders/1`,
      account: ACCOUNT,
      principal: "events.amazonaws.com",
      sourceArn: ruleArn,
    })),
  );
});

test("matches are counted, once for each event however often a unit runs", async () => {
  await using world = await openServiceWorld(eventBridge);
  takeInto(world.platform.flow);
  await addRule(world.context(), "orders");
  await putEvents({ Entries: [ORDER, ORDER, { ...ORDER, Source: "bank" }] }, world.context());
  await world.advance(0);
  const labels = `account="${ACCOUNT}",bus="default",region="${REGION}",rule="orders"`;
  assert.ok(world.platform.flow.metrics.text().includes(`trunkline_matched_events_total{${labels}} 2\n`));
});

test("a service's event goes to its account's default bus, under its own key and time", async () => {
  await using world = await openServiceWorld(eventBridge);
  const taken = takeInto(world.platform.flow);
  await addRule(world.context(), "calls", '{"source":["aws.connect"]}');
  await world.platform.store.commit((unit) =>
    putServiceEvent(unit, world.platform, {
      account: ACCOUNT,
      region: REGION,
      source: "aws.connect",
      detailType: "Amazon Connect Contact Event",
      resources: ["arn:instance"],
      detail: { eventType: "INITIATED" },
      timeMs: START_MS - 999,
      key: "contact-1",
      id: "5b1e0000-0000-4000-8000-000000000000",
    }),
  );
  await world.advance(0);
  assert.equal(
    taken[0]?.body,
    '{"version":"0","id":"5b1e0000-0000-4000-8000-000000000000","detail-type":"Amazon Connect Contact Event",' +
      `"source":"aws.connect","account":"${ACCOUNT}","time":"2026-11-21T04:16:09Z","region":"${REGION}",` +
      '"resources":["arn:instance"],"detail":{"eventType":"INITIATED"}}',
  );
  const [entry] = await world.platform.store.read(`bus/${ACCOUNT}/${REGION}/default`, 0, 1, { entries: 1 });
  assert.equal(entry?.key, "contact-1");
});

test("Trunkline's own tools may speak as a service", async () => {
  await using world = await openServiceWorld(eventBridge);
  const entry = { ...ORDER, Source: "aws.connect" };
  assert.equal((await putEvents({ Entries: [entry] }, world.context())).FailedEntryCount, 1);
  assert.equal((await putEventsAsService([entry], world.context())).FailedEntryCount, 0);
});

test("a time that cannot be printed fails its entry, and a global endpoint the request", async () => {
  await using world = await openServiceWorld(eventBridge);
  const Entries = [Number.NaN, 8.64e15, -8.64e15].map((ms) => ({ ...ORDER, Time: new Date(ms) }));
  const answer = await putEvents({ Entries }, world.context());
  assert.deepEqual(
    answer.Entries?.map(({ ErrorCode }) => ErrorCode),
    ["InvalidArgument", "InvalidArgument", "InvalidArgument"],
  );
  await assert.rejects(putEvents({ Entries: [ORDER], EndpointId: "abc.def" }, world.context()), {
    code: "ValidationException",
  });
});

test("a bus is followed live, from its oldest event or from now", async () => {
  await using world = await openServiceWorld(eventBridge);
  const address = { account: ACCOUNT, region: REGION, name: "default" };
  let rung = false;
  using early = await tailBus(world.platform, address, "newest", () => {
    rung = true;
  });
  assert.deepEqual(await early?.read(), []);
  await putEvents({ Entries: [ORDER] }, world.context());
  await world.advance(0);
  assert.equal((await early?.read())?.length, 1);
  assert.ok(rung);
  using late = await tailBus(world.platform, address, "newest", () => {});
  using whole = await tailBus(world.platform, address, "oldest", () => {});
  assert.deepEqual([(await late?.read())?.length, (await whole?.read())?.length], [0, 1]);
  assert.equal(await tailBus(world.platform, { ...address, name: "none" }, "newest", () => {}), undefined);
});

test("after a restart each bus goes on where it was, with its rules", async () => {
  await using world = await openServiceWorld(eventBridge);
  const before = takeInto(world.platform.flow);
  await createEventBus({ Name: "orders" }, world.context());
  const onBus = { EventBusName: "orders" };
  await putRule({ Name: "all", EventPattern: PATTERN, ...onBus }, world.context());
  await putTargets({ Rule: "all", Targets: [{ Id: "1", Arn: ARN }], ...onBus }, world.context());
  await putEvents({ Entries: [{ ...ORDER, ...onBus }] }, world.context());
  await world.advance(0);
  await world.platform.flow.stop();
  await putEvents({ Entries: [{ ...ORDER, ...onBus }] }, world.context());

  const flow = createFlow(world.platform);
  const restarted: Platform = { ...world.platform, flow };
  const after = takeInto(flow);
  await eventBridge.start?.(restarted);
  await flow.start();
  await flow.drained(20_000_000);
  await flow.stop();
  assert.deepEqual([before.length, after.length], [1, 1]);
});

/** A rule, by its number, that comes, changes what it asks for or goes, or an event. */
const anyStep = fc.oneof(
  fc.record({ put: fc.nat(3), value: fc.nat(2), enabled: fc.boolean() }),
  fc.record({ remove: fc.nat(3) }),
  fc.record({ event: fc.nat(2) }),
);

test("whatever happens to the rules, an event matches those that were there when it was put", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 12 }), fc.boolean(), async (steps, drainEach) => {
      await using world = await openServiceWorld(eventBridge);
      const taken = takeInto(world.platform.flow);
      const context = world.context();
      const rules = new Map<number, { value: number; enabled: boolean }>();
      const expected: string[] = [];
      for (const step of steps) {
        if ("put" in step) {
          const name = `rule-${step.put}`;
          const EventPattern = JSON.stringify({ detail: { value: [step.value] } });
          await putRule({ Name: name, EventPattern, State: step.enabled ? "ENABLED" : "DISABLED" }, context);
          await putTargets({ Rule: name, Targets: [{ Id: "1", Arn: ARN }] }, context);
          rules.set(step.put, step);
        } else if ("remove" in step) {
          const name = `rule-${step.remove}`;
          if (rules.delete(step.remove)) await removeTargets({ Rule: name, Ids: ["1"] }, context);
          await deleteRule({ Name: name }, context);
        } else {
          await putEvents({ Entries: [{ ...ORDER, Detail: JSON.stringify({ value: step.event }) }] }, context);
          // The routing of an event may see what happens to rules after it, so the two are kept apart.
          await world.advance(0);
          for (const [number, { value, enabled }] of rules) {
            if (enabled && value === step.event) expected.push(`rule-${number}`);
          }
        }
        if (drainEach) await world.advance(0);
      }
      const routed = taken.map(({ sourceArn }) => sourceArn.slice(sourceArn.lastIndexOf("/") + 1));
      assert.deepEqual(routed.sort(), expected.sort());
    }),
    { numRuns: 25 },
  );
});
