/**
 * The store: documents and logs that commit together. This file is the whole interface; an engine implements it,
 * and `contract.ts` is the suite that every engine passes.
 *
 * Two primitives. A **collection** holds JSON documents by id, with declared indexes. A **log** holds entries in
 * partitions; sequence numbers are dense per partition, start at 1, and are handed out in commit order; an entry carries its
 * sequence and its time, and neither ever goes backwards within a partition.
 *
 * A change is a **unit**: `await store.commit(async (unit) => …)`. The function may run more than once, so it awaits
 * nothing but its `unit`, touches nothing outside, and what counts is what its last run returned. Either all of a unit is
 * there after a crash, or nothing. `commit` returns once the unit is durable.
 *
 * Reads outside a unit see what is committed, durable or not: nothing that rests on them may leave the process before
 * `await store.durable()`.
 */

/** What an index orders by: text (by its UTF-8 bytes) or a 64-bit integer. `undefined`: the document is not in this index. */
export type IndexValue = string | number | undefined;

export interface IndexDeclaration<T> {
  readonly type: "text" | "integer";
  /** At most one document may have a value. A second one fails the unit with `UniqueIndexError`. */
  readonly unique?: boolean;
  /** Pure: the same document has the same value for ever. Several columns become one with `compositeKey`. */
  readonly value: (document: T) => IndexValue;
}

/** A declared collection. `name` is also the table's name: lower-case words joined by `_`. */
export interface Collection<T> {
  readonly name: string;
  readonly indexes: Readonly<Record<string, IndexDeclaration<T>>>;
}

/** Declares a collection. Documents are plain JSON values; their type is a promise of whoever writes them. */
export function collection<T>(name: string, indexes: Record<string, IndexDeclaration<T>> = {}): Collection<T> {
  return { name, indexes };
}

export interface Range {
  /** Without it the range is in id order. */
  readonly index?: string;
  /** Only this index value (or, in id order, this id). */
  readonly equals?: string | number;
  /** Only text that starts with this. */
  readonly prefix?: string;
  /** Inclusive lower bound. */
  readonly from?: string | number;
  /** Exclusive upper bound. */
  readonly before?: string | number;
  readonly descending?: boolean;
  /** At most so many documents. A page also ends at 1 MiB of documents, but holds at least one where there is one. */
  readonly limit: number;
  /** `Page.next` of the page before this one: an opaque text, valid for the same range only. Any other fails with `PlaceError`. */
  readonly after?: string | undefined;
}

export interface Page<T> {
  readonly documents: readonly T[];
  /** Where to go on; absent on the last page. */
  readonly next?: string;
}

export interface LogDeclaration {
  readonly name: string;
  /**
   * How many partitions the log has, fixed at its creation. An entry's key decides its partition. Where the engine's default is
   * wanted (1 embedded, 16 on PostgreSQL), leave it out.
   */
  readonly partitions?: number;
  /** Entries older than this may be trimmed once no cursor and no hold needs them. 0: as soon as every reader has passed. */
  readonly keepMs: number;
  /** So may the oldest entries beyond this many bytes. Without it, size does not matter. */
  readonly keepBytes?: number;
}

export interface Entry {
  readonly sequence: number;
  /** Milliseconds of the domain's clock at commit; never less than that of the entry before it in the partition. */
  readonly timeMs: number;
  readonly key: string;
  /** JSON as text, or bytes where the content is not ours to read (a Kinesis record's data). */
  readonly value: string | Uint8Array;
}

/** What an append hands back. `sequence` and `timeMs` can be read once `commit` has returned; before that they throw. */
export interface Appended {
  readonly partition: number;
  readonly sequence: number;
  readonly timeMs: number;
}

export interface ReadLimits {
  /** At most so many entries. */
  readonly entries: number;
  /** A read also ends before this many bytes of values, but holds at least one entry where there is one. Default and maximum: 1 MiB. */
  readonly bytes?: number;
}

/** Where a partition begins and ends: `first` is the oldest entry still kept, `next` the sequence that the next append gets. */
export interface PartitionBounds {
  readonly first: number;
  readonly next: number;
}

