import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import test from "node:test";
import { promisify } from "node:util";
import { operationsDocument, withCounts } from "../scripts/operations-document.ts";
import { parseEventPattern } from "../src/matching/event-pattern.ts";
import { startTrunkline } from "./server.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("exactly the operations that are built are listed, and counted in the README", () => {
  const listed = readFileSync(new URL("../docs/operations.md", import.meta.url), "utf8");
  assert.equal(operationsDocument(), listed, "run node scripts/operations-document.ts");
  assert.equal(withCounts(readme), readme, "run node scripts/operations-document.ts");
});

test("the README says which operators event patterns take", () => {
  const [, taken = ""] = /^Event patterns take the whole language: (.*?), with the/m.exec(readme) ?? [];
  const operands: Readonly<Record<string, unknown>> = {
    prefix: "a",
    suffix: "a",
    exists: true,
    numeric: [">", 1],
    "anything-but": { prefix: "a" },
    "equals-ignore-case": "a",
    wildcard: "a*",
    cidr: "10.0.0.0/8",
  };
  const named = [...taken.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name));
  assert.deepEqual(named.sort(), [...Object.keys(operands), "$or"].sort());
  for (const name of named) {
    const or = [{ a: ["1"] }, { b: ["1"] }];
    parseEventPattern(JSON.stringify(name === "$or" ? { $or: or } : { a: [{ [name]: operands[name] }] }));
  }
});

test("the README's snippet works when pasted", async () => {
  const stdout = await runSnippet(readme);
  assert.match(stdout, /SequenceNumber: '\d{56}'/);
  assert.match(stdout, /ShardId: 'shardId-000000000000'/);
});

test("the snippet of docs/chat.md works when pasted", async () => {
  assert.match(
    await runSnippet(readFileSync(new URL("../docs/chat.md", import.meta.url), "utf8")),
    /^(Mara: undefined\n)?Mara: Hello\n$/,
  );
});

test("the snippet of docs/event-triggers.md works when pasted", async () => {
  assert.equal(
    await runSnippet(readFileSync(new URL("../docs/event-triggers.md", import.meta.url), "utf8")),
    '{"id":"s-9","shopper":"40017","state":"HELD"}\n',
  );
});

test("the snippet of docs/rules.md works when pasted", async () => {
  assert.equal(
    await runSnippet(readFileSync(new URL("../docs/rules.md", import.meta.url), "utf8")),
    "LATE_DELIVERY: PUBLISHED\n",
  );
});

test("the snippet of docs/customer-profiles.md works when pasted", async () => {
  assert.equal(
    await runSnippet(readFileSync(new URL("../docs/customer-profiles.md", import.meta.url), "utf8")),
    "Bremen: Present for Ina\n",
  );
});

test("the snippet of docs/cases.md works when pasted", async () => {
  assert.equal(
    await runSnippet(readFileSync(new URL("../docs/cases.md", import.meta.url), "utf8")),
    "ValidationException\nclosed\n",
  );
});

test("the snippet of docs/integrations.md works when pasted", async () => {
  assert.match(
    await runSnippet(readFileSync(new URL("../docs/integrations.md", import.meta.url), "utf8")),
    /^TASK, API$/m,
  );
});

test("the snippet of docs/flows.md works when pasted", async () => {
  assert.equal(
    await runSnippet(readFileSync(new URL("../docs/flows.md", import.meta.url), "utf8")),
    "2 records: Ina Dyk, ************1234\n",
  );
});

test("the snippet of docs/webhooks.md works when pasted", async () => {
  assert.equal(
    await runSnippet(readFileSync(new URL("../docs/webhooks.md", import.meta.url), "utf8")),
    "ShopifyCreateCustomers: Ina\n",
  );
});

/** What the first snippet of a document prints. */
async function runSnippet(document: string): Promise<string> {
  const { url } = await startTrunkline("--clock", "real");
  const [, snippet = ""] = /```js\n([\s\S]*?)```/.exec(document) ?? [];
  assert.match(snippet, /127\.0\.0\.1:4510/);
  // Beside the tests, so that it finds the SDK.
  const file = new URL(`snippet-${process.pid}.mjs`, import.meta.url);
  writeFileSync(file, snippet.replace("http://127.0.0.1:4510", url));
  try {
    return (await promisify(execFile)(process.execPath, [file.pathname])).stdout;
  } finally {
    rmSync(file);
  }
}
