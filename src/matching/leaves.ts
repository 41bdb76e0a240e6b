import { extended, indexIn, type Trail } from "./array-trail.ts";
import type { Scalar } from "./predicate.ts";

/**
 * All leaves of an event at one path, arranged by the arrays they lie in, so that those which go together with a trail are found
 * without looking at the others: an event with an array of 10,000 objects costs 10,000 steps and not their square.
 */
export class Leaves {
  readonly #here: Scalar[] = [];
  readonly #within = new Map<number, Map<number, Leaves>>();

  add(leaf: Scalar): void {
    this.#here.push(leaf);
  }

  /** Those that lie in an element, one array further in. */
  within(array: number, index: number): Leaves {
    const elements = this.#within.get(array) ?? new Map<number, Leaves>();
    this.#within.set(array, elements);
    const leaves = elements.get(index) ?? new Leaves();
    elements.set(index, leaves);
    return leaves;
  }

  /** Whether any leaf goes together with a trail. */
  anyAlong(trail: Trail, search: TrailSearch): boolean {
    if (this.#here.length > 0) return true;
    for (const [array, elements] of this.#within) {
      if (--search.stepsLeft < 0) return false;
      const index = indexIn(trail, array);
      const reachable = index === undefined ? elements.values() : [elements.get(index)];
      for (const leaves of reachable) if (leaves?.anyAlong(trail, search)) return true;
    }
    return false;
  }

  /** Adds the trails that come of `trail` and a leaf that goes together with it and passes the test, while there are steps left. */
  follow(trail: Trail, search: TrailSearch, into: Trail[]): void {
    search.stepsLeft -= this.#here.length;
    if (this.#here.some(search.test)) into.push(trail);
    for (const [array, elements] of this.#within) {
      if (--search.stepsLeft < 0) return;
      const index = indexIn(trail, array);
      if (index === undefined) this.#followEach(array, elements, trail, search, into);
      else elements.get(index)?.follow(trail, search, into);
    }
  }

  #followEach(
    array: number,
    elements: ReadonlyMap<number, Leaves>,
    trail: Trail,
    search: TrailSearch,
    into: Trail[],
  ): void {
    for (const [index, leaves] of elements) {
      search.stepsLeft -= trail.length + 1;
      if (search.stepsLeft < 0) return;
      leaves.follow(extended(trail, array, index), search, into);
    }
  }

  /** The numbers of all arrays that leaves lie in. */
  addArrays(into: Set<number>): void {
    for (const [array, elements] of this.#within) {
      into.add(array);
      for (const leaves of elements.values()) leaves.addArrays(into);
    }
  }
}

/** What is looked for along trails, and how many more leaves, arrays and steps of trails may be gone through for it. */
export interface TrailSearch {
  readonly test: (leaf: Scalar) => boolean;
  stepsLeft: number;
}
