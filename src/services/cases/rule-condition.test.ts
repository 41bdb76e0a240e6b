import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperandTwo } from "@aws-sdk/client-connectcases";
import { type RuleCondition, ruleVerdict } from "./rule-condition.ts";

const operands = (fieldId: string, operandTwo: OperandTwo, result: boolean) => ({
  operandOne: { fieldId },
  operandTwo,
  result,
});
const equal = (fieldId: string, stringValue: string, result = true): RuleCondition => ({
  equalTo: operands(fieldId, { stringValue }, result),
});
const unequal = (fieldId: string, stringValue: string, result = true): RuleCondition => ({
  notEqualTo: operands(fieldId, { stringValue }, result),
});
const andAll = (...conditions: RuleCondition[]): RuleCondition => ({ andAll: { conditions } });
const orAll = (...conditions: RuleCondition[]): RuleCondition => ({ orAll: { conditions } });

const verdict = (
  conditions: RuleCondition[],
  values: Record<string, string | number | boolean>,
  defaultValue = false,
) => ruleVerdict({ defaultValue, conditions }, values);

test("without a condition that holds the default decides", () => {
  assert.equal(verdict([], {}), false);
  assert.equal(verdict([], {}, true), true);
  assert.equal(verdict([equal("a", "x", false)], { a: "y" }, true), true);
});

test("the first condition that holds decides, with its own result", () => {
  const conditions = [equal("a", "x", false), equal("b", "x", true)];
  assert.equal(verdict(conditions, { a: "x", b: "x" }), false);
  assert.equal(verdict(conditions.toReversed(), { a: "x", b: "x" }), true);
  assert.equal(verdict(conditions, { a: "y", b: "x" }), true);
});

test("a field without a value is equal to no constant, and unequal to every one", () => {
  assert.equal(verdict([equal("a", "x")], {}), false);
  assert.equal(verdict([unequal("a", "x")], {}), true);
  assert.equal(verdict([unequal("a", "x")], { a: "x" }), false);
});

test("an empty constant asks whether there is a value", () => {
  const isEmpty: RuleCondition = { equalTo: operands("a", { emptyValue: {} }, true) };
  const isFilled: RuleCondition = { notEqualTo: operands("a", { emptyValue: {} }, true) };
  assert.deepEqual([verdict([isEmpty], {}), verdict([isEmpty], { a: false })], [true, false]);
  assert.deepEqual([verdict([isFilled], {}), verdict([isFilled], { a: 0 })], [false, true]);
});

test("numbers and booleans are compared as such", () => {
  const amount: RuleCondition = { equalTo: operands("a", { doubleValue: 0 }, true) };
  const urgent: RuleCondition = { equalTo: operands("a", { booleanValue: false }, true) };
  assert.deepEqual([verdict([amount], { a: 0 }), verdict([amount], { a: "0" })], [true, false]);
  assert.deepEqual([verdict([urgent], { a: false }), verdict([urgent], { a: true })], [true, false]);
});

test("andAll asks for all of its conditions, orAll for one", () => {
  const both = [equal("a", "x"), unequal("b", "x")];
  for (const [values, all, any] of [
    [{ a: "x", b: "y" }, true, true],
    [{ a: "x", b: "x" }, false, true],
    [{ a: "y", b: "y" }, false, true],
    [{ a: "y", b: "x" }, false, false],
  ] as const) {
    assert.equal(verdict([andAll(...both)], values), all);
    assert.equal(verdict([orAll(...both)], values), any);
  }
  assert.equal(verdict([andAll(equal("a", "x", false), equal("b", "x", false))], { a: "x", b: "x" }, true), false);
});
