import { Numbers } from "./numbers.ts";

/** Ordinals that have the same code, each group as a chain: to add or delete one, or to find those of a code, takes no longer where there are many. */
export class Groups {
  readonly #codeOf: (ordinal: number) => number;
  /** The first of a code's chain, 0 for none: no ordinal is 0. */
  readonly #first = Numbers.whole();
  readonly #next = Numbers.whole();
  readonly #previous = Numbers.whole();

  constructor(codeOf: (ordinal: number) => number) {
    this.#codeOf = codeOf;
  }

  add(ordinal: number): void {
    const code = this.#codeOf(ordinal);
    const first = this.#first.get(code);
    this.#next.set(ordinal, first);
    this.#previous.set(ordinal, 0);
    if (first !== 0) this.#previous.set(first, ordinal);
    this.#first.set(code, ordinal);
  }

  delete(ordinal: number): void {
    const [previous, next] = [this.#previous.get(ordinal), this.#next.get(ordinal)];
    if (previous === 0) this.#first.set(this.#codeOf(ordinal), next);
    else this.#next.set(previous, next);
    if (next !== 0) this.#previous.set(next, previous);
  }

  each(code: number, visit: (ordinal: number) => void): void {
    for (let ordinal = this.#first.get(code); ordinal !== 0; ordinal = this.#next.get(ordinal)) visit(ordinal);
  }
}
