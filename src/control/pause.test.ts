import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { startTrunkline } from "../../test/server.ts";
import type { Context } from "../services/service.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
import { mapRates } from "./map.ts";
import { overview } from "./overview.ts";

test("what is pushed all day leaves nothing behind with each line", async () => {
  const server = await startTrunkline();
  const platform = server.app.platform();
  const caller = { account: "000000000000", region: "us-east-1", accessKeyId: "test", requestId: "r" };
  const { wall } = platform;
  const context = Object.assign(Object.create(platform), caller, {
    principalArn: "arn:aws:iam::000000000000:root",
    signal: new AbortController().signal,
    // Time goes by as fast as it can.
    wall: {
      now: () => wall.now(),
      monotonicMs: () => wall.monotonicMs(),
      after: (_: number, done: () => void) => wall.after(0, done),
    },
  }) as Context;
  const requestOf = (query: string) => {
    const abort = new AbortController();
    return { abort, request: { query, signal: abort.signal } as unknown as PlainRequest };
  };
  const pushed: Readonly<Record<string, (request: PlainRequest) => Promise<PlainResponse>>> = {
    map: async (request) => mapRates(() => context, context, request),
    overview: (request) => overview(context, async () => assert.fail("not asked"), context, request),
  };
  for (const [name, ask] of Object.entries(pushed)) {
    const { abort, request } = requestOf("");
    const answer = await ask(request);
    let lines = 0;
    for await (const _ of answer.body as AsyncIterable<string>) {
      if (++lines === 20) break;
    }
    assert.equal(lines, 20);
    assert.ok(getEventListeners(abort.signal, "abort").length <= 1, name);
    abort.abort();
  }
});
