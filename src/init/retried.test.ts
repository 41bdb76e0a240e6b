import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused } from "./init-error.ts";
import { retried } from "./retried.ts";

function refusing(times: number, code: string, message = "Rate exceeded") {
  let calls = 0;
  const call = async () => {
    calls += 1;
    if (calls <= times) throw new Refused(code, `CreateQueue: ${code}: ${message}`);
    return { calls };
  };
  return retried(call, undefined, async () => {});
}

test("what is throttled is called again, in a service's own words too", async () => {
  for (const code of ["ThrottlingException", "TooManyRequestsException", "LimitExceededException"])
    assert.deepEqual(await refusing(7, code)("connect", "CreateQueue", {}), { calls: 8 });
});

test("what stays throttled is told, and what is refused for something else at once", async () => {
  await assert.rejects(refusing(1_000, "ThrottlingException")("connect", "CreateQueue", {}), /Rate exceeded/);
  const full = refusing(1, "LimitExceededException", "There are 200 streams");
  await assert.rejects(full("kinesis", "CreateStream", {}), /There are 200 streams/);
});
