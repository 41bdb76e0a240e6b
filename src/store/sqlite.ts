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
  readonly #logReads: LogReads;
  // biome-ignore lint/suspicious/noExplicitAny: each table has its collection's type.
  readonly #tables = new Map<string, CollectionTable<any>>();
  readonly #logWatchers = new Watchers<[]>();
  readonly #collectionWatchers = new Watchers<[ids: readonly string[]]>();
  /** What the function that runs in `durably` has read or written so far. */
  readonly #restsOn = new AsyncLocalStorage<{ position: number; readonly atOnce: boolean }>();
  /** In which commit each collection and each log last changed, as long as that may not be durable. */
  readonly #changedAt = new Map<string, number>();
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
    this.#logReads = new LogReads(parts.reading);
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
    return this.#read(() => {
      // What the writer knows is what is committed, as long as no transaction is open.
      const written = this.#queue.isOpen ? undefined : this.#parts.writing.tables.find(from);
      const known = written?.peek(id);
      if (known !== undefined) return known;
      const text = table.get(id);
      if (text === undefined) return undefined;
      return written ? written.learn(id, text) : JSON.parse(text);
    }, collectionName(from.name));
  }

  async list<T>(from: Collection<T>, range: Range): Promise<Page<T>> {
    const table = await this.#table(from);
    const { tables } = this.#parts.writing;
    return this.#read(
      () => table.list(range, (id, text) => tables.find(from)?.parse(id, text) ?? JSON.parse(text)),
      collectionName(from.name),
    );
  }

  async findLog(log: string): Promise<(LogDeclaration & { readonly partitions: number }) | undefined> {
    return this.#read(() => this.#logReads.find(log));
  }

  async logs(prefix: string = ""): Promise<readonly LogDeclaration[]> {
    return this.#read(() => this.#logReads.declarations(prefix));
  }

  async read(log: string, partition: number, fromSequence: number, limits: ReadLimits): Promise<readonly Entry[]> {
    return this.#read(() => this.#logReads.read(this.#logId(log), partition, fromSequence, limits), logName(log));
  }

  async sequenceAt(log: string, partition: number, timeMs: number): Promise<number> {
    return this.#read(() => this.#logReads.sequenceAt(this.#logId(log), partition, timeMs), logName(log));
  }

  async bounds(log: string, partition: number): Promise<PartitionBounds> {
    return this.#read(() => this.#logReads.bounds(this.#logId(log), partition), logName(log));
  }

  async logBytes(log: string): Promise<number> {
    return this.#read(() => this.#logReads.bytes(this.#logId(log)), logName(log));
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

  /** The table for reads, made first where this collection was not used before. */
  async #table<T>(collection: Collection<T>): Promise<CollectionTable<T>> {
    const known = this.#tables.get(collection.name);
    if (!known?.isFor(collection)) {
      // No answer rests on a table being there.
      await this.#restsOn.exit(() => this.#runUnsynced(async (unit) => unit.prepare(collection)));
      this.#tables.set(collection.name, new CollectionTable(this.#parts.reading, collection));
    }
    return this.#tables.get(collection.name) as CollectionTable<T>;
  }

  /**
   * On a connection of its own a read sees what is committed; on the writing one it waits until nothing else is there. `from` is
   * what alone the answer rests on; without it, it is everything.
   */
  async #read<R>(read: () => R, from?: string): Promise<R> {
    if (this.#closing) throw new Error("The store is closed");
    if (this.#parts.reading === this.#parts.writing.connection) await this.#queue.closed();
    const found = read();
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

function collectionName(name: string): string {
  return `collection ${name}`;
}

function logName(name: string): string {
  return `log ${name}`;
}
