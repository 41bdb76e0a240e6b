import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileFilterPattern } from "./filter-pattern.ts";

test("patterns match as documented", () => {
  const cases: [pattern: string, matching: string[], others: string[]][] = [
    ["", ["", "anything"], []],
    ["ERROR", ["[ERROR 400] BAD REQUEST"], ["[error 400]", ""]],
    ["ERROR ARGUMENTS", ["ERROR MISSING ARGUMENTS", "ARGUMENTS, ERROR"], ["ERROR", "ARGUMENTS"]],
    ['"INTERNAL SERVER ERROR"', ["500: INTERNAL SERVER ERROR!"], ["INTERNAL ERROR", "SERVER INTERNAL ERROR"]],
    ["?ERROR ?ARGUMENTS", ["ERROR", "ARGUMENTS"], ["OK"]],
    ["ERROR -ARGUMENTS", ["ERROR"], ["ERROR ARGUMENTS", "OK"]],
    ['-"bad request"', ["good request", ""], ["a bad request"]],
    ["?ERROR OK", ["OK", "OK ERROR"], ["ERROR"]],
    ['"say \\"hi\\""', ['I say "hi"'], ["I say hi"]],
    ['?"a b" ?c', ["a b", "c"], ["a", "b"]],
  ];
  for (const [pattern, matching, others] of cases) {
    const matches = compileFilterPattern(pattern);
    for (const message of matching) assert.ok(matches(message), `${pattern} matches ${message}`);
    for (const message of others) assert.ok(!matches(message), `${pattern} does not match ${message}`);
  }
});

test("what is no pattern of text is refused", () => {
  for (const pattern of ['{ $.a = "x" }', "[ip, user]", "%regex%", '"open', 'a"b"', "a:b", "-", '"a"b']) {
    assert.throws(() => compileFilterPattern(pattern), { code: "InvalidParameterException" }, pattern);
  }
  assert.throws(() => compileFilterPattern("a /path"), { message: "Invalid character(s) in term '/path'" });
});

test("any text is read or refused, and a quoted phrase finds itself", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "grapheme" }), (pattern, phrase) => {
      try {
        compileFilterPattern(pattern)("message");
      } catch (error) {
        assert.equal((error as { code?: string }).code, "InvalidParameterException");
      }
      const quoted = `"${phrase.replace(/["\\]/g, "\\$&")}"`;
      assert.ok(compileFilterPattern(quoted)(`before${phrase}behind`));
    }),
  );
});
