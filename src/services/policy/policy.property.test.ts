/** The compiled policies against the slow and obvious reading of the documentation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide } from "./decide.ts";
import { askPolicy, compilePolicy, type PolicyDocument, type PolicyRequest, type Statement } from "./policy.ts";

const ACTIONS = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"];
const RESOURCES = ["arn:aws:s3:::b/a", "arn:aws:s3:::b/*", "arn:aws:sqs:r:1:q:x", "*"];
const USERS = ["ann", "b*b"];
const KEYS: Readonly<Record<string, readonly (readonly string[] | undefined)[]>> = {
  "aws:username": [["ann"], ["b*b"], undefined],
  "aws:tagkeys": [["a"], ["a", "b"], [], undefined],
  "n:size": [["5"], ["12"], ["x"], undefined],
};

const anyAction = fc.constantFrom("*", "s3:*", "S3:get*", "s3:?etObject", "sqs:SendMessage", "s3:GetObject");
const anyResource = fc.constantFrom(
  "*",
  "arn:aws:s3:::b/*",
  "arn:aws:s3:::b/${aws:username}",
  "arn:aws:s3:::b/${aws:username, 'a'}",
  "arn:aws:s3:::b/${*}",
  "arn:aws:sqs",
  "arn:aws:*:q:x",
  "arn:aws:sqs:?:1:q*",
);
const anyText = fc.constantFrom("a", "b", "ann", "a*", "*", "${aws:username}");
const anyOperator = fc.constantFrom(
  ...["", "ForAllValues:", "ForAnyValue:"].flatMap((set) =>
    ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"].flatMap((base) => [
      set + base,
      `${set + base}IfExists`,
    ]),
  ),
);
const anyCondition = fc.oneof(
  fc.tuple(anyOperator, fc.constantFrom("aws:username", "aws:TagKeys"), fc.array(anyText, { maxLength: 2 })),
  fc.tuple(
    fc.constantFrom("NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"),
    fc.constant("n:size"),
    fc.constantFrom("5", "7", "12", "y").map((value) => [value]),
  ),
  fc.tuple(
    fc.constant("Null"),
    fc.constantFrom("aws:username", "n:size"),
    fc.constantFrom("true", "false").map((value) => [value]),
  ),
);
const oneOrMore = (element: fc.Arbitrary<string>) => fc.array(element, { minLength: 1, maxLength: 2 });
const anyStatement: fc.Arbitrary<Statement> = fc
  .tuple(
    fc.constantFrom("Allow", "Deny"),
    fc.constantFrom("Action", "NotAction"),
    oneOrMore(anyAction),
    fc.constantFrom("Resource", "NotResource"),
    oneOrMore(anyResource),
    fc.array(anyCondition, { maxLength: 2 }),
  )
  .map(([Effect, action, actions, resource, resources, conditions]) => ({
    Effect,
    [action]: actions,
    [resource]: resources,
    ...(conditions.length > 0 && { Condition: block(conditions) }),
  }));
const anyDocument = fc.record({
  Version: fc.constantFrom("2012-10-17", "2008-10-17"),
  Statement: fc.array(anyStatement, { maxLength: 3 }),
});
const anyKeys = fc.record(
  Object.fromEntries(Object.entries(KEYS).map(([name, values]) => [name, fc.constantFrom(...values)])),
);

function block(conditions: readonly (readonly [string, string, string[]])[]): Record<string, Record<string, string[]>> {
  const made: Record<string, Record<string, string[]>> = {};
  for (const [operator, key, values] of conditions) made[operator] = { ...made[operator], [key]: values };
  return made;
}

type KeyValues = Readonly<Record<string, readonly string[] | undefined>>;

/** A pattern as a regular expression; `undefined` where a variable has no value. */
function expression(text: string, keys: KeyValues, variables: boolean, literal = false): RegExp | undefined {
  const quote = (plain: string): string => plain.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  let missing = false;
  const wild = (plain: string): string =>
    literal ? quote(plain) : quote(plain).replaceAll("\\*", "[^]*").replaceAll("\\?", "[^]");
  const parts = variables ? text.split(/(\$\{[^}]*\})/) : [text];
  const source = parts.map((part) => {
    if (!variables || !part.startsWith("${")) return wild(part);
    const [, name = "", fallback] = /^\$\{([^,}]*)(?:, '(.*)')?\}$/.exec(part) ?? [];
    if (["*", "?", "$"].includes(name)) return quote(name);
    const values = keys[name];
    if (values === undefined && fallback !== undefined) return quote(fallback);
    if (values?.length !== 1) missing = true;
    return quote(values?.[0] ?? "");
  });
  return missing ? undefined : new RegExp(`^${source.join("")}$`);
}

