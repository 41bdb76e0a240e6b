import type { Connection } from "./connection.ts";
import type { Undo } from "./undo.ts";

/** A row of `store_entries`. Key and value as they are stored. */
export interface EntryRow {
  readonly logId: number;
  readonly partition: number;
  readonly sequence: number;
  readonly timeMs: number;
  readonly key: string;
  readonly value: string | Uint8Array;
}

const ROWS = 16;
const COLUMNS = "(?, ?, ?, ?, ?, ?)";
const INSERT_ONE = `INSERT INTO store_entries VALUES ${COLUMNS}`;
const INSERT_ROWS = `INSERT INTO store_entries VALUES ${Array(ROWS).fill(COLUMNS).join(", ")}`;

/**
 * What units of the open transaction have appended to logs, and SQLite gets at its end. Taken back with the unit that appended.
 *
 * Hot: a contact appends 15 entries. Sixteen rows a statement take less time than a statement each; and where a transaction is held
 * open for what follows from its units, most of them are read before they are written.
 */
export class PendingEntries {
  readonly #connection: Connection;
  readonly #undo: Undo;
  readonly #rows: EntryRow[] = [];
  /** The same rows by partition. */
  readonly #ends = new Map<string, EntryRow[]>();

  constructor(connection: Connection, undo: Undo) {
    this.#connection = connection;
    this.#undo = undo;
  }

  add(row: EntryRow): void {
    this.#push(row);
    this.#undo.push(() => {
      this.#rows.pop();
      this.#endOf(row).pop();
    });
  }

  /** The entries of a partition from a sequence on, where all of those are here. */
  from(logId: number, partition: number, sequence: number): readonly EntryRow[] | undefined {
    const end = this.#ends.get(`${logId} ${partition}`);
    const first = end?.[0]?.sequence;
    return first !== undefined && first <= sequence ? end?.slice(sequence - first) : undefined;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  write(): void {
    const rows = this.#rows.splice(0);
    if (rows.length === 0) return;
    this.#ends.clear();
    this.#undo.push(() => {
      for (const row of rows) this.#push(row);
    });
    let next = 0;
    for (; next + ROWS <= rows.length; next += ROWS) {
      this.#connection.statement(INSERT_ROWS).run(...rows.slice(next, next + ROWS).flatMap(columns));
    }
    for (; next < rows.length; next++) this.#connection.statement(INSERT_ONE).run(...columns(rows[next] as EntryRow));
  }

  #push(row: EntryRow): void {
    this.#rows.push(row);
    this.#endOf(row).push(row);
  }

  #endOf({ logId, partition }: EntryRow): EntryRow[] {
    const key = `${logId} ${partition}`;
    const end = this.#ends.get(key) ?? [];
    this.#ends.set(key, end);
    return end;
  }
}

function columns({ logId, partition, sequence, timeMs, key, value }: EntryRow): (number | string | Uint8Array)[] {
  return [logId, partition, sequence, timeMs, key, value];
}
