/**
 * Runs units one after another, many to a transaction.
 *
 * ```
 * commit()  ─►  waiting  ─►  BEGIN ─ SAVEPOINT unit 1 RELEASE ─ SAVEPOINT unit 2 ROLLBACK ─ … ─ COMMIT  ─►  sync  ─►  answer
 *                             └────────────────────── one turn of the event loop ────────────────────┘
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
  /** Called once the transaction is committed, also with an error: that may rest on what other units of it wrote. */
  readonly done: (answer: unknown) => void;
  readonly failed: (error: unknown) => void;
}

interface Outcome {
  readonly waiting: Waiting;
  readonly unit: SqliteUnit;
  readonly answer?: unknown;
  readonly error?: unknown;
}

interface UnitQueueOptions {
  readonly writing: Writing;
  readonly wall: WallClock;
  readonly runUnitsTwice: boolean;
  /** After each COMMIT, before anybody is told: the units that were committed, in order. */
  readonly committed: (units: readonly SqliteUnit[]) => void;
  /** Something is wrong that no caller can be told. */
  readonly fail: (error: Error) => void;
}

export class UnitQueue {
  readonly #options: UnitQueueOptions;
  #waiting: Waiting[] = [];
  /** Set from the moment that a transaction is due until it has ended. */
  #transaction: Promise<void> | undefined;
  #isOpen = false;
  /** Gives up the unit that runs. */
  #giveUp: ((error: Error) => void) | undefined;

  constructor(options: UnitQueueOptions) {
    this.#options = options;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#schedule();
  }

  /** Returns once no transaction is open, where the writing connection would show a half-run unit. */
  async whenClosed(): Promise<void> {
    while (this.#isOpen) await this.#transaction;
  }

  /** Returns once nothing waits. */
  async drained(): Promise<void> {
    while (this.#transaction) await this.#transaction;
  }

  #schedule(): void {
    if (this.#transaction || this.#waiting.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#transaction = promise;
    setImmediate(() => {
      this.#runTransaction()
        .catch((error: Error) => this.#options.fail(error))
        .finally(() => {
          this.#transaction = undefined;
          this.#schedule();
          resolve();
        });
    });
  }

  async #runTransaction(): Promise<void> {
    const { connection, heads, undo } = this.#options.writing;
    const outcomes: Outcome[] = [];
    let failure: unknown;
    connection.statement("BEGIN IMMEDIATE").run();
    this.#isOpen = true;
    try {
      await this.#runUnits(outcomes);
      heads.write();
      connection.statement("COMMIT").run();
      undo.forget();
    } catch (error) {
      // Such as a full disk. SQLite may have rolled back by itself.
      if (connection.database.isTransaction) connection.statement("ROLLBACK").run();
      undo.rollBack(0);
      failure = new Error("The store could not commit", { cause: error });
    }
    this.#isOpen = false;

    if (failure) {
      for (const { waiting, error } of outcomes) waiting.failed(error ?? failure);
      return;
    }
    const committed = outcomes.flatMap(({ unit, error }) => (error === undefined ? unit : []));
    for (const unit of committed) unit.committed();
    this.#options.committed(committed);
    for (const { waiting, answer, error } of outcomes) {
      if (error === undefined) waiting.done(answer);
      else waiting.failed(error);
    }
  }

  /** Runs what waits, what is added meanwhile included, up to the limits of a transaction. */
  async #runUnits(outcomes: Outcome[]): Promise<void> {
    const { wall, writing, runUnitsTwice } = this.#options;
    const endMs = wall.monotonicMs() + TRANSACTION_MS_MAX;
    let hasTurnEnded = false;
    const endOfTurn = setImmediate(() => {
      hasTurnEnded = true;
      this.#giveUp?.(new Error("A unit awaited something other than its unit"));
    });
    let bytes = 0;
    for (const waiting of this.#waiting) {
      if (runUnitsTwice) await this.#runUnit(waiting, { keep: false });
      const outcome = await this.#runUnit(waiting, { keep: true });
      outcomes.push(outcome);
      bytes += outcome.unit.bytes;
      const isFull = outcomes.length === TRANSACTION_UNITS_MAX || bytes >= TRANSACTION_BYTES_MAX;
      if (isFull || hasTurnEnded || wall.monotonicMs() >= endMs || !writing.connection.database.isTransaction) break;
    }
    clearImmediate(endOfTurn);
    this.#waiting = this.#waiting.slice(outcomes.length);
  }

  async #runUnit(waiting: Waiting, { keep }: { keep: boolean }): Promise<Outcome> {
    const { connection, undo, ...writing } = this.#options.writing;
    const unit = new SqliteUnit({ connection, undo, ...writing });
    const mark = undo.mark();
    connection.statement("SAVEPOINT unit").run();
    let outcome: Outcome;
    try {
      const answer = await new Promise((resolve, reject) => {
        this.#giveUp = reject;
        waiting.run(unit).then(resolve, reject);
      });
      if (unit.failure) throw unit.failure;
      outcome = { waiting, unit, answer };
    } catch (error) {
      outcome = { waiting, unit, error: error ?? new Error("A unit threw nothing") };
    }
    unit.end();
    if (outcome.error !== undefined || !keep) {
      connection.statement("ROLLBACK TO unit").run();
      undo.rollBack(mark);
    }
    connection.statement("RELEASE unit").run();
    return outcome;
  }
}
