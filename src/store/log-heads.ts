import assert from "node:assert/strict";
import type { Connection } from "./connection.ts";
import type { LogDeclaration, PartitionBounds } from "./store.ts";
import { decodeText, encodeText } from "./stored-text.ts";
import type { Undo } from "./undo.ts";

/** A log as the writer knows it. */
export interface Log {
  readonly id: number;
  declaration: LogDeclaration & { readonly partitions: number };
  declared: boolean;
  readonly heads: Head[];
}

/** Where a partition stands: the row of `store_heads`, which may be behind until the transaction ends. */
export interface Head {
  readonly logId: number;
  readonly partition: number;
  first: number;
  next: number;
  lastTimeMs: number;
  bytes: number;
}

/** Partitions of a log that names no number: one process gains nothing from more. */
const PARTITIONS_DEFAULT = 1;

/**
 * The logs and their heads, in the writer's memory: an append needs no read, and a head is written once a transaction, however
 * many units append to it. Nobody else writes them, since the data folder is locked.
 *
 * What changes remembers how it was, so that a unit that is rolled back takes its sequence numbers with it.
 */
export class LogHeads {
  readonly #connection: Connection;
  readonly #logs = new Map<string, Log>();
  readonly #undo: Undo;
  readonly #unwritten = new Set<Head>();

  constructor(connection: Connection, undo: Undo) {
    this.#connection = connection;
    this.#undo = undo;
    for (const row of connection.statement("SELECT * FROM store_logs").all()) {
      const name = decodeText(row.name as string);
      this.#logs.set(name, {
        id: row.id as number,
        declaration: declarationOf(row),
        declared: row.declared === 1,
        heads: [],
      });
    }
    const logs = new Map(Array.from(this.#logs.values(), (log) => [log.id, log]));
    for (const row of connection.statement("SELECT * FROM store_heads").all()) {
      const log = logs.get(row.log_id as number);
      assert(log, `A head of no log: ${row.log_id}`);
      log.heads[row.partition as number] = {
        logId: log.id,
        partition: row.partition as number,
        first: row.first_sequence as number,
        next: row.next_sequence as number,
        lastTimeMs: row.last_time_ms as number,
        bytes: row.bytes as number,
      };
    }
  }

  find(name: string): Log | undefined {
    const log = this.#logs.get(name);
    return log?.declared ? log : undefined;
  }

  /** The id of a log that is or was declared. */
  id(name: string): number | undefined {
    return this.#logs.get(name)?.id;
  }

  /** The heads of a log that is or was declared. */
  headsOf(logId: number): readonly Head[] {
    return [...this.#logs.values()].find(({ id }) => id === logId)?.heads ?? [];
  }

  /** Where a partition of a log begins and ends, also of one that was dropped: it is empty then. */
  bounds(name: string, partition: number): PartitionBounds {
    const head = this.#logs.get(name)?.heads[partition];
    return head ? { first: head.first, next: head.next } : { first: 1, next: 1 };
  }

  /** Bytes of entry values that a log holds. */
  bytes(name: string): number {
    return this.#logs.get(name)?.heads.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
  }

  /** The head of a partition, to be changed. */
  change(log: Log, partition: number): Head {
    const head = log.heads[partition];
    assert(head, `Log ${log.declaration.name} has no partition ${partition}`);
    const { first, next, lastTimeMs, bytes } = head;
    this.#undo.push(() => Object.assign(head, { first, next, lastTimeMs, bytes }));
    this.#unwritten.add(head);
    return head;
  }

  declare(declaration: LogDeclaration): void {
    const known = this.#logs.get(declaration.name);
    const partitions = known?.declared ? known.declaration.partitions : (declaration.partitions ?? PARTITIONS_DEFAULT);
    assert(
      declaration.partitions === undefined || declaration.partitions === partitions,
      `Log ${declaration.name} has ${partitions} partitions, which never changes`,
    );
    const { name, keepMs, keepBytes } = declaration;
    const stored = encodeText(name);
    this.#connection
      .statement(
        `INSERT INTO store_logs (name, partitions, keep_ms, keep_bytes, declared, unswept) VALUES (?, ?, ?, ?, 1, 0)
         ON CONFLICT (name) DO UPDATE SET
           partitions = excluded.partitions, keep_ms = excluded.keep_ms, keep_bytes = excluded.keep_bytes, declared = 1`,
      )
      .run(stored, partitions, keepMs, keepBytes ?? null);

    const complete = { name, partitions, keepMs, ...(keepBytes !== undefined && { keepBytes }) };
    if (known) {
      const before = { declaration: known.declaration, declared: known.declared };
      this.#undo.push(() => Object.assign(known, before));
      Object.assign(known, { declaration: complete, declared: true });
      this.#addHeads(known);
      return;
    }
    const row = this.#connection.statement("SELECT id FROM store_logs WHERE name = ?").get(stored);
    const log: Log = { id: row?.id as number, declaration: complete, declared: true, heads: [] };
    this.#undo.push(() => this.#logs.delete(name));
    this.#logs.set(name, log);
    this.#addHeads(log);
  }

  #addHeads(log: Log): void {
    for (let partition = log.heads.length; partition < log.declaration.partitions; partition++) {
      const head = { logId: log.id, partition, first: 1, next: 1, lastTimeMs: 0, bytes: 0 };
      log.heads.push(head);
      this.#unwritten.add(head);
      this.#undo.push(() => {
        log.heads.pop();
        this.#unwritten.delete(head);
      });
    }
  }

  /**
   * The log is no more. Its heads stay, and their first sequence hides the entries until they are deleted; one that is declared anew has a
   * time of its own.
   */
  drop(name: string): void {
    const log = this.find(name);
    if (!log) return;
    for (const { partition } of log.heads) {
      const head = this.change(log, partition);
      head.first = head.next;
      head.lastTimeMs = 0;
      head.bytes = 0;
    }
    log.declared = false;
    this.#undo.push(() => {
      log.declared = true;
    });
    this.#connection.statement("UPDATE store_logs SET declared = 0, unswept = 1 WHERE id = ?").run(log.id);
  }

  /** Writes the heads that have changed. The last step before the COMMIT. */
  write(): void {
    const statement = this.#connection.statement("INSERT OR REPLACE INTO store_heads VALUES (?, ?, ?, ?, ?, ?)");
    for (const { logId, partition, first, next, lastTimeMs, bytes } of this.#unwritten) {
      statement.run(logId, partition, first, next, lastTimeMs, bytes);
    }
    this.#unwritten.clear();
  }
}

/** A row of `store_logs` as a declaration. */
export function declarationOf(row: Record<string, unknown>): LogDeclaration & { readonly partitions: number } {
  return {
    name: decodeText(row.name as string),
    partitions: row.partitions as number,
    keepMs: row.keep_ms as number,
    ...(row.keep_bytes !== null && { keepBytes: row.keep_bytes as number }),
  };
}
