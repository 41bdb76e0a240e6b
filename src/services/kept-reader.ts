import type { Collection, Page, Range, Reader, Store } from "../store/store.ts";
import { BoundedMap } from "./bounded-map.ts";
import { perStore } from "./per-store.ts";

/** Documents that are kept of a collection, and as many lists. */
const KEPT_MAX = 10_000;

/**
 * Reads what is committed, and keeps it in memory until it changes: a document until it does, a list until its collection does. For
 * collections that are asked of more often than they change, such as configuration, and for hot documents read by their ids.
 *
 * What it answers may not be durable, and the store does not learn that somebody rests on it: whoever lets it leave the process awaits
 * `store.durable()` first. Documents are shared with other readers; nobody may change them.
 */
export const keptReader: (store: Store) => Reader = perStore((store) => new KeptReader(store));

class KeptReader implements Reader {
  readonly #store: Store;
  // biome-ignore lint/suspicious/noExplicitAny: each has its collection's type.
  readonly #kept = new Map<string, Kept<any>>();

  constructor(store: Store) {
    this.#store = store;
  }

  async get<T>(from: Collection<T>, id: string): Promise<T | undefined> {
    const kept = this.#of(from);
    if (kept.documents.has(id)) return kept.documents.get(id);
    return kept.read(kept.documents, id, () => this.#store.get(from, id));
  }

  async list<T>(from: Collection<T>, range: Range): Promise<Page<T>> {
    const kept = this.#of(from);
    const key = JSON.stringify(range);
    return kept.pages.get(key) ?? kept.read(kept.pages, key, () => this.#store.list(from, range));
  }

  findLog(log: string): ReturnType<Reader["findLog"]> {
    return this.#store.findLog(log);
  }

  #of<T>({ name }: Collection<T>): Kept<T> {
    let kept = this.#kept.get(name);
    if (!kept) {
      kept = new Kept<T>();
      this.#kept.set(name, kept);
      this.#store.watchCollection(name, (ids) => kept?.forget(ids));
    }
    return kept;
  }
}

/** What is kept of one collection. */
class Kept<T> {
  readonly documents = new BoundedMap<string, T | undefined>(KEPT_MAX);
  readonly pages = new BoundedMap<string, Page<T>>(KEPT_MAX);
  #changes = 0;

  /** What is read while the collection changes may be what it was before, and is not kept. */
  async read<V>(into: Map<string, V>, key: string, read: () => Promise<V>): Promise<V> {
    const changes = this.#changes;
    const found = await read();
    if (changes === this.#changes) into.set(key, found);
    return found;
  }

  forget(ids: readonly string[]): void {
    this.#changes += 1;
    for (const id of ids) this.documents.delete(id);
    this.pages.clear();
  }
}
