import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import type { WallClock } from "../time/clock.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Durability } from "./durability.ts";
import { LogReads } from "./log-reads.ts";
import type { ReadingThreads } from "./reading-threads.ts";
import type { SqliteUnit, Writing } from "./sqlite-unit.ts";
import type {
  Collection,
  Entry,
  LogDeclaration,
  Page,
  PartitionBounds,
  Range,
  ReadingJob,
  ReadLimits,
  Store,
  Unit,
} from "./store.ts";
import { UnitQueue } from "./unit-queue.ts";
import { Watchers } from "./watchers.ts";
import type { WritingTable } from "./writing-table.ts";

export interface SqliteParts {
  readonly writing: Writing;
  readonly durability: Durability;
  readonly wall: WallClock;
  readonly runUnitsTwice: boolean;
  readonly fail: (error: Error) => void;
  readonly checkpoints?: Checkpoints;
  /** Absent: no other thread can read what there is. */
  readonly threads?: ReadingThreads;
  /** Absent: there is no folder to copy. */
  readonly backup?: NonNullable<Store["backup"]>;
  /** Lets go of everything, after the last commit is durable. */
  readonly close: () => void;
}

/** From so many collections and logs on, those whose last change is durable are forgotten. */
const CHANGES_REMEMBERED = 1000;

/** The store on one SQLite database, with one writing connection in this process. */
export class SqliteStore implements Store {
  readonly #parts: SqliteParts;
  readonly #queue: UnitQueue;
  readonly #logReads: LogReads;
  readonly #logWatchers = new Watchers<[]>();
  readonly #collectionWatchers = new Watchers<[ids: readonly string[]]>();
  /** What the function that runs in `durably` has read or written so far. */
  readonly #restsOn = new AsyncLocalStorage<{ position: number; readonly atOnce: boolean }>();
  /** In which commit each collection and each log last changed, as long as that may not be durable. */
  readonly #changedAt = new Map<string, number>();
  #closing: Promise<void> | undefined;
  /** Ends what runs beside the store. */
  readonly #ended = new AbortController();
  readonly backup?: NonNullable<Store["backup"]>;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
    const { backup } = parts;
    if (backup) {
      this.backup = (order) => backup({ ...order, signal: AbortSignal.any([order.signal, this.#ended.signal]) });
    }
    this.#logReads = new LogReads(parts.writing);
    this.#queue = new UnitQueue({
      ...parts,
      committed: () => this.#committed(),
      telling: (units, isAhead) => this.#tell(units, isAhead),
    });
  }

  commit<R>(run: (unit: Unit) => Promise<R>): Promise<R> {
    const { durability } = this.#parts;
    if (this.#restsOn.getStore()?.atOnce) return this.#runUnsynced(run);
    return new Promise<R>((resolve, reject) => {
      this.#add<R>({
        run,
        done: (answer) => durability.whenDurable(() => resolve(answer)),
        failed: (error) => durability.whenDurable(() => reject(error)),
      });
    });
  }

  commitUnsynced<R>(run: (unit: Unit) => Promise<R>): Promise<R> {
    return this.#runUnsynced(run);
  }

