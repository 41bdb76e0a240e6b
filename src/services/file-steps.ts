/**
 * Moves and removals of files beside the store, which wait while the data folder is copied.
 *
 * The store alone says what there is; its files follow it. So a step may come late, as after a crash: what a document names stays where a
 * reader looks for it until the step is done. A copy that begins between two steps, and is of the store as it is then, finds every file that
 * the store names.
 */
export class FileSteps {
  readonly #running = new Set<Promise<void>>();
  #postponed: (() => Promise<void>)[] = [];
  #holders = 0;

  /**
   * Runs a step, and returns when it is done. While files are held it is kept for later, and this returns at once: the step then looks at what
   * the store says by that time, and tells nobody of its failure.
   */
  async run(step: () => Promise<void>): Promise<void> {
    if (this.#holders > 0) {
      this.#postponed.push(step);
      return;
    }
    const running = step();
    this.#running.add(running);
    try {
      await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Returns once no step is under way; none begins until this is disposed of. */
  async hold(): Promise<Disposable> {
    this.#holders += 1;
    await Promise.allSettled(this.#running);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holders -= 1;
        if (this.#holders === 0) void this.#catchUp();
      },
    };
  }

  /** Returns once nothing is under way or waits, for whoever is about to close the store. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** In the order in which they came: a folder is removed behind what was in it. */
  async #catchUp(): Promise<void> {
    const steps = this.#postponed;
    this.#postponed = [];
    const all = (async () => {
      // What fails is done by the next start, which looks for what nothing names.
      for (const step of steps) await step().catch(() => {});
    })();
    this.#running.add(all);
    await all;
    this.#running.delete(all);
  }
}
