import assert from "node:assert/strict";
import { test } from "node:test";
import { behindPrefix } from "./stored-text.ts";

test("what lies behind a prefix is the next text that does not start with it", () => {
  assert.equal(behindPrefix("a"), "b");
  assert.equal(behindPrefix("a\u{10ffff}"), "b");
  assert.equal(behindPrefix("\ud7ff"), "\ue000");
  assert.equal(behindPrefix("\u{10ffff}"), undefined);
  assert.equal(behindPrefix(""), undefined);
});

test("a prefix may be as long as a request", () => {
  const long = "x".repeat(1_000_000);
  assert.equal(behindPrefix(`${long}a`), `${long}b`);
});
