import assert from "node:assert/strict";
import type { CollectionTable, StoredDocument } from "./collection-table.ts";
import { plainCopy, type Size } from "./plain-copy.ts";
import type { Collection, Page, Range } from "./store.ts";
import type { Undo } from "./undo.ts";

/**
 * Of each table so many pages of so many bytes are kept, until it changes: those of configuration, which every contact asks for, and
 * GetCurrentMetricData for each of up to 100 queues.
 */
const KEPT_PAGES = 256;
const KEPT_PAGE_BYTES = 8 * 1024;

/** What all tables of a connection have in common. */
interface Shared {
  /** Those that SQLite has yet to get documents of. */
  readonly unwritten: Set<WritingTable<unknown>>;
  /** Of the documents that have become known since tables last forgot some. */
  knownCharacters: number;
  readonly freezes: boolean;
}

/** A document as it is stored, or will be: what of it is not there yet is made for the first who needs it, and shared from then on. */
class Known<T> implements StoredDocument {
  readonly #table: CollectionTable<T>;
  readonly #freezes: boolean;
  #text: string | undefined;
  #document: T | undefined;
  #values: StoredDocument["values"] | undefined;

  private constructor(table: CollectionTable<T>, freezes: boolean) {
    this.#table = table;
    this.#freezes = freezes;
  }

  static read<T>(table: CollectionTable<T>, text: string, freezes: boolean): Known<T> {
    const known = new Known<T>(table, freezes);
    known.#text = text;
    return known;
  }

  /** Throws where it has no JSON, or an index takes another type. */
  static put<T>(table: CollectionTable<T>, document: T, size: Size, freezes: boolean): Known<T> {
    const known = new Known<T>(table, freezes);
    const copy = plainCopy(document, size) as T;
    assert(copy !== undefined, "A document is a JSON value");
    if (freezes) freeze(copy);
    known.#document = copy;
    known.#values = table.valuesOf(copy);
    return known;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#document);
    return this.#text;
  }

  get document(): T {
    if (this.#document === undefined) {
      this.#document = JSON.parse(this.text) as T;
      if (this.#freezes) freeze(this.#document);
    }
    return this.#document;
  }

  get values(): StoredDocument["values"] {
    this.#values ??= this.#table.valuesOf(this.document);
    return this.#values;
  }
}

/**
 * The table of a collection as the writer sees it.
 *
 * ```
 * put ─► pending ── before a list, or at the end of the transaction ──► SQLite, and known
 * get ◄─ pending, else known, else SQLite
 * ```
 *
 * Hot: a contact is put three times by the unit in which it arrives, and read by each that changes it. This wrote each put at once, and
 * read and parsed each time, at first. Now a document that is put is copied, its JSON made when it is written, and nothing parsed.
 *
 * What is pending or known is taken back with the unit that put or wrote it. While no transaction is open nothing is pending, and what is
 * known is what is committed.
 */
export class WritingTable<T> {
  readonly #collection: Collection<T>;
  readonly #table: CollectionTable<T>;
  readonly #undo: Undo;
  readonly #shared: Shared;
  /** Put or (null) deleted, and not yet so in SQLite. */
  readonly #pending = new Map<string, Known<T> | null>();
  /**
   * As SQLite has them (null: it has none), those used lately. Two generations: what is used moves to the young one, and the old one is
   * dropped as a whole.
   */
  #young = new Map<string, Known<T> | null>();
  #old = new Map<string, Known<T> | null>();
  /** Pages that were listed since the table last changed, by their range. */
  readonly #pages = new Map<string, Page<T>>();

  constructor(collection: Collection<T>, table: CollectionTable<T>, undo: Undo, shared: Shared) {
    this.#collection = collection;
    this.#table = table;
    this.#undo = undo;
    this.#shared = shared;
  }

  isFor(collection: Collection<T>): boolean {
    return collection === this.#collection || this.#table.isFor(collection);
  }

  get(id: string): T | undefined {
    return this.#find(id)?.document;
  }

  /** Answers how many bytes it will write, roughly. */
  put(id: string, document: T): number {
    const size = { characters: id.length };
    this.#setPending(id, Known.put(this.#table, document, size, this.#shared.freezes));
    return size.characters;
  }

  /** Answers whether there was such a document. */
  delete(id: string): boolean {
    if (!this.#find(id)) return false;
    this.#setPending(id, null);
    return true;
  }

  /** A second document with a unique value must fail the unit that puts it, not the transaction: nothing may be pending at its end. */
  get mustWriteAtOnce(): boolean {
    return this.#table.hasUniqueIndex;
  }

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Of what SQLite has: whatever is pending is written first, in the open transaction. */
  list(range: Range): Page<T> {
    if (this.#pending.size > 0) this.write();
    const key = JSON.stringify(range);
    const kept = this.#pages.get(key);
    if (kept) return kept;
    const { page, bytes } = this.#table.list(range, (id, text) => this.#known(id)?.document ?? JSON.parse(text));
    if (this.#pages.size >= KEPT_PAGES) this.#pages.clear();
    if (bytes <= KEPT_PAGE_BYTES) this.#pages.set(key, page);
    return page;
  }

  /** Hands SQLite what is pending. */
  write(): void {
    const written = [...this.#pending];
    // Also where one fails: the unit is rolled back then.
    this.#undo.push(() => {
      for (const [id, document] of written) {
        this.#forget(id);
        this.#restorePending(id, document);
      }
    });
    for (const [id, document] of written) {
      if (document) {
        this.#table.put(id, document, this.#known(id) ?? undefined);
      } else this.#table.delete(id);
      this.#remember(id, document);
    }
    this.#pending.clear();
    this.#shared.unwritten.delete(this as WritingTable<unknown>);
  }

  /** Drops what was not used since the last time. */
  forgetUnused(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }

  #setPending(id: string, document: Known<T> | null): void {
    const before = this.#pending.get(id);
    this.#undo.push(() => this.#restorePending(id, before));
    this.#restorePending(id, document);
  }

  #restorePending(id: string, document: Known<T> | null | undefined): void {
    this.#pages.clear();
    if (document !== undefined) this.#pending.set(id, document);
    else this.#pending.delete(id);
    if (this.#pending.size > 0) this.#shared.unwritten.add(this as WritingTable<unknown>);
    else this.#shared.unwritten.delete(this as WritingTable<unknown>);
  }

  /** The document as it is or will be; null where there is none. */
  #find(id: string): Known<T> | null {
    const pending = this.#pending.get(id);
    const found = pending === undefined ? this.#known(id) : pending;
    if (found !== undefined) return found;
    const text = this.#table.get(id);
    const learned = text === undefined ? null : Known.read(this.#table, text, this.#shared.freezes);
    this.#remember(id, learned);
    return learned;
  }

  #known(id: string): Known<T> | null | undefined {
    const young = this.#young.get(id);
    if (young !== undefined) return young;
    const old = this.#old.get(id);
    if (old !== undefined) this.#remember(id, old);
    return old;
  }

  #remember(id: string, document: Known<T> | null): void {
    this.#young.set(id, document);
    this.#shared.knownCharacters += id.length + (document?.text.length ?? 0);
  }

  #forget(id: string): void {
    this.#young.delete(id);
    this.#old.delete(id);
  }
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
}
