import type { Connection } from "./connection.ts";
import { declarationOf } from "./log-heads.ts";
import type { Entry, LogDeclaration, PartitionBounds, ReadLimits } from "./store.ts";
import { behindPrefix, decodeText, encodeText } from "./stored-text.ts";

/** A read ends at so many bytes of values: more would hold up the event loop. */
const READ_BYTES_MAX = 1024 * 1024;

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
    const rows = this.#connection
      .statement(
        `SELECT sequence, time_ms, key, value FROM store_entries
         WHERE log_id = ? AND partition = ? AND sequence >= ? ORDER BY sequence LIMIT ?`,
      )
      .iterate(logId, partition, from, limits.entries);
    const entries: Entry[] = [];
    let bytes = 0;
    for (const row of rows) {
      const stored = row.value as string | Uint8Array;
      bytes += Buffer.byteLength(stored);
      if (entries.length > 0 && bytes > bytesMax) break;
      entries.push({
        sequence: row.sequence as number,
        timeMs: row.time_ms as number,
        key: decodeText(row.key as string),
        value: typeof stored === "string" ? decodeText(stored) : stored,
      });
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
