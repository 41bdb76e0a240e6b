/** Numbers of one block. */
const SHIFT = 12;
const LENGTH = 1 << SHIFT;
const MASK = LENGTH - 1;

/** A number for each place, 0 where none was set. In blocks: to grow copies nothing, however many there are. */
export class Numbers {
  readonly #make: (length: number) => Uint32Array | Float64Array;
  readonly #blocks: (Uint32Array | Float64Array)[] = [];

  private constructor(make: (length: number) => Uint32Array | Float64Array) {
    this.#make = make;
  }

  /** Whole ones of 32 bits, 4 bytes each. */
  static whole(): Numbers {
    return new Numbers((length) => new Uint32Array(length));
  }

  /** Any, 8 bytes each. */
  static any(): Numbers {
    return new Numbers((length) => new Float64Array(length));
  }

  get(place: number): number {
    const block = this.#blocks[place >>> SHIFT];
    return block === undefined ? 0 : (block[place & MASK] as number);
  }

  set(place: number, value: number): void {
    const at = place >>> SHIFT;
    while (at >= this.#blocks.length) this.#blocks.push(this.#make(LENGTH));
    (this.#blocks[at] as Uint32Array)[place & MASK] = value;
  }
}
