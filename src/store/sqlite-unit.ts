import assert from "node:assert/strict";
import type { Clock } from "../time/clock.ts";
import type { Connection } from "./connection.ts";
import type { LogHeads } from "./log-heads.ts";
import { partitionOf } from "./partition-of.ts";
import type { PendingEntries } from "./pending-entries.ts";
import type { Appended, Collection, LogDeclaration, Page, Range, Unit } from "./store.ts";
import { encodeText } from "./stored-text.ts";
import type { Undo } from "./undo.ts";
import type { WritingTable } from "./writing-table.ts";
import type { WritingTables } from "./writing-tables.ts";

/** What units have in common: the writing connection and what is known of its database. */
export interface Writing {
  readonly connection: Connection;
  readonly heads: LogHeads;
  readonly tables: WritingTables;
  readonly entries: PendingEntries;
  readonly undo: Undo;
  readonly clock: Clock;
}

type State = "running" | "committed" | "ended";

/**
 * One run of a unit's function. Most of what it writes is kept in memory until the transaction ends; what the database gets at once lies
 * behind a savepoint, which is set before the first such write.
 */
export class SqliteUnit implements Unit {
  readonly #writing: Writing;
  #state: State = "running";
  /** Roughly how many bytes it has written. */
  bytes = 0;
  hasWritten = false;
  /** The database has something of this unit, or of those before it, that is to be rolled back with it. */
  hasSavepoint = false;
  /** The unit cannot be committed any more, even if its function goes on. */
  failure: Error | undefined;
  readonly appendedTo: Set<string> = new Set();
  /** Collection → ids. */
  readonly changed: Map<string, Set<string>> = new Map();
  readonly callbacks: (() => void)[] = [];

  constructor(writing: Writing) {
    this.#writing = writing;
  }

  async get<T>(from: Collection<T>, id: string): Promise<T | undefined> {
    return this.#table(from).get(id);
  }

  async list<T>(from: Collection<T>, range: Range): Promise<Page<T>> {
    const table = this.#table(from);
    if (table.hasPending) this.#writeNow(() => table.write());
    return table.list(range);
  }

  async findLog(log: string): Promise<(LogDeclaration & { readonly partitions: number }) | undefined> {
    return this.#running.heads.find(log)?.declaration;
  }

