/**
 * Works on stacks: a pass takes one step of each stack that has an operation. A step does all resources that nothing else holds up, side by
 * side, and notes each before and after; so whatever ends the process, the next one knows what may have been begun.
 */

import { ModeledError } from "../../models/modeled-error.ts";
import type { Platform } from "../service.ts";
import { applyStep } from "./apply.ts";
import { deleteStep } from "./delete.ts";
import { goBack } from "./finish.ts";
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
      const moved = await Promise.all(page.documents.map((stack) => step(platform, stack)));
      hasMoved ||= moved.includes(true);
      after = page.next;
    } while (after !== undefined);
    return hasMoved;
  });
  engineLoops(store).loop = loop;
  startForgetting(platform);
  startWaiting(platform);
  loop.wake();
}

/** `false`: all that is left of it waits for somebody else. */
async function step(platform: Platform, stack: Stack): Promise<boolean> {
  switch (stack.operation?.phase) {
    case "apply":
      try {
        return await applyStep(platform, stack);
      } catch (error) {
        // What conditions ask may be another by now: an export that has gone.
        if (!(error instanceof ModeledError)) throw error;
        await goBack(platform, stack, stack.operation, error.message);
        return true;
      }
    case "clean-up":
    case "delete":
      return deleteStep(platform, stack);
    case undefined:
      return false;
  }
}
