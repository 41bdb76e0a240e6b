/**
 * Knows up to which commit the write-ahead log is on the disk.
 *
 * Commits are numbered. A sync covers all that were made before it began, so one sync serves everyone who waits by then; a second one
 * may run beside it for those who came later. Syncs run in the thread pool.
 */
export class Durability {
  readonly #sync: (descriptor: number) => Promise<void>;
  readonly #fail: (error: Error) => void;
  /** Descriptors without a sync in flight. Each has its own, since the kernel reports a lost write once per open file. */
  readonly #idle: number[];
  /** How many there are. */
  readonly #descriptors: number;
  readonly #inFlight = new Set<Promise<void>>();
  #committed = 0;
  /** Whether a transaction that is not committed yet is one that callers rest on. */
  #isAhead = false;
  /** What the syncs begun so far cover. */
  #begun = 0;
  #durable = 0;
  #hasFailed = false;
  /** Sorted by position. */
  #waiting: { position: number; callback: () => void }[] = [];

  constructor(options: {
    descriptors: readonly number[];
    sync: (descriptor: number) => Promise<void>;
    /** A sync has failed: what was promised may be lost, and no later sync would say so. */
    fail: (error: Error) => void;
  }) {
    this.#sync = options.sync;
    this.#fail = options.fail;
    this.#idle = [...options.descriptors];
    this.#descriptors = options.descriptors.length;
  }

  /** Callers rest on a transaction before it is committed. It will be at once, without anybody's waiting for it. */
  ahead(): void {
    this.#isAhead = true;
  }

  /** A transaction was committed. It is synced even if nobody waits for it, as long as no sync is in flight, unless it `isLazy`. */
  committed(isLazy: boolean = false): void {
    this.#isAhead = false;
    this.#committed++;
    if (!isLazy || this.#waiting.length > 0) this.#beginSync();
  }

  /** How many transactions were committed by now, with one that callers rest on already. */
  get position(): number {
    return this.#isAhead ? this.#committed + 1 : this.#committed;
  }

  isDurable(position: number): boolean {
    return this.#durable >= position;
  }

  /** Calls back once all that was committed at a position (by now, where none is given) is durable; at once where it is. */
  whenDurable(callback: () => void, position: number = this.position): void {
    if (this.#durable >= position) {
      callback();
      return;
    }
    const after = this.#waiting.findLastIndex((waiting) => waiting.position <= position);
    this.#waiting.splice(after + 1, 0, { position, callback });
    this.#beginSync();
  }

  /** Returns once all that is committed is durable, and the syncs that were in flight by then have returned. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => this.whenDurable(resolve));
    await Promise.all(this.#inFlight);
  }

  #beginSync(): void {
    const wanted = Math.min(this.#waiting.at(-1)?.position ?? 0, this.#committed);
    const isAlone = this.#idle.length === this.#descriptors;
    const isDue = isAlone ? this.#committed > this.#begun : wanted > this.#begun;
    const descriptor = isDue ? this.#idle.pop() : undefined;
    if (descriptor === undefined) return;
    this.#begun = this.#committed;
    const sync = this.#syncTo(this.#committed, descriptor);
    this.#inFlight.add(sync);
    void sync.then(() => this.#inFlight.delete(sync));
  }

  async #syncTo(position: number, descriptor: number): Promise<void> {
    try {
      await this.#sync(descriptor);
    } catch (error) {
      this.#hasFailed = true;
      this.#fail(new Error("The write-ahead log could not be made durable", { cause: error }));
      return;
    }
    // Another sync may return well, and cover the same commits: the kernel has dropped what could not be written.
    if (this.#hasFailed) return;
    this.#idle.push(descriptor);
    this.#durable = Math.max(this.#durable, position);
    const due = this.#waiting.findIndex((waiting) => waiting.position > this.#durable);
    for (const { callback } of this.#waiting.splice(0, due < 0 ? this.#waiting.length : due)) callback();
    this.#beginSync();
  }
}
