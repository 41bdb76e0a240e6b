import assert from "node:assert/strict";
import { test } from "node:test";
import { createFunction, createRole, invoke } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const role = await createRole(client, "functions");

await createFunction(
  client,
  `
  let calls = 0;
  export const handler = async (event, context) => {
    console.log("seen", event);
    return { event, calls: ++calls, name: context.functionName, arn: context.invokedFunctionArn };
  };`,
  { FunctionName: "echo", Role: role },
);

test("a function answers with what its handler returns, and the next call finds it warm", async () => {
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:echo";
  const first = await invoke(client, "echo", { a: 1 }, { LogType: "Tail" });
  assert.deepEqual(first.answer, { event: { a: 1 }, calls: 1, name: "echo", arn });
  assert.equal(first.version, "$LATEST");
  assert.match(
    first.log,
    /^START RequestId: (\S+) Version: \$LATEST\n\S+Z\t\1\tINFO\tseen \{ a: 1 \}\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/,
  );
  const second = await invoke(client, "echo");
  assert.equal((second.answer as { calls: number }).calls, 2);
});
