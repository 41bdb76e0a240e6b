import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { conditionHolds, resolve, type Scope } from "./resolve.ts";
import { dependenciesOf, parseTemplate, type Template } from "./template.ts";
import { parseTemplateText } from "./template-text.ts";

const QUEUE = { Q: { Type: "AWS::SQS::Queue" } };

function scopeOf(template: object = {}, parameters: Record<string, unknown> = {}): Scope {
  return {
    template: parseTemplate(JSON.stringify({ Resources: QUEUE, ...template })),
    parameters: { "AWS::Region": "us-east-1", ...parameters },
    findPhysicalId: (id) => (id === "Q" ? "the-queue" : undefined),
    findAttribute: (id, attribute) => (id === "Q" && attribute === "Arn" ? "arn:q" : undefined),
    findExport: (name) => (name === "shared" ? "exported" : undefined),
    held: new Map(),
  };
}

const cases: readonly (readonly [string, unknown, unknown])[] = [
  ["Ref of a resource", { Ref: "Q" }, "the-queue"],
  ["Ref of a parameter", { Ref: "P" }, "p"],
  ["Ref of a list", { Ref: "L" }, ["a", "b"]],
  ["GetAtt as a list", { "Fn::GetAtt": ["Q", "Arn"] }, "arn:q"],
  ["GetAtt as a text", { "Fn::GetAtt": "Q.Arn" }, "arn:q"],
  ["Sub", { "Fn::Sub": "${Q}/${Q.Arn}/${!Literal}/${AWS::Region}" }, "the-queue/arn:q/${Literal}/us-east-1"],
  ["Sub with its own names", { "Fn::Sub": ["${x}-${P}", { x: { Ref: "Q" } }] }, "the-queue-p"],
  ["Join", { "Fn::Join": ["-", ["a", { Ref: "Q" }, 3]] }, "a-the-queue-3"],
  ["Join of a list", { "Fn::Join": ["+", { Ref: "L" }] }, "a+b"],
  ["Select", { "Fn::Select": ["1", { "Fn::Split": ["/", "a/b/c"] }] }, "b"],
  ["FindInMap", { "Fn::FindInMap": ["M", { Ref: "P" }, "k"] }, 7],
  ["FindInMap with a default", { "Fn::FindInMap": ["M", "none", "k", { DefaultValue: "d" }] }, "d"],
  ["If", { "Fn::If": ["Yes", "then", "else"] }, "then"],
  ["NoValue", { a: { Ref: "AWS::NoValue" }, b: [1, { Ref: "AWS::NoValue" }] }, { b: [1] }],
  ["ImportValue", { "Fn::ImportValue": { "Fn::Sub": "shared" } }, "exported"],
  ["Base64", { "Fn::Base64": "hello" }, "aGVsbG8="],
  ["GetAZs", { "Fn::GetAZs": "" }, ["us-east-1a", "us-east-1b", "us-east-1c"]],
];

const sections = {
  Parameters: { P: { Type: "String" } },
  Mappings: { M: { p: { k: 7 } } },
  Conditions: {
    Yes: { "Fn::Equals": [{ Ref: "P" }, "p"] },
    No: { "Fn::Not": [{ Condition: "Yes" }] },
    Both: { "Fn::And": [{ Condition: "Yes" }, { Condition: "No" }] },
    One: { "Fn::Or": [{ Condition: "Yes" }, { Condition: "No" }] },
  },
};

for (const [name, value, expected] of cases) {
  test(`${name} is resolved`, () => {
    assert.deepEqual(resolve(value, scopeOf(sections, { P: "p", L: ["a", "b"] })), expected);
  });
}

test("conditions are asked", () => {
  const scope = scopeOf(sections, { P: "p" });
  assert.deepEqual(
    ["Yes", "No", "Both", "One"].map((name) => conditionHolds(name, scope)),
    [true, false, false, true],
  );
});

test("conditions that ask each other are refused", () => {
  const Conditions = { A: { "Fn::Not": [{ Condition: "B" }] }, B: { "Fn::Not": [{ Condition: "A" }] } };
  assert.throws(() => scopeOf({ Conditions }), /Circular dependency between conditions: \[A, B\]/);
});

/** Little templates that would become much, or take for ever, where each function is done as it stands. */
const doubled = (times: number): unknown =>
  times === 0 ? "x" : { "Fn::Sub": ["${a}${a}", { a: doubled(times - 1) }] };
const joined = (times: number): unknown =>
  times === 0 ? "abcdefgh" : { "Fn::Join": ["x".repeat(100), { "Fn::Split": ["", joined(times - 1)] }] };
for (const [what, value] of [
  ["Sub in Sub", doubled(45)],
  ["Join of what was split", joined(5)],
  ["a parameter over and over", { "Fn::Sub": "${P}".repeat(10_000) }],
] as const) {
  test(`${what} may not make more than a template may have`, () => {
    assert.throws(
      () => resolve(value, scopeOf(sections, { P: "p".repeat(4096) })),
      /make more than 1048576 characters/,
    );
  });
}

