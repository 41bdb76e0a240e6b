import assert from "node:assert/strict";
import type { Connection } from "./connection.ts";
import {
  type Collection,
  type IndexDeclaration,
  type Page,
  PlaceError,
  type Range,
  UniqueIndexError,
} from "./store.ts";
import { behindPrefix, decodeText, encodeText } from "./stored-text.ts";

/** A page ends at so many bytes of documents: more would hold up the event loop. */
const PAGE_BYTES = 1024 * 1024;

/** SQLITE_CONSTRAINT_UNIQUE, https://www.sqlite.org/rescode.html#constraint_unique */
const CONSTRAINT_UNIQUE = 2067;

type Value = string | number | null;

/** What a list reads; the value where it goes by an index. */
type Row = readonly [id: string, document: string, value: string | number];

/** What has changed of them is the bits of one number. */
const INDEXES_MAX = 30;

interface Index<T> {
  readonly name: string;
  readonly column: string;
  readonly declaration: IndexDeclaration<T>;
}

/** A document as its table has it. */
export interface StoredDocument {
  /** JSON. */
  readonly text: string;
  /** Of its index columns, in the order of the declaration. */
  readonly values: readonly Value[];
}

/**
 * The table of a collection, as one connection sees it: `id`, `version`, `document` (JSON), and for each index `by_<name>`,
 * NULL where the document is not in it.
 */
export class CollectionTable<T> {
  readonly #connection: Connection;
  readonly #collection: Collection<T>;
  readonly #name: string;
  readonly #indexes: readonly Index<T>[];
  /** What `store_collections` says once the table is as declared. */
  readonly #declaration: string;
  readonly #get: string;
  readonly #put: string;
  readonly #delete: string;
  /** SQL by which index columns it sets, a bit each. */
  readonly #updates = new Map<number, string>();

  constructor(connection: Connection, collection: Collection<T>) {
    const { name } = collection;
    assert(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name), `Not a collection's name: ${name}`);
    assert(!/^(store|sqlite)_/.test(name), `Names of collections do not start with store_ or sqlite_: ${name}`);
    this.#connection = connection;
    this.#collection = collection;
    this.#name = name;
    this.#indexes = indexesOf(collection);
    this.#declaration = declarationOf(collection);

    const columns = ["id", "version", "document", ...this.#indexes.map(({ column }) => column)];
    const parameters = columns.map((column) => (column === "version" ? "1" : "?"));
    const updates = columns
      .slice(1)
      .map((column) => `${column} = ${column === "version" ? "version + 1" : `excluded.${column}`}`);
    this.#get = `SELECT document FROM ${name} WHERE id = ?`;
    this.#put = `INSERT INTO ${name} (${columns}) VALUES (${parameters}) ON CONFLICT (id) DO UPDATE SET ${updates}`;
    this.#delete = `DELETE FROM ${name} WHERE id = ?`;
  }

  /** Whether another declaration of this name means the same table. */
  isFor(collection: Collection<T>): boolean {
    return collection === this.#collection || declarationOf(collection) === this.#declaration;
  }

  get hasUniqueIndex(): boolean {
    return this.#indexes.some(({ declaration }) => declaration.unique);
  }

  /** A document's JSON. */
  get(id: string): string | undefined {
    return this.#connection.statement(this.#get).get(encodeText(id))?.document as string | undefined;
  }

  /** What its index columns have of a document. Throws where an index takes another type. */
  valuesOf(document: T): readonly Value[] {
    return this.#indexes.map((index) => columnValue(index, document));
  }

  /**
   * Writes a document. `before`: what the table has of it, where that is known.
   *
   * Hot: SQLite deletes and inserts the entry of each index whose column an UPDATE sets, whether or not the value is another one. To
   * set all columns, as an upsert does, wrote many more pages a contact than to set those that differ.
   */
  put(id: string, { text, values }: StoredDocument, before?: StoredDocument): void {
    try {
      if (before === undefined) {
        this.#connection.statement(this.#put).run(encodeText(id), text, ...values);
        return;
      }
      let changed = 0;
      const parameters: Value[] = [text];
      for (let place = 0; place < values.length; place++) {
        const value = values[place] as Value;
        if (value === before.values[place]) continue;
        changed |= 1 << place;
        parameters.push(value);
      }
      if (changed === 0 && text === before.text) return;
      this.#connection.statement(this.#update(changed)).run(...parameters, encodeText(id));
    } catch (error) {
      throw this.#uniqueIndexError(error) ?? error;
    }
  }

