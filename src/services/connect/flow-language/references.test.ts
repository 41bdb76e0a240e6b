import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ReferencePath, resolveReferences, rootsIn } from "./references.ts";

const VALUES: Readonly<Record<string, unknown>> = {
  "Attributes/tier": "gold",
  "Attributes/my key": "quoted",
  "External/list/0/id": 7,
  "Metrics/Queue/Size": 0,
  Channel: "VOICE",
  Queue: { Name: "Sales" },
};

function resolve(text: string): unknown {
  return resolveReferences(text, (path) => VALUES[path.join("/")] ?? null);
}

test("references are replaced in text, and are a value as a whole", () => {
  assert.equal(resolve("Hello $.Attributes.tier caller on $.Channel."), "Hello gold caller on VOICE.");
  assert.equal(resolve("$.Attributes['my key'] and $.Attributes.['my key']"), "quoted and quoted");
  assert.equal(resolve("$.External.list[0].id"), 7);
  assert.equal(resolve("size $.Metrics.Queue.Size"), "size 0");
  assert.deepEqual(resolve("$.Queue"), { Name: "Sales" });
  assert.equal(resolve("in $.Queue!"), "in !");
  assert.equal(resolve("$.Attributes.none"), null);
  assert.equal(resolve("[$.Attributes.none]"), "[]");
});

test("a dollar that begins no reference stays", () => {
  for (const text of ["from $5", "US$.50", "$", "$.", "a $ b"]) assert.equal(resolve(text), text);
});

test("any key is found again, in either spelling, and the roots of a text are known", () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
  const quoted = fc.stringMatching(/^[^'\n]{1,12}$/);
  fc.assert(
    fc.property(fc.array(fc.oneof(plain, quoted), { minLength: 1, maxLength: 4 }), (keys) => {
      const text = `$.Attributes${keys.map((key) => (/^[A-Za-z0-9_-]+$/.test(key) ? `.${key}` : `['${key}']`)).join("")}`;
      const seen: ReferencePath[] = [];
      resolveReferences(text, (path) => seen.push(path));
      assert.deepEqual(seen, [["Attributes", ...keys]]);
      assert.deepEqual(rootsIn(`before ${text} $.Channel`), ["Attributes", "Channel"]);
    }),
  );
});
