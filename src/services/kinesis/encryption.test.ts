import assert from "node:assert/strict";
import { test } from "node:test";
import { startStreamEncryption, stopStreamEncryption } from "./encryption.ts";
import { describeStream } from "./streams.ts";
import { ACCOUNT, createStreamNamed, openWorld, rejectsWith } from "./world.test.ts";

const KMS = { StreamName: "calls", EncryptionType: "KMS" } as const;

test("a stream shows the key it is encrypted with", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const shown = async () => {
    const { StreamDescription } = await describeStream({ StreamName: "calls" }, world);
    return [StreamDescription?.EncryptionType, StreamDescription?.KeyId];
  };
  await startStreamEncryption({ ...KMS, KeyId: "alias/one" }, world);
  assert.deepEqual(await shown(), ["KMS", "alias/one"]);
  await startStreamEncryption({ ...KMS, KeyId: "alias/two" }, world);
  assert.deepEqual(await shown(), ["KMS", "alias/two"]);
  await rejectsWith(
    stopStreamEncryption({ ...KMS, KeyId: "alias/one" }, world),
    "InvalidArgumentException",
    `Stream calls under account ${ACCOUNT} is not encrypted with key alias/one.`,
  );
  await stopStreamEncryption({ ...KMS, KeyId: "alias/two" }, world);
  assert.deepEqual(await shown(), ["NONE", undefined]);
  await stopStreamEncryption({ ...KMS, KeyId: "alias/two" }, world);
});

test("KMS is the only type of encryption", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  for (const change of [startStreamEncryption, stopStreamEncryption]) {
    await rejectsWith(
      change({ ...KMS, EncryptionType: "NONE", KeyId: "k" }, world),
      "InvalidArgumentException",
      "EncryptionType NONE is invalid. The only valid value is KMS.",
    );
  }
});
