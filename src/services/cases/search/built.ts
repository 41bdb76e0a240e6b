import type { Pace } from "./pace.ts";

/** What is made of ordinals one by one. */
interface Structure {
  add(ordinal: number): void;
  /** Before what it goes by changes. */
  delete(ordinal: number): void;
}

interface Built<S> {
  readonly structure: S;
  readonly belongs: (ordinal: number) => boolean;
  /** No ordinal is greater. */
  readonly last: () => number;
}

/** A structure that is made the first time that somebody needs it, in small pieces, and follows all changes from then on. */
export class BuiltOnUse<S extends Structure> {
  readonly #built: Built<S>;
  /** Those below are in it, as far as they belong to it. */
  #end = 0;
  #building: Promise<S> | undefined;

  constructor(built: Built<S>) {
    this.#built = built;
  }

  whole(pace: Pace): Promise<S> {
    this.#building ??= this.#build(pace);
    return this.#building;
  }

  /** Before it changes. */
  delete(ordinal: number): void {
    if (ordinal < this.#end) this.#built.structure.delete(ordinal);
  }

  add(ordinal: number): void {
    if (ordinal < this.#end) this.#built.structure.add(ordinal);
  }

  async #build(pace: Pace): Promise<S> {
    const { structure, belongs, last } = this.#built;
    while (this.#end <= last()) {
      const ordinal = this.#end++;
      if (belongs(ordinal)) structure.add(ordinal);
      if (ordinal % PIECE === 0) await pace.rest();
    }
    this.#end = Number.POSITIVE_INFINITY;
    return structure;
  }
}

/** Ordinals between two rests. */
const PIECE = 256;