  #update(changed: number): string {
    let sql = this.#updates.get(changed);
    if (sql === undefined) {
      const columns = this.#indexes.filter((_, place) => changed & (1 << place)).map(({ column }) => `, ${column} = ?`);
      sql = `UPDATE ${this.#name} SET version = version + 1, document = ?${columns.join("")} WHERE id = ?`;
      this.#updates.set(changed, sql);
    }
    return sql;
  }

  delete(id: string): void {
    this.#connection.statement(this.#delete).run(encodeText(id));
  }

  /** A page, and how long the JSON of its documents is. `parse`: a document of its id and its JSON. */
  list(range: Range, parse: (id: string, text: string) => T): { readonly page: Page<T>; readonly bytes: number } {
    assert(range.limit >= 1, `A page holds at least one document: ${range.limit}`);
    const { sql, values, column } = this.#selection(range);
    const statement = this.#connection.statement(sql);
    // Hot: rows as arrays take less time than objects.
    statement.setReturnArrays(true);
    const rows = statement.iterate(...values, range.limit + 1) as unknown as Iterable<Row>;
    const documents: T[] = [];
    let bytes = 0;
    let last: Row | undefined;
    for (const row of rows) {
      const [id, text] = row;
      const length = Buffer.byteLength(text);
      if (last && (documents.length === range.limit || bytes + length > PAGE_BYTES)) {
        const [id, , value] = last;
        return { page: { documents, next: JSON.stringify(column === "id" ? [id] : [value, id]) }, bytes };
      }
      bytes += length;
      documents.push(parse(decodeText(id), text));
      last = row;
    }
    return { page: { documents }, bytes };
  }

  #selection(range: Range): { sql: string; values: (string | number)[]; column: string } {
    const index = range.index === undefined ? undefined : this.#indexes.find(({ name }) => name === range.index);
    assert(range.index === undefined || index, `${this.#name} has no index ${range.index}`);
    const column = index?.column ?? "id";
    const bound = (value: string | number): string | number => boundValue(index, value);

    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const where = (condition: string, ...bounds: (string | number)[]): void => {
      conditions.push(condition);
      values.push(...bounds);
    };

    const [lower, upper] = bounds(range, bound);
    const type = index?.declaration.type ?? "text";
    const after = placeBehind(range, type, index ? 2 : 1, range.descending ? upper : lower);
    // A page goes on where the one before ended: that bound is the tighter one, and SQLite seeks to only one.
    const byLower = !after || range.descending;
    const byUpper = !after || !range.descending;
    if (range.equals !== undefined) where(`${column} = ?`, bound(range.equals));
    if (byLower && lower.length > 0) where(`${column} >= ${lower.length > 1 ? "max(?, ?)" : "?"}`, ...lower);
    if (byUpper && upper.length > 0) where(`${column} < ${upper.length > 1 ? "min(?, ?)" : "?"}`, ...upper);
    if (after) {
      const beyond = range.descending ? "<" : ">";
      const id = after.at(-1) as string;
      if (!index || range.equals !== undefined) where(`id ${beyond} ?`, id);
      else where(`(${column}, id) ${beyond} (?, ?)`, after[0] as string | number, id);
    }
    if (index) conditions.push(`${column} IS NOT NULL`);

    const direction = range.descending ? "DESC" : "ASC";
    const order =
      !index || index.declaration.unique ? `${column} ${direction}` : `${column} ${direction}, id ${direction}`;
    const filter = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    const selected = index ? `id, document, ${column}` : "id, document";
    return { sql: `SELECT ${selected} FROM ${this.#name} ${filter} ORDER BY ${order} LIMIT ?`, values, column };
  }

  /** Whether the database has the table. Throws where that is of an older declaration, which whoever writes has not brought up to this one yet. */
  isThere(): boolean {
    const found = this.#connection.statement("SELECT indexes FROM store_collections WHERE name = ?").get(this.#name);
    assert(!found || found.indexes === this.#declaration, `The table of ${this.#name} is of an older declaration`);
    return found !== undefined;
  }

  /** Makes the table, or makes it follow a declaration whose indexes have changed. In a transaction. */
  prepare(): void {
    const found = this.#connection.statement("SELECT indexes FROM store_collections WHERE name = ?").get(this.#name);
    if (found?.indexes === this.#declaration) return;

    const { database } = this.#connection;
    if (!found)
      database.exec(
        `CREATE TABLE ${this.#name} (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT`,
      );
    const before = new Map(Object.entries(JSON.parse((found?.indexes ?? "{}") as string)));
    const now = new Map(Object.entries(JSON.parse(this.#declaration)));
    const isKept = (name: string): boolean => JSON.stringify(before.get(name)) === JSON.stringify(now.get(name));

    for (const name of [...before.keys()].filter((name) => !isKept(name))) {
      database.exec(`DROP INDEX ${this.#name}_by_${name}; ALTER TABLE ${this.#name} DROP COLUMN by_${name}`);
    }
    const added = this.#indexes.filter(({ name }) => !isKept(name));
    for (const { column, declaration } of added) {
      database.exec(`ALTER TABLE ${this.#name} ADD COLUMN ${column} ${declaration.type}`);
    }
    if (found && added.length > 0) this.#fill(added);
    for (const { column, declaration } of added) {
      const unique = declaration.unique ? "UNIQUE" : "";
      try {
        database.exec(
          `CREATE ${unique} INDEX ${this.#name}_${column} ON ${this.#name}
             (${declaration.unique ? column : `${column}, id`}) WHERE ${column} IS NOT NULL`,
        );
      } catch (error) {
        throw this.#uniqueIndexError(error) ?? error;
      }
    }
    this.#connection
      .statement(
        "INSERT INTO store_collections VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET indexes = excluded.indexes",
      )
      .run(this.#name, this.#declaration);
  }

  #fill(added: readonly Index<T>[]): void {
    const { database } = this.#connection;
    const update = database.prepare(
      `UPDATE ${this.#name} SET ${added.map(({ column }) => `${column} = ?`)} WHERE id = ?`,
    );
    const page = database.prepare(`SELECT id, document FROM ${this.#name} WHERE id > ? ORDER BY id LIMIT 1`);
    let row = database.prepare(`SELECT id, document FROM ${this.#name} ORDER BY id LIMIT 1`).get();
    while (row) {
      const document = JSON.parse(row.document as string) as T;
      update.run(...added.map((index) => columnValue(index, document)), row.id as string);
      row = page.get(row.id as string);
    }
  }

  #uniqueIndexError(error: unknown): UniqueIndexError | undefined {
    if ((error as { errcode?: number }).errcode !== CONSTRAINT_UNIQUE) return undefined;
    const [, index = ""] = /\.by_(\w+)$/.exec((error as Error).message) ?? [];
    return new UniqueIndexError(this.#name, index);
  }
}

function indexesOf<T>(collection: Collection<T>): readonly Index<T>[] {
  assert(
    Object.keys(collection.indexes).length <= INDEXES_MAX,
    `${collection.name} has more than ${INDEXES_MAX} indexes`,
  );
  return Object.entries(collection.indexes).map(([name, declaration]) => {
    assert(/^[a-zA-Z][a-zA-Z0-9]*$/.test(name), `Not an index's name: ${name}`);
    return { name, column: `by_${name}`, declaration };
  });
}

/** `sparse`: tables whose indexes had entries for documents that are not in them, too, follow. */
function declarationOf<T>(collection: Collection<T>): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(collection.indexes).map(([name, { type, unique = false }]) => [
        name,
        { type, unique, sparse: true },
      ]),
    ),
  );
}

function columnValue<T>(index: Index<T>, document: T): Value {
  const value = index.declaration.value(document);
  return value === undefined ? null : boundValue(index, value);
}

/** What a column is compared with or set to. Ids are text. */
/**
 * Where a page goes on; `undefined`: at the beginning. A place before the range's beginning, which whoever asks may have made up, is none: it
 * must not lead to what is outside.
 */
function placeBehind(
  { after, descending = false }: Range,
  type: "text" | "integer",
  columns: number,
  beginnings: readonly (string | number)[],
): readonly (string | number)[] | undefined {
  if (after === undefined) return undefined;
  const place = parsedPlace(after);
  const [value, id = value] = place ?? [];
  const isPlace =
    place?.length === columns && typeof id === "string" && typeof value === (type === "integer" ? "number" : "string");
  if (!isPlace || value === undefined) throw new PlaceError();
  const isWithin = beginnings.every((bound) => (descending ? compared(value, bound) < 0 : compared(value, bound) >= 0));
  return isWithin ? place : undefined;
}

function parsedPlace(text: string): readonly (string | number)[] | undefined {
  try {
    const place: unknown = JSON.parse(text);
    return Array.isArray(place) ? place : undefined;
  } catch {
    return undefined;
  }
}

/** As SQLite orders what is in one column. */
function compared(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)));
}

function boundValue<T>(index: Index<T> | undefined, value: string | number): string | number {
  if (index?.declaration.type === "integer") {
    if (!Number.isSafeInteger(value)) throw new TypeError(`Index ${index.name} takes whole numbers, not ${value}`);
    return value;
  }
  if (typeof value !== "string")
    throw new TypeError(`${index ? `Index ${index.name}` : "An id"} takes text, not ${value}`);
  return encodeText(value);
}

/** The lower and the upper bounds of a range; the tightest counts. */
function bounds(
  range: Range,
  bound: (value: string | number) => string | number,
): [(string | number)[], (string | number)[]] {
  const lower = range.from === undefined ? [] : [bound(range.from)];
  const upper = range.before === undefined ? [] : [bound(range.before)];
  if (range.prefix !== undefined && range.prefix !== "") {
    lower.push(bound(range.prefix));
    const behind = behindPrefix(range.prefix);
    if (behind !== undefined) upper.push(behind);
  }
  return [lower, upper];
}
