/**
 * Tells whoever waits for quiet that something has changed. Each part of flow says so when a piece of its work ends;
 * `Flow.drained` looks again at each change, so that it neither polls nor misses one.
 */
export class Activity {
  /** Grows with each change: two equal readings mean that nothing ended in between. */
  version = 0;
  #next: PromiseWithResolvers<void> = Promise.withResolvers();

  changed(): void {
    this.version++;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  /** Resolves at the next change. */
  next(): Promise<void> {
    return this.#next.promise;
  }
}
