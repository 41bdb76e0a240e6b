import assert from "node:assert/strict";
import { type Collection, collection, type Unit } from "../store/store.ts";
import { failureDelayMs } from "./back-off.ts";
import { type Due, Earliest } from "./earliest.ts";
import type { Timer } from "./flow.ts";
import type { FlowContext } from "./flow-context.ts";
import { Loop } from "./loop.ts";

interface StoredTimer extends Timer {
  /** When it is tried next: its due time, later after a failure. */
  readonly attemptMs: number;
  readonly failures: number;
}

export const TIMERS: Collection<StoredTimer> = collection("flow_timer", {
  attempt: { type: "integer", value: (timer) => timer.attemptMs },
});

/** Timers that fire in one pass. Those set meanwhile wait for the next. */
const TIMERS_PER_PASS = 64;

/**
 * Timers may be so much late where time passes by itself: they count seconds, and those of 10,000 agents' heartbeats, 83 a second, then
 * share a transaction and a sync with seven others.
 */
const TOGETHER_MS = 100;

type TimerHandler = (unit: Unit, timer: Timer) => Promise<void>;

/**
 * Durable timers on the domain's clock. They fire in order of due time, each in a unit that removes it and runs its kind's
 * handler: exactly once, whatever dies when.
 *
 * One whose handler throws, or whose kind nobody here knows, stays in the store and is tried again later; the others go on.
 */
export class Scheduler {
  readonly #context: FlowContext;
  readonly #handlers = new Map<string, TimerHandler>();
  readonly #loop: Loop;
  readonly #earliest: Earliest;
  /** Ids of timers that units have set which may not be known as due yet, or never will be. */
  readonly #set = new Set<string>();
  #started = false;
  #wake: { atMs: number; timer: Disposable } | undefined;

  constructor(context: FlowContext) {
    this.#context = context;
    this.#loop = new Loop("The scheduler of timers", context, () => this.#fireDue());
    this.#earliest = new Earliest(async (limit) => {
      const { documents, next } = await context.store.list(TIMERS, { index: "attempt", limit });
      return { first: documents.map(({ id, attemptMs }) => ({ id, atMs: attemptMs })), isAll: next === undefined };
    });
    context.metrics.describe("trunkline_timers_total", "Timers that fired or failed, by kind and outcome.");
  }

  onTimer(kind: string, handle: TimerHandler): void {
    assert(!this.#handlers.has(kind), `Timers of kind ${kind} have a handler already`);
    this.#handlers.set(kind, handle);
  }

  schedule(unit: Unit, { id, kind, dueMs, payload }: Timer): void {
    this.#put(unit, { id, kind, dueMs, payload, attemptMs: dueMs, failures: 0 });
    unit.afterCommit(() => this.#wakeAt(dueMs));
  }

  /** Hot: a contact that ends cancels a dozen timers, most of which were never set. */
  cancel(unit: Unit, timerId: string): void {
    if (this.#earliest.knowsAll && !this.#earliest.has(timerId) && !this.#set.has(timerId)) return;
    unit.delete(TIMERS, timerId);
    unit.afterCommit(() => this.#earliest.delete(timerId));
  }

  #put(unit: Unit, timer: StoredTimer): void {
    unit.put(TIMERS, timer.id, timer);
    this.#set.add(timer.id);
    unit.afterCommit(() => {
      this.#set.delete(timer.id);
      this.#earliest.put(timer.id, timer.attemptMs);
    });
  }

  start(): void {
    this.#started = true;
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    this.#started = false;
    this.#wake?.timer[Symbol.dispose]();
    this.#wake = undefined;
    await this.#loop.stop();
  }

  running(): string[] {
    return this.#loop.busy ? [this.#loop.name] : [];
  }

  async quiet(): Promise<boolean> {
    const nextMs = await this.nextDueMs();
    return !this.#loop.busy && (nextMs === undefined || nextMs > this.#context.clock.now());
  }

  async nextDueMs(): Promise<number | undefined> {
    return this.#earliest.nextMs();
  }

  async #fireDue(): Promise<boolean> {
    const due = await this.#earliest.until(this.#context.clock.now(), TIMERS_PER_PASS);
    // All at once: their units run one after another in this order, and share their transactions.
    await Promise.all(due.map((timer) => this.#fire(timer)));
    if (this.#loop.stopped) return false;

    const nextMs = await this.nextDueMs();
    if (nextMs === undefined) return false;
    if (nextMs <= this.#context.clock.now()) return true;
    this.#wakeAt(nextMs);
    return false;
  }

  async #fire(due: Due): Promise<void> {
    const { store, metrics, log } = this.#context;
    let timer: StoredTimer | undefined;
    try {
      await store.commitUnsynced(async (unit) => {
        timer = await this.#find(unit, due);
        if (!timer) return;

        const { id, kind, dueMs, payload } = timer;
        this.cancel(unit, id);
        const handle = this.#handlers.get(kind);
        if (!handle) throw new Error(`No handler is declared for timers of kind ${kind}`);
        await handle(unit, { id, kind, dueMs, payload });
        unit.afterCommit(() => metrics.count("trunkline_timers_total", { kind, outcome: "fired" }));
      });
    } catch (error) {
      // The store could not even tell what it is.
      if (!timer) throw error;
      if (timer.failures === 0) {
        log.error({ err: error, timer: timer.id, kind: timer.kind }, "A timer failed and will be tried again");
      }
      metrics.count("trunkline_timers_total", { kind: timer.kind, outcome: "failed" });
      await this.#postpone(due);
    }
  }

  /** The timer as it is stored, unless it was cancelled or moved meanwhile. */
  async #find(unit: Unit, { id, atMs }: Due): Promise<StoredTimer | undefined> {
    const timer = await unit.get(TIMERS, id);
    return timer?.attemptMs === atMs ? timer : undefined;
  }

  /** The wait is in the domain's time, so that a timer that fails holds no advance of a manual clock. */
  async #postpone(due: Due): Promise<void> {
    const { store, clock, ids } = this.#context;
    const random = ids.random();
    await store.commitUnsynced(async (unit) => {
      const timer = await this.#find(unit, due);
      if (!timer) return;
      const failures = timer.failures + 1;
      const attemptMs = clock.now() + failureDelayMs(failures, () => random);
      this.#put(unit, { ...timer, attemptMs, failures });
    });
  }

  #wakeAt(atMs: number): void {
    if (!this.#started || (this.#wake && this.#wake.atMs <= atMs)) return;
    this.#wake?.timer[Symbol.dispose]();
    const wake = (): void => {
      this.#wake = undefined;
      this.#loop.wake();
    };
    const timer = this.#context.clock.wakeAt(atMs, wake, TOGETHER_MS);
    this.#wake = { atMs, timer };
  }
}
