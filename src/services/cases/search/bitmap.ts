/** Bits of one word. */
const WORD_SHIFT = 5;
const WORD_MASK = 31;

/** A set of small whole numbers, a bit each: of a million, what two have in common is found in some 20 µs. Grows as it is set. */
export class Bitmap {
  /** Signed: so they are the integers that V8 computes with. */
  #words: Int32Array;

  /** With room for the numbers below `size`. */
  constructor(size: number = 0) {
    this.#words = new Int32Array((size + WORD_MASK) >>> WORD_SHIFT);
  }

  has(place: number): boolean {
    return ((this.#words[place >>> WORD_SHIFT] ?? 0) & (1 << (place & WORD_MASK))) !== 0;
  }

  add(place: number): void {
    const word = place >>> WORD_SHIFT;
    if (word >= this.#words.length) this.#grow(word + 1);
    this.#words[word] = (this.#words[word] as number) | (1 << (place & WORD_MASK));
  }

  delete(place: number): void {
    const word = place >>> WORD_SHIFT;
    if (word < this.#words.length) this.#words[word] = (this.#words[word] as number) & ~(1 << (place & WORD_MASK));
  }

  /** Adds it or deletes it. */
  put(place: number, isIn: boolean): void {
    if (isIn) this.add(place);
    else this.delete(place);
  }

  copy(): Bitmap {
    const copy = new Bitmap();
    copy.#words = this.#words.slice();
    return copy;
  }

  /** Keeps what the other one has too. */
  and(other: Bitmap): this {
    const [own, others] = [this.#words, other.#words];
    const length = Math.min(own.length, others.length);
    for (let word = 0; word < length; word++) own[word] = (own[word] as number) & (others[word] as number);
    own.fill(0, length);
    return this;
  }

  /** Takes in what the other one has. */
  or(other: Bitmap): this {
    const others = other.#words;
    if (others.length > this.#words.length) this.#grow(others.length);
    const own = this.#words;
    for (let word = 0; word < others.length; word++) own[word] = (own[word] as number) | (others[word] as number);
    return this;
  }

  /** Drops what the other one has. */
  andNot(other: Bitmap): this {
    const [own, others] = [this.#words, other.#words];
    const length = Math.min(own.length, others.length);
    for (let word = 0; word < length; word++) own[word] = (own[word] as number) & ~(others[word] as number);
    return this;
  }

  /** How many it has. */
  get count(): number {
    const words = this.#words;
    let count = 0;
    for (let at = 0; at < words.length; at++) {
      let word = words[at] as number;
      if (word === 0) continue;
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return count;
  }

  /** No number that it has is as great. */
  get size(): number {
    return this.#words.length << WORD_SHIFT;
  }

  /** In their order. */
  *[Symbol.iterator](): Generator<number> {
    for (let at = 0; at < this.#words.length; at++) {
      for (let word = this.#words[at] as number; word !== 0; word &= word - 1) {
        yield (at << WORD_SHIFT) + 31 - Math.clz32(word & -word);
      }
    }
  }

  /** The same, faster. */
  each(visit: (place: number) => void): void {
    const words = this.#words;
    for (let at = 0; at < words.length; at++) {
      for (let word = words[at] as number; word !== 0; word &= word - 1) {
        visit((at << WORD_SHIFT) + 31 - Math.clz32(word & -word));
      }
    }
  }

  eachBack(visit: (place: number) => void): void {
    const words = this.#words;
    for (let at = words.length - 1; at >= 0; at--) {
      for (let word = words[at] as number; word !== 0; ) {
        const bit = 31 - Math.clz32(word);
        visit((at << WORD_SHIFT) + bit);
        word &= ~(1 << bit);
      }
    }
  }

  #grow(words: number): void {
    const grown = new Int32Array(Math.max(words, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}
