import assert from "node:assert/strict";
import { test } from "node:test";
import { parameterTexts, parameterValues } from "./parameters.ts";
import { checkRules } from "./resolve.ts";
import { parseTemplate } from "./template.ts";

const Parameters = {
  Stage: { Type: "String", Default: "test" },
  Size: { Type: "String", Default: "small" },
  Zones: { Type: "CommaDelimitedList", Default: "a,b" },
};
const stage = (name: string): object => ({ "Fn::Equals": [{ Ref: "Stage" }, name] });

/** Holds rules against values; `undefined` where they allow them. */
function refusal(Rules: object, values: Record<string, string> = {}): string | undefined {
  try {
    const template = parseTemplate(
      JSON.stringify({ Parameters, Rules, Resources: { Q: { Type: "AWS::SQS::Queue" } } }),
    );
    const given = Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
    checkRules({
      template,
      parameters: {
        "AWS::Region": "us-east-1",
        ...parameterValues(template, parameterTexts(template, given, undefined)),
      },
      findPhysicalId: () => undefined,
      findAttribute: () => undefined,
      findExport: () => undefined,
      held: new Map(),
    });
    return undefined;
  } catch (error) {
    assert.equal((error as { code?: string }).code, "ValidationError", String(error));
    return (error as Error).message;
  }
}

const rule = (Assert: unknown, more: object = {}): object => ({
  R: { Assertions: [{ Assert, AssertDescription: "No." }], ...more },
});
const NO = "Template failed validation: No.";

test("a rule counts where its condition holds, and always where it has none", () => {
  const large = { "Fn::Equals": [{ Ref: "Size" }, "large"] };
  assert.equal(refusal(rule(large)), NO);
  assert.equal(refusal(rule(large), { Size: "large" }), undefined);
  const inProduction = rule(large, { RuleCondition: stage("production") });
  assert.equal(refusal(inProduction), undefined);
  assert.equal(refusal(inProduction, { Stage: "production" }), NO);
  assert.equal(refusal(inProduction, { Stage: "production", Size: "large" }), undefined);
});

test("each assertion that fails is told, by its rule's name where it has no words", () => {
  const never = { Assert: stage("never") };
  const rules = {
    First: { Assertions: [{ ...never, AssertDescription: "One." }, never] },
    Last: { Assertions: [{ Assert: stage("test") }] },
  };
  assert.equal(refusal(rules), "Template failed validation: One. First");
});

const asked: readonly (readonly [string, unknown, Record<string, string>, boolean])[] = [
  ["Fn::Contains", { "Fn::Contains": [["small", "large"], { Ref: "Size" }] }, { Size: "large" }, true],
  ["Fn::Contains of another", { "Fn::Contains": [["small", "large"], { Ref: "Size" }] }, { Size: "huge" }, false],
  ["Fn::Contains in a parameter's list", { "Fn::Contains": [{ Ref: "Zones" }, "b"] }, {}, true],
  ["Fn::EachMemberEquals", { "Fn::EachMemberEquals": [{ Ref: "Zones" }, "a"] }, { Zones: "a, a" }, true],
  ["Fn::EachMemberEquals with another", { "Fn::EachMemberEquals": [{ Ref: "Zones" }, "a"] }, { Zones: "a,b" }, false],
  ["Fn::EachMemberIn", { "Fn::EachMemberIn": [{ Ref: "Zones" }, ["a", "b", "c"]] }, { Zones: "c,a" }, true],
  [
    "Fn::EachMemberIn with another",
    { "Fn::EachMemberIn": [{ Ref: "Zones" }, ["a", "b", "c"]] },
    { Zones: "a,d" },
    false,
  ],
  ["Fn::And", { "Fn::And": [stage("test"), { "Fn::Equals": [{ Ref: "Size" }, "large"] }] }, {}, false],
  ["Fn::Or", { "Fn::Or": [stage("test"), { "Fn::Equals": [{ Ref: "Size" }, "large"] }] }, {}, true],
  ["Fn::Not", { "Fn::Not": [stage("test")] }, {}, false],
  ["a pseudo parameter", { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] }, {}, true],
];
for (const [what, assertion, values, allows] of asked) {
  test(`${what} ${allows ? "allows" : "refuses"}`, () => {
    assert.equal(refusal(rule(assertion), values), allows ? undefined : NO);
  });
}

const wrong: readonly (readonly [string, object, RegExp])[] = [
  ["no assertions", { R: {} }, /\[\/Rules\/R\] Every rule must have Assertions/],
  ["an assertion without an Assert", { R: { Assertions: [{}] } }, /each with an Assert/],
  ["a member that no rule has", { R: { Assertions: [{ Assert: stage("test") }], Else: 1 } }, /Else/],
  ["a text for a function", rule("yes"), /every condition must be a condition function/],
  ["a function that is none", rule({ "Fn::Sub": "x" }), /Fn::Sub is no condition function/],
  ["a function that is not built", rule({ "Fn::ValueOf": ["Zones", "x"] }), /Fn::ValueOf is no condition function/],
  ["a resource", rule({ "Fn::Equals": [{ Ref: "Q" }, "x"] }), /Unresolved.* \[Q\]/],
  ["too few sides", rule({ "Fn::Contains": [["a"]] }), /Fn::Contains object requires a list of 2/],
  ["no list", rule({ "Fn::EachMemberIn": ["a", "b"] }), /requires a list/],
];
for (const [what, rules, message] of wrong) {
  test(`a rule with ${what} is refused`, () => {
    assert.match(refusal(rules) ?? "allowed", message);
  });
}
