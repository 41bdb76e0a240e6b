import assert from "node:assert/strict";
import { test } from "node:test";
import { OTHER_ACCOUNT, openServiceWorld } from "../world.test.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import { iam } from "./index.ts";

test("a caller learns whose credentials it uses", async () => {
  await using world = await openServiceWorld(iam);
  assert.deepEqual(await getCallerIdentity({}, world.context({ account: OTHER_ACCOUNT })), {
    Account: "111122223333",
    Arn: "arn:aws:iam::111122223333:root",
    UserId: "111122223333",
  });
});
