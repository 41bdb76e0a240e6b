import assert from "node:assert/strict";
import { test } from "node:test";
import { CallLog, type FinishedCall } from "./call-log.ts";

function called(input: unknown, more: Partial<FinishedCall> = {}): FinishedCall {
  return {
    caller: { account: "1", region: "us-east-1", principalArn: "arn:aws:iam::1:root", accessKeyId: "k" },
    service: "kinesis",
    operation: "PutRecord",
    input,
    status: 200,
    durationMs: 1,
    requestId: "r",
    userAgent: "sdk",
    via: "api",
    ...more,
  };
}

const all = (log: CallLog, account = "1") => [...log.of(account).between(0, Number.POSITIVE_INFINITY)];

test("the last two thousand calls are kept, the newest first, beside some of the console", () => {
  const log = new CallLog(() => 0);
  for (let number = 1; number <= 2_500; number++) log.add(called({ number }));
  for (let number = 1; number <= 1_000; number++) log.add(called({ number }, { via: "console" }));
  const kept = all(log);
  assert.equal(kept.length, 2_300);
  assert.equal(kept.filter(({ via }) => via === "api").length, 2_000);
  assert.deepEqual(kept.at(-1)?.input, { number: 501 });
  assert.ok(kept.every((call, place) => place === 0 || call.number < (kept[place - 1]?.number ?? 0)));
  assert.deepEqual(
    [...log.of("1").between(3_498, 3_500)].map(({ number }) => number),
    [3_499],
  );
  log.clear();
  assert.deepEqual([all(log), log.of("1").newest], [[], 0]);
});

test("what is kept is small, whatever the input is", () => {
  const log = new CallLog(() => 0);
  const deep = JSON.parse(`${'{"a":'.repeat(400)}1${"}".repeat(400)}`);
  const inputs = [
    { text: "x".repeat(1e6) },
    { blob: Buffer.alloc(1e6) },
    { list: Array.from({ length: 1e5 }, () => "item") },
    Object.fromEntries(Array.from({ length: 1e5 }, (_, index) => [`key-${index}`, index])),
    deep,
    { body: (async function* () {})() },
  ];
  for (const input of inputs) log.add(called(input));
  for (const { input, isCut } of all(log)) {
    assert.equal(isCut, true);
    assert.ok(JSON.stringify(input).length < 20_000);
  }
});

test("nothing is kept under a name that means a secret, and names of tokens that page are no secrets", () => {
  const log = new CallLog(() => 0);
  const secret = "do-not-keep";
  log.add(
    called({
      Password: secret,
      secretAccessKey: secret,
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x", ApiKeyValue: secret } },
      Environment: { Variables: { DB_PASSWORD: secret } },
      HeaderParameters: [{ Key: "x", Value: secret, IsValueSecret: true }],
      ParticipantToken: secret,
      SessionToken: secret,
      NextToken: "page",
      ClientToken: "once",
    }),
  );
  const [call] = all(log);
  assert.ok(!JSON.stringify(call).includes(secret));
  const { NextToken, ClientToken } = (call?.input ?? {}) as Record<string, unknown>;
  assert.deepEqual([NextToken, ClientToken], ["page", "once"]);
});
