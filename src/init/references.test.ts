import assert from "node:assert/strict";
import { test } from "node:test";
import { misspelt, referencesOf, replaced } from "./references.ts";

test("a reference has a kind, a name and an attribute", () => {
  const text = "to ${Queues.Sales.Arn}, ${LogGroups./a.b/c} and ${Buckets.my.files.Name}";
  assert.deepEqual(
    referencesOf(text).map(({ section, name, attribute }) => [section, name, attribute]),
    [
      ["Queues", "Sales", "Arn"],
      ["LogGroups", "/a.b/c", "Arn"],
      ["Buckets", "my.files", "Name"],
    ],
  );
});

test("what names no kind is somebody else's", () => {
  const text = "${aws:username} $${Queues.a} ${input.path}";
  assert.deepEqual(referencesOf(text), []);
  assert.equal(misspelt(text), undefined);
  assert.deepEqual(misspelt("${Queue.a.Arn}"), { written: "${Queue.a.Arn}", meant: "Queues" });
});

test("references are replaced wherever a text stands, and `$${` stays one", () => {
  const value = { "${Queues.a}": ["${AccountId}:${Queues.a.Arn}", "$${Queues.a} ${aws:username}", 1, null] };
  const found = replaced(value, ({ attribute }) => attribute.toLowerCase(), { AccountId: "1", Region: "r" });
  assert.deepEqual(found, { id: ["1:arn", "${Queues.a} ${aws:username}", 1, null] });
});

test("a value may hold what would be a reference", () => {
  assert.equal(
    replaced("${Queues.a}", () => "$&", {}),
    "$&",
  );
});
