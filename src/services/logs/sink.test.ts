import assert from "node:assert/strict";
import { test } from "node:test";
import type { SinkOutcome, SinkRequest } from "../../flow/index.ts";
import { ACCOUNT, OTHER_ACCOUNT, openServiceWorld, type ServiceWorld, START_MS } from "../world.test.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { logs } from "./index.ts";
import { DAY_MS } from "./limits.ts";
import { createLogGroup } from "./log-groups.ts";

const ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/calls";

function request(body: string, changed: Partial<SinkRequest> = {}): SinkRequest {
  return {
    deliveryId: "delivery-1",
    body,
    account: ACCOUNT,
    principal: "events.amazonaws.com",
    sourceArn: "arn:aws:events:us-east-1:000000000000:rule/bus/contacts",
    ...changed,
  };
}

async function append(
  world: ServiceWorld,
  requests: SinkRequest[],
  arn: string = ARN,
): Promise<readonly SinkOutcome[]> {
  const { store, flow } = world.platform;
  return await store.commit(async (unit) => (await flow.findSink(arn)?.append?.(unit, arn, requests)) ?? []);
}

test("what is sent to a group becomes an event of now, in a stream of the rule and the day", async () => {
  await using world = await openServiceWorld(logs);
  const context = world.context();
  await createLogGroup({ logGroupName: "/aws/events/calls" }, context);
  const transformed = `{"timestamp":${START_MS - 5},"message":"shaped"}`;
  const event = '{"id":"1","detail":{"timestamp":1}}';
  assert.deepEqual(await append(world, [request(event), request(transformed)]), [undefined, undefined]);
  assert.deepEqual(await append(world, [request('{"timestamp":')], `${ARN}:*`), [undefined]);
  const { events = [] } = await filterLogEvents({ logGroupName: "/aws/events/calls" }, context);
  assert.deepEqual(
    events.map(({ timestamp, message, logStreamName }) => [timestamp, message, logStreamName]),
    [
      [START_MS - 5, "shaped", "bus/contacts/2026/11/21"],
      [START_MS, event, "bus/contacts/2026/11/21"],
      [START_MS, '{"timestamp":', "bus/contacts/2026/11/21"],
    ],
  );
});

test("each request has its own outcome", async () => {
  await using world = await openServiceWorld(logs);
  assert.equal((await append(world, [request("x")]))[0]?.code, "NO_RESOURCE");
  await createLogGroup({ logGroupName: "/aws/events/calls" }, world.context());
  const outcomes = await append(world, [
    request("good"),
    request("foreign", { account: OTHER_ACCOUNT }),
    request(`{"timestamp":${START_MS - 15 * DAY_MS},"message":"old"}`),
    request("x".repeat(1_048_576)),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome && [outcome.code, outcome.retryable]),
    [undefined, ["NO_PERMISSIONS", false], ["INVALID_PARAMETER", false], ["INVALID_PARAMETER", false]],
  );
});
