/**
 * Works on stacks: a pass takes one step of each stack that has an operation. A step does all resources that nothing else holds up, side by
 * side, and notes each before and after; so whatever ends the process, the next one knows what may have been begun.
 */

import { ModeledError } from "../../models/modeled-error.ts";
import type { Platform } from "../service.ts";
import { applyStep } from "./apply.ts";
import { deleteStep } from "./delete.ts";
import { failDelete, goBack } from "./finish.ts";
import { startForgetting } from "./forget.ts";
import { STACKS, type Stack } from "./stack.ts";
import { startWaiting } from "./waiting.ts";
import { engineLoops } from "./wake.ts";

/** Stacks that are worked on at a time. */
const STACKS_PER_PASS = 32;

export function startEngine(platform: Platform): void {
  const { flow, store } = platform;
  const loop = flow.loop("CloudFormation's stacks", async () => {
    let hasMoved = false;
    let after: string | undefined;
    do {
      const page = await store.list(STACKS, { index: "working", limit: STACKS_PER_PASS, after });
      const moved = await Promise.allSettled(page.documents.map((stack) => step(platform, stack)));
      const broken = moved.find(({ status }) => status === "rejected");
      // All of them have ended by then: no stack is worked on twice at a time.
      if (broken?.status === "rejected") throw broken.reason;
      hasMoved ||= moved.some((one) => one.status === "fulfilled" && one.value);
      after = page.next;
    } while (after !== undefined);
    engineLoops(store).passed.ring();
    return hasMoved;
  });
  engineLoops(store).loop = loop;
  startForgetting(platform);
  startWaiting(platform);
  loop.wake();
}

/** `false`: all that is left of it waits for somebody else. */
async function step(platform: Platform, stack: Stack): Promise<boolean> {
  const { operation } = stack;
  if (operation === undefined) return false;
  try {
    return operation.phase === "apply" ? await applyStep(platform, stack) : await deleteStep(platform, stack);
  } catch (error) {
    // What conditions ask may be another by now: an export that has gone.
    const isTold = error instanceof ModeledError;
    // One that we cannot work on ends, and holds no other one up. Where it is the store that fails, so does this.
    if (!isTold) platform.log.error({ err: error, stack: stack.id }, "A stack could not be worked on");
    const reason = isTold ? error.message : "Internal Failure";
    if (operation.phase === "apply") await goBack(platform, stack, operation, reason);
    else await failDelete(platform, stack, operation, reason);
    return true;
  }
}
