import type { Connection } from "./connection.ts";
import { declarationOf } from "./log-heads.ts";
import type { Entry, LogDeclaration, PartitionBounds, ReadLimits } from "./store.ts";
import { behindPrefix, decodeText, encodeText } from "./stored-text.ts";

/** A read ends at so many bytes of values: more would hold up the event loop. */
const READ_BYTES_MAX = 1024 * 1024;

type EntryRow = readonly [sequence: number, timeMs: number, key: string, value: string | Uint8Array];

/** Reads of logs on one connection. A log that is not declared is an empty one. */
export class LogReads {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  declarations(prefix: string): LogDeclaration[] {
    const behind = behindPrefix(prefix);
    const rows = this.#connection
      .statement(
        "SELECT * FROM store_logs WHERE declared = 1 AND name >= ? AND (?2 IS NULL OR name < ?2) ORDER BY name",
      )
      .all(encodeText(prefix), behind ?? null);
    return rows.map(declarationOf);
  }

  find(name: string): (LogDeclaration & { readonly partitions: number }) | undefined {
    const row = this.#connection
      .statement("SELECT * FROM store_logs WHERE declared = 1 AND name = ?")
      .get(encodeText(name));
    return row && declarationOf(row);
  }

  bounds(logId: number, partition: number): PartitionBounds {
    const row = this.#connection
      .statement("SELECT first_sequence, next_sequence FROM store_heads WHERE log_id = ? AND partition = ?")
      .get(logId, partition);
    return row ? { first: row.first_sequence as number, next: row.next_sequence as number } : { first: 1, next: 1 };
  }

  bytes(logId: number): number {
    const row = this.#connection.statement("SELECT sum(bytes) AS bytes FROM store_heads WHERE log_id = ?").get(logId);
    return (row?.bytes as number | null) ?? 0;
  }

  read(logId: number, partition: number, fromSequence: number, limits: ReadLimits): Entry[] {
    const bytesMax = Math.min(limits.bytes ?? READ_BYTES_MAX, READ_BYTES_MAX);
    const from = Math.max(fromSequence, this.bounds(logId, partition).first);
    const statement = this.#connection.statement(
      `SELECT sequence, time_ms, key, value FROM store_entries
       WHERE log_id = ? AND partition = ? AND sequence >= ? ORDER BY sequence LIMIT ?`,
    );
    // Hot: rows as arrays take 1.1 µs each, as objects 2.1.
    statement.setReturnArrays(true);
    const rows = statement.iterate(logId, partition, from, limits.entries) as unknown as Iterable<EntryRow>;
    const entries: Entry[] = [];
    let bytes = 0;
    for (const [sequence, timeMs, key, stored] of rows) {
      bytes += Buffer.byteLength(stored);
      if (entries.length > 0 && bytes > bytesMax) break;
      const value = typeof stored === "string" ? decodeText(stored) : stored;
      entries.push({ sequence, timeMs, key: decodeText(key), value });
    }
    return entries;
  }

  /** By halving: times never go backwards in a partition. */
  sequenceAt(logId: number, partition: number, timeMs: number): number {
    const statement = this.#connection.statement(
      "SELECT time_ms FROM store_entries WHERE log_id = ? AND partition = ? AND sequence = ?",
    );
    let { first: low, next: high } = this.bounds(logId, partition);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((statement.get(logId, partition, middle)?.time_ms as number) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
