/**
 * Asynchronous invocations: each accepted event is a document, and goes when its function has handled it, or is given up.
 *
 *     accepted ─► due ─► handled ─────────────────────────────► gone, told to the destination for successes
 *                  ▲        │ failed, and may be tried again: after one minute, then after two
 *                  ├────────┤ no place for it: after one second, then twice as long, up to five minutes
 *                           └ failed too often, or too old ────► gone, told to the destination for failures and the dead-letter queue
 *
 * Each arrow is one commit. Each function has a lane of its own, so that one whose handlers hang or fail delays no other. What is in flight is
 * known in memory alone: after a crash it is tried again.
 */
import { ModeledError } from "../../models/modeled-error.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type AsyncEvent, asyncEvents } from "./async-event.ts";
import { type Ending, planEnding } from "./destinations.ts";
import { findInvokeConfig, type InvokeConfig } from "./event-invoke-configs.ts";
import { findTarget, type Target } from "./find-function.ts";
import { type Call, runInvocation, runningFunctions } from "./invocations.ts";
import {
  EVENT_AGE_MS_MAX,
  RETRY_ATTEMPTS_MAX,
  RETRY_DELAYS_MS,
  THROTTLE_DELAY_MS_MAX,
  THROTTLE_DELAY_MS_MIN,
} from "./limits.ts";
import type { Outcome } from "./runtime/sandbox.ts";

/** Events of one function in flight at the same time. */
const IN_FLIGHT_PER_FUNCTION = 10;
/** Pause before an event is tried again whose outcome could not be written down, so that a fault of ours does not spin. */
const FAILURE_PAUSE_MS = 1_000;

interface Lane {
  readonly functionId: string;
  readonly loop: { wake(): void; stop(): Promise<void> };
  /** Ids of events. */
  readonly inFlight: Set<string>;
  alarm?: Disposable | undefined;
}

export class AsyncWorkers {
  readonly #platform: Platform;
  readonly #lanes = new Map<string, Lane>();
  #isStopped = false;

  constructor(platform: Platform) {
    this.#platform = platform;
    platform.flow.metrics.describe(
      "trunkline_function_events_total",
      "Asynchronous events that were handled, retried or given up, by function and outcome.",
    );
    platform.flow.work({
      quiet: () => this.#quiet(),
      running: () =>
        [...this.#lanes.values()].flatMap(({ inFlight }) => [...inFlight].map((id) => `Asynchronous event ${id}`)),
      nextDueMs: () => this.#nextDueMs(),
    });
  }

  /** Finds the functions that have had events since an earlier run. */
  async start(): Promise<void> {
    let from = "";
    for (;;) {
      const [event] = (await this.#platform.store.list(asyncEvents, { index: "lane", from, limit: 1 })).documents;
      if (!event) return;
      this.wake(event.functionId);
      // Due times are digits: "~" is behind all of this function's.
      from = compositeKey(event.functionId, "~");
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const { alarm } of this.#lanes.values()) alarm?.[Symbol.dispose]();
  }

  wake(functionId: string): void {
    if (this.#isStopped) return;
    let lane = this.#lanes.get(functionId);
    if (!lane) {
      const created: Lane = {
        functionId,
        loop: this.#platform.flow.loop(`Asynchronous events of function ${functionId}`, () => this.#launch(created)),
        inFlight: new Set(),
      };
      lane = created;
      this.#lanes.set(functionId, lane);
    }
    lane.loop.wake();
  }

  async #quiet(): Promise<boolean> {
    if ([...this.#lanes.values()].some(({ inFlight }) => inFlight.size > 0)) return false;
    const nextMs = await this.#nextDueMs();
    return (
      (nextMs === undefined || nextMs > this.#platform.clock.now()) && runningFunctions(this.#platform).logs.isQuiet
    );
  }

  async #nextDueMs(): Promise<number | undefined> {
    const { documents } = await this.#platform.store.list(asyncEvents, { index: "due", limit: 1 });
    return documents[0]?.dueMs;
  }

  /** Begins with what is due, as far as there is room. */
  async #launch(lane: Lane): Promise<boolean> {
    // Whatever is begun now is refused, and would be due again at once.
    if (this.#isStopped) return false;
    const { store, clock } = this.#platform;
    const prefix = compositeKey(lane.functionId, "");
    let after: string | undefined;
    do {
      if (lane.inFlight.size >= IN_FLIGHT_PER_FUNCTION) return false;
      const page = await store.list(asyncEvents, { index: "lane", prefix, limit: IN_FLIGHT_PER_FUNCTION, after });
      for (const event of page.documents) {
        if (lane.inFlight.has(event.id)) continue;
        if (event.dueMs > clock.now()) {
          this.#setAlarm(lane, event.dueMs);
          return false;
        }
        if (lane.inFlight.size >= IN_FLIGHT_PER_FUNCTION) return false;
        lane.inFlight.add(event.id);
        void this.#attempt(event).finally(() => {
          lane.inFlight.delete(event.id);
          lane.loop.wake();
          this.#platform.flow.ring();
        });
      }
      after = page.next;
    } while (after !== undefined);
    if (lane.inFlight.size === 0 && this.#lanes.get(lane.functionId) === lane) {
      this.#lanes.delete(lane.functionId);
      // Not waited for: it is this very pass that must end first.
      void lane.loop.stop();
      // What came meanwhile woke a loop that is stopped now.
      const { documents } = await store.list(asyncEvents, { index: "lane", prefix, limit: 1 });
      if (documents.length > 0) this.wake(lane.functionId);
    }
    return false;
  }

  #setAlarm(lane: Lane, atMs: number): void {
    lane.alarm?.[Symbol.dispose]();
    lane.alarm = this.#platform.clock.wakeAt(atMs, () => lane.loop.wake());
  }

  async #attempt(event: AsyncEvent): Promise<void> {
    const { store, log, wall } = this.#platform;
    try {
      const config = await findInvokeConfig(store, event, event.qualifier);
      const target = await findTarget(store, event, () => this.#platform.ids.random());
      if (target?.function.id !== event.functionId)
        return await this.#settle(event, "gone", (unit) => this.#drop(unit, event));
      if (this.#platform.clock.now() >= ageEndMs(event, config)) {
        return await this.#end(event, target, config, { condition: "EventAgeExceeded" });
      }
      const outcome = await this.#invoke(event, target);
      // A server that stops kills what runs: that is no failure of the handler.
      if (this.#isStopped) return;
      if (outcome === "throttled")
        await this.#settle(event, "throttled", (unit) => this.#postpone(unit, event, config));
      else if (outcome.status === "success") await this.#end(event, target, config, { condition: "Success", outcome });
      else if (event.attempts >= (config?.retryAttemptsMax ?? RETRY_ATTEMPTS_MAX)) {
        await this.#end(event, target, config, { condition: "RetriesExhausted", outcome });
      } else await this.#settle(event, "retried", (unit) => this.#retry(unit, event, config));
    } catch (error) {
      if (this.#isStopped) return;
      log.error({ err: error, event: event.id, function: event.name }, "An asynchronous event could not be settled");
      const { promise, resolve } = Promise.withResolvers<void>();
      wall.after(FAILURE_PAUSE_MS, resolve);
      await promise;
    }
  }

  /** `throttled`: it did not come to a handler. */
  async #invoke(event: AsyncEvent, target: Target): Promise<Outcome | "throttled"> {
    // A handler is outside: what it is told must be there after a crash.
    await this.#platform.store.durable();
    const { id: requestId, payload, clientContext } = event;
    const call: Call = { requestId, payload, clientContext };
    try {
      return await runInvocation(this.#platform, target, call);
    } catch (error) {
      if (error instanceof ModeledError) return "throttled";
      throw error;
    }
  }

  async #end(event: AsyncEvent, target: Target, config: InvokeConfig | undefined, ending: Ending): Promise<void> {
    const tell = await planEnding(this.#platform, event, target, config, ending);
    await this.#settle(event, ending.condition, async (unit) => {
      this.#drop(unit, event);
      await tell(unit);
    });
  }

  /** Moves the event in a unit, unless it has moved already. */
  async #settle(event: AsyncEvent, outcome: string, move: (unit: Unit) => Promise<void> | void): Promise<void> {
    await this.#platform.store.commitUnsynced(async (unit) => {
      const current = await unit.get(asyncEvents, event.id);
      if (current?.dueMs !== event.dueMs || current.attempts !== event.attempts) return;
      await move(unit);
      const { account, region, name } = event;
      const labels = { account, region, function: name, outcome };
      unit.afterCommit(() => this.#platform.flow.metrics.count("trunkline_function_events_total", labels));
    });
  }

