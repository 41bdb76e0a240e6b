import { AsyncLocalStorage } from "node:async_hooks";
import type { WallClock } from "../time/clock.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { CollectionTable } from "./collection-table.ts";
import type { Connection } from "./connection.ts";
import type { Durability } from "./durability.ts";
import { LogReads } from "./log-reads.ts";
import type { SqliteUnit, Writing } from "./sqlite-unit.ts";
import type {
  Collection,
  Entry,
  LogDeclaration,
  Page,
  PartitionBounds,
  Range,
  ReadLimits,
  Store,
  Unit,
} from "./store.ts";
import { UnitQueue } from "./unit-queue.ts";
import { Watchers } from "./watchers.ts";

export interface SqliteParts {
  readonly writing: Writing;
  /** For reads outside units: another connection to the same database, or the writing one where there can be no other. */
  readonly reading: Connection;
  readonly durability: Durability;
  readonly wall: WallClock;
  readonly runUnitsTwice: boolean;
  readonly fail: (error: Error) => void;
  readonly checkpoints?: Checkpoints;
  /** Lets go of everything, after the last commit is durable. */
  readonly close: () => void;
}

/** From so many collections and logs on, those whose last change is durable are forgotten. */
const CHANGES_REMEMBERED = 1000;

/** The store on one SQLite database, with one writing connection in this process. */
export class SqliteStore implements Store {
  readonly #parts: SqliteParts;
  readonly #queue: UnitQueue;
  readonly #logReads: { readonly reading: LogReads; readonly writing: LogReads };
  // biome-ignore lint/suspicious/noExplicitAny: each table has its collection's type.
  readonly #tables = new Map<string, ReadingTable<any>>();
  readonly #logWatchers = new Watchers<[]>();
  readonly #collectionWatchers = new Watchers<[ids: readonly string[]]>();
  /** What the function that runs in `durably` has read or written so far. */
  readonly #restsOn = new AsyncLocalStorage<{ position: number; readonly atOnce: boolean }>();
  /** In which commit each collection and each log last changed, as long as that may not be durable. */
  readonly #changedAt = new Map<string, number>();
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
    this.#logReads = { reading: new LogReads(parts.reading), writing: new LogReads(parts.writing.connection) };
    this.#queue = new UnitQueue({ ...parts, committed: (units) => this.#committed(units) });
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

  async get<T>(from: Collection<T>, id: string): Promise<T | undefined> {
    const table = await this.#table(from);
    return this.#read(
      () => table.get(id),
      ({ tables }) => tables.get(from).get(id),
      collectionName(from.name),
    );
  }

  async list<T>(from: Collection<T>, range: Range): Promise<Page<T>> {
    const table = await this.#table(from);
    return this.#read(
      () => table.list(range),
      ({ tables }) => tables.get(from).list(range),
      collectionName(from.name),
    );
  }

  async findLog(log: string): Promise<(LogDeclaration & { readonly partitions: number }) | undefined> {
    return this.#readLogs((logs) => logs.find(log));
  }

  async logs(prefix: string = ""): Promise<readonly LogDeclaration[]> {
    return this.#readLogs((logs) => logs.declarations(prefix));
  }

  async read(log: string, partition: number, fromSequence: number, limits: ReadLimits): Promise<readonly Entry[]> {
    return this.#readLogs((logs) => logs.read(this.#logId(log), partition, fromSequence, limits), log);
  }

  async sequenceAt(log: string, partition: number, timeMs: number): Promise<number> {
    return this.#readLogs((logs) => logs.sequenceAt(this.#logId(log), partition, timeMs), log);
  }

  async bounds(log: string, partition: number): Promise<PartitionBounds> {
    return this.#readLogs((logs) => logs.bounds(this.#logId(log), partition), log);
  }

  async logBytes(log: string): Promise<number> {
    return this.#readLogs((logs) => logs.bytes(this.#logId(log)), log);
  }

  trim(log: string, partition: number, beforeSequence: number, limit: number): Promise<number> {
    return this.#runUnsynced(async (unit) => unit.trim(log, partition, beforeSequence, limit));
  }

  sweepDropped(limit: number): Promise<number> {
    return this.#runUnsynced(async (unit) => unit.sweepDropped(limit));
  }

  watchLog(log: string, callback: () => void): Disposable {
    return this.#logWatchers.add(log, callback);
  }

  watchCollection(name: string, callback: (ids: readonly string[]) => void): Disposable {
    return this.#collectionWatchers.add(name, callback);
  }

  /** What was committed before is kept, and becomes durable; everything after is refused. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
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

  /** The table on the connection for reads, made first where this collection was not used before. */
  async #table<T>(collection: Collection<T>): Promise<ReadingTable<T>> {
    const known = this.#tables.get(collection.name);
    if (!known?.isFor(collection)) {
      // No answer rests on a table being there.
      await this.#restsOn.exit(() => this.#runUnsynced(async (unit) => unit.prepare(collection)));
      this.#tables.set(collection.name, new ReadingTable(new CollectionTable(this.#parts.reading, collection)));
    }
    return this.#tables.get(collection.name) as ReadingTable<T>;
  }

  #readLogs<R>(read: (logs: LogReads) => R, log?: string): Promise<R> {
    const { reading, writing } = this.#logReads;
    return this.#read(
      () => read(reading),
      () => read(writing),
      log === undefined ? undefined : logName(log),
    );
  }

  /**
   * Reads what is committed: as the writer sees it as long as no transaction is open, else on a connection of its own or, where there
   * can be none, when the transaction is over. `from` is what alone the answer rests on; without it, it is everything.
   *
   * Hot: each commit makes another connection forget the pages that it has read, and of the writer's many documents are known.
   */
  async #read<R>(read: () => R, readAsWriter: (writing: Writing) => R, from?: string): Promise<R> {
    if (this.#closing) throw new Error("The store is closed");
    if (this.#parts.reading === this.#parts.writing.connection) await this.#queue.closed();
    const found = this.#queue.isOpen ? read() : readAsWriter(this.#parts.writing);
    const position = from === undefined ? this.#parts.durability.position : (this.#changedAt.get(from) ?? 0);
    this.#note(this.#restsOn.getStore(), position);
    return found;
  }

  #note(rest: { position: number } | undefined, position: number): void {
    if (rest) rest.position = Math.max(rest.position, position);
  }

  /** -1, which has no entries, for a log that was never declared. */
  #logId(log: string): number {
    return this.#parts.writing.heads.id(log) ?? -1;
  }

  #committed(units: readonly SqliteUnit[]): void {
    if (!units.some(({ hasWritten }) => hasWritten)) return;
    this.#parts.durability.committed();
    this.#parts.checkpoints?.committed((run) => this.#queue.pauseFor(run));
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

/** The table of a collection on a connection for reads alone. */
class ReadingTable<T> {
  readonly #table: CollectionTable<T>;

  constructor(table: CollectionTable<T>) {
    this.#table = table;
  }

  isFor(collection: Collection<T>): boolean {
    return this.#table.isFor(collection);
  }

  get(id: string): T | undefined {
    const text = this.#table.get(id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  list(range: Range): Page<T> {
    return this.#table.list(range, (_id, text) => JSON.parse(text)).page;
  }
}

function collectionName(name: string): string {
  return `collection ${name}`;
}

function logName(name: string): string {
  return `log ${name}`;
}
