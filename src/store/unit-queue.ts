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
 *
 * While the queue is held (`hold`) whoever waits for a unit, but not for its durability, goes on before the COMMIT, and what follows
 * from that joins the same transaction, as long as it comes in the same turn: a manual clock's steps are so short that most of
 * what they cost is transactions. Where such a transaction fails, nobody can be told any more, and the process ends as it
 * does where a sync fails.
 */
import type { WallClock } from "../time/clock.ts";
import { SqliteUnit, type Writing } from "./sqlite-unit.ts";

/** A transaction ends after so many units, bytes written or milliseconds: the time is what other work on the event loop waits. */
interface Size {
  readonly units: number;
  readonly bytes: number;
  readonly ms: number;
}

const SIZE_MAX: Size = { units: 256, bytes: 1024 * 1024, ms: 5 };

/** While somebody holds the queue, they are what matters. Each COMMIT takes as long as some units do. */
const HELD_SIZE_MAX: Size = { units: 2048, bytes: 4 * 1024 * 1024, ms: 20 };

interface Waiting {
  readonly run: (unit: SqliteUnit) => Promise<unknown>;
  /** Called once the transaction is committed, or before where the queue is held. */
  readonly done: (answer: unknown) => void;
  /** The same for a unit that failed: why it did may rest on what other units of the transaction wrote. */
  readonly failed: (error: unknown) => void;
}

interface Outcome {
  readonly unit: SqliteUnit;
  readonly settle: () => void;
  readonly isKept: boolean;
}

/** The transaction that is open. */
interface Transaction {
  readonly beginMs: number;
  units: number;
  bytes: number;
  /** Whether somebody goes on who takes it for committed. */
  isTold: boolean;
  hasWritten: boolean;
}

interface UnitQueueOptions {
  readonly writing: Writing;
  readonly wall: WallClock;
  readonly runUnitsTwice: boolean;
  /** After each COMMIT of something. */
  readonly committed: () => void;
  /** Units are about to be told that they are done, in order: after their COMMIT, or, where it `isAhead`, before. */
  readonly telling: (units: readonly SqliteUnit[], isAhead: boolean) => void;
  /** Something is wrong that no caller can be told. */
  readonly fail: (error: Error) => void;
}

export class UnitQueue {
  readonly #options: UnitQueueOptions;
  #waiting: Waiting[] = [];
  readonly #pauses: (() => Promise<void>)[] = [];
  /** Units that are due or run, or a pause. Never two at once. */
  #turn: Promise<void> | undefined;
  #transaction: Transaction | undefined;
  /** Whether units run, so that the writing connection may show a half-run one. */
  #isRunning = false;
  #holds = 0;
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

  /** Tells units before the COMMIT until it is disposed of. */
  hold(): Disposable {
    this.#holds++;
    return { [Symbol.dispose]: () => void this.#holds-- };
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Returns once no unit runs: until then the writing connection may show a half-run one. */
  async between(): Promise<void> {
    while (this.#isRunning) await this.#turn;
  }

  /** Returns once nothing waits, and all is committed. */
  async drained(): Promise<void> {
    while (this.#turn) await this.#turn;
    this.#commit();
  }

  #next(): void {
    if (this.#turn) return;
    const pause = this.#pauses.shift();
    const turn = pause ? this.#pause(pause) : this.#waiting.length > 0 ? this.#run() : undefined;
    this.#turn = turn?.finally(() => {
      this.#turn = undefined;
      this.#next();
    });
  }

  async #pause(run: () => Promise<void>): Promise<void> {
    await Promise.resolve();
    this.#commit();
    await run();
  }

  async #run(): Promise<void> {
    // Never in the stack of whoever adds a unit.
    await (this.#transaction ? Promise.resolve() : new Promise((resolve) => setImmediate(resolve)));
    try {
      await this.#runWaiting();
    } catch (error) {
      this.#options.fail(error as Error);
    }
  }

  async #runWaiting(): Promise<void> {
    const outcomes: Outcome[] = [];
    let committed: Transaction | undefined;
    this.#isRunning = true;
    try {
      this.#transaction ??= this.#begin();
      await this.#runUnits(this.#transaction, outcomes);
      if (!this.isHeld || this.#isFull(this.#transaction)) committed = this.#write(this.#transaction);
    } catch (error) {
      const failure = new Error("The store could not commit", { cause: error });
      if (this.#rollBack()?.isTold) throw failure;
      this.#failFirst(Math.max(outcomes.length, 1), failure);
      return;
    } finally {
      this.#isRunning = false;
    }

    this.#waiting = this.#waiting.slice(outcomes.length);
    const units = outcomes.flatMap(({ unit, isKept }) => (isKept ? unit : []));
    for (const unit of units) unit.committed();
    if (committed?.hasWritten) this.#options.committed();
    if (this.#transaction) this.#goAhead(this.#transaction);
    this.#options.telling(units, committed === undefined);
    for (const { settle } of outcomes) settle();
  }

  #begin(): Transaction {
    this.#options.writing.connection.statement("BEGIN IMMEDIATE").run();
    return { beginMs: this.#options.wall.monotonicMs(), units: 0, bytes: 0, isTold: false, hasWritten: false };
  }

  #isFull({ units, bytes, beginMs }: Transaction): boolean {
    const max = this.isHeld ? HELD_SIZE_MAX : SIZE_MAX;
    return units >= max.units || bytes >= max.bytes || this.#options.wall.monotonicMs() - beginMs >= max.ms;
  }

  /** The transaction stays open for what follows in this turn of the event loop. */
  #goAhead(transaction: Transaction): void {
    if (!transaction.isTold) setImmediate(() => this.#commit());
    transaction.isTold = true;
  }

  /** Commits what has been told already. */
  #commit(): void {
    if (!this.#transaction || this.#isRunning) return;
    let committed: Transaction;
    try {
      committed = this.#write(this.#transaction);
    } catch (error) {
      this.#rollBack();
      this.#options.fail(new Error("The store could not commit", { cause: error }));
      return;
    }
    if (committed.hasWritten) this.#options.committed();
  }

  #write(transaction: Transaction): Transaction {
    const { connection, heads, tables, entries, undo } = this.#options.writing;
    tables.write();
    entries.write();
    heads.write();
    connection.statement("COMMIT").run();
    undo.forget();
    this.#transaction = undefined;
    return transaction;
  }

  /** Answers the transaction that was open. */
  #rollBack(): Transaction | undefined {
    const { connection, undo } = this.#options.writing;
    if (connection.database.isTransaction) connection.statement("ROLLBACK").run();
    undo.rollBack(0);
    const transaction = this.#transaction;
    this.#transaction = undefined;
    return transaction;
  }

  #failFirst(count: number, error: Error): void {
    const failed = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    for (const waiting of failed) waiting.failed(error);
  }

  /** Runs what waits, what is added meanwhile included, up to the limits of a transaction. */
  async #runUnits(transaction: Transaction, outcomes: Outcome[]): Promise<void> {
    const { runUnitsTwice } = this.#options;
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
        transaction.units++;
        transaction.bytes += outcome.unit.bytes;
        transaction.hasWritten ||= outcome.isKept && outcome.unit.hasWritten;
        if (isOver || this.#isFull(transaction)) break;
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