test("a condition that rests on others many times over is asked once", () => {
  const rows = Array.from({ length: 60 }, (_, row) => [
    `C${row + 1}`,
    { "Fn::And": [{ Condition: `C${row}` }, { Condition: `C${row}` }] },
  ]);
  const scope = scopeOf({ Conditions: { C0: { "Fn::Equals": ["1", "1"] }, ...Object.fromEntries(rows) } });
  assert.equal(conditionHolds("C60", scope), true);
});

test("conditions have an end", () => {
  const rows = Array.from({ length: 5_000 }, (_, row) => [`C${row + 1}`, { "Fn::Not": [{ Condition: `C${row}` }] }]);
  const scope = scopeOf({ Conditions: { C0: { "Fn::Equals": ["1", "1"] }, ...Object.fromEntries(rows) } });
  assert.throws(() => conditionHolds("C5000", scope), /nested too deeply/);
});

test("a placeholder without an end takes no time", () => {
  const text = `\${${" ".repeat(40_000)}`;
  assert.equal(resolve({ "Fn::Sub": text }, scopeOf()), text);
});

test("what every object has is no mapping", () => {
  const scope = scopeOf(sections, { P: "constructor" });
  for (const keys of [
    [{ Ref: "P" }, "prototype", "toString"],
    ["M", { Ref: "P" }, "name"],
  ]) {
    assert.throws(() => resolve({ "Fn::FindInMap": keys }, scope), /Unable to get mapping/);
  }
});

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [{ "Fn::GetAtt": ["Q", "Colour"] }, /does not support attribute type Colour/],
  [{ "Fn::Select": ["9", ["a"]] }, /cannot select nonexistent value/],
  [{ "Fn::Join": ["-", "text"] }, /requires a list to join/],
  [{ "Fn::ImportValue": "nothing" }, /No export named nothing found/],
  [{ "Fn::Cidr": ["10.0.0.0/8", 1, 1] }, /Fn::Cidr is not built/],
];
for (const [value, message] of wrong) {
  test(`${JSON.stringify(value)} is refused`, () => {
    assert.throws(() => resolve(value, scopeOf(sections, { P: "p" })), message);
  });
}

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.stringMatching(/^[A-Z][a-z]{1,8}$/).filter((key) => key !== "Ref"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

test("what refers to nothing is resolved to itself", () => {
  const scope = scopeOf();
  fc.assert(fc.property(plain, (value) => assert.deepEqual(resolve(value, scope), JSON.parse(JSON.stringify(value)))));
});

test("YAML says what JSON says", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), plain, { minKeys: 1, maxKeys: 4 }), (value) => {
      assert.deepEqual(
        parseTemplateText(stringify(value, { aliasDuplicateObjects: false })),
        parseTemplateText(JSON.stringify(value)),
      );
    }),
  );
});

test("short forms say what long forms say", () => {
  const short = parseTemplateText(
    "a: !Ref Q\nb: !GetAtt Q.Arn.More\nc: !Sub 'x${Q}'\nd: !Join ['-', [!Ref Q]]\ne: !If [C, 1, !Ref 'AWS::NoValue']\nf: !Condition C\ng: !FindInMap\n  - M\n  - !Ref P\n  - k\nh: 0123\ni: 2012-10-17",
  );
  assert.deepEqual(short, {
    a: { Ref: "Q" },
    b: { "Fn::GetAtt": ["Q", "Arn.More"] },
    c: { "Fn::Sub": "x${Q}" },
    d: { "Fn::Join": ["-", [{ Ref: "Q" }]] },
    e: { "Fn::If": ["C", 1, { Ref: "AWS::NoValue" }] },
    f: { Condition: "C" },
    g: { "Fn::FindInMap": ["M", { Ref: "P" }, "k"] },
    h: "0123",
    i: "2012-10-17",
  });
});

/** Templates whose resources refer only to those before them, and one that closes the circle. */
const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 20 });
function withEdges(pairs: readonly (readonly [number, number])[]): string {
  const Resources = Object.fromEntries(
    Array.from({ length: 10 }, (_, id) => {
      const Tags = pairs.filter(([from]) => from === id).map(([, to]) => ({ Key: `R${to}`, Value: { Ref: `R${to}` } }));
      return [`R${id}`, { Type: "AWS::SQS::Queue", Properties: { Tags } }];
    }),
  );
  return JSON.stringify({ Resources });
}

test("a template without circles is taken, one with a circle is refused", () => {
  fc.assert(
    fc.property(edges, (pairs) => {
      const isOrdered = pairs
        .map(([a, b]): readonly [number, number] => [Math.max(a, b), Math.min(a, b)])
        .filter(([a, b]) => a !== b);
      const template: Template = parseTemplate(withEdges(isOrdered));
      for (const [from, to] of isOrdered) assert.ok(dependenciesOf(template, `R${from}`).includes(`R${to}`));
      const [first] = isOrdered;
      if (first === undefined) return;
      assert.throws(() => parseTemplate(withEdges([...isOrdered, [first[1], first[0]]])), /Circular dependency/);
    }),
  );
});

test("no text does anything but parse or be refused", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      try {
        parseTemplate(text);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "ValidationError", String(error));
      }
    }),
  );
});
