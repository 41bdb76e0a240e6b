/**
 * Works on stacks: a pass takes one step of each stack that has an operation. A step does all resources that nothing else holds up, side by
 * side, and notes each before and after; so whatever ends the process, the next one knows what may have been begun.
 */

import type { WokenLoop } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import { applyStep } from "./apply.ts";
import { deleteStep } from "./delete.ts";
import { goBack } from "./finish.ts";
import { startForgetting } from "./forget.ts";
import { STACKS, type Stack } from "./stack.ts";

/** Stacks that are worked on at a time. */
const STACKS_PER_PASS = 32;

const loops = perStore((): { loop: WokenLoop | undefined } => ({ loop: undefined }));

export function startEngine(platform: Platform): void {
  const { flow, store } = platform;
  const loop = flow.loop("CloudFormation's stacks", async () => {
    const { documents } = await store.list(STACKS, { index: "working", limit: STACKS_PER_PASS });
    await Promise.all(documents.map((stack) => step(platform, stack)));
    return documents.length > 0;
  });
  loops(store).loop = loop;
  startForgetting(platform);
  loop.wake();
}

/** Has the stacks that a unit gives operations worked on. */
export function wakeEngine(unit: Unit, { store }: Pick<Platform, "store">): void {
  unit.afterCommit(() => loops(store).loop?.wake());
}

async function step(platform: Platform, stack: Stack): Promise<void> {
  switch (stack.operation?.phase) {
    case "apply":
      try {
        return await applyStep(platform, stack);
      } catch (error) {
        // What conditions ask may be another by now: an export that has gone.
        if (!(error instanceof ModeledError)) throw error;
        return goBack(platform, stack, stack.operation, error.message);
      }
    case "clean-up":
    case "delete":
      return deleteStep(platform, stack);
    case undefined:
  }
}
