import assert from "node:assert/strict";
import { test } from "node:test";
import { eventDelaysMs } from "../aws-delivery.ts";
import { ACCOUNT, openServiceWorld, REGION, START_MS } from "../world.test.ts";
import { eventBridge } from "./index.ts";
import { putRule } from "./rules.ts";
import { putServiceEvent } from "./service-event.ts";
import { putTargets } from "./targets.ts";

test("an event that comes twice comes with the same id both times, each when its delay is over", async () => {
  const awsDelivery = { seed: "1" };
  const id = Array.from({ length: 10_000 }, (_, index) => `event-${index}`).find(
    (candidate) => eventDelaysMs(awsDelivery, candidate).length === 2,
  );
  assert.ok(id);
  const [firstMs = 0, secondMs = 0] = eventDelaysMs(awsDelivery, id);

  await using world = await openServiceWorld(eventBridge);
  const ids: string[] = [];
  world.platform.flow.sink("test", "", {
    async append(unit, _arn, requests) {
      unit.afterCommit(() => void ids.push(...requests.map(({ body }) => JSON.parse(body).id)));
      return requests.map(() => undefined);
    },
  });
  await putRule({ Name: "all", EventPattern: '{"source":["aws.connect"]}' }, world.context());
  const Arn = `arn:aws:test:${REGION}:${ACCOUNT}:x`;
  await putTargets({ Rule: "all", Targets: [{ Id: "1", Arn }] }, world.context());
  const late = { ...world.platform, awsDelivery };
  const event = { account: ACCOUNT, region: REGION, source: "aws.connect", detailType: "x", resources: [], detail: {} };
  await world.platform.store.commit((unit) =>
    putServiceEvent(unit, late, { ...event, timeMs: START_MS, key: "k", id }),
  );
  await world.advance(firstMs - 1);
  assert.deepEqual(ids, []);
  await world.advance(1);
  assert.deepEqual(ids, [id]);
  await world.advance(secondMs - firstMs);
  assert.deepEqual(ids, [id, id]);
});
