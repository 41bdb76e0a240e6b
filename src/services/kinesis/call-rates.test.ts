import assert from "node:assert/strict";
import { test } from "node:test";
import { kinesis } from "./index.ts";
import { createStreamNamed, openWorld, otherAccount, rejectsWith, START_MS, type World } from "./world.test.ts";

function call(world: Pick<World, "store">, operation: string, input: object): Promise<unknown> {
  const handler = kinesis.operations.kinesis?.[operation];
  assert(handler !== undefined);
  return handler(input, world as World);
}

test("with enforced limits an operation is called so often a second", async () => {
  await using world = await openWorld({ "kinesis.list-streams-per-second": 2 });
  for (let i = 0; i < 2; i++) await call(world, "ListStreams", {});
  await rejectsWith(call(world, "ListStreams", {}), "LimitExceededException", /^Rate exceeded under account \d+\.$/);
  await call(otherAccount(world), "ListStreams", {});
  world.clock.moveTo(START_MS + 1000);
  await call(world, "ListStreams", {});
});

test("some rates are a stream's own", async () => {
  await using world = await openWorld({});
  for (const name of ["a", "b"]) await createStreamNamed(world, name);
  const list = (name: string) =>
    call(world, "ListStreamConsumers", { StreamARN: `arn:aws:kinesis:us-east-1:${world.account}:stream/${name}` });
  for (let i = 0; i < 5; i++) await list("a");
  await rejectsWith(list("a"), "LimitExceededException", `Rate exceeded for stream a under account ${world.account}.`);
  await list("b");
});

test("without enforced limits nothing is refused", async () => {
  await using world = await openWorld();
  for (let i = 0; i < 10; i++) await call(world, "DescribeLimits", {});
});
