/**
 * Runs units one after another, many to a transaction.
 *
 * ```
 * commit()  ─►  waiting  ─►  BEGIN ─ unit 1 ─ unit 2, rolled back to its savepoint ─ … ─ COMMIT  ─►  sync  ─►  answer
 *                             └────────────────── one turn of the event loop ───────────────────┘
 * ```
 *
 * A transaction begins in its own turn of the event loop, so that all units that came with one batch of input share it, and
 * ends in that turn: a unit awaits nothing but its unit, whose promises are all settled. One that awaits something else would
 * keep everybody waiting behind an open transaction; it is given up at the end of the turn.
 */
import type { WallClock } from "../time/clock.ts";
import { SqliteUnit, type Writing } from "./sqlite-unit.ts";

/** A transaction ends after so many units, bytes written or milliseconds: the time is what other work on the event loop waits. */
const TRANSACTION_UNITS_MAX = 256;
const TRANSACTION_BYTES_MAX = 1024 * 1024;
const TRANSACTION_MS_MAX = 5;

interface Waiting {
  readonly run: (unit: SqliteUnit) => Promise<unknown>;
  /** Called once the transaction is committed. */
  readonly done: (answer: unknown) => void;
  /** The same for a unit that failed: why it did may rest on what other units of the transaction wrote. */
  readonly failed: (error: unknown) => void;
}

interface Outcome {
  readonly unit: SqliteUnit;
  readonly settle: () => void;
  readonly isKept: boolean;
}

interface UnitQueueOptions {
  readonly writing: Writing;
  readonly wall: WallClock;
  readonly runUnitsTwice: boolean;
  /** After each COMMIT, before anybody is told: the units that it holds, in order. */
  readonly committed: (units: readonly SqliteUnit[]) => void;
  /** Something is wrong that no caller can be told. */
  readonly fail: (error: Error) => void;
}

export class UnitQueue {
  readonly #options: UnitQueueOptions;
  #waiting: Waiting[] = [];
  readonly #pauses: (() => Promise<void>)[] = [];
  /** A transaction (from the moment that it is due) or a pause. Never two at once. */
  #turn: Promise<void> | undefined;
  #isOpen = false;
  /** Ends the unit that runs with an error. */
  #giveUp: ((error: Error) => void) | undefined;

  constructor(options: UnitQueueOptions) {
    this.#options = options;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#next();
  }

  /** Runs something while no transaction is open; units wait until its promise is settled. */
  pauseFor<R>(run: () => Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#pauses.push(() => run().then(resolve, reject));
      this.#next();
    });
  }

  /** Whether a transaction is open. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Returns once no transaction is open: until then the writing connection may show a half-run unit. */
  async closed(): Promise<void> {
    while (this.#isOpen) await this.#turn;
  }

  /** Returns once nothing waits. */
  async drained(): Promise<void> {
    while (this.#turn) await this.#turn;
  }

  #next(): void {
    if (this.#turn) return;
    const pause = this.#pauses.shift();
    const turn = pause ? Promise.resolve().then(pause) : this.#waiting.length > 0 ? this.#transaction() : undefined;
    this.#turn = turn?.finally(() => {
      this.#turn = undefined;
      this.#next();
    });
  }

  async #transaction(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await this.#runTransaction();
    } catch (error) {
      this.#options.fail(error as Error);
    }
  }

  async #runTransaction(): Promise<void> {
    const { connection, heads, tables, entries, undo } = this.#options.writing;
    const outcomes: Outcome[] = [];
    this.#isOpen = true;
    try {
      connection.statement("BEGIN IMMEDIATE").run();
      await this.#runUnits(outcomes);
      tables.write();
      entries.write();
      heads.write();
      connection.statement("COMMIT").run();
      undo.forget();
    } catch (error) {
      if (connection.database.isTransaction) connection.statement("ROLLBACK").run();
      undo.rollBack(0);
      this.#failFirst(Math.max(outcomes.length, 1), new Error("The store could not commit", { cause: error }));
      return;
    } finally {
      this.#isOpen = false;
    }

    this.#waiting = this.#waiting.slice(outcomes.length);
    const units = outcomes.flatMap(({ unit, isKept }) => (isKept ? unit : []));
    for (const unit of units) unit.committed();
    this.#options.committed(units);
    for (const { settle } of outcomes) settle();
  }

  #failFirst(count: number, error: Error): void {
    const failed = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    for (const waiting of failed) waiting.failed(error);
  }

  /** Runs what waits, what is added meanwhile included, up to the limits of a transaction. */
  async #runUnits(outcomes: Outcome[]): Promise<void> {
    const { wall, runUnitsTwice } = this.#options;
    const endMs = wall.monotonicMs() + TRANSACTION_MS_MAX;
    let bytes = 0;
    let isOver = false;
    let isDone = false;
    const endOfTurn = (): void => {
      if (isDone) return;
      isOver = true;
      this.#giveUp?.(new Error("A unit awaited something other than its unit"));
      atEndOfMicrotasks(endOfTurn);
    };
    atEndOfMicrotasks(endOfTurn);
    try {
      for (const waiting of this.#waiting) {
        if (runUnitsTwice) await this.#runUnit(waiting, { keep: false });
        const outcome = await this.#runUnit(waiting, { keep: true });
        outcomes.push(outcome);
        bytes += outcome.unit.bytes;
        isOver ||= outcomes.length === TRANSACTION_UNITS_MAX || bytes >= TRANSACTION_BYTES_MAX;
        if (isOver || wall.monotonicMs() >= endMs) break;
      }
    } finally {
      isDone = true;
    }
  }

  async #runUnit(waiting: Waiting, { keep }: { keep: boolean }): Promise<Outcome> {
    const { connection, undo } = this.#options.writing;
    const unit = new SqliteUnit(this.#options.writing);
    const mark = undo.mark();
    let outcome: Outcome;
    try {
      const answer = await new Promise((resolve, reject) => {
        this.#giveUp = reject;
        waiting.run(unit).then(resolve, reject);
      });
      if (unit.failure) throw unit.failure;
      outcome = { unit, settle: () => waiting.done(answer), isKept: keep };
    } catch (error) {
      // SQLite has rolled back all units of the transaction: so it does when the disk is full, and may do on other errors of the world.
      if (!connection.database.isTransaction) throw error;
      outcome = { unit, settle: () => waiting.failed(error), isKept: false };
    } finally {
      unit.end();
    }
    if (unit.hasSavepoint && !outcome.isKept) connection.statement("ROLLBACK TO unit").run();
    if (!outcome.isKept) undo.rollBack(mark);
    if (unit.hasSavepoint) connection.statement("RELEASE unit").run();
    return outcome;
  }
}

/** Calls back once every promise that could be settled is, before the event loop goes on. */
function atEndOfMicrotasks(callback: () => void): void {
  // A tick that is asked for by a microtask comes after all microtasks; any other one comes before them.
  queueMicrotask(() => process.nextTick(callback));
}
