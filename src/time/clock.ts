/**
 * Two clocks, both passed in.
 *
 * `Clock` is the contact centre's time: what events, records, timers and retention are measured in. It can be
 * steered (`--clock manual`). `WallClock` serves what lies between us and the outside: SigV4 dates, the `Date`
 * header, long polls, HTTP time-outs, leases. A client signs with its machine's time, wherever the domain's clock stands.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls back once, as soon as `now()` has reached `atMs` (at once, but never synchronously, where it has already).
   * In-process only: a timer that must survive a restart belongs to `flow/scheduler.ts`.
   *
   * `slackMs`: where time passes by itself it may be so much later, so that what is due at about the same time is done together.
   */
  wakeAt(atMs: number, callback: () => void, slackMs?: number): Disposable;
}

export interface WallClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back: for measuring durations. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): Disposable;
}

/** Longest delay that Node's timers take; longer waits are cut into pieces. */
const TIMER_DELAY_MS_MAX = 2_147_483_647;

export class SystemWallClock implements WallClock {
  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, callback: () => void): Disposable {
    let timer: NodeJS.Timeout;
    const arm = (restMs: number): void => {
      const stepMs = Math.min(Math.max(restMs, 0), TIMER_DELAY_MS_MAX);
      timer = setTimeout(() => (restMs > stepMs ? arm(restMs - stepMs) : callback()), stepMs);
      timer.unref();
    };
    arm(delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
}

/** The domain's clock in production: the machine's time. */
export class RealClock implements Clock {
  readonly #wall: WallClock;

  constructor(wall: WallClock) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall.now();
  }

  wakeAt(atMs: number, callback: () => void, slackMs: number = 0): Disposable {
    return this.#wall.after(atMs + slackMs - this.#wall.now(), callback);
  }
}

/** A clock that stands still until it is told to move: tests, and `--clock manual`. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #waiting = new Set<{ atMs: number; callback: () => void }>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wakeAt(atMs: number, callback: () => void): Disposable {
    const waiter = { atMs, callback };
    this.#waiting.add(waiter);
    if (atMs <= this.#nowMs) queueMicrotask(() => this.#fire(waiter));
    return { [Symbol.dispose]: () => void this.#waiting.delete(waiter) };
  }

  /** Moves to `atMs` (never back) and calls what has become due, in order of due time. */
  moveTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    const due = [...this.#waiting].filter((waiter) => waiter.atMs <= this.#nowMs);
    for (const waiter of due.sort((a, b) => a.atMs - b.atMs)) this.#fire(waiter);
  }

  #fire(waiter: { atMs: number; callback: () => void }): void {
    if (this.#waiting.delete(waiter)) waiter.callback();
  }
}
