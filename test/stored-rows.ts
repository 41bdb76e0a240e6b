import { DatabaseSync } from "node:sqlite";
import { after } from "node:test";

/** Reads all that a running server keeps, straight from its data folder, to see whether anything has changed. */
export class StoredRows {
  readonly #database: DatabaseSync;

  constructor(folder: string) {
    this.#database = new DatabaseSync(`${folder}/trunkline.db`, { readOnly: true });
    after(() => this.#database.close());
  }

  /** Another number after each transaction that anybody else has committed. Cheap. */
  version(): number {
    return Number(this.#database.prepare("PRAGMA data_version").get()?.data_version);
  }

  /** All rows as text, each with its table's name in front. Tables that are empty leave no trace. */
  all(): ReadonlySet<string> {
    const rows = new Set<string>();
    const tables = this.#database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    for (const { name } of tables) {
      // What is in it tells of tables, and not of what they hold.
      if (name === "store_collections") continue;
      const isOfLogs = name === "store_heads" || name === "store_entries";
      const from = isOfLogs
        ? `store_logs.name AS log, ${name}.* FROM ${name} JOIN store_logs ON id = log_id`
        : `* FROM ${name}`;
      for (const row of this.#database.prepare(`SELECT ${from}`).all()) {
        rows.add(`${name} ${JSON.stringify(row, hexadecimal)}`);
      }
    }
    return rows;
  }
}

/** Rows that are only in one of two readings, marked by `-` and `+`. */
export function difference(before: ReadonlySet<string>, after: ReadonlySet<string>): readonly string[] {
  return [
    ...[...before.difference(after)].map((row) => `- ${row}`),
    ...[...after.difference(before)].map((row) => `+ ${row}`),
  ];
}

function hexadecimal(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
