import assert from "node:assert/strict";
import { test } from "node:test";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

test("each caller learns which account its key belongs to", async () => {
  for (const [key, account] of [
    ["test", "000000000000"],
    ["other", "111122223333"],
  ] as const) {
    const { $metadata, ...identity } = await new STSClient(server.clientOf(key)).send(new GetCallerIdentityCommand({}));
    assert.equal($metadata.httpStatusCode, 200);
    assert.deepEqual(identity, { Account: account, Arn: `arn:aws:iam::${account}:root`, UserId: account });
  }
});

test("a key that nobody was given is refused", async () => {
  const stranger = new STSClient(server.clientOf("stranger"));
  await assert.rejects(stranger.send(new GetCallerIdentityCommand({})), { name: "InvalidClientTokenId" });
});
