import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ModeledError } from "../models/modeled-error.ts";
import { parseEventPattern } from "./event-pattern.ts";
import { type JsonObject, Machine } from "./machine.ts";

interface Match {
  readonly title: string;
  readonly pattern?: JsonObject;
  readonly patternText?: string;
  readonly event?: JsonObject;
  readonly eventText?: string;
  readonly expected: boolean;
}

interface Refused {
  readonly pattern: string;
  readonly reason: string;
  /** Some reasons are told without a place. */
  readonly column?: number;
  readonly twice?: boolean;
}

const cases = JSON.parse(readFileSync(new URL("./event-pattern.cases.json", import.meta.url), "utf8")) as {
  readonly matches: readonly Match[];
  readonly refused: readonly Refused[];
};

for (const { title, pattern, patternText, event, eventText, expected } of cases.matches) {
  test(`matches: ${title}`, () => {
    assert.equal(matches(patternText ?? JSON.stringify(pattern), eventText ?? JSON.stringify(event)), expected);
  });
}

for (const { pattern, reason, column, twice } of cases.refused) {
  test(`refused: ${pattern}`, () => {
    const place = column === undefined ? "" : `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
    assert.throws(() => parseEventPattern(pattern), {
      code: "InvalidEventPatternException",
      message: `Event pattern is not valid. Reason: ${reason}${twice ? place + place : place}`,
    });
  });
}

test("the place of a mistake counts lines, however they end", () => {
  assert.throws(() => parseEventPattern('{\n  "a": [1],\n  "b": 2\n}'), /line: 3, column: 9\]$/);
  assert.throws(() => parseEventPattern('{\r\n  "a": [1],\r  "b": 2}'), /line: 3, column: 9\]$/);
});

test("a long pattern is not repeated wholly", () => {
  const pattern = `{"a": ["${"x".repeat(600)}"], "b": 2}`;
  const repeated = `${pattern.slice(0, 500)}"[truncated ${pattern.length - 500} chars]; line: 1`;
  assert.ok(refusal(pattern).includes(repeated));
});

test("what follows a pattern must be nothing", () => {
  assert.match(refusal('{"a": [1]} x'), /Unrecognized token 'x'.*column: 13\]$/s);
});

test("$or is multiplied out, up to a thousand combinations", () => {
  const accepted = parseEventPattern(`{"a":{${or("x", 10)}},"b":{${or("y", 100)}}}`);
  assert.equal(accepted.kind === "any" && accepted.of.length, 1000);
  assert.match(refusal(`{"a":{${or("x", 7)}},"b":{${or("y", 143)}}}`), /at most 1000 combinations/);
});

test("wildcards of one field are bounded in complexity, together", () => {
  const stars = '"*a*b*c*d*"';
  assert.equal(matches(`{"a":[{"wildcard":${stars}}]}`, '{"a":"xaxbxcxdx"}'), true);
  const reason =
    "Event pattern is not valid. Reason: Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";
  assert.equal(refusal(`{"a":[{"wildcard":${stars}},{"wildcard":"*e*f*g*"}]}`), reason);
  assert.equal(refusal(`{"a":[{"anything-but":{"wildcard":[${stars},"*e*f*g*","*h*i*"]}}]}`), reason);
  assert.equal(refusal(`{"$or":[{"a":[{"wildcard":${stars}}]},{"a":[{"wildcard":"*e*f*g*"}]}]}`), reason);
  assert.equal(matches(`{"a":[{"wildcard":${stars}}],"b":[{"wildcard":"*e*f*g*"}]}`, '{"a":"abcd","b":"efg"}'), true);
});