function arnMatches(pattern: string, arn: string, keys: KeyValues, variables: boolean): boolean {
  if (pattern === "*") return true;
  const split = (text: string): string[] => {
    const parts = text.replaceAll(/\$\{[^}]*\}/g, (variable) => variable.replaceAll(":", "\0")).split(":");
    return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(":")] : [])].map((part) =>
      part.replaceAll("\0", ":"),
    );
  };
  const parts = split(arn);
  if (parts.length < 6) return false;
  return split(pattern).every((part, place) => expression(part, keys, variables)?.test(String(parts[place])) ?? false);
}

function conditionHolds(
  name: string,
  key: string,
  values: readonly string[],
  keys: KeyValues,
  variables: boolean,
): boolean {
  const given = keys[key.toLowerCase()];
  if (name === "Null")
    return values.some((value) => (value === "true") === (given === undefined || given.length === 0));
  const ifExists = name.endsWith("IfExists");
  const [base = "", set] = name.replace("IfExists", "").split(":").reverse();
  const isNegated = base.includes("Not");
  const one = (text: string): boolean => {
    const meets = values.some((value) => {
      if (base.startsWith("String"))
        return expression(value, keys, variables, base.endsWith("Equals"))?.test(text) ?? false;
      const [left, right] = [Number(text), Number(value)];
      if (Number.isNaN(left) || Number.isNaN(right)) return false;
      return base === "NumericLessThan"
        ? left < right
        : base === "NumericGreaterThanEquals"
          ? left >= right
          : left === right;
    });
    return meets !== isNegated;
  };
  if (set === "ForAllValues") return (given ?? []).every(one);
  if (given === undefined || given.length === 0) return ifExists || (set === undefined && isNegated);
  if (set === "ForAnyValue") return given.some(one);
  return isNegated ? given.every(one) : given.some(one);
}

function applies(statement: Statement, variables: boolean, action: string, arn: string, keys: KeyValues): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement as Record<string, unknown>;
  const acts = ((Action ?? NotAction) as string[]).some((pattern) =>
    expression(pattern.toLowerCase(), {}, false)?.test(action.toLowerCase()),
  );
  const is = ((Resource ?? NotResource) as string[]).some((pattern) => arnMatches(pattern, arn, keys, variables));
  const conditions = Object.entries(Condition as Record<string, Record<string, string[]>>).every(([name, block]) =>
    Object.entries(block).every(([key, values]) => conditionHolds(name, key, values, keys, variables)),
  );
  return acts === (Action !== undefined) && is === (Resource !== undefined) && conditions;
}

function answerOf(
  document: PolicyDocument,
  action: string,
  arn: string,
  keys: KeyValues,
): "allowed" | "denied" | "silent" {
  const variables = document.Version === "2012-10-17";
  const found = document.Statement.filter((statement) => applies(statement, variables, action, arn, keys));
  if (found.some(({ Effect }) => Effect === "Deny")) return "denied";
  return found.length > 0 ? "allowed" : "silent";
}

const requestOf = (action: string, resourceArn: string, keys: KeyValues): PolicyRequest => ({
  principal: { account: "111122223333", arn: `arn:aws:iam::111122223333:user/${USERS[0]}` },
  action,
  resourceArn,
  keys: (name) => keys[name],
});

const RUNS = process.env.TRUNKLINE_FULL === "1" ? 100_000 : 3000;

test("a compiled policy says what the documentation says", () => {
  fc.assert(
    fc.property(
      anyDocument,
      fc.constantFrom(...ACTIONS),
      fc.constantFrom(...RESOURCES),
      anyKeys,
      (document, action, arn, keys) => {
        const { denied, allowed } = askPolicy(compilePolicy(document), requestOf(action, arn, keys));
        const answer = denied ? "denied" : allowed === undefined ? "silent" : "allowed";
        assert.equal(answer, answerOf(document, action, arn, keys));
      },
    ),
    { numRuns: RUNS },
  );
});

test("several policies together: a Deny wins, limits must allow, and so must somebody", () => {
  fc.assert(
    fc.property(
      fc.array(anyDocument, { maxLength: 2 }),
      fc.option(anyDocument, { nil: undefined }),
      fc.option(fc.array(anyDocument, { maxLength: 2 }), { nil: undefined }),
      fc.constantFrom(...ACTIONS),
      fc.constantFrom(...RESOURCES),
      anyKeys,
      (identity, boundary, session, action, arn, keys) => {
        const ask = (document: PolicyDocument) => answerOf(document, action, arn, keys);
        const groups = [identity, boundary && [boundary], session].filter((group) => group !== undefined);
        const isDenied = groups.flat().some((document) => ask(document) === "denied");
        const expected = !isDenied && groups.every((group) => group.some((document) => ask(document) === "allowed"));
        const decision = decide(
          {
            identity: identity.map(compilePolicy),
            boundary: boundary && compilePolicy(boundary),
            session: session?.map(compilePolicy),
          },
          undefined,
          requestOf(action, arn, keys),
        );
        assert.equal(decision.allowed, expected);
      },
    ),
    { numRuns: Math.ceil(RUNS / 3) },
  );
});
