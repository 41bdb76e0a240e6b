import assert from "node:assert/strict";
import { test } from "node:test";
import type { BusEvent } from "./event.ts";
import type { BusRule } from "./rule.ts";
import { compileTarget } from "./target-message.ts";

const rule: BusRule = {
  bus: { account: "111122223333", region: "us-east-1", name: "default" },
  name: "orders",
  state: "ENABLED",
  targets: [],
} as unknown as BusRule;

const text =
  '{"version":"0","id":"i","detail-type":"t","source":"s","account":"111122223333","time":"2026-11-21T04:16:10Z","region":"us-east-1",' +
  '"resources":[],"detail":{"order":12345678901234567890,"price":1.0,"list":[1E+2,-0]}}';
const matched = { event: JSON.parse(text) as BusEvent, text, entryId: "e", entryKey: "k", timeMs: 0 };

const queue = { Id: "1", Arn: "arn:aws:sqs:us-east-1:111122223333:orders" };

test("what is picked out of an event keeps its numbers as they were written", () => {
  const picked = (InputPath: string) => compileTarget(rule, { ...queue, InputPath })(matched)?.request.body;
  assert.equal(picked("$.detail.order"), "12345678901234567890");
  assert.equal(picked("$.detail"), '{"order":12345678901234567890,"price":1.0,"list":[1E+2,-0]}');
  assert.equal(picked("$.detail.order.rawJSON"), undefined);

  const transformed = (InputTemplate: string) =>
    compileTarget(rule, {
      ...queue,
      InputTransformer: { InputPathsMap: { order: "$.detail.order", price: "$.detail.price" }, InputTemplate },
    })(matched)?.request.body;
  assert.equal(transformed('{"order":<order>,"text":"<price>"}'), '{"order":12345678901234567890,"text":"1.0"}');
  assert.equal(transformed("<order> for <price>"), "12345678901234567890 for 1.0");
  assert.equal(transformed('{"was":<aws.events.event.json>}'), `{"was":${text}}`);
});

test("a partition key keeps its digits", () => {
  const stream = { Id: "1", Arn: "arn:aws:kinesis:us-east-1:111122223333:stream/orders" };
  const message = compileTarget(rule, { ...stream, KinesisParameters: { PartitionKeyPath: "$.detail.order" } })(
    matched,
  );
  assert.equal(message?.request.key, "12345678901234567890");
});
