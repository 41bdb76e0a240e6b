import { CollectionTable } from "./collection-table.ts";
import type { Connection } from "./connection.ts";
import { declarationOf } from "./log-heads.ts";
import { LogReads } from "./log-reads.ts";
import type {
  Collection,
  Entry,
  LogDeclaration,
  Page,
  PartitionBounds,
  Range,
  ReadingStore,
  ReadLimits,
} from "./store.ts";
import { encodeText } from "./stored-text.ts";

/**
 * What is committed, through a connection that only reads: each read by itself, so that none stays open and the write-ahead log can be emptied.
 */
export class SqliteReader implements ReadingStore {
  readonly #connection: Connection;
  readonly #logs: LogReads;
  // biome-ignore lint/suspicious/noExplicitAny: each table has its collection's type.
  readonly #tables = new Map<string, CollectionTable<any>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#logs = new LogReads({
      connection,
      heads: { id: (log) => this.#log(log)?.id as number | undefined, bounds: (...of) => this.#bounds(...of) },
      entries: { isEmpty: true, from: () => undefined, write() {} },
    });
  }

  async get<T>(from: Collection<T>, id: string): Promise<T | undefined> {
    const text = this.#table(from)?.get(id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async list<T>(from: Collection<T>, range: Range): Promise<Page<T>> {
    return this.#table(from)?.list(range, (_, text) => JSON.parse(text)).page ?? { documents: [] };
  }

  async findLog(log: string): Promise<(LogDeclaration & { readonly partitions: number }) | undefined> {
    const row = this.#log(log);
    return row?.declared === 1 ? declarationOf(row) : undefined;
  }

  async logs(prefix: string = ""): Promise<readonly LogDeclaration[]> {
    return this.#logs.declarations(prefix);
  }

  async read(log: string, partition: number, fromSequence: number, limits: ReadLimits): Promise<readonly Entry[]> {
    return this.#logs.read(log, partition, fromSequence, limits);
  }

  async sequenceAt(log: string, partition: number, timeMs: number): Promise<number> {
    return this.#logs.sequenceAt(log, partition, timeMs);
  }

  async bounds(log: string, partition: number): Promise<PartitionBounds> {
    return this.#bounds(log, partition);
  }

  async logBytes(log: string): Promise<number> {
    const sum = "SELECT coalesce(sum(bytes), 0) AS bytes FROM store_heads WHERE log_id = ?";
    const id = this.#log(log)?.id as number | undefined;
    return id === undefined ? 0 : (this.#connection.statement(sum).get(id)?.bytes as number);
  }

  #log(log: string): Record<string, unknown> | undefined {
    return this.#connection.statement("SELECT * FROM store_logs WHERE name = ?").get(encodeText(log));
  }

  #bounds(log: string, partition: number): PartitionBounds {
    const id = this.#log(log)?.id as number | undefined;
    const head =
      id !== undefined &&
      this.#connection
        .statement("SELECT first_sequence, next_sequence FROM store_heads WHERE log_id = ? AND partition = ?")
        .get(id, partition);
    return head ? { first: head.first_sequence as number, next: head.next_sequence as number } : { first: 1, next: 1 };
  }

  /** `undefined`: nobody has ever put a document into it. */
  #table<T>(collection: Collection<T>): CollectionTable<T> | undefined {
    const known = this.#tables.get(collection.name);
    if (known) return known;
    const table = new CollectionTable(this.#connection, collection);
    if (!table.isThere()) return undefined;
    this.#tables.set(collection.name, table);
    return table;
  }
}
