/** Places of one block: an insertion moves half of them. */
const BLOCK = 512;
/** Blocks with fewer are joined with the next one. */
const BLOCK_MIN = 128;

/** Where something stands in an order: a block, and a place in it. The end is the place behind the last one of the last block. */
export interface Position {
  readonly block: number;
  readonly at: number;
}

/**
 * Whole numbers in an order that the caller knows. As a list of blocks of 512: to insert or delete one takes some 20 comparisons and moves at
 * most a block; the numbers between two positions lie behind one another.
 *
 * What decides a number's place changes only while it is not in the order.
 */
export class Order {
  readonly #compare: (a: number, b: number) => number;
  readonly #blocks: Uint32Array[] = [];
  /** How many each block has: none is empty. */
  readonly #lengths: number[] = [];
  #size = 0;

  /** No two compare as equal. */
  constructor(compare: (a: number, b: number) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  add(number: number): void {
    const { block, at } = this.find((other) => this.#compare(other, number) < 0);
    this.#size += 1;
    if (this.#blocks.length === 0) this.#addBlock(0, new Uint32Array(BLOCK), 0);
    if ((this.#lengths[block] as number) < BLOCK) this.#put(block, at, number);
    // What grows at its end, as times do, fills its blocks.
    else if (at === BLOCK && block === this.#blocks.length - 1) {
      this.#addBlock(block + 1, new Uint32Array(BLOCK), 0);
      this.#put(block + 1, 0, number);
    } else {
      this.#split(block);
      const half = BLOCK / 2;
      if (at <= half) this.#put(block, at, number);
      else this.#put(block + 1, at - half, number);
    }
  }

  delete(number: number): void {
    let { block, at } = this.find((other) => this.#compare(other, number) < 0);
    // Behind the last one of a block is the first one of the next.
    if (at === this.#lengths[block]) [block, at] = [block + 1, 0];
    const places = this.#blocks[block] as Uint32Array;
    const length = (this.#lengths[block] as number) - 1;
    places.copyWithin(at, at + 1, length + 1);
    this.#lengths[block] = length;
    this.#size -= 1;
    if (length === 0) this.#dropBlock(block);
    else if (length < BLOCK_MIN) this.#join(block);
  }

  /** The first position whose number is not before what is looked for. `isBefore` is true of the first ones alone. */
  find(isBefore: (number: number) => boolean): Position {
    let [low, high] = [0, this.#blocks.length];
    // The last block whose first one is before it.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore((this.#blocks[middle] as Uint32Array)[0] as number)) low = middle + 1;
      else high = middle;
    }
    const block = Math.max(low - 1, 0);
    const places = this.#blocks[block];
    let [from, to] = [0, this.#lengths[block] ?? 0];
    while (places && from < to) {
      const middle = (from + to) >>> 1;
      if (isBefore(places[middle] as number)) from = middle + 1;
      else to = middle;
    }
    return { block, at: from };
  }

  /** How many lie from one position to before another; none where that comes first. */
  count(from: Position, to: Position): number {
    if (from.block > to.block) return 0;
    let count = to.at - from.at;
    for (let block = from.block; block < to.block; block++) count += this.#lengths[block] as number;
    return Math.max(count, 0);
  }

  get start(): Position {
    return { block: 0, at: 0 };
  }

  get end(): Position {
    const block = Math.max(this.#blocks.length - 1, 0);
    return { block, at: this.#lengths[block] ?? 0 };
  }

  /** Visits those from one position to before another. */
  each(from: Position, to: Position, visit: (number: number) => void): void {
    for (let block = from.block; block <= to.block && block < this.#blocks.length; block++) {
      const places = this.#blocks[block] as Uint32Array;
      const end = block === to.block ? to.at : (this.#lengths[block] as number);
      for (let at = block === from.block ? from.at : 0; at < end; at++) visit(places[at] as number);
    }
  }

  /** What stands at a position; nothing at the end. */
  at({ block, at }: Position): number | undefined {
    return at < (this.#lengths[block] ?? 0) ? this.#blocks[block]?.[at] : this.#blocks[block + 1]?.[0];
  }

  next({ block, at }: Position): Position {
    return at < (this.#lengths[block] ?? 0) ? { block, at: at + 1 } : { block: block + 1, at: 1 };
  }

  /** The one before; nothing before the start. */
  previous({ block, at }: Position): Position | undefined {
    if (at > 0) return { block, at: at - 1 };
    return block > 0 ? { block: block - 1, at: (this.#lengths[block - 1] as number) - 1 } : undefined;
  }

  #put(block: number, at: number, number: number): void {
    const places = this.#blocks[block] as Uint32Array;
    const length = this.#lengths[block] as number;
    places.copyWithin(at + 1, at, length);
    places[at] = number;
    this.#lengths[block] = length + 1;
  }

  #split(block: number): void {
    const half = BLOCK / 2;
    const upper = new Uint32Array(BLOCK);
    upper.set((this.#blocks[block] as Uint32Array).subarray(half));
    this.#lengths[block] = half;
    this.#addBlock(block + 1, upper, half);
  }

  /** Two neighbours become one where they fit together with room for more. */
  #join(block: number): void {
    const next = this.#blocks[block + 1];
    if (!next) return;
    const [length, more] = [this.#lengths[block] as number, this.#lengths[block + 1] as number];
    if (length + more > BLOCK - BLOCK_MIN) return;
    (this.#blocks[block] as Uint32Array).set(next.subarray(0, more), length);
    this.#lengths[block] = length + more;
    this.#dropBlock(block + 1);
  }

  #addBlock(block: number, places: Uint32Array, length: number): void {
    this.#blocks.splice(block, 0, places);
    this.#lengths.splice(block, 0, length);
  }

  #dropBlock(block: number): void {
    this.#blocks.splice(block, 1);
    this.#lengths.splice(block, 1);
  }
}