  put<T>(into: Collection<T>, id: string, document: T): void {
    const table = this.#table(into);
    this.#write(() => {
      this.bytes += table.put(id, document);
      this.#changedOf(into.name).add(id);
    });
    if (table.mustWriteAtOnce) this.#writeNow(() => table.write());
  }

  delete<T>(from: Collection<T>, id: string): void {
    const table = this.#table(from);
    this.#write(() => {
      if (table.delete(id)) this.#changedOf(from.name).add(id);
    });
    if (table.mustWriteAtOnce) this.#writeNow(() => table.write());
  }

  declareLog(log: LogDeclaration): void {
    const { heads } = this.#running;
    this.#writeNow(() => heads.declare(log));
  }

  dropLog(log: string): void {
    const { heads } = this.#running;
    this.#writeNow(() => heads.drop(log));
    // Its readers see it change as they do after an append.
    this.appendedTo.add(log);
  }

  append(log: string, key: string, value: string | Uint8Array): Appended {
    const { heads, entries, clock } = this.#running;
    return this.#write(() => {
      const declared = heads.find(log);
      assert(declared, `Log ${log} is not declared`);
      const partition = partitionOf(key, declared.declaration.partitions);
      const head = heads.change(declared, partition);
      const sequence = head.next;
      const timeMs = Math.max(Math.floor(clock.now()), head.lastTimeMs);
      const stored = typeof value === "string" ? encodeText(value) : value;
      const bytes = Buffer.byteLength(stored);
      entries.add({ logId: declared.id, partition, sequence, timeMs, key: encodeText(key), value: stored });
      head.next++;
      head.lastTimeMs = timeMs;
      head.bytes += bytes;
      this.bytes += bytes + key.length;
      this.appendedTo.add(log);
      return new AppendedEntry(this, { partition, sequence, timeMs });
    });
  }

  /** Makes the table of a collection where it is not as declared. */
  prepare<T>(collection: Collection<T>): void {
    this.#table(collection);
    this.hasWritten = true;
  }

  /** `Store.trim`, as a part of this unit. */
  trim(log: string, partition: number, beforeSequence: number, limit: number): number {
    const { heads, connection, entries } = this.#running;
    const declared = heads.find(log);
    const first = declared?.heads[partition]?.first;
    if (!declared || first === undefined) return 0;
    return this.#writeNow(() => {
      entries.write();
      const head = heads.change(declared, partition);
      const before = Math.min(beforeSequence, head.next, first + limit);
      if (before <= first) return 0;
      const deleted = deleteEntries(connection, { logId: declared.id, partition, from: first, before, limit });
      head.first = before;
      head.bytes -= deleted.bytes;
      return deleted.entries;
    });
  }

  /** `Store.collections`, as a part of this unit. */
  collections(): readonly string[] {
    const { connection, tables } = this.#running;
    this.#writeNow(() => tables.write());
    const names = connection.statement("SELECT name FROM store_collections ORDER BY name").all();
    return names
      .map(({ name }) => name as string)
      .filter((name) => connection.statement(`SELECT 1 FROM ${name} LIMIT 1`).get() !== undefined);
  }

  /** `Store.sweepDropped`, as a part of this unit. */
  sweepDropped(limit: number): number {
    const { connection, heads, entries } = this.#running;
    return this.#writeNow(() => {
      entries.write();
      const unswept = connection.statement("SELECT id FROM store_logs WHERE unswept = 1").all();
      let swept = 0;
      for (const { id } of unswept) {
        for (const { partition, first } of heads.headsOf(id as number)) {
          swept += deleteEntries(connection, {
            logId: id as number,
            partition,
            from: 1,
            before: first,
            limit: limit - swept,
          }).entries;
          if (swept >= limit) return swept;
        }
        connection.statement("UPDATE store_logs SET unswept = 0 WHERE id = ?").run(id as number);
      }
      return swept;
    });
  }

  afterCommit(callback: () => void): void {
    assert(this.#running);
    this.callbacks.push(callback);
  }

  /** The function has returned or was given up: nothing more may be done with this unit. */
  end(): void {
    this.#state = "ended";
  }

  committed(): void {
    this.#state = "committed";
  }

  get isCommitted(): boolean {
    return this.#state === "committed";
  }

  get #running(): Writing {
    assert(this.#state === "running", "This unit has ended: await what it does, and use it nowhere else");
    return this.#writing;
  }

  #table<T>(collection: Collection<T>): WritingTable<T> {
    const { tables } = this.#running;
    return tables.find(collection) ?? this.#writeNow(() => tables.get(collection));
  }

  /** What the database gets at once. */
  #writeNow<R>(write: () => R): R {
    return this.#write(() => {
      if (!this.hasSavepoint) this.#writing.connection.statement("SAVEPOINT unit").run();
      this.hasSavepoint = true;
      return write();
    });
  }

  /** A write that fails fails the unit, also where the function catches the error. */
  #write<R>(write: () => R): R {
    this.hasWritten = true;
    try {
      return write();
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    }
  }

  #changedOf(collection: string): Set<string> {
    let ids = this.changed.get(collection);
    if (!ids) {
      ids = new Set();
      this.changed.set(collection, ids);
    }
    return ids;
  }
}

function deleteEntries(
  connection: Connection,
  range: { logId: number; partition: number; from: number; before: number; limit: number },
): { entries: number; bytes: number } {
  const rows = connection
    .statement(
      `DELETE FROM store_entries WHERE rowid IN (
         SELECT rowid FROM store_entries
         WHERE log_id = ? AND partition = ? AND sequence >= ? AND sequence < ? ORDER BY sequence LIMIT ?
       ) RETURNING octet_length(value) AS bytes`,
    )
    .all(range.logId, range.partition, range.from, range.before, range.limit);
  return { entries: rows.length, bytes: rows.reduce((sum, row) => sum + (row.bytes as number), 0) };
}

class AppendedEntry implements Appended {
  readonly #unit: SqliteUnit;
  readonly partition: number;
  readonly #sequence: number;
  readonly #timeMs: number;

  constructor(unit: SqliteUnit, entry: { partition: number; sequence: number; timeMs: number }) {
    this.#unit = unit;
    this.partition = entry.partition;
    this.#sequence = entry.sequence;
    this.#timeMs = entry.timeMs;
  }

  get sequence(): number {
    assert(this.#unit.isCommitted, "The sequence number of an entry is known once commit has returned");
    return this.#sequence;
  }

  get timeMs(): number {
    assert(this.#unit.isCommitted, "The time of an entry is known once commit has returned");
    return this.#timeMs;
  }
}
