import assert from "node:assert/strict";
import { CollectionTable } from "./collection-table.ts";
import type { Connection } from "./connection.ts";
import type { Collection } from "./store.ts";
import type { Undo } from "./undo.ts";
import { WritingTable } from "./writing-table.ts";

/** From so many characters of documents known in memory on, those that were not used lately are forgotten. */
const KNOWN_CHARACTERS_MAX = 16 * 1024 * 1024;

/** The tables of collections on the writing connection, each made (or made to follow its declaration) at first use. */
export class WritingTables {
  readonly #connection: Connection;
  readonly #undo: Undo;
  // biome-ignore lint/suspicious/noExplicitAny: each table has its collection's type.
  readonly #tables = new Map<string, WritingTable<any>>();
  readonly #shared: {
    readonly unwritten: Set<WritingTable<unknown>>;
    knownCharacters: number;
    readonly freezes: boolean;
  };

  /** `freezes`: documents that are read cannot be changed, which shows who tries. */
  constructor(connection: Connection, undo: Undo, { freezes = false }: { readonly freezes?: boolean } = {}) {
    this.#connection = connection;
    this.#undo = undo;
    this.#shared = { unwritten: new Set(), knownCharacters: 0, freezes };
  }

  /** A table that was used before. */
  find<T>(collection: Collection<T>): WritingTable<T> | undefined {
    const known = this.#tables.get(collection.name);
    assert(!known || known.isFor(collection), `Collection ${collection.name} is declared twice, differently`);
    return known;
  }

  /** Writes what units have put. The last step before the COMMIT. */
  write(): void {
    for (const table of this.#shared.unwritten) table.write();
    if (this.#shared.knownCharacters < KNOWN_CHARACTERS_MAX / 2) return;
    this.#shared.knownCharacters = 0;
    for (const table of this.#tables.values()) table.forgetUnused();
  }

  /** In a transaction. */
  get<T>(collection: Collection<T>): WritingTable<T> {
    const known = this.find(collection);
    if (known) return known;
    const rows = new CollectionTable(this.#connection, collection);
    rows.prepare();
    const table = new WritingTable(collection, rows, this.#undo, this.#shared);
    this.#tables.set(collection.name, table);
    this.#undo.push(() => this.#tables.delete(collection.name));
    return table;
  }
}