/** Reads that are the same inside a unit and outside. */
export interface Reader {
  get<T>(from: Collection<T>, id: string): Promise<T | undefined>;
  list<T>(from: Collection<T>, range: Range): Promise<Page<T>>;
  findLog(
    log: string,
  ): Promise<(Required<Pick<LogDeclaration, "name" | "partitions" | "keepMs">> & LogDeclaration) | undefined>;
}

/** All that can be read outside of a unit. */
export interface ReadingStore extends Reader {
  /** Entries of a partition from a sequence on, in order. An entry that is not there yet is just not in the answer. */
  read(log: string, partition: number, fromSequence: number, limits: ReadLimits): Promise<readonly Entry[]>;
  /** The first sequence whose time is at or after `timeMs` (`bounds.next` where there is none). */
  sequenceAt(log: string, partition: number, timeMs: number): Promise<number>;
  bounds(log: string, partition: number): Promise<PartitionBounds>;
  /** All logs whose name starts with a prefix, in name order. */
  logs(prefix?: string): Promise<readonly LogDeclaration[]>;
  /** Bytes of entry values a log holds (for retention by size). */
  logBytes(log: string): Promise<number>;
}

/**
 * Something that reads much, such as a backtest: it runs beside everybody else, and sees what is committed. A module exports it as `job`, and
 * imports nothing that does anything by itself. Order and lines are plain data. It gives others room at each line that it yields: so it yields
 * one every few milliseconds, and is ended at one where nobody listens any more.
 */
export type ReadingJob<Order, Line> = (store: ReadingStore, order: Order) => AsyncIterable<Line>;

export interface Unit extends Reader {
  /** Creates or replaces a document. Visible to later reads of this unit. */
  put<T>(into: Collection<T>, id: string, document: T): void;
  delete<T>(from: Collection<T>, id: string): void;
  /** Creates a log, or changes how long an existing one is kept (its partitions never change). */
  declareLog(log: LogDeclaration): void;
  /** Removes a log. Its entries are invisible at once and are deleted in small steps. A log of this name may be declared anew, and counts on from where the old one ended. */
  dropLog(log: string): void;
  /** Appends to a declared log; fails the unit with an assertion where it was never declared. */
  append(log: string, key: string, value: string | Uint8Array): Appended;
  /** Calls back after this unit has committed (not yet durable), in commit order; for derived views. Must not throw. */
  afterCommit(callback: () => void): void;
}

export interface Store extends ReadingStore {
  /**
   * Runs a unit and returns its answer once it is durable.
   *
   * Throws what the unit's function throws (nothing of it is kept), and `UniqueIndexError` for a second document with a unique value.
   */
  commit<R>(run: (unit: Unit) => Promise<R>): Promise<R>;
  /** The same, returning as soon as the unit is committed: for consumers, whose input is as little durable as their output. */
  commitUnsynced<R>(run: (unit: Unit) => Promise<R>): Promise<R>;
  /**
   * Runs a function and does as it does, once all that it read from this store or wrote to it is durable: what an answer may
   * leave the process with. It does not wait for what others have written since.
   *
   * With `atOnce`, units that it commits are waited for together, at its end: `commit` in it is `commitUnsynced`.
   */
  durably<R>(run: () => Promise<R>, options?: { readonly atOnce?: boolean }): Promise<R>;
  /**
   * Until it is disposed of, `commitUnsynced` may return before the unit is committed, together with what follows from it, and nothing
   * becomes durable that nobody waits for: for whoever does very many small units one after the other, such as a manual clock that is
   * moved. What the unit wrote is seen by everybody here at once all the same; a commit that then fails ends the process.
   */
  hold(): Disposable;
  /** Returns once everything that was committed when it was called is durable. Cheap when that is so already. */
  durable(): Promise<void>;

  /** The names of the collections that hold a document, in their order. */
  collections(): Promise<readonly string[]>;

  /**
   * Runs the `job` of a module and yields its lines: in a thread of its own, on a connection that only reads, where the engine can; in memory in this
   * thread, with room for others after each line. A few run at a time; others wait. Throws what the job throws, and ends with whoever reads.
   */
  readApart<Line>(module: URL, order: unknown): AsyncGenerator<Line, void, undefined>;

