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

/** A clock that is moved, as long as it is. */
export interface MovedClock extends Clock {
  /** Moves to `atMs` (never back) and calls what has become due, in order of due time. */
  moveTo(atMs: number): void;
}

/** The clock as one that stands still until it is moved; `undefined` where time passes by itself. It may change its mind. */
export function movedClock(clock: Clock): MovedClock | undefined {
  if (clock instanceof ManualClock) return clock;
  return clock instanceof RealClock && clock.isCatchingUp ? clock : undefined;
}

/** How long after the machine's clock was set forward at most what is due by it is noticed. */
const LOOK_MS = 10_000;

interface Waiter {
  readonly atMs: number;
  readonly slackMs: number;
  readonly callback: () => void;
  timer?: Disposable;
}

/**
 * The domain's clock in production: the machine's time.
 *
 * Where nothing has happened yet it may be put back, to have a past played: then it is moved as a manual clock is, until it has caught up
 * with the machine's time. From then on it runs by itself.
 */
export class RealClock implements Clock {
  readonly #wall: WallClock;
  readonly #waiting = new Set<Waiter>();
  #past: ManualClock | undefined;

  constructor(wall: WallClock) {
    this.#wall = wall;
  }

  now(): number {
    return this.#past === undefined ? this.#wall.now() : this.#past.now();
  }

  get isCatchingUp(): boolean {
    return this.#past !== undefined;
  }

  wakeAt(atMs: number, callback: () => void, slackMs: number = 0): Disposable {
    const waiter: Waiter = { atMs, slackMs, callback };
    this.#waiting.add(waiter);
    this.#arm(waiter);
    return {
      [Symbol.dispose]: () => {
        this.#waiting.delete(waiter);
        waiter.timer?.[Symbol.dispose]();
      },
    };
  }

  /** Goes back by so long, and stands still there until it is moved. */
  goBack(byMs: number): void {
    this.#past = new ManualClock(this.#wall.now() - byMs);
    for (const waiter of this.#waiting) this.#arm(waiter);
  }

  moveTo(atMs: number): void {
    const presentMs = this.#wall.now();
    this.#past?.moveTo(Math.min(atMs, presentMs));
    if (this.#past === undefined || this.#past.now() < presentMs) return;
    this.#past = undefined;
    for (const waiter of this.#waiting) this.#arm(waiter);
  }

  #arm(waiter: Waiter): void {
    waiter.timer?.[Symbol.dispose]();
    const call = (): void => {
      if (this.#waiting.delete(waiter)) waiter.callback();
    };
    if (this.#past) {
      waiter.timer = this.#past.wakeAt(waiter.atMs, call);
      return;
    }
    // Timers count time that passes, not the machine's time: that is set now and then, and goes on while the machine sleeps.
    const restMs = waiter.atMs + waiter.slackMs - this.#wall.now();
    waiter.timer = this.#wall.after(Math.min(restMs, LOOK_MS), () =>
      this.#wall.now() < waiter.atMs ? this.#arm(waiter) : call(),
    );
  }
}

/** A clock that stands still until it is told to move: tests, and `--clock manual`. */
export class ManualClock implements MovedClock {
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
