import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limitResetMs, retryAfterMs } from "./retry-after.ts";

const NOW_MS = Date.parse("2026-06-10T12:00:00Z");

test("a source says in seconds, by a date or not at all when it wants to be asked again", () => {
  const after = (text: string): number | undefined => retryAfterMs(new Headers({ "retry-after": text }), NOW_MS);
  assert.deepEqual(
    [
      after("30"),
      after(" 1.5 "),
      after("0"),
      after("Wed, 10 Jun 2026 12:00:20 GMT"),
      after("Wed, 10 Jun 2026 11:00:00 GMT"),
    ],
    [30_000, 1500, 0, 20_000, 0],
  );
  assert.deepEqual(
    [after("soon"), after("-1"), after(""), after("2026"), after("Xyz, ")],
    [undefined, undefined, undefined, 2_026_000, undefined],
  );
  assert.equal(after("999999999"), 86_400_000, "at most a day");
});

test("a count of requests that begins anew is waited for where nothing else is said", () => {
  const after = (headers: Record<string, string>): number | undefined => limitResetMs(new Headers(headers), NOW_MS);
  assert.equal(after({ "x-ratelimit-reset": String(NOW_MS / 1000 + 90) }), 90_000);
  assert.equal(after({ "ratelimit-reset": "12" }), 12_000);
  assert.equal(after({ "ratelimit-reset": "12", "retry-after": "3" }), 3000);
  assert.equal(after({}), undefined);
});

test("whatever a source says, it is between now and a day", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
      const headers = { get: () => text } as unknown as Headers;
      for (const ms of [retryAfterMs(headers, NOW_MS), limitResetMs(headers, NOW_MS)]) {
        assert.ok(ms === undefined || (ms >= 0 && ms <= 86_400_000));
      }
    }),
  );
});
