import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExpression, parseReference, valueAt } from "./calculated-expression.ts";

const calculated = (expression: string, object: Readonly<Record<string, unknown>>): string | undefined =>
  parseExpression(expression, "Expression").calculate(object);

test("an attribute is taken as it is, as text", () => {
  assert.equal(calculated("{CTR.channel}", { channel: "VOICE" }), "VOICE");
  assert.equal(calculated("{CTR.agent.id}", { agent: { id: 7 } }), "7");
  assert.equal(calculated("{CTR.a.b}", { "a.b": true }), "true");
  for (const object of [{}, { channel: null }, { channel: ["VOICE"] }, { channel: {} }, { chan: "VOICE" }]) {
    assert.equal(calculated("{CTR.channel}", object), undefined);
  }
  assert.equal(valueAt({ a: { b: { c: 1 } }, "a.b": { c: 2 } }, "a.b.c"), 1);
});

test("two attributes are calculated with exactly, by the rules of arithmetic", () => {
  assert.equal(calculated("{T.a} + {T.b}", { a: 0.1, b: "0.2" }), "0.3");
  assert.equal(calculated("{T.a}-{T.b}*{T.a}", { a: 2, b: 3 }), "-4");
  assert.equal(calculated("{T.a} / {T.b} * {T.b}", { a: 10, b: 4 }), "10");
  assert.equal(calculated("{T.a} - {T.a} + {T.b}", { a: 2, b: 5 }), "5");
  assert.equal(calculated("{T.a} / {T.b}", { a: 1, b: 0 }), undefined);
  assert.equal(calculated("{T.a} + {T.b}", { a: 1 }), undefined);
  assert.equal(calculated("{T.a} + {T.b}", { a: 1, b: "x" }), undefined);
});

test("the difference of two dates is a time in milliseconds", () => {
  const call = { from: "2026-03-10T09:30:00.500Z", to: "2026-03-10T10:31:00+01:00" };
  assert.equal(calculated("{CTR.to} - {CTR.from}", call), "59500");
});

test("mistakes are refused with their place", () => {
  const refusals: readonly (readonly [string, string])[] = [
    ["", "Expression: at character 1, {ObjectType.attribute} is needed"],
    ["CTR.channel", "Expression: at character 1, {ObjectType.attribute} is needed"],
    ["{CTR.a} {CTR.b}", "Expression: at character 9, one of + - * / is needed"],
    ["{CTR.a} + ", "Expression: at character 11, {ObjectType.attribute} is needed"],
    ["{CTR.a} + {Order.b}", "Expression: CTR and Order are two object types, and one is needed"],
    ["{T.a} + {T.b} + {T.c}", "Expression: at most 2 attributes are allowed, and 3 are named"],
  ];
  for (const [text, message] of refusals) {
    assert.throws(() => parseExpression(text, "Expression"), { code: "BadRequestException", message });
  }
  assert.throws(() => parseReference("{T.a} + {T.b}", "TimestampSource"), {
    message: "TimestampSource: one {ObjectType.attribute} is needed",
  });
  assert.deepEqual(parseReference(" {T.a.b} ", "TimestampSource").path, "a.b");
});
