/** What docs/get-started.md and docs/recipes.md say, pasted into a shell: `pasted-page.ts` tells how. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, beginning, blocksOf, walk } from "./pasted-page.ts";

test("get started: copied and pasted, with nothing but curl", () => walk("curl"));

test("recipes: each copied and pasted, one after the other", () =>
  walk("curl", [...beginning, ...blocksOf("recipes")]));

test("a walk fails where a block fails, or prints something else than the page shows", async () => {
  const sh = (text: string): Block => ({ language: "sh", kind: "", text });
  await assert.rejects(
    walk("curl", [...beginning, sh("call api/kinesis/DescribeStream '{}'\n")]),
    /has ended in\ncall/,
  );
  await assert.rejects(
    walk("curl", [...beginning, sh("echo 3\n"), { language: "text", kind: "", text: "4\n" }]),
    /shows\n4/,
  );
});
