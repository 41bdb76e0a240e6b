import assert from "node:assert/strict";
import test from "node:test";
import { eventDelaysMs, isRecordDoubled, recordDelayMs } from "./aws-delivery.ts";

const EVENTS = Array.from({ length: 20_000 }, (_, index) => `event ${index}`);

test("events arrive 100 to 900 ms late, a few within two seconds, one in a thousand twice", () => {
  const delays = EVENTS.map((id) => eventDelaysMs({ seed: "1" }, id));
  for (const copies of delays) {
    assert.ok(copies.every((delayMs) => delayMs >= 100 && delayMs <= 2_000));
    assert.ok(copies.length === 1 || Number(copies[0]) <= Number(copies[1]));
  }
  const firsts = delays.map(([first = 0]) => first);
  const share = (holds: (delayMs: number) => boolean) => firsts.filter(holds).length / EVENTS.length;
  assert.ok(Math.abs(share((delayMs) => delayMs > 900) - 0.02) < 0.005);
  assert.ok(Math.abs(share((delayMs) => delayMs < 500) - 0.49) < 0.02, "uniform");
  const doubled = delays.filter((copies) => copies.length === 2).length;
  assert.ok(doubled > 5 && doubled < 40, `${doubled}`);
});

test("records come 61 to 69 s late, and hardly ever twice", () => {
  const delays = EVENTS.map((id) => recordDelayMs({ seed: "1" }, id));
  assert.ok(delays.every((delayMs) => delayMs >= 61_000 && delayMs <= 69_000));
  const doubled = EVENTS.filter((id) => isRecordDoubled({ seed: "1" }, id)).length;
  assert.ok(doubled > 5 && doubled < 40, `${doubled}`);
});

test("the same seed decides the same, another one something else", () => {
  const decide = (seed: string) => EVENTS.slice(0, 100).map((id) => eventDelaysMs({ seed }, id));
  assert.deepEqual(decide("a"), decide("a"));
  assert.notDeepEqual(decide("a"), decide("b"));
});
