/**
 * Entries by text, found for a stretch of another text: all of it, its beginning or its end.
 *
 * Hot, and made for texts that were just read from a document and have no hash yet: to let the runtime hash an ARN takes longer than all the
 * rest of a look-up. A stretch has a **fingerprint**, a number made of a few of its characters; most stretches have none that is in the table,
 * which a field of bits tells, small enough to stay in the processor's cache. Texts that share a fingerprint are told apart by the runtime's
 * hash, so nobody gains by making such texts.
 */
export class TextTable<Entry> {
  readonly #buckets = new Map<number, Single<Entry> | Map<string, Entry>>();
  /** Bit `n` stands for all fingerprints with `bitOf` n that have been there since the field was last made. */
  #bits: Uint32Array = new Uint32Array(BITS_MIN / 32);
  #bitsSet = 0;

  /** The entry of the stretch of a text, which must not be empty. */
  get(text: string, from: number, length: number): Entry | undefined {
    const print = fingerprint(text, from, length);
    const bit = bitOf(print, this.#bits);
    if (((this.#bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return undefined;
    const bucket = this.#buckets.get(print);
    if (bucket === undefined) return undefined;
    if (bucket instanceof Map) return bucket.get(text.slice(from, from + length));
    if (bucket.text.length !== length) return undefined;
    const isSame = length === text.length ? text === bucket.text : text.startsWith(bucket.text, from);
    return isSame ? bucket.entry : undefined;
  }

  /** `undefined` takes the entry away. */
  set(text: string, entry: Entry | undefined): void {
    const print = fingerprint(text, 0, text.length);
    const bucket = this.#buckets.get(print);
    if (entry === undefined) this.#delete(print, text, bucket);
    else if (bucket instanceof Map) bucket.set(text, entry);
    else if (bucket === undefined || bucket.text === text) this.#buckets.set(print, { text, entry });
    else {
      const entries = new Map([[bucket.text, bucket.entry]]);
      this.#buckets.set(print, entries.set(text, entry));
    }
    if (entry !== undefined) this.#mark(print);
  }

  #delete(print: number, text: string, bucket: Single<Entry> | Map<string, Entry> | undefined): void {
    if (bucket instanceof Map) {
      bucket.delete(text);
      if (bucket.size > 0) return;
    } else if (bucket?.text !== text) return;
    this.#buckets.delete(print);
  }

  #mark(print: number): void {
    this.#setBit(print);
    if (this.#bitsSet * BITS_A_BUCKET <= this.#bits.length * 32) return;
    // Made anew with room for as many again, and without those that have gone.
    let length = BITS_MIN / 32;
    while (this.#buckets.size * 2 * BITS_A_BUCKET > length * 32) length *= 4;
    this.#bits = new Uint32Array(length);
    this.#bitsSet = 0;
    for (const each of this.#buckets.keys()) this.#setBit(each);
  }

  #setBit(print: number): void {
    const bit = bitOf(print, this.#bits);
    const word = this.#bits[bit >>> 5] ?? 0;
    if ((word & (1 << (bit & 31))) !== 0) return;
    this.#bits[bit >>> 5] = word | (1 << (bit & 31));
    this.#bitsSet += 1;
  }
}

interface Single<Entry> {
  readonly text: string;
  readonly entry: Entry;
}

const BITS_MIN = 64;
/** So many bits are there at least for each that is set: 15 of 16 stretches that are not in the table are known by their bit. */
const BITS_A_BUCKET = 16;

/** Both ends count, places between them, and above all the last characters: that is where numbers and ids of one kind differ. */
function fingerprint(text: string, from: number, length: number): number {
  const last = from + length - 1;
  let print = length;
  print = Math.imul(print, 31) + text.charCodeAt(last);
  print = Math.imul(print, 31) + text.charCodeAt(length > 1 ? last - 1 : from);
  print = Math.imul(print, 31) + text.charCodeAt(length > 2 ? last - 2 : from);
  print = Math.imul(print, 31) + text.charCodeAt(length > 3 ? last - 3 : from);
  print = Math.imul(print, 31) + text.charCodeAt(length > 4 ? last - 4 : from);
  print = Math.imul(print, 31) + text.charCodeAt(last - (length >> 3));
  print = Math.imul(print, 31) + text.charCodeAt(last - (length >> 2));
  print = Math.imul(print, 31) + text.charCodeAt(last - (length >> 1));
  print = Math.imul(print, 31) + text.charCodeAt(from + (length >> 2));
  print = Math.imul(print, 31) + text.charCodeAt(from);
  // A number that the runtime keeps without an object.
  return print & 0x3fffffff;
}

/** The length of `bits` is a power of two. */
function bitOf(print: number, bits: Uint32Array): number {
  const mixed = Math.imul(print ^ (print >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 12)) & (bits.length * 32 - 1);
}
