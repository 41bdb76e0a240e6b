/**
 * How to put back what the writer keeps in memory when the database rolls back: the steps of a transaction, latest last.
 */
export class Undo {
  readonly #steps: (() => void)[] = [];

  push(step: () => void): void {
    this.#steps.push(step);
  }

  /** Where a unit begins. */
  mark(): number {
    return this.#steps.length;
  }

  rollBack(mark: number): void {
    while (this.#steps.length > mark) this.#steps.pop()?.();
  }

  /** The transaction is committed. */
  forget(): void {
    this.#steps.length = 0;
  }
}
