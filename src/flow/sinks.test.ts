import assert from "node:assert/strict";
import { test } from "node:test";
import { createSinkTable } from "./sinks.ts";

test("a sink is found by the ARN's service, and by the longest prefix of its resource", () => {
  const [queues, buses, destinations] = [{}, {}, {}];
  const table = createSinkTable();
  table.declare("sqs", "", queues);
  table.declare("events", "event-bus/", buses);
  table.declare("events", "api-destination/", destinations);

  assert.equal(table.find("arn:aws:sqs:us-east-1:000000000000:orders"), queues);
  assert.equal(table.find("arn:aws:events:us-east-1:000000000000:event-bus/default"), buses);
  assert.equal(table.find("arn:aws:events:us-east-1:000000000000:api-destination/crm/1b"), destinations);
  assert.equal(table.find("arn:aws:events:us-east-1:000000000000:rule/none"), undefined);
  assert.equal(table.find("arn:aws:states:us-east-1:000000000000:stateMachine:none"), undefined);
  assert.equal(table.find("no arn"), undefined);
});

test("two sinks for one prefix stop the start", () => {
  const table = createSinkTable();
  table.declare("sqs", "", {});
  assert.throws(() => table.declare("sqs", "", {}), /A sink for sqs: is declared already/);
});
