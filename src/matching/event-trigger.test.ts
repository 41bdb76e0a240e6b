import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { EventTriggerCondition, ObjectAttribute } from "@aws-sdk/client-customer-profiles";
import fc from "fast-check";
import { ModeledError } from "../models/modeled-error.ts";
import { compileEventTrigger, eventTriggerDocument } from "./event-trigger.ts";
import { Machine } from "./machine.ts";
import type { Scalar } from "./predicate.ts";

/** A match has whole conditions, or one attribute that stands for a trigger with nothing else. */
interface Match {
  readonly title: string;
  readonly conditions?: readonly EventTriggerCondition[];
  readonly attribute?: ObjectAttribute;
  readonly object: Readonly<Record<string, unknown>>;
  readonly fields?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly expected: boolean;
}

interface Refused {
  readonly title: string;
  readonly conditions: readonly EventTriggerCondition[];
  readonly message: string;
}

const cases = JSON.parse(readFileSync(new URL("./event-trigger.cases.json", import.meta.url), "utf8")) as {
  readonly matches: readonly Match[];
  readonly refused: readonly Refused[];
};

for (const { title, conditions, attribute, object, fields = {}, expected } of cases.matches) {
  test(`case: ${title}`, () => {
    const machine = new Machine<string>();
    machine.add("trigger", compileEventTrigger(conditions ?? triggerOf(attribute as ObjectAttribute)));
    assert.deepEqual(machine.match(eventTriggerDocument(object, fields)), expected ? ["trigger"] : []);
  });
}

for (const { title, conditions, message } of cases.refused) {
  test(`refused: ${title}`, () => {
    assert.throws(() => compileEventTrigger(conditions), { code: "BadRequestException", message });
  });
}

test("lengths are counted in characters, and hold to the last one", () => {
  const attribute = { Source: "𝒜".repeat(1000), ComparisonOperator: "CONTAINS", Values: ["𝒜".repeat(255)] } as const;
  assert.doesNotThrow(() => compileEventTrigger(triggerOf({ ...attribute, Values: [...attribute.Values] })));
  assert.throws(() => compileEventTrigger(triggerOf({ ...attribute, Values: ["𝒜".repeat(256)] })), {
    code: "BadRequestException",
    message: /Values\[0\]: 1 to 255 characters are needed\.$/,
  });
  assert.throws(() => compileEventTrigger(triggerOf({ ...attribute, Values: ["a"], Source: "𝒜".repeat(1001) })), {
    code: "BadRequestException",
    message: /Source: 1 to 1000 characters are needed\.$/,
  });
});

test("ten megabytes of value, source or field name are refused by their length", () => {
  const huge = "*0[".repeat(3_333_333);
  const attributes: readonly ObjectAttribute[] = [
    { Source: "a", ComparisonOperator: "CONTAINS", Values: [huge] },
    { Source: huge, ComparisonOperator: "EQUAL", Values: ["1"] },
    { FieldName: huge, ComparisonOperator: "EQUAL", Values: ["1"] },
  ];
  for (const attribute of attributes) {
    assert.throws(
      () => compileEventTrigger(triggerOf(attribute)),
      (error) => error instanceof ModeledError && error.message.length < 200,
    );
  }
});

/** Members that are nearly those of a trigger: any part may be wrong, or not there. */
const anyText = fc.oneof(
  fc.constantFrom("a", "_source.a[0].b[]", "_source", "1", "1e999999", "2024-06-01", "2024-02-30", "[", "", "."),
  fc.string({ unit: "binary" }),
);
const anyAttribute = fc.record(
  {
    Source: anyText,
    FieldName: anyText,
    ComparisonOperator: fc.constantFrom("EQUAL", "ON", "BETWEEN", "INCLUSIVE", "__proto__", ""),
    Values: fc.array(anyText, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const anyCondition = fc.record(
  {
    LogicalOperator: fc.constantFrom("ANY", "ALL", "NONE", "XOR"),
    EventTriggerDimensions: fc.array(
      fc.record({ ObjectAttributes: fc.array(anyAttribute, { maxLength: 2 }) }, { requiredKeys: [] }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

test("whatever the conditions, they compile or are refused with their place", () => {
  fc.assert(
    fc.property(fc.array(anyCondition, { maxLength: 2 }), (conditions) => {
      try {
        compileEventTrigger(conditions as EventTriggerCondition[]);
      } catch (error) {
        assert.ok(error instanceof ModeledError, String(error));
        assert.equal(error.code, "BadRequestException");
        assert.match(error.message, /^EventTriggerConditions(\[\d+\](\.\w+(\[\d+\])?)*)?: .+\.$/s);
      }
    }),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 20_000 : 500 },
  );
});

function triggerOf(attribute: ObjectAttribute): readonly EventTriggerCondition[] {
  return [{ LogicalOperator: "ALL", EventTriggerDimensions: [{ ObjectAttributes: [attribute] }] }];
}
