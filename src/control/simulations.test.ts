import assert from "node:assert/strict";
import { test } from "node:test";
import { startTrunkline } from "../../test/server.ts";
import type { PlayNews } from "../plays/index.ts";
import type { Caller, PlainRequest } from "../wire/index.ts";
import { clockMode } from "./clock.ts";
import { mapRates } from "./map.ts";
import { createSimulations } from "./simulations.ts";

const caller = { account: "000000000000", region: "us-east-1", accessKeyId: "test" } as Caller;

test("a play that ends when its store is gone takes nobody with it", async () => {
  const server = await startTrunkline("--clock", "real");
  const platform = server.app.platform();
  let tell: (news: PlayNews) => void = () => assert.fail("nothing plays");
  const simulations = createSimulations({
    platform: () => platform,
    findCredential: () => ({ accessKeyId: "test", secretAccessKey: "test", account: caller.account }),
    callOperation: async () => ({ status: 200, document: {} }),
    startPlayThread: (_order, hear) => {
      tell = hear;
      return { tell: () => {}, terminate: async () => {} };
    },
  });
  await simulations.buildDemo(caller, { body: async () => Buffer.from("{}") } as PlainRequest);
  assert.equal(clockMode(platform.clock), "catching-up");
  await server.close();
  tell({ kind: "failed", error: "it went away" });
  // What is rejected and heard by nobody ends the process, and fails a test.
  await new Promise((resolve) => setImmediate(resolve));
  const { value } = simulations.readSimulator(caller) as unknown as { value: { state: string } };
  assert.equal(value.state, "failed");
});

test("rates of a map end with what they are of", async () => {
  const server = await startTrunkline();
  let current = server.app.platform();
  const { body } = mapRates(() => current, caller, new AbortController());
  const lines = (body as AsyncIterable<string>)[Symbol.asyncIterator]();
  assert.equal((await lines.next()).done, false);
  current = Object.create(current);
  assert.equal((await lines.next()).done, true);
});

test("of two who start the simulator at once one is told that it runs, and who has no key is told so", async () => {
  const server = await startTrunkline();
  let [starts, hasKey] = [0, true];
  const simulations = createSimulations({
    platform: () => server.app.platform(),
    findCredential: async () =>
      hasKey ? { accessKeyId: "test", secretAccessKey: "test", account: caller.account } : undefined,
    callOperation: async () => ({ status: 200, document: {} }),
    startPlayThread: () => {
      starts++;
      return { tell: () => {}, terminate: async () => {} };
    },
  });
  const start = async (of: Caller) => {
    const request = { body: async () => Buffer.from('{"action":"start"}') } as PlainRequest;
    return (await simulations.steerSimulator(of, request)).status;
  };
  assert.deepEqual(await Promise.all([start(caller), start(caller)]), [200, 409]);
  assert.equal(starts, 1);
  hasKey = false;
  assert.equal(await start({ ...caller, account: "111122223333" }), 409);
  await simulations.close();
});
