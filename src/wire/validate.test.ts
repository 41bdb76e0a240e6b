import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dialect } from "../models/catalog.ts";
import { loadModel } from "../models/catalog.ts";
import type { ServiceModel, Shape } from "../models/model.ts";
import { validate } from "./validate.ts";
import { problemsMessage } from "./validate-message.ts";

/** A model of nothing but shapes. `Input` is the structure that is validated. */
function modelOf(shapes: Record<string, Shape>): ServiceModel {
  return { ...loadModel("sts"), name: "test", operations: {}, shapes: { String: { type: "string" }, ...shapes } };
}

function messageOf(model: ServiceModel, value: unknown, style: Dialect["messages"] = "coral", shape = "Input"): string {
  const problems = validate(model, shape, value);
  return problems.length === 0 ? "" : problemsMessage(model, problems, style);
}

const events = loadModel("events");
const kinesis = loadModel("kinesis");

test("all problems are listed, each with its value, its place and the constraint", () => {
  const input = { Name: "a b", Targets: [{ Id: "x".repeat(65), Arn: "arn" }, { Arn: "" }], Rule: "r" };
  assert.equal(
    messageOf(events, input, "coral", "PutTargetsRequest"),
    `3 validation errors detected: Value '${"x".repeat(65)}' at 'targets.1.member.id' failed to satisfy constraint: ` +
      "Member must have length less than or equal to 64; " +
      "Value null at 'targets.2.member.id' failed to satisfy constraint: Member must not be null; " +
      "Value '' at 'targets.2.member.arn' failed to satisfy constraint: Member must have length greater than or equal to 1",
  );
});

test("structures, lists and bytes are shown as the services print them", () => {
  assert.equal(
    messageOf(events, { Entries: [] }, "coral", "PutEventsRequest"),
    "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
  );
  const entries = Array.from({ length: 11 }, () => ({ Source: "s", DetailType: "t", Detail: "{}" }));
  const message = messageOf(events, { Entries: entries }, "coral", "PutEventsRequest");
  assert.match(
    message,
    /^1 validation error detected: Value '\[PutEventsRequestEntry\(time=null, source=s, resources=null, detailType=t, detail=\{\}, /,
  );
  assert.match(
    message,
    /' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10$/,
  );

  const blob = modelOf({ Input: structure({ Data: { shape: "Data" } }), Data: { type: "blob", max: 2 } });
  assert.match(
    messageOf(blob, { Data: new Uint8Array(3) }),
    /Value 'java.nio.HeapByteBuffer\[pos=0 lim=3 cap=3\]' at 'data'/,
  );
});

test("a list of scalars is one problem, with all constraints of its members", () => {
  const input = { StreamName: "s", TagKeys: ["ok", "x".repeat(129)] };
  assert.equal(
    messageOf(kinesis, input, "coral", "RemoveTagsFromStreamInput"),
    `1 validation error detected: Value '[ok, ${"x".repeat(129)}]' at 'tagKeys' failed to satisfy constraint: ` +
      "Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
  );
});

test("keys and values of maps are held to their constraints", () => {
  const tags = (Tags: Record<string, string>) =>
    messageOf(kinesis, { StreamName: "s", Tags }, "coral", "AddTagsToStreamInput");
  assert.match(
    tags({ "": "v" }),
    /Value '\{=v\}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: \[/,
  );
  assert.match(
    tags({ k: "v".repeat(257) }),
    /at 'tags' failed to satisfy constraint: Map value must satisfy constraint: \[/,
  );
  assert.match(tags({}), /Value '\{\}' at 'tags' failed .* length greater than or equal to 1$/);
});

test("a null where a list has none is a missing member", () => {
  assert.match(
    messageOf(kinesis, { StreamName: "s", Records: [null] }, "coral", "PutRecordsInput"),
    /Value null at 'records.1.member' failed to satisfy constraint: Member must not be null$/,
  );
});

test("numbers have ranges, and enumerations are closed", () => {
  const model = modelOf({
    Input: structure({ Count: { shape: "Count" }, Mode: { shape: "Mode" } }),
    Count: { type: "integer", min: 1, max: 5 },
    Mode: { type: "string", enum: ["ON", "OFF"] },
  });
  assert.match(
    messageOf(model, { Count: 0 }),
    /Value '0' at 'count' .* Member must have value greater than or equal to 1$/,
  );
  assert.match(
    messageOf(model, { Count: 6 }),
    /Value '6' at 'count' .* Member must have value less than or equal to 5$/,
  );
  assert.match(
    messageOf(model, { Mode: "on" }),
    /Value 'on' at 'mode' .* Member must satisfy enum value set: \[ON, OFF\]$/,
  );
  assert.equal(messageOf(model, { Count: 1, Mode: "OFF" }), "");
});

test("strings are measured in characters", () => {
  const model = modelOf({ Input: structure({ Name: { shape: "Name" } }), Name: { type: "string", min: 2, max: 3 } });
  assert.equal(messageOf(model, { Name: "☎🙂🙂" }), "");
  assert.match(messageOf(model, { Name: "🙂" }), /greater than or equal to 2/);
  assert.match(messageOf(model, { Name: "🙂🙂🙂🙂" }), /less than or equal to 3/);
});

test("a union has exactly one member", () => {
  const model = modelOf({ Input: { ...structure({ A: { shape: "String" }, B: { shape: "String" } }), union: true } });
  assert.equal(messageOf(model, { A: "a" }), "");
  for (const value of [{}, { A: "a", B: "b" }]) {
    assert.match(messageOf(model, value), /failed to satisfy constraint: Member must have exactly one of: \[A, B\]$/);
  }
});

test("shapes that hold themselves are validated all the way down", () => {
  const model = modelOf({
    Input: structure({ Name: { shape: "Name" }, Next: { shape: "Inputs" } }),
    Inputs: { type: "list", member: { shape: "Input" } },
    Name: { type: "string", max: 1 },
  });
  assert.equal(messageOf(model, { Next: [{ Next: [{ Name: "a" }] }] }), "");
  assert.match(messageOf(model, { Next: [{}, { Next: [{ Name: "ab" }] }] }), /at 'next.2.member.next.1.member.name'/);
});

test("secrets are not shown", () => {
  const model = modelOf({
    Input: structure({ Password: { shape: "Password" } }),
    Password: { type: "string", min: 8, sensitive: true },
  });
  assert.match(messageOf(model, { Password: "hunter2" }), /Value '\*\*\*Sensitive Data Redacted\*\*\*' at 'password'/);
});

test("services that do not show values leave them out", () => {
  const model = modelOf({ Input: structure({ Name: { shape: "Name" } }), Name: { type: "string", max: 1 } });
  assert.equal(
    messageOf(model, { Name: "ab" }, "coral-without-value"),
    "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must have length less than or equal to 1",
  );
});

test("a message is bounded, however much is wrong", () => {
  const records = Array.from({ length: 500 }, () => ({ Data: new Uint8Array(1), PartitionKey: "" }));
  const message = messageOf(kinesis, { StreamName: "s", Records: records }, "coral", "PutRecordsInput");
  assert.match(message, /^10 validation errors detected: /);
  const long = messageOf(kinesis, { StreamName: "x".repeat(1_000_000) }, "coral", "DescribeStreamInput");
  assert.ok(long.length < 10_000);
});

function structure(members: Record<string, { shape: string }>): Shape & { type: "structure" } {
  return { type: "structure", members };
}
