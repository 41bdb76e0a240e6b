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
    // Empty ones take place as well.
    JSON.parse(`[${Array.from({ length: 25 }, () => `[${Array(25).fill(`[${Array(25).fill("[]")}]`)}]`)}]`),
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

test("what is not an input is short too", () => {
  const log = new CallLog(() => 0);
  const long = "x".repeat(1e5);
  log.add(called({}, { service: long, operation: long, code: long, message: long, userAgent: long, status: 404 }));
  assert.ok(JSON.stringify(all(log)).length < 10_000);
});

test("secrets are known also where their names do not tell", () => {
  const log = new CallLog(() => 0);
  const secret = "do-not-keep";
  const inputs: readonly (readonly [operation: string, input: object])[] = [
    ["firehose CreateDeliveryStream", { HttpEndpointDestinationConfiguration: { AccessKey: secret, Url: "http://a" } }],
    ["firehose CreateDeliveryStream", { SnowflakeDestinationConfiguration: { KeyPassphrase: secret } }],
    ["firehose CreateDeliveryStream", { SplunkDestinationConfiguration: { HECToken: secret } }],
    ["s3 PutObject", { SSECustomerKey: secret, CopySourceSSECustomerKey: secret }],
    ["lambda CreateFunction", { FunctionName: "f", Environment: { Variables: { STRIPE: secret, OTHER: secret } } }],
    ["apigateway CreateApiKey", { name: "partner", value: secret }],
    ["apigateway ImportApiKeys", { body: Buffer.from(secret) }],
    ["apigateway TestInvokeMethod", { headers: { "x-api-key": secret, Authorization: secret } }],
    ["ssm PutParameter", { Name: "/shop/key", Type: "SecureString", Value: secret }],
    // Which parameters are not to be told, only the template says.
    ["cloudformation CreateStack", { Parameters: [{ ParameterKey: "Pin", ParameterValue: secret }] }],
    ["events CreateConnection", { HeaderParameters: [{ Key: "Authorization", Value: secret, IsValueSecret: false }] }],
    ["sts AssumeRoleWithWebIdentity", { WebIdentityToken: secret }],
    ["sns Subscribe", { Protocol: "http", Endpoint: `http://me:${secret}@example.com/in` }],
  ];
  for (const [named, input] of inputs) {
    const [service = "", operation = ""] = named.split(" ");
    log.add(called(input, { service, operation }));
  }
  const kept = all(log).toReversed();
  assert.ok(kept.every(({ isCut }) => isCut));
  const text = JSON.stringify(kept.map(({ input }) => input));
  assert.doesNotMatch(text, new RegExp(`${secret}|${Buffer.from(secret).toString("base64")}`));
  assert.match(text, /"STRIPE":.*"name":"partner".*http:\/\/me:.*example\.com/);
});

test("of very many accounts those are forgotten that have been silent for longest", () => {
  const log = new CallLog(() => 0);
  const callOf = (account: string) => log.add(called({}, { caller: { ...called({}).caller, account } }));
  callOf("busy");
  callOf("silent");
  for (let account = 0; account < 40; account++) {
    callOf(`other-${account}`);
    callOf("busy");
  }
  assert.deepEqual([all(log, "busy").length, all(log, "silent").length], [41, 0]);
});
