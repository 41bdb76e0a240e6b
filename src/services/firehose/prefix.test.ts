import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { ModeledError } from "../../models/modeled-error.ts";
import { checkPrefixes, evaluateErrorPrefix, evaluatePrefix } from "./prefix.ts";

const scene = { timeMs: Date.parse("2026-11-21T04:16:10Z"), zone: "UTC", seed: "one" };
const HOUR = "2026/11/21/04/";

const plain = fc.string({ maxLength: 100 }).filter((text) => !text.includes("!{"));

/** Texts near to what is accepted. */
const pieces = fc.constantFrom(
  "!{timestamp:yyyy/MM}",
  "!{timestamp:'year'yyyy}",
  "!{timestamp:b}",
  "!{timestamp:}",
  "!{timestamp",
  "!{firehose:random-string}",
  "!{firehose:error-output-type}",
  "!{firehose:else}",
  "!{partitionKeyFromQuery:a}",
  "!{partitionKeyFromLambda:a}",
  "!{}",
  "!{",
  "}",
  "!",
  "a/",
);
const near = fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 6 }).map((all) => all.join(""));

suite("a prefix", () => {
  test("without expressions stands before the hour", () => {
    fc.assert(
      fc.property(plain, (prefix) => {
        assert.equal(evaluatePrefix(prefix, scene), prefix + HOUR);
      }),
    );
  });

  for (const [prefix, begins] of [
    ["", HOUR],
    ["ctr/", `ctr/${HOUR}`],
    ["ctr/dt=!{timestamp:yyyy-MM-dd}/h=!{timestamp:HH}/", "ctr/dt=2026-11-21/h=04/"],
    ["!{timestamp:'year='yyyy}", "year=2026"],
  ] as const) {
    test(`${prefix || "(none)"} becomes ${begins}`, () => {
      assert.equal(evaluatePrefix(prefix, scene), begins);
    });
  }

  test("has random texts that differ by place and object, and are the same when they are asked for again", () => {
    const twice = "!{firehose:random-string}/!{firehose:random-string}/!{timestamp:yyyy}";
    const [first = "", second = ""] = evaluatePrefix(twice, scene).split("/");
    assert.match(first, /^[a-z0-9]{11}$/);
    assert.notEqual(first, second);
    assert.equal(evaluatePrefix(twice, scene), `${first}/${second}/2026`);
    assert.notEqual(evaluatePrefix(twice, { ...scene, seed: "two" }).slice(0, 11), first);
  });

  test("of what failed has its type in it", () => {
    const of = (prefix: string, errorPrefix: string) =>
      evaluateErrorPrefix({ prefix, errorPrefix }, "processing-failed", scene);
    assert.equal(of("ctr/", ""), `ctr/processing-failed/${HOUR}`);
    assert.equal(of("ctr/", "wrong/"), `wrong/processing-failed/${HOUR}`);
    assert.equal(of("", "!{firehose:error-output-type}/!{timestamp:yyyy}/"), "processing-failed/2026/");
  });

  test("is taken and has a text of at most 512 characters, or is refused by name", () => {
    fc.assert(
      fc.property(near, near, (prefix, errorPrefix) => {
        try {
          checkPrefixes(prefix, errorPrefix);
        } catch (error) {
          assert(error instanceof ModeledError && error.code === "InvalidArgumentException", String(error));
          return;
        }
        const text = evaluatePrefix(prefix, scene);
        const errorText = evaluateErrorPrefix({ prefix, errorPrefix }, "http-endpoint-failed", scene);
        for (const evaluated of [text, errorText]) {
          assert.ok(evaluated.length <= 512);
          assert.doesNotMatch(evaluated, /!\{/);
        }
        if (errorPrefix === "") assert.match(errorText, /http-endpoint-failed/);
      }),
      { numRuns: 500 },
    );
  });
});
