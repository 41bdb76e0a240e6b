import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileFilterPattern } from "./filter-pattern.ts";

const JSON_EVENT = JSON.stringify({
  eventType: "UpdateTrail",
  sourceIPAddress: "111.111.111.111",
  arrayKey: ["value", "another value"],
  objectList: [
    { name: "a", id: 1 },
    { name: "b", id: 2 },
  ],
  SomeObject: null,
  cluster: { "cluster.name": "c" },
  big: 1.5e3,
  ThisFlag: true,
  text: "404",
});

const LINE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

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
    ["%AUTHORIZED%", ["[ERROR] UNAUTHORIZED"], ["authorized"]],
    ["%5[0-9]{2}$% -DEBUG", ["status 503"], ["status 404", "DEBUG 503"]],
  ];
  for (const [pattern, matching, others] of cases) {
    const compiled = compileFilterPattern(pattern);
    for (const message of matching) assert.ok(compiled.matches(message), `${pattern} matches ${message}`);
    for (const message of others) assert.ok(!compiled.matches(message), `${pattern} does not match ${message}`);
  }
});

test("patterns over JSON match as documented", () => {
  const matching = [
    '{ $.eventType = "UpdateTrail" }',
    "{ $.eventType = UpdateTrail }",
    "{ $.eventType = *Trail }",
    '{ $.eventType = "Up*" && $.ThisFlag IS TRUE }',
    "{ $.eventType = %^Update[A-Z]% }",
    "{ $.sourceIPAddress != 123.123.* }",
    '{ $.arrayKey[0] = "value" }',
    "{ $.arrayKey[*] = another* }",
    "{ $.objectList[1].id = 2 }",
    "{ $.objectList[1].id = 2.0 }",
    "{ $.SomeObject IS NULL }",
    "{ $.SomeOtherObject NOT EXISTS }",
    "{ $.eventType EXISTS }",
    "{$.big>=1500&&$.big<1.6e3}",
    "{ ($.objectList[0].id = 7) || ($.objectList[0].name = a && $.big > 1) }",
    "{ $.text = 404 }",
    "{ $.text >= 400 }",
    "{ $.cluster.['cluster.name'] = c }",
    "{ $.eventType = * }",
  ];
  const others = [
    "{ $.eventType = updatetrail }",
    '{ $.nothing != "x" }',
    "{ $.arrayKey = value }",
    "{ $.ThisFlag IS FALSE }",
    "{ $.SomeObject = * }",
    "{ $.SomeObject NOT EXISTS }",
    "{ $.eventType > 1 }",
    "{ $.big = 1501 }",
    '{ $.text = "40" }',
  ];
  for (const pattern of matching) assert.ok(compileFilterPattern(pattern).matches(JSON_EVENT), pattern);
  for (const pattern of others) assert.ok(!compileFilterPattern(pattern).matches(JSON_EVENT), pattern);
  for (const message of ["", "no JSON", "[1]", "null", "{"]) {
    assert.ok(!compileFilterPattern("{ $.a NOT EXISTS }").matches(message), message);
  }
});

test("patterns over columns match as documented", () => {
  const matching = [
    "[ip, id, user, time, request, status, bytes]",
    "[ip, id, user, time, request, status = 4*, bytes]",
    "[ip=%127\\.0\\.0\\.[1-9]%, id, user, time, request =*.html*, status = 404, bytes > 1000]",
    "[..., status = 4*, bytes]",
    "[ip, ..., bytes >= 1534]",
    "[ip, ...]",
    "[ip, , , time, , status != 200 && status < 500, bytes]",
    '[ip, id, user, time, request, status = "404" || status = 410, bytes]',
    "[ip, id, user = frank, time = 10/Oct*, ...]",
  ];
  const others = [
    "[ip, id, user, time, request, status]",
    "[ip, id, user, time, request, status = 5*, bytes]",
    "[..., bytes > 1534]",
    "[a, b, c, d, e, f, g, h, ...]",
  ];
  for (const pattern of matching) assert.ok(compileFilterPattern(pattern).matches(LINE), pattern);
  for (const pattern of others) assert.ok(!compileFilterPattern(pattern).matches(LINE), pattern);
});

test("what a pattern names is taken out of a message", () => {
  const values = (pattern: string, message: string): object =>
    Object.fromEntries(compileFilterPattern(pattern).valuesOf(message));
  assert.deepEqual(values("{ $.objectList[0].id = 1 && $.eventType = * }", JSON_EVENT), {
    "$.objectList[0].id": "1",
    "$.eventType": "UpdateTrail",
  });
  assert.deepEqual(values("[ip, , ..., time, request, status = 404, bytes]", LINE), {
    $ip: "127.0.0.1",
    $2: "-",
    $3: "frank",
    $time: "10/Oct/2000:13:25:15 -0700",
    $request: "GET /index.html HTTP/1.0",
    $status: "404",
    $bytes: "1534",
  });
  assert.deepEqual(values("ERROR", "ERROR"), {});
});

test("what is no pattern is refused", () => {
  const refused = [
    ...['"open', 'a"b"', "a:b", "-", '"a"b', "%(%", "%open"],
    ...["{", "{ }", "{ $ = 1 }", "{ $.a }", "{ $.a = }", "{ $.a > x }", "{ $.a = 1 } x", "{ ($.a = 1 }", "{ $.a IS }"],
    ...["{ $.a = 1 && }", "{ $.a = %(% }", "[", "[a", "[a,]x", "[..., ...]", "[a = ]", "[a = 1 && b = 2]", "[a > b]"],
  ];
  for (const pattern of refused) {
    assert.throws(() => compileFilterPattern(pattern), { code: "InvalidParameterException" }, pattern);
  }
  assert.throws(() => compileFilterPattern("a /path"), { message: "Invalid character(s) in term '/path'" });
});

test("any text is read or refused, and a quoted phrase finds itself", () => {
  const part = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    "$",
    ".a",
    "=",
    "!=",
    ">",
    "1",
    '"x"',
    "%x%",
    "&&",
    "||",
    "(",
    ")",
    ",",
    " ",
    "...",
    "IS NULL",
  );
  const anyPattern = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 12 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(anyPattern, fc.string({ unit: "grapheme" }), (pattern, phrase) => {
      try {
        const compiled = compileFilterPattern(pattern);
        for (const message of ["message", '{"a":1}', '[a b] "c']) compiled.matches(message);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "InvalidParameterException");
      }
      const quoted = `"${phrase.replace(/["\\]/g, "\\$&")}"`;
      assert.ok(compileFilterPattern(quoted).matches(`before${phrase}behind`));
    }),
  );
});

test("columns are found in one pass", () => {
  const message = '[ " '.repeat(100_000);
  assert.ok(compileFilterPattern("[..., last = *]").matches(message));
});