  durable(): Promise<void> {
    return new Promise((resolve) => this.#parts.durability.whenDurable(resolve));
  }

  async durably<R>(run: () => Promise<R>, { atOnce = false }: { readonly atOnce?: boolean } = {}): Promise<R> {
    const rest = { position: 0, atOnce };
    try {
      return await this.#restsOn.run(rest, run);
    } finally {
      await new Promise<void>((resolve) => this.#parts.durability.whenDurable(resolve, rest.position));
    }
  }

  hold(): Disposable {
    return this.#queue.hold();
  }

  async get<T>(from: Collection<T>, id: string): Promise<T | undefined> {
    const table = await this.#table(from);
    return this.#read(() => table.get(id), collectionName(from.name));
  }

  async list<T>(from: Collection<T>, range: Range): Promise<Page<T>> {
    const table = await this.#table(from);
    return this.#read(() => table.list(range), collectionName(from.name));
  }

  async findLog(log: string): Promise<(LogDeclaration & { readonly partitions: number }) | undefined> {
    return this.#read(() => this.#parts.writing.heads.find(log)?.declaration);
  }

  async logs(prefix: string = ""): Promise<readonly LogDeclaration[]> {
    return this.#read(() => this.#logReads.declarations(prefix));
  }

  async read(log: string, partition: number, fromSequence: number, limits: ReadLimits): Promise<readonly Entry[]> {
    return this.#read(() => this.#logReads.read(log, partition, fromSequence, limits), logName(log));
  }

  async sequenceAt(log: string, partition: number, timeMs: number): Promise<number> {
    return this.#read(() => this.#logReads.sequenceAt(log, partition, timeMs), logName(log));
  }

  async bounds(log: string, partition: number): Promise<PartitionBounds> {
    return this.#read(() => this.#parts.writing.heads.bounds(log, partition), logName(log));
  }

  async logBytes(log: string): Promise<number> {
    return this.#read(() => this.#parts.writing.heads.bytes(log), logName(log));
  }

  async *readApart<Line>(module: URL, order: unknown): AsyncGenerator<Line, void, undefined> {
    const { threads } = this.#parts;
    if (threads) return yield* threads.run<Line>(module, order);
    const { job } = (await import(module.href)) as { readonly job: ReadingJob<unknown, Line> };
    for await (const line of job(this, order)) {
      yield line;
      await setImmediate();
    }
  }

  trim(log: string, partition: number, beforeSequence: number, limit: number): Promise<number> {
    return this.#runUnsynced(async (unit) => unit.trim(log, partition, beforeSequence, limit));
  }

  sweepDropped(limit: number): Promise<number> {
    return this.#runUnsynced(async (unit) => unit.sweepDropped(limit));
  }

  collections(): Promise<readonly string[]> {
    return this.#runUnsynced(async (unit) => unit.collections());
  }

  watchLog(log: string, callback: () => void): Disposable {
    return this.#logWatchers.add(log, callback);
  }

  watchCollection(name: string, callback: (ids: readonly string[]) => void): Disposable {
    return this.#collectionWatchers.add(name, callback);
  }

  /** What was committed before is kept, and becomes durable; everything after is refused. */
  close(): Promise<void> {
    this.#ended.abort();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#parts.threads?.close();
    await this.#queue.drained();
    await this.#parts.durability.settled();
    await this.#parts.checkpoints?.close();
    this.#parts.close();
  }

  #runUnsynced<R>(run: (unit: SqliteUnit) => Promise<R>): Promise<R> {
    const rest = this.#restsOn.getStore();
    return new Promise<R>((resolve, reject) => {
      const noting =
        <T>(settle: (outcome: T) => void) =>
        (outcome: T) => {
          this.#note(rest, this.#parts.durability.position);
          settle(outcome);
        };
      this.#add<R>({ run, done: noting(resolve), failed: noting(reject) });
    });
  }

  #add<R>(waiting: {
    run: (unit: SqliteUnit) => Promise<R>;
    done: (answer: R) => void;
    failed: (error: unknown) => void;
  }): void {
    if (this.#closing) throw new Error("The store is closed");
    // Whoever is woken by the commit runs on in nobody's `durably`.
    this.#restsOn.exit(() => this.#queue.add(waiting as Parameters<UnitQueue["add"]>[0]));
  }

  /** The table, made first where this collection was not used before. */
  async #table<T>(collection: Collection<T>): Promise<WritingTable<T>> {
    const { tables } = this.#parts.writing;
    if (!tables.find(collection)) {
      // No answer rests on a table being there.
      await this.#restsOn.exit(() => this.#runUnsynced(async (unit) => unit.prepare(collection)));
    }
    return tables.get(collection);
  }

  /**
   * Reads what units have done, as the writer sees it: once the one that runs has ended. `from` is what alone the answer rests on;
   * without it, it is everything.
   *
   * Hot: there was another connection for this. Each commit makes one forget the pages that it has read, and of the writer's
   * many documents are known.
   */
  async #read<R>(read: () => R, from?: string): Promise<R> {
    if (this.#closing) throw new Error("The store is closed");
    await this.#queue.between();
    const found = read();
    const position = from === undefined ? this.#parts.durability.position : (this.#changedAt.get(from) ?? 0);
    this.#note(this.#restsOn.getStore(), position);
    return found;
  }

  #note(rest: { position: number } | undefined, position: number): void {
    if (rest) rest.position = Math.max(rest.position, position);
  }

  #committed(): void {
    // Whoever holds the queue waits for the end of what they do.
    this.#parts.durability.committed(this.#queue.isHeld);
    this.#parts.checkpoints?.committed((run) => this.#queue.pauseFor(run));
  }

  #tell(units: readonly SqliteUnit[], isAhead: boolean): void {
    if (!units.some(({ hasWritten }) => hasWritten)) return;
    if (isAhead) this.#parts.durability.ahead();
    const logs = new Set<string>();
    const changed = new Map<string, Set<string>>();
    for (const unit of units) {
      for (const callback of unit.callbacks) callback();
      for (const log of unit.appendedTo) logs.add(log);
      for (const [collection, ids] of unit.changed) {
        const all = changed.get(collection);
        if (!all) changed.set(collection, ids);
        else for (const id of ids) all.add(id);
      }
    }
    this.#rememberChanges([...[...changed.keys()].map(collectionName), ...[...logs].map(logName)]);
    for (const [collection, ids] of changed) this.#collectionWatchers.call(collection, [...ids]);
    for (const log of logs) this.#logWatchers.call(log);
  }

  #rememberChanges(names: readonly string[]): void {
    const { durability } = this.#parts;
    for (const name of names) this.#changedAt.set(name, durability.position);
    if (this.#changedAt.size < CHANGES_REMEMBERED) return;
    for (const [name, position] of this.#changedAt) if (durability.isDurable(position)) this.#changedAt.delete(name);
  }
}

function collectionName(name: string): string {
  return `collection ${name}`;
}

function logName(name: string): string {
  return `log ${name}`;
}
