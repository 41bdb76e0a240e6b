import assert from "node:assert/strict";
import test from "node:test";
import { FileSteps } from "./file-steps.ts";

test("steps wait while files are held, and come in order afterwards", async () => {
  const steps = new FileSteps();
  const done: string[] = [];
  const step = (name: string) => async () => void done.push(name);
  await steps.run(step("before"));
  const hold = await steps.hold();
  const second = await steps.hold();
  // Whoever asks for a step is answered all the same.
  await steps.run(step("first"));
  await steps.run(() => Promise.reject(new Error("a step that fails holds up nobody")));
  await steps.run(step("second"));
  assert.deepEqual(done, ["before"]);
  hold[Symbol.dispose]();
  hold[Symbol.dispose]();
  await steps.settled();
  assert.deepEqual(done, ["before"], "another one still holds them");
  second[Symbol.dispose]();
  await steps.settled();
  assert.deepEqual(done, ["before", "first", "second"]);
});

test("a hold begins when what is under way has ended", async () => {
  const steps = new FileSteps();
  const { promise, resolve } = Promise.withResolvers<void>();
  let ended = false;
  const running = steps.run(async () => {
    await promise;
    ended = true;
  });
  const holding = steps.hold().then(() => ended);
  resolve();
  assert.equal(await holding, true);
  await running;
});
