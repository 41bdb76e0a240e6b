import assert from "node:assert/strict";
import { test } from "node:test";
import { openServiceWorld } from "../world.test.ts";
import { createEventBus, listEventBuses } from "./event-buses.ts";
import { eventBridge } from "./index.ts";

test("a default bus that nobody has used is listed at its place, and keeps no other from being listed", async () => {
  await using world = await openServiceWorld(eventBridge);
  const context = world.context();
  for (const Name of ["alpha", "delta", "epsilon", "zeta"]) await createEventBus({ Name }, context);
  for (const Limit of [1, 2, 3, 100]) {
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await listEventBuses({ Limit, ...(NextToken && { NextToken }) }, context);
      names.push(...(page.EventBuses ?? []).map(({ Name }) => Name));
      NextToken = page.NextToken;
    } while (NextToken);
    assert.deepEqual(names, ["alpha", "default", "delta", "epsilon", "zeta"], `pages of ${Limit}`);
  }
});
