import { BuiltOnUse } from "./built.ts";
import { Numbers } from "./numbers.ts";
import type { Pace } from "./pace.ts";
import { Signatures } from "./signatures.ts";

/** Bytes of a chunk: what is moved or searched in one go. The first ones are smaller. */
const CHUNK = 256 * 1024;
const CHUNK_DOUBLINGS = 6;

/** Words before an entry's bytes: its code, how many bytes its folded text has, and how many in all. */
const HEAD = 3;
const WORD = 4;

/** Bytes of a folded text by which it is ordered. */
export const ORDERED_BYTES = 512;
/** Those of them that are compared as one number. */
const PREFIX = 6;

/** What follows a folded text where the text is another one: where its capital letters are, or the text as it is. */
const CAPITALS = 0;
const WHOLE = 1;

/** Fewer texts are searched through faster than they are looked up. */
const SIGNED_MIN = 8_192;
/** One that is looked up takes as long as so many that lie behind one another. */
const SCATTERED = 4;
/** Texts between two rests. */
const PIECE = 256;

interface Chunk {
  readonly bytes: Buffer;
  /** The same memory. */
  readonly words: Uint32Array;
  /** Of the entries that were added. */
  used: number;
  /** Of those that are still there. */
  live: number;
}

/**
 * Distinct texts, each by a code: a whole number from 1 on, which is free again once nobody uses the text. Outside of the heap, where a million of
 * them cost their bytes and some 30 more each, and nothing of what a garbage collector does.
 *
 * ```
 * chunk:  code │ folded bytes │ bytes │ arn:aws:… ┊   code │ … │ kettle arrived cracked ┊ 0 (capitals at 0)   code │ …
 * ```
 *
 * A text lies there as its lower-case form, in UTF-8, for whoever looks for a part of it in whatever case, and behind that what makes
 * the text of it again: so two texts are the same where their bytes are. Texts are ordered by the first 512 bytes of the lower-case form.
 *
 * Codes are found by a hash table that grows by a bucket at a time (linear hashing), and chunks that are half empty are moved to the end: nothing
 * here ever takes long.
 */
export class Texts {
  readonly #folds: boolean;
  /** In the order of their making; none where one has been let go of. There is no chunk 0. */
  readonly #chunks: (Chunk | undefined)[] = [undefined];
  /** By code: in which chunk its entry lies, 0 for none, and at which word. */
  readonly #chunkOf = Numbers.whole();
  readonly #wordOf = Numbers.whole();
  readonly #hashes = Numbers.whole();
  readonly #uses = Numbers.whole();
  readonly #prefixes = Numbers.any();
  /** The next code of the same bucket. */
  readonly #next = Numbers.whole();
  readonly #buckets = Numbers.whole();
  #bucketCount = 1;
  readonly #free: number[] = [];
  #lastCode = 0;
  #size = 0;
  #signatures: BuiltOnUse<Signatures> | undefined;

