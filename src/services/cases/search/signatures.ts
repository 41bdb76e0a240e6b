import { Bitmap } from "./bitmap.ts";

/** Bytes that are looked at together. */
const GRAM = 3;

/** As many bits as a text's bytes times this: two of five are set then, and of texts without four given grams one in forty has them all. */
const BITS_PER_BYTE = 2.5;
const BITS_MIN = 64;
const BITS_MAX = 2_048;

/**
 * Which texts may contain some bytes. Each three neighbours among a text's bytes set one of the bits of its signature; a text that contains others
 * has all of their bits. Bits of one place lie together, a bitmap by the codes of texts: so a few bitmaps that are put together tell, of a million
 * texts, the few that are worth a look.
 */
export class Signatures {
  readonly #bytesOf: (code: number) => Uint8Array;
  readonly #places: readonly Bitmap[];
  readonly #mask: number;

  /** Of texts that have about so many bytes. */
  constructor(bytesOf: (code: number) => Uint8Array, averageBytes: number) {
    this.#bytesOf = bytesOf;
    const bits = 2 ** Math.round(Math.log2(Math.max(averageBytes, 1) * BITS_PER_BYTE));
    const size = Math.min(Math.max(bits, BITS_MIN), BITS_MAX);
    this.#places = Array.from({ length: size }, () => new Bitmap());
    this.#mask = size - 1;
  }

  add(code: number): void {
    const bytes = this.#bytesOf(code);
    for (let at = 0; at + GRAM <= bytes.length; at++) this.#placeOf(bytes, at).add(code);
  }

  delete(code: number): void {
    for (const place of this.#places) place.delete(code);
  }

  /** Those that may contain some bytes; `undefined` where these are too few to tell. */
  having(bytes: Uint8Array): Bitmap | undefined {
    const places = new Set<Bitmap>();
    for (let at = 0; at + GRAM <= bytes.length; at++) places.add(this.#placeOf(bytes, at));
    let found: Bitmap | undefined;
    for (const place of places) found = found?.and(place) ?? place.copy();
    return found;
  }

  #placeOf(bytes: Uint8Array, at: number): Bitmap {
    const gram = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    return this.#places[(Math.imul(gram, 0x9e3779b1) >>> 16) & this.#mask] as Bitmap;
  }
}