  #drop(unit: Unit, { id }: AsyncEvent): void {
    unit.delete(asyncEvents, id);
  }

  #retry(unit: Unit, event: AsyncEvent, config: InvokeConfig | undefined): void {
    const delayMs = RETRY_DELAYS_MS[Math.min(event.attempts, RETRY_DELAYS_MS.length - 1)] as number;
    const attempts = event.attempts + 1;
    unit.put(asyncEvents, event.id, { ...event, attempts, throttles: 0, dueMs: this.#laterMs(event, config, delayMs) });
  }

  #postpone(unit: Unit, event: AsyncEvent, config: InvokeConfig | undefined): void {
    const delayMs = Math.min(THROTTLE_DELAY_MS_MAX, THROTTLE_DELAY_MS_MIN * 2 ** Math.min(event.throttles, 16));
    const throttles = event.throttles + 1;
    unit.put(asyncEvents, event.id, { ...event, throttles, dueMs: this.#laterMs(event, config, delayMs) });
  }

  /** The last wait ends with the event's age, so that it is given up then and not a back-off later. */
  #laterMs(event: AsyncEvent, config: InvokeConfig | undefined, delayMs: number): number {
    return Math.min(this.#platform.clock.now() + delayMs, ageEndMs(event, config));
  }
}

function ageEndMs({ acceptedMs }: AsyncEvent, config: InvokeConfig | undefined): number {
  return acceptedMs + (config?.eventAgeSecondsMax === undefined ? EVENT_AGE_MS_MAX : config.eventAgeSecondsMax * 1000);
}

/** How many events of a function wait or are in flight, up to a number. */
export async function countEvents(
  { store }: Pick<Platform, "store">,
  functionId: string,
  most: number,
): Promise<number> {
  let count = 0;
  let after: string | undefined;
  do {
    const page = await store.list(asyncEvents, {
      index: "lane",
      prefix: compositeKey(functionId, ""),
      limit: most - count,
      after,
    });
    count += page.documents.length;
    after = page.next;
  } while (after !== undefined && count < most);
  return count;
}