  /** `folds`: whether texts are looked for and ordered in whatever case. */
  constructor({ folds }: { readonly folds: boolean }) {
    this.#folds = folds;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** No code is greater. */
  get lastCode(): number {
    return this.#lastCode;
  }

  /** How often a text is used. */
  uses(code: number): number {
    return this.#uses.get(code);
  }

  /** The code of a text that is there, else 0. */
  find(text: string): number {
    const encoded = encode(text, this.#folds);
    return this.#find(encoded, hashOf(encoded));
  }

  /** Uses a text once more. */
  add(text: string): number {
    const encoded = encode(text, this.#folds);
    const hash = hashOf(encoded);
    const found = this.#find(encoded, hash);
    if (found !== 0) {
      this.#uses.set(found, this.#uses.get(found) + 1);
      return found;
    }
    const code = this.#free.pop() ?? ++this.#lastCode;
    this.#append(code, encoded);
    this.#hashes.set(code, hash);
    this.#uses.set(code, 1);
    this.#prefixes.set(code, prefixOf(encoded.bytes, 0, encoded.foldedLength));
    this.#size += 1;
    this.#growTable();
    this.#link(code);
    this.#signatures?.add(code);
    return code;
  }

  /** Uses a text once less. */
  release(code: number): void {
    const uses = this.#uses.get(code) - 1;
    this.#uses.set(code, uses);
    if (uses > 0) return;
    this.#signatures?.delete(code);
    this.#unlink(code);
    this.#size -= 1;
    this.#free.push(code);
    const number = this.#chunkOf.get(code);
    const chunk = this.#chunks[number] as Chunk;
    this.#chunkOf.set(code, 0);
    chunk.live -= entryWords(chunk, this.#wordOf.get(code));
    if (chunk !== this.#chunks.at(-1) && chunk.live * 2 < chunk.used) this.#move(number, chunk);
  }

  /** Less than, equal to or greater than 0, as two texts are ordered. Of such as differ in case alone, or late, it is 0. */
  compare(a: number, b: number): number {
    if (a === b) return 0;
    const difference = this.#prefixes.get(a) - this.#prefixes.get(b);
    if (difference !== 0) return difference;
    const [one, other] = [this.#chunkAt(a), this.#chunkAt(b)];
    const [start, otherStart] = [this.#startOf(a), this.#startOf(b)];
    const [length, otherLength] = [orderedLength(one, start), orderedLength(other, otherStart)];
    // Hot: for a few bytes a call of `Buffer.compare` takes several times as long.
    for (let at = PREFIX; at < length && at < otherLength; at++) {
      const difference = (one.bytes[start + at] as number) - (other.bytes[otherStart + at] as number);
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  }

  /** The same with what `orderKey` has told of a text that may be gone. */
  compareKey(code: number, key: Uint8Array): number {
    return Buffer.compare(this.#orderedBytes(code), key);
  }

  /** What a text is ordered by. */
  orderKey(code: number): Uint8Array {
    return new Uint8Array(this.#orderedBytes(code));
  }

  text(code: number): string {
    const chunk = this.#chunkAt(code);
    const start = this.#startOf(code);
    return decode(chunk.bytes.subarray(start, start + entryLength(chunk, start)), foldedLength(chunk, start));
  }

  /** Whether a text contains another one that is not empty, as `needleOf` makes it. */
  includes(code: number, needle: Buffer): boolean {
    const chunk = this.#chunkAt(code);
    const start = this.#startOf(code);
    return isWithin(chunk.bytes, needle, start, start + foldedLength(chunk, start));
  }

  /** What is looked for in texts. */
  needleOf(text: string): Buffer {
    return Buffer.from(this.#folds ? text.toLowerCase() : text);
  }

  /**
   * Calls back with the codes of the texts that contain another one that is not empty, as `needleOf` makes it, some of them twice. It gives others
   * room: of texts that are added or gone meanwhile it says nothing.
   */
  async containing(needle: Buffer, pace: Pace, found: (code: number) => void): Promise<void> {
    const candidates = this.#size < SIGNED_MIN ? undefined : (await this.#signed(pace)).having(needle);
    if (!candidates || candidates.count * SCATTERED > this.#size) return this.#scan(needle, pace, found);
    let looked = 0;
    for (const code of candidates) {
      if (this.#uses.get(code) > 0 && this.includes(code, needle)) found(code);
      if (++looked % PIECE === 0) await pace.rest();
    }
  }

  async #scan(needle: Buffer, pace: Pace, found: (code: number) => void): Promise<void> {
    // Those that are made meanwhile, too: what moves is met there.
    for (const chunk of this.#chunks) {
      if (!chunk) continue;
      this.#findIn(chunk, needle, found);
      await pace.rest();
    }
  }

  #signed(pace: Pace): Promise<Signatures> {
    if (!this.#signatures) {
      const words = this.#chunks.reduce((sum, chunk) => sum + (chunk?.live ?? 0), 0);
      this.#signatures = new BuiltOnUse({
        structure: new Signatures((code) => this.#foldedBytes(code), (words / this.#size - HEAD) * WORD),
        belongs: (code) => this.#uses.get(code) > 0,
        last: () => this.#lastCode,
      });
    }
    return this.#signatures.whole(pace);
  }

  #findIn(chunk: Chunk, needle: Buffer, found: (code: number) => void): void {
    const { bytes, words, used } = chunk;
    let word = 0;
    for (let hit = bytes.indexOf(needle); hit >= 0 && hit < used * WORD; ) {
      let next = word + entryWords(chunk, word);
      while (next * WORD <= hit) {
        word = next;
        next += entryWords(chunk, word);
      }
      const start = (word + HEAD) * WORD;
      const isInText = hit >= start && hit + needle.length <= start + foldedLength(chunk, start);
      if (isInText && this.#isAt(chunk, word)) found(words[word] as number);
      // What lies before a text or behind it does not count, and of a text it is enough to have it once.
      hit = bytes.indexOf(needle, hit < start ? start : next * WORD);
    }
  }

  #find(encoded: Encoded, hash: number): number {
    let code = this.#buckets.get(this.#bucketOf(hash));
    while (code !== 0 && !(this.#hashes.get(code) === hash && this.#isAs(code, encoded))) code = this.#next.get(code);
    return code;
  }

  #isAs(code: number, encoded: Encoded): boolean {
    const chunk = this.#chunkAt(code);
    const start = this.#startOf(code);
    const { bytes, length } = encoded;
    if (foldedLength(chunk, start) !== encoded.foldedLength || entryLength(chunk, start) !== length) return false;
    return bytes.compare(chunk.bytes, start, start + length, 0, length) === 0;
  }

  #chunkAt(code: number): Chunk {
    return this.#chunks[this.#chunkOf.get(code)] as Chunk;
  }

  /** Where a text's bytes begin in its chunk. */
  #startOf(code: number): number {
    return (this.#wordOf.get(code) + HEAD) * WORD;
  }

  /** Whether what lies there is a text that is in use. */
  #isAt(chunk: Chunk, word: number): boolean {
    const code = chunk.words[word] as number;
    return this.#chunkAt(code) === chunk && this.#wordOf.get(code) === word;
  }

  #foldedBytes(code: number): Buffer {
    const chunk = this.#chunkAt(code);
    const start = this.#startOf(code);
    return chunk.bytes.subarray(start, start + foldedLength(chunk, start));
  }

  #orderedBytes(code: number): Buffer {
    const chunk = this.#chunkAt(code);
    const start = this.#startOf(code);
    return chunk.bytes.subarray(start, start + orderedLength(chunk, start));
  }

  #append(code: number, { bytes, foldedLength, length }: Encoded): void {
    const size = HEAD + Math.ceil(length / WORD);
    const chunk = this.#chunkFor(size);
    const word = chunk.used;
    chunk.words[word] = code;
    chunk.words[word + 1] = foldedLength;
    chunk.words[word + 2] = length;
    bytes.copy(chunk.bytes, (word + HEAD) * WORD, 0, length);
    chunk.used += size;
    chunk.live += size;
    this.#chunkOf.set(code, this.#chunks.length - 1);
    this.#wordOf.set(code, word);
  }

  /** The last one where it has room, else a new one. */
  #chunkFor(size: number): Chunk {
    const number = this.#chunks.length - 1;
    const last = this.#chunks[number];
    if (last && last.used + size <= last.words.length) return last;
    const bytes = Math.max(size * WORD, CHUNK >>> Math.max(CHUNK_DOUBLINGS - this.#chunks.length, 0));
    const memory = new ArrayBuffer(bytes);
    const chunk: Chunk = { bytes: Buffer.from(memory), words: new Uint32Array(memory), used: 0, live: 0 };
    this.#chunks.push(chunk);
    if (!last || last.live * 2 >= last.used) return chunk;
    this.#move(number, last);
    return this.#chunkFor(size);
  }

  /** Moves what a chunk still has to the end, and lets go of the rest. */
  #move(number: number, chunk: Chunk): void {
    for (let word = 0; word < chunk.used; word += entryWords(chunk, word)) {
      if (!this.#isAt(chunk, word)) continue;
      const start = (word + HEAD) * WORD;
      const length = entryLength(chunk, start);
      const bytes = chunk.bytes.subarray(start, start + length);
      this.#append(chunk.words[word] as number, { bytes, foldedLength: foldedLength(chunk, start), length });
    }
    this.#chunks[number] = undefined;
  }

  #bucketOf(hash: number): number {
    const level = 31 - Math.clz32(this.#bucketCount);
    const bucket = hash & ((2 << level) - 1);
    return bucket < this.#bucketCount ? bucket : hash & ((1 << level) - 1);
  }

  /** As many buckets as texts: each new one takes its share of the one that had it so far. */
  #growTable(): void {
    if (this.#size <= this.#bucketCount) return;
    const level = 31 - Math.clz32(this.#bucketCount);
    const split = this.#bucketCount - (1 << level);
    let code = this.#buckets.get(split);
    this.#buckets.set(split, 0);
    this.#bucketCount += 1;
    while (code !== 0) {
      const next = this.#next.get(code);
      this.#link(code);
      code = next;
    }
  }

  #link(code: number): void {
    const bucket = this.#bucketOf(this.#hashes.get(code));
    this.#next.set(code, this.#buckets.get(bucket));
    this.#buckets.set(bucket, code);
  }

  #unlink(code: number): void {
    const bucket = this.#bucketOf(this.#hashes.get(code));
    let before = 0;
    for (let other = this.#buckets.get(bucket); other !== code; other = this.#next.get(other)) before = other;
    if (before === 0) this.#buckets.set(bucket, this.#next.get(code));
    else this.#next.set(before, this.#next.get(code));
  }
}

function entryWords({ words }: Chunk, word: number): number {
  return HEAD + Math.ceil((words[word + 2] as number) / WORD);
}

/** Of the entry whose bytes begin there. */
function entryLength({ words }: Chunk, start: number): number {
  return words[start / WORD - 1] as number;
}

function foldedLength({ words }: Chunk, start: number): number {
  return words[start / WORD - 2] as number;
}

function orderedLength(chunk: Chunk, start: number): number {
  return Math.min(foldedLength(chunk, start), ORDERED_BYTES);
}

/** A text as it lies in a chunk. */
interface Encoded {
  readonly bytes: Buffer;
  readonly foldedLength: number;
  readonly length: number;
}

/** The bytes of the text that was encoded last: each is used before the next. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024);

function encode(text: string, folds: boolean): Encoded {
  const folded = (folds ? text.toLowerCase() : text).toWellFormed();
  // UTF-8 has up to three bytes for a code unit, UTF-16 two.
  const room = folded.length * 3 + text.length * 2 + 1;
  if (room > scratch.length) scratch = Buffer.allocUnsafeSlow(room * 2);
  const foldedLength = scratch.write(folded);
  const length = folded === text ? foldedLength : appendCase(text, folded, foldedLength);
  return { bytes: scratch, foldedLength, length };
}

/** Writes behind the folded text what makes the text of it; answers where it ends. */
function appendCase(text: string, folded: string, start: number): number {
  let at = start;
  scratch[at++] = CAPITALS;
  let last = 0;
  for (let unit = 0; unit < text.length; unit++) {
    const code = text.charCodeAt(unit);
    if (code === folded.charCodeAt(unit)) continue;
    const isCapital = code >= CAPITAL_A && code <= CAPITAL_Z && folded.charCodeAt(unit) === code + TO_SMALL;
    if (!isCapital) {
      scratch[start] = WHOLE;
      return start + 1 + scratch.write(text, start + 1, "utf16le");
    }
    let distance = unit - last;
    for (; distance >= 0x80; distance >>>= 7) scratch[at++] = 0x80 | (distance & 0x7f);
    scratch[at++] = distance;
    last = unit;
  }
  return at;
}

function decode(bytes: Buffer, foldedLength: number): string {
  const folded = bytes.toString("utf8", 0, foldedLength);
  if (foldedLength === bytes.length) return folded;
  if (bytes[foldedLength] === WHOLE) return bytes.toString("utf16le", foldedLength + 1);
  let text = "";
  let capital = 0;
  let [distance, shift] = [0, 0];
  for (const byte of bytes.subarray(foldedLength + 1)) {
    distance += (byte & 0x7f) << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    capital += distance;
    text += folded.slice(text.length, capital) + folded.charAt(capital).toUpperCase();
    [distance, shift] = [0, 0];
  }
  return text + folded.slice(text.length);
}

const CAPITAL_A = 0x41;
const CAPITAL_Z = 0x5a;
const TO_SMALL = 0x20;

/** FNV-1a. */
function hashOf({ bytes, length }: Encoded): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash >>> 0;
}

/** The first bytes of a text as a number that is ordered as they are. */
function prefixOf(bytes: Uint8Array, start: number, end: number): number {
  let prefix = 0;
  for (let at = start; at < start + PREFIX; at++) prefix = prefix * 256 + (at < end ? (bytes[at] as number) : 0);
  return prefix;
}

/** Whether some bytes contain others. Of short ones it takes less than a call of `Buffer.indexOf`. */
function isWithin(bytes: Uint8Array, needle: Uint8Array, start: number, end: number): boolean {
  const { length } = needle;
  const first = needle[0];
  for (let at = start; at <= end - length; at++) {
    if (bytes[at] !== first) continue;
    let same = 1;
    while (same < length && bytes[at + same] === needle[same]) same++;
    if (same === length) return true;
  }
  return false;
}