  /** Deletes entries before a sequence, at most `limit` of them; returns how many it deleted. Whoever calls knows that nobody needs them. */
  trim(log: string, partition: number, beforeSequence: number, limit: number): Promise<number>;
  /** Deletes entries of dropped logs, at most `limit` of them; returns how many it deleted. */
  sweepDropped(limit: number): Promise<number>;

  /** Calls back after each commit that appended to this log (not yet durable), at most once a turn of the event loop. */
  watchLog(log: string, callback: () => void): Disposable;
  /** Calls back after each commit that changed this collection, with the ids that changed. */
  watchCollection(name: string, callback: (ids: readonly string[]) => void): Disposable;

  /**
   * Copies all that is committed by now, and the files beside it, into a new folder, in a thread of its own: see `backup.ts`. Absent: what there is
   * lies in memory. Throws `BackupError`; then there is no such folder.
   */
  readonly backup?: (order: BackupOrder) => AsyncGenerator<BackupNews, void, undefined>;

  close(): Promise<void>;
}

export interface BackupOrder {
  /** An absolute path: nothing is there, or an empty folder. */
  readonly to: string;
  /** What makes its name until it is whole nobody else's. */
  readonly unique: string;
  /** The time by the wall's clock. */
  readonly taken: string;
  /** Of this program. */
  readonly version: string;
  /** Ends it, and nothing is left. */
  readonly signal: AbortSignal;
}

/** What a backup tells while it runs: once `files` has come, files may be moved and removed again; `done` is the last. */
export type BackupNews =
  | { readonly kind: "began"; readonly bytes: number }
  | { readonly kind: "files"; readonly files: number; readonly bytes: number }
  | { readonly kind: "copied"; readonly share: number }
  | {
      readonly kind: "done";
      readonly taken: string;
      readonly files: number;
      readonly bytes: number;
    };

/** A backup cannot be made, or not be used. The message is one line for the user. */
export class BackupError extends Error {
  override readonly name: string = "BackupError";
}

/** What a page was to begin behind is no place of its range. */
export class PlaceError extends Error {
  constructor() {
    super("What the page is to begin behind is no place in its range");
    this.name = "PlaceError";
  }
}

/** A unit put a second document with the same value into a unique index. */
export class UniqueIndexError extends Error {
  readonly collection: string;
  readonly index: string;

  constructor(collectionName: string, index: string) {
    super(`A document with the same ${index} is in ${collectionName} already`);
    this.name = "UniqueIndexError";
    this.collection = collectionName;
    this.index = index;
  }
}

/** Separates the columns of a composite key. Below every printing character, so that prefixes sort together. */
const SEPARATOR = "\u001f";
const ESCAPE = "\u001e";

/**
 * Several columns as one text that sorts column by column: for ids and index values.
 *
 * Numbers must be safe non-negative integers; they are padded so that they sort as numbers. A prefix of columns, with a
 * trailing "", is the prefix of all keys that start with them: `compositeKey(account, region, "")`.
 */
export function compositeKey(...columns: readonly (string | number)[]): string {
  // Hot: a whole contact makes some 150 keys. With `map` and `join`, and a search for both characters at once, one took three times as long.
  let key = "";
  for (const [place, column] of columns.entries()) {
    if (place > 0) key += SEPARATOR;
    key += typeof column === "number" ? padded(column) : escaped(column);
  }
  return key;
}

function padded(column: number): string {
  if (!Number.isSafeInteger(column) || column < 0) throw new RangeError(`Not a column of a key: ${column}`);
  return String(column).padStart(16, "0");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these two characters are the key's own syntax.
const SYNTAX = /[\u001e\u001f]/g;

function escaped(column: string): string {
  if (!column.includes(SEPARATOR) && !column.includes(ESCAPE)) return column;
  return column.replace(SYNTAX, (found) => (found === ESCAPE ? ESCAPE + ESCAPE : `${ESCAPE}_`));
}
