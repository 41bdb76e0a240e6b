/** Something that is due at a time, by id. */
export interface Due {
  readonly id: string;
  readonly atMs: number;
}

/** Reads the first so many of a collection, in order, or fewer; `isAll` where there are no more. */
type ReadFirst = (limit: number) => Promise<{ readonly first: readonly Due[]; readonly isAll: boolean }>;

/**
 * What is due first of a collection, in memory, in order of time and id: everything that is due before a horizon, and perhaps some of
 * what comes later. Whoever puts or deletes says so here once that is committed. When it has run empty, what comes next is read.
 *
 * Hot: a manual clock asks at each of its steps, and between two of them the collection has changed, so that each question was a
 * search in the database before.
 */
export class Earliest {
  readonly #readFirst: ReadFirst;
  readonly #sorted: Due[] = [];
  readonly #atMs = new Map<string, number>();
  #horizonMs = Number.NEGATIVE_INFINITY;
  /** Ids that were put or deleted since a read began: it may not know. */
  #changed: Set<string> | undefined;
  #reading: Promise<void> | undefined;

  constructor(readFirst: ReadFirst) {
    this.#readFirst = readFirst;
  }

  put(id: string, atMs: number): void {
    this.delete(id);
    // While a read is under way everything is remembered: nobody knows yet how far it will reach.
    if (atMs < this.#horizonMs || this.#changed) this.#insert({ id, atMs });
  }

  delete(id: string): void {
    this.#changed?.add(id);
    const atMs = this.#atMs.get(id);
    if (atMs === undefined) return;
    this.#atMs.delete(id);
    this.#sorted.splice(this.#place({ id, atMs }), 1);
  }

  /** Whether it knows of everything that there is. */
  get knowsAll(): boolean {
    return this.#horizonMs === Number.POSITIVE_INFINITY;
  }

  has(id: string): boolean {
    return this.#atMs.has(id);
  }

  /** The first of what is due at that time or before, in order, at most so many; none only where nothing is. */
  async until(timeMs: number, limit: number): Promise<readonly Due[]> {
    while (this.#isExhausted) await this.#read();
    const isBeyond = ({ atMs }: Due, place: number) => atMs > timeMs || atMs >= this.#horizonMs || place === limit;
    const end = this.#sorted.findIndex(isBeyond);
    return this.#sorted.slice(0, end < 0 ? limit : end);
  }

  /** When the first one is due. */
  async nextMs(): Promise<number | undefined> {
    while (this.#isExhausted) await this.#read();
    return this.#sorted[0]?.atMs;
  }

  /** Whether there may be more in the collection than is known, and that first. */
  get #isExhausted(): boolean {
    const [first] = this.#sorted;
    return first === undefined ? this.#horizonMs < Number.POSITIVE_INFINITY : first.atMs >= this.#horizonMs;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readMore().finally(() => {
      this.#reading = undefined;
      this.#changed = undefined;
    });
    return this.#reading;
  }

  async #readMore(): Promise<void> {
    const changed = new Set<string>();
    this.#changed = changed;
    for (let limit = READ_AT_ONCE; ; limit *= 2) {
      const { first, isAll } = await this.#readFirst(limit);
      // Of those that are due at the very time of the last one there may be more.
      const horizonMs = isAll ? Number.POSITIVE_INFINITY : (first.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY);
      if (!isAll && first[0]?.atMs === horizonMs) continue;
      for (const due of first) if (!changed.has(due.id) && !this.#atMs.has(due.id)) this.#insert(due);
      this.#horizonMs = horizonMs;
      return;
    }
  }

  #insert(due: Due): void {
    this.#atMs.set(due.id, due.atMs);
    this.#sorted.splice(this.#place(due), 0, due);
  }

  /** Where it is, or belongs. */
  #place(due: Due): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#sorted[middle] as Due, due)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** As many as a page of the store holds, which it may end before. */
const READ_AT_ONCE = 1_000;

function isBefore(one: Due, other: Due): boolean {
  return one.atMs !== other.atMs ? one.atMs < other.atMs : one.id < other.id;
}
