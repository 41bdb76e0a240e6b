import type { MovedClock } from "../time/clock.ts";
import type { Flow } from "./flow.ts";

/** How far an advance got. */
export interface Advanced {
  readonly nowMs: number;
  /** What still ran when it gave up waiting; empty where it arrived. */
  readonly running: readonly string[];
}

/**
 * Moves a manual clock to `toMs` as if the time had passed: from one due timer or delivery to the next, each at its own time
 * and with everything that follows from it done before the next one.
 *
 * A step that does not come to rest within `drainTimeoutMs` of wall time ends the advance there: later steps would happen
 * before what came first.
 */
export async function advanceClock(
  flow: Flow,
  clock: MovedClock,
  toMs: number,
  drainTimeoutMs: number,
): Promise<Advanced> {
  for (;;) {
    if (!(await flow.drained(drainTimeoutMs))) return { nowMs: clock.now(), running: flow.running() };
    if (clock.now() >= toMs) return { nowMs: clock.now(), running: [] };
    const nextMs = await flow.nextDueMs();
    clock.moveTo(Math.min(nextMs ?? toMs, toMs));
  }
}