/* Hostile texts of 10 MB, or near it: each would not end, or would end the process, if work or memory grew faster than the text. */
const MANY = 10_000_000;
/** For texts that take a second or more to read. */
const LONG = process.env.TRUNKLINE_FULL === "1" ? MANY : 2_000_000;
const hostile: Readonly<Record<string, readonly [text: string, refused: RegExp | undefined]>> = {
  "objects in objects": [
    '{"a":'.repeat(MANY / 5),
    /Document nesting depth \(1001\) exceeds the maximum allowed \(1000/,
  ],
  "objects in objects, all closed": [`${'{"a":'.repeat(1001)}[1]${"}".repeat(1001)}`, /nesting depth/],
  "arrays in an array": [`{"a":${"[".repeat(MANY)}`, /Match value must be String/],
  "arrays in an operator": [`{"a":[{"numeric":${"[".repeat(MANY)}`, /Invalid member in numeric match/],
  "$or in $or": ['{"$or":['.repeat(MANY / 8), /nesting depth/],
  "alternatives of $or": [`{${or("a", MANY / 12)}}`, /at most 1000 combinations/],
  "fields in all alternatives of $or": [
    `{${or("a", 1000)},${Array.from({ length: MANY / 12 }, (_, i) => `"b${i}":[1]`).join()}}`,
    /The pattern has too many fields/,
  ],
  "fields below a long name": [
    `{"${"n".repeat(MANY / 2)}":{${Array.from({ length: MANY / 24 }, (_, i) => `"b${i}":[1]`).join()}}}`,
    /The pattern has too many fields/,
  ],
  "steps in one name": [`{"${"a.".repeat(MANY / 2)}":[1]}`, /The pattern has too many fields/],
  "stars in one wildcard": [`{"a":[{"wildcard":"${"*a".repeat(LONG / 2)}"}]}`, /too complex/],
  "a long wildcard": [`{"a":[{"wildcard":"*${"a".repeat(MANY)}"}]}`, /too complex/],
  "many wildcards": [`{"a":[${'{"wildcard":"*a"},'.repeat(LONG / 18)}1]}`, /too complex/],
  "many wildcards in one list": [
    `{"a":[{"anything-but":{"wildcard":[${Array.from({ length: LONG / 11 }, (_, i) => `"*${i}"`).join()}]}}]}`,
    /too complex/,
  ],
  "a text without an end": [`{"a":["${"\\\\".repeat(MANY / 2)}`, /was expecting closing quote/],
  "a mistake behind many lines": [`{"a":[${"\n".repeat(MANY)}}`, new RegExp(`line: ${MANY + 1}, column: 1\\]$`)],
  "slashes in an address block": [`{"a":[{"cidr":"${"/".repeat(MANY)}x"}]}`, /one '\/' required/],
  "colons in an address block": [`{"a":[{"cidr":"${":".repeat(MANY)}/8"}]}`, /Invalid IP address/],
  "digits of a number": [`{"a":[{"numeric":["<",${"9".repeat(MANY)}]}]}`, /Cannot compare number/],
  "a long text": [`{"a":["${"x".repeat(MANY)}"]}`, undefined],
  "many values": [`{"a":[${"1,".repeat(LONG / 2)}1]}`, undefined],
};

for (const [what, [text, refused]] of Object.entries(hostile)) {
  test(`a text of megabytes is refused or read in proportion: ${what}`, { timeout: 60_000 }, () => {
    if (refused !== undefined) assert.match(refusal(text), refused);
    else assert.equal(parseEventPattern(text).kind, "fields");
  });
}

/** Text that is nearly a pattern: pieces of one in any order. */
const anyText = fc
  .array(
    fc.constantFrom(
      ...'{ } [ ] : , " \\ \n 1 -1.5e3 1. 0 - null true x é $or'.split(" "),
      ...["exists", "prefix", "suffix", "numeric", "anything-but", "wildcard", "cidr", "equals-ignore-case"].map(
        quoted,
      ),
      ...["=", "<", ">=", "$or", "a", "a*b", "**", "\\", "10.0.0.0/8", "::1"].map(quoted),
      ...['{"a":[', '{"$or":[', '[{"anything-but":', '[{"numeric":["<",', "]}"],
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(""));

test("whatever the text, it is a pattern or is refused in the service's way", () => {
  fc.assert(
    fc.property(fc.oneof(anyText, fc.string({ unit: "binary" }), fc.json()), (text) => {
      try {
        parseEventPattern(text);
      } catch (error) {
        assert.ok(error instanceof ModeledError, String(error));
        assert.match(
          error.message,
          /^Event pattern is not valid\. Reason: .+(\n at \[Source: \(String\)".*; line: \d+, column: \d+\])*$/s,
        );
      }
    }),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 20_000 : 500 },
  );
});

function matches(pattern: string, event: string): boolean {
  const machine = new Machine<true>();
  machine.add(true, parseEventPattern(pattern));
  return machine.match(JSON.parse(event) as JsonObject).length > 0;
}

function refusal(pattern: string): string {
  try {
    parseEventPattern(pattern);
  } catch (error) {
    assert.ok(error instanceof ModeledError, String(error));
    assert.equal(error.code, "InvalidEventPatternException");
    return error.message;
  }
  return assert.fail("The pattern was accepted");
}

function or(name: string, length: number): string {
  return `"$or":[${Array.from({ length }, (_, i) => `{"${name}":[${i}]}`).join()}]`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
