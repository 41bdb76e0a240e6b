import type { Logger } from "pino";
import type { Entry, Store, Unit } from "../store/store.ts";
import type { Clock, WallClock } from "../time/clock.ts";
import type { Ids } from "../time/ids.ts";
import type { Message } from "./message.ts";
import type { Metrics } from "./metrics.ts";
import type { OwedDeliveries } from "./owed-deliveries.ts";
import type { CountPassed } from "./passed.ts";
import type { FindSink, Sink } from "./sink.ts";

/**
 * What moves events: durable timers, log consumers with cursors, deliveries with retries and dead letters, trimming.
 * Built by `createFlow` in `app.ts` and handed to the services.
 */
export interface Flow {
  /** Declares what a kind of timer does. Once per kind, before `start`. The handler runs in the unit that removes the timer. */
  onTimer(kind: string, handle: (unit: Unit, timer: Timer) => Promise<void>): void;
  /** Sets a durable timer, or moves the one with the same id. */
  schedule(unit: Unit, timer: Timer): void;
  cancel(unit: Unit, timerId: string): void;

  /**
   * Adds a consumer of a log: its cursor moves in the unit that `handle` writes its output in. It runs from `start` on, so
   * that no consumer sends anything while some sinks are not declared yet; one added later runs at once.
   */
  consume(options: ConsumerOptions): Consumer;

  /**
   * Work of a service's own that runs when it is woken, from `start` on, one pass at a time; `pass` answers whether there is more to do at
   * once, and one that throws is repeated after a back-off. While it runs, this is not `drained`; `stop` waits for its pass.
   */
  loop(name: string, pass: () => Promise<boolean>): WokenLoop;

  /** Declares the sink for the ARNs of a service, and of a resource prefix where one service has several: `sink("events", "event-bus/", …)`. */
  sink(service: string, resourcePrefix: string, sink: Sink): void;
  readonly findSink: FindSink;

  /**
   * Sends to ARNs from inside a unit: appends where the sink lives in the store, makes a delivery where it does not, where the
   * append failed in a way that may pass, or dead-letters where it failed for good. The router of a bus is `consume` + `send`.
   */
  send(unit: Unit, messages: readonly Message[]): Promise<void>;

  /** What is owed, for whoever looks at it. */
  readonly owed: OwedDeliveries;

  /** Adds work that a service does in its own way: whoever waits until nothing is behind waits for it too. */
  work(work: Work): void;
  /** Says that a piece of such work has ended: whoever waits looks again. */
  ring(): void;

  /** Begins to consume, to fire timers, to attempt deliveries and to trim. Every sink and every kind of timer is declared by then. */
  start(): Promise<void>;
  /** Returns when nothing is behind and nothing in flight (timers that are not due do not count), or `false` after `timeoutMs` of wall time. */
  drained(timeoutMs: number): Promise<boolean>;
  /** Names what still runs: for `POST /_trunkline/clock`'s answer when it did not drain. */
  running(): readonly string[];
  /** When the next durable timer or delivery attempt is due. */
  nextDueMs(): Promise<number | undefined>;
  /** Ends the work in progress; what was not finished goes on at the next start. The store can be closed afterwards. */
  stop(): Promise<void>;

  readonly metrics: Metrics;
  /** Counts what goes over a connection without being sent to a target. Within a unit: after the commit. */
  readonly countPassed: CountPassed;
}

/** What a service does beside timers, consumers and deliveries, such as events that its functions still have to handle. */
export interface Work {
  /** Whether nothing of it is due or in flight. */
  quiet(): Promise<boolean>;
  /** Names what still runs. */
  running(): readonly string[];
  /** When more of it is due, in the domain's time. */
  nextDueMs(): Promise<number | undefined>;
}

export interface FlowOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly ids: Ids;
  readonly log: Logger;
}

export interface Timer {
  readonly id: string;
  readonly kind: string;
  readonly dueMs: number;
  /** Plain JSON. */
  readonly payload: unknown;
}

export interface ConsumerOptions {
  /** Names the cursor, together with the log. */
  readonly name: string;
  readonly log: string;
  readonly batchEntries?: number;
  /** Where a new cursor begins: at the oldest entry kept (default), or behind the newest. */
  readonly from?: "oldest" | "newest";
  /** Reads `entries` (at least one, in order) and writes its output, in the unit that advances the cursor. May run more than once. */
  handle(unit: Unit, entries: readonly Entry[], partition: number): Promise<void>;
}

export interface Consumer {
  /** Ends the consumer; its cursor stays, so that it goes on there when it is started again. */
  stop(): Promise<void>;
  /** Removes the cursor too, in a unit: for a reader that will not come back. */
  forget(unit: Unit): Promise<void>;
}

/** What `Flow.loop` gives: a wake during a pass means one more pass, so none is lost. */
export interface WokenLoop {
  wake(): void;
  /** Ends it for good, after the pass that is running. */
  stop(): Promise<void>;
  readonly stopped: boolean;
}
