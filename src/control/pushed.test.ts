import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemWallClock, type WallClock } from "../time/clock.ts";
import { pushed } from "./pushed.ts";

/** A wall clock whose timers come when they are called. */
function steered(): { readonly wall: WallClock; ring(): void } {
  const callbacks = new Set<() => void>();
  const wall: WallClock = {
    now: () => 0,
    monotonicMs: () => 0,
    after: (_delayMs, callback) => {
      callbacks.add(callback);
      return { [Symbol.dispose]: () => void callbacks.delete(callback) };
    },
  };
  const ring = (): void => {
    for (const callback of callbacks) callback();
  };
  return { wall, ring };
}

test("what is quiet says so by blank lines, and nothing that is told is lost or doubled", async () => {
  const { wall, ring } = steered();
  let tell = (_line: string): void => {};
  let isEnded = false;
  async function* told(): AsyncGenerator<string> {
    try {
      for (;;) yield await new Promise<string>((resolve) => (tell = resolve));
    } finally {
      isEnded = true;
    }
  }
  const body = (pushed(told(), wall).body as AsyncIterable<string>)[Symbol.asyncIterator]();
  const quiet = body.next();
  await Promise.resolve();
  ring();
  assert.equal((await quiet).value, "\n");
  const first = body.next();
  tell("1\n");
  assert.equal((await first).value, "1\n");
  const second = body.next();
  await new Promise(setImmediate);
  tell("2\n");
  assert.equal((await second).value, "2\n");
  await body.return?.();
  assert.ok(isEnded);
});

test("what ends, ends", async () => {
  async function* told(): AsyncGenerator<string> {
    yield "only\n";
  }
  const lines: string[] = [];
  for await (const line of pushed(told(), new SystemWallClock()).body as AsyncIterable<string>) lines.push(line);
  assert.deepEqual(lines, ["only\n"]);
});
