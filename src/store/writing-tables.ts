import assert from "node:assert/strict";
import { CollectionTable } from "./collection-table.ts";
import type { Connection } from "./connection.ts";
import type { Collection } from "./store.ts";
import type { Undo } from "./undo.ts";

/** The tables of collections on the writing connection, each made (or made to follow its declaration) at first use. */
export class WritingTables {
  readonly #connection: Connection;
  readonly #undo: Undo;
  // biome-ignore lint/suspicious/noExplicitAny: each table has its collection's type.
  readonly #tables = new Map<string, CollectionTable<any>>();

  constructor(connection: Connection, undo: Undo) {
    this.#connection = connection;
    this.#undo = undo;
  }

  /** In a transaction. */
  get<T>(collection: Collection<T>): CollectionTable<T> {
    const known = this.#tables.get(collection.name);
    if (known) {
      assert(known.isFor(collection), `Collection ${collection.name} is declared twice, differently`);
      return known;
    }
    const table = new CollectionTable(this.#connection, collection);
    table.prepare();
    this.#tables.set(collection.name, table);
    this.#undo.push(() => this.#tables.delete(collection.name));
    return table;
  }
}
