import { movedClock } from "../../time/clock.ts";
import type { Context } from "../service.ts";
import { STACKS } from "./stack.ts";
import { engineLoops } from "./wake.ts";

/**
 * How long an answer may be held. `aws cloudformation deploy` looks at a stack once and then every 30 seconds: one that is through by the first
 * look takes it no time.
 */
const HELD_MS = 1000;

/**
 * Waits for the end of what was begun with a stack, a moment long at most. With a clock that stands still it ends too once nothing moves any
 * more.
 */
export async function holdAnswer(context: Context, stackId: string): Promise<void> {
  const { store, wall, clock, flow, signal } = context;
  const { passed } = engineLoops(store);
  const end = Promise.withResolvers<void>();
  let isOver = false;
  const over = (): void => {
    isOver = true;
    end.resolve();
  };
  using _timer = wall.after(HELD_MS, over);
  signal.addEventListener("abort", over, { once: true });
  if (movedClock(clock)) void flow.drained(HELD_MS).then(over);
  while (!isOver) {
    const pass = passed.next();
    if ((await store.get(STACKS, stackId))?.operation === undefined) break;
    await Promise.race([pass, end.promise]);
  }
  signal.removeEventListener("abort", over);
}
