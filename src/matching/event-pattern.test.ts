import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ModeledError } from "../models/modeled-error.ts";
import { parseEventPattern } from "./event-pattern.ts";

interface Refused {
  readonly pattern: string;
  readonly reason: string;
  readonly column: number;
  readonly twice?: boolean;
}

const cases = JSON.parse(readFileSync(new URL("./event-pattern.cases.json", import.meta.url), "utf8")) as {
  readonly refused: readonly Refused[];
};

for (const { pattern, reason, column, twice } of cases.refused) {
  test(`refused: ${pattern}`, () => {
    const place = `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
    assert.throws(() => parseEventPattern(pattern), {
      code: "InvalidEventPatternException",
      message: `Event pattern is not valid. Reason: ${reason}${twice ? place + place : place}`,
    });
  });
}

for (const operator of ["equals-ignore-case", "wildcard", "cidr"]) {
  test(`the operator ${operator} is refused by name rather than misread`, () => {
    assert.throws(
      () => parseEventPattern(JSON.stringify({ a: [{ [operator]: "10.0.0.0/8" }] })),
      (error) => error instanceof ModeledError && error.message.includes(`The operator ${operator} is not built`),
    );
  });
}

test("the place of a mistake counts lines", () => {
  assert.throws(() => parseEventPattern('{\n  "a": [1],\n  "b": 2\n}'), /line: 3, column: 9\]$/);
});

test("a long pattern is not repeated wholly", () => {
  const pattern = `{"a": ["${"x".repeat(600)}"], "b": 2}`;
  assert.throws(
    () => parseEventPattern(pattern),
    (error) => {
      assert.ok(error instanceof ModeledError);
      assert.ok(error.message.includes(`${pattern.slice(0, 500)}"[truncated ${pattern.length - 500} chars]; line: 1`));
      return true;
    },
  );
});

test("$or is multiplied out, up to a thousand combinations", () => {
  const or = (name: string, length: number): string =>
    `"$or":[${Array.from({ length }, (_, i) => `{"${name}":[${i}]}`).join()}]`;
  const accepted = parseEventPattern(`{"a":{${or("x", 10)}},"b":{${or("y", 100)}}}`);
  assert.equal(accepted.kind === "any" && accepted.of.length, 1000);
  assert.throws(() => parseEventPattern(`{"a":{${or("x", 7)}},"b":{${or("y", 143)}}}`), {
    code: "InvalidEventPatternException",
  });
});

/** Text that is nearly a pattern: pieces of one in any order. */
const anyText = fc
  .array(
    fc.constantFrom(
      ...'{ } [ ] : , " \\ \n 1 -1.5e3 null true x é $or'.split(" "),
      ...["exists", "prefix", "suffix", "numeric", "anything-but", "wildcard", "=", "<", ">=", "$or", "a"].map(
        (name) => `"${name}"`,
      ),
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
          /^Event pattern is not valid\. Reason: .+\n at \[Source: \(String\)".*; line: \d+, column: \d+\]$/s,
        );
      }
    }),
    { numRuns: 3_000 },
  );
});
