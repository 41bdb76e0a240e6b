import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { BusEvent } from "./event.ts";
import { compileTransformer, transform } from "./input-transformer.ts";

const { event, paths, cases } = JSON.parse(
  readFileSync(new URL("./input-transformer.cases.json", import.meta.url), "utf8"),
) as {
  readonly event: BusEvent;
  readonly paths: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly template: string; readonly expected: string | null }[];
};

const transformation = {
  event,
  ruleArn: "arn:aws:events:us-east-1:111122223333:rule/queued",
  ruleName: "queued",
  ingestionTimeMs: Date.parse("2026-11-21T04:16:11.234Z"),
};

for (const { template, expected } of cases) {
  test(`${expected === null ? "comes to nothing" : "case"}: ${template}`, () => {
    const compiled = compileTransformer(template, paths);
    assert.ok("parts" in compiled);
    assert.equal(transform(compiled, transformation), expected ?? undefined);
  });
}

test("the whole event is the event as it was delivered", () => {
  const compiled = compileTransformer('{"was":<aws.events.event.json>}', {});
  assert.ok("parts" in compiled);
  assert.equal(transform(compiled, transformation), `{"was":${JSON.stringify(event)}}`);
});

test("a placeholder that nothing defines is named", () => {
  assert.deepEqual(compileTransformer('"<userId> <notdefinedkey>"', paths), { invalidPlaceholder: "notdefinedkey" });
  assert.deepEqual(compileTransformer('"<toString>"', {}), { invalidPlaceholder: "toString" });
});

test("a path that is none is named", () => {
  assert.deepEqual(compileTransformer('"<a>"', { a: "detail.a" }), { invalidPath: "detail.a" });
});
