/** What docs/get-started.md says, pasted into a shell: `pasted-page.ts` tells how. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, blocks, walk } from "./pasted-page.ts";

test("get started: copied and pasted, with nothing but curl", () => walk("curl"));

test("a walk fails where a block fails, or prints something else than the page shows", async () => {
  const beginning = blocks.slice(0, 3);
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
