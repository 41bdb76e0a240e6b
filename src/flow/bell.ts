/** Tells whoever waits that something may have changed. Who asks for `next` before looking misses no ring in between. */
export class Bell {
  #rings = 0;
  #next: PromiseWithResolvers<void> = Promise.withResolvers();

  /** How often it has rung: two equal readings mean that nothing happened in between. */
  get rings(): number {
    return this.#rings;
  }

  readonly ring = (): void => {
    this.#rings++;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  };

  /** Resolves at the next ring. */
  next(): Promise<void> {
    return this.#next.promise;
  }
}
