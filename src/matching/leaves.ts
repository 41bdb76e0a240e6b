import { extended, indexIn, type Trail } from "./array-trail.ts";
import type { Scalar } from "./predicate.ts";

/**
 * All leaves of an event at one path, arranged by the arrays they lie in, so that those which go together with a trail are found
 * without looking at the others: an event with an array of 10,000 objects costs 10,000 steps and not their square.
 */
export class Leaves {
  readonly #here: Scalar[] = [];
  readonly #within = new Map<number, Map<number, Leaves>>();

  add(leaf: Scalar, trail: Trail, from = 0): void {
    const array = trail[from];
    const index = trail[from + 1];
    if (array === undefined || index === undefined) {
      this.#here.push(leaf);
      return;
    }
    const elements = this.#within.get(array) ?? new Map<number, Leaves>();
    this.#within.set(array, elements);
    const leaves = elements.get(index) ?? new Leaves();
    elements.set(index, leaves);
    leaves.add(leaf, trail, from + 2);
  }

  /** Whether all leaves lie outside of arrays' elements, so that they go together with everything. */
  get flat(): boolean {
    return this.#within.size === 0;
  }

  /** For flat leaves. */
  some(test: (leaf: Scalar) => boolean): boolean {
    return this.#here.some(test);
  }

  /** Whether any leaf goes together with a trail. */
  anyAlong(trail: Trail): boolean {
    if (this.#here.length > 0) return true;
    for (const [array, elements] of this.#within) {
      const index = indexIn(trail, array);
      const reachable = index === undefined ? elements.values() : [elements.get(index)];
      for (const leaves of reachable) if (leaves?.anyAlong(trail)) return true;
    }
    return false;
  }

  /** Adds the trails that come of `trail` and a leaf that goes together with it and passes a test. */
  follow(trail: Trail, test: (leaf: Scalar) => boolean, into: Trail[]): void {
    if (this.#here.some(test)) into.push(trail);
    for (const [array, elements] of this.#within) {
      const index = indexIn(trail, array);
      if (index === undefined) {
        for (const [each, leaves] of elements) leaves.follow(extended(trail, array, each), test, into);
      } else {
        elements.get(index)?.follow(trail, test, into);
      }
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
