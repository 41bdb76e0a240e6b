import { setImmediate } from "node:timers/promises";
import type { WallClock } from "../../../time/clock.ts";

/** As long as something may hold the event loop. */
const HOLD_MS = 4;

/** Gives others room while something long is done in small pieces. */
export class Pace {
  readonly #wall: WallClock;
  #sinceMs: number;

  constructor(wall: WallClock) {
    this.#wall = wall;
    this.#sinceMs = wall.monotonicMs();
  }

  /** Between two pieces, each of at most some milliseconds. */
  async rest(): Promise<void> {
    if (this.#wall.monotonicMs() - this.#sinceMs < HOLD_MS) return;
    await setImmediate();
    this.#sinceMs = this.#wall.monotonicMs();
  }
}
