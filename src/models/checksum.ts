/**
 * The checksums that the APIs put beside a body, summed piece by piece: what came with it, and what an object is stored with. By the names
 * that the models have for them; XXHASH is in the models and not here.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A sum over bytes that come piece by piece. Node's own hashes are such. */
export interface Digest {
  update(piece: Uint8Array): unknown;
  digest(): Buffer;
}

export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256" | "SHA512" | "MD5";

/** How many bytes each sum has. */
export const CHECKSUM_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
};

/** A checksum of a body, as headers have it: base64 of the big-endian sum. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

export function createDigest(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case "CRC32":
      return new Crc32();
    case "CRC32C":
      return new Crc32c();
    case "CRC64NVME":
      return new Crc64Nvme();
    default:
      return createHash(algorithm.toLowerCase());
  }
}

class Crc32 implements Digest {
  #crc = 0;

  update(piece: Uint8Array): void {
    this.#crc = crc32(piece, this.#crc);
  }

  digest(): Buffer {
    return uint32(this.#crc);
  }
}

/**
 * How many bytes a step of the CRCs below takes: for each byte of it there is a table of what it comes to at the end of the step, so that
 * no byte waits for the one before it ("slicing"). Byte by byte they are four times as slow.
 */
const STEP_BYTES = 8;

let crc32cTables: readonly Int32Array[] | undefined;

/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), which Node has not. */
class Crc32c implements Digest {
  #crc = -1;

  update(piece: Uint8Array): void {
    crc32cTables ??= makeCrc32cTables();
    const [t0, t1, t2, t3, t4, t5, t6, t7] = crc32cTables as Eight;
    let crc = this.#crc;
    let at = 0;
    for (const end = piece.length - STEP_BYTES; at <= end; at += STEP_BYTES) {
      const low = crc ^ word(piece, at);
      const high = word(piece, at + 4);
      crc = entries(low, t7, t6, t5, t4) ^ entries(high, t3, t2, t1, t0);
    }
    for (; at < piece.length; at++) crc = (crc >>> 8) ^ at32(t0, crc ^ (piece[at] as number));
    this.#crc = crc;
  }

  digest(): Buffer {
    return uint32(~this.#crc);
  }
}

let crc64Tables: { readonly high: readonly Int32Array[]; readonly low: readonly Int32Array[] } | undefined;

/** CRC-64/NVME (reflected), in two halves of 32 bits: arithmetic on a bigint for each byte would be a hundred times slower. */
class Crc64Nvme implements Digest {
  #high = -1;
  #low = -1;

  update(piece: Uint8Array): void {
    crc64Tables ??= makeCrc64Tables();
    const [h0, h1, h2, h3, h4, h5, h6, h7] = crc64Tables.high as Eight;
    const [l0, l1, l2, l3, l4, l5, l6, l7] = crc64Tables.low as Eight;
    let high = this.#high;
    let low = this.#low;
    let at = 0;
    for (const end = piece.length - STEP_BYTES; at <= end; at += STEP_BYTES) {
      const first = low ^ word(piece, at);
      const second = high ^ word(piece, at + 4);
      high = entries(first, h7, h6, h5, h4) ^ entries(second, h3, h2, h1, h0);
      low = entries(first, l7, l6, l5, l4) ^ entries(second, l3, l2, l1, l0);
    }
    for (; at < piece.length; at++) {
      const index = low ^ (piece[at] as number);
      low = ((low >>> 8) | (high << 24)) ^ at32(l0, index);
      high = (high >>> 8) ^ at32(h0, index);
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Buffer {
    return Buffer.concat([uint32(~this.#high), uint32(~this.#low)]);
  }
}

type Eight = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** Four bytes, the first of them lowest. */
function word(piece: Uint8Array, at: number): number {
  return (
    (piece[at] as number) |
    ((piece[at + 1] as number) << 8) |
    ((piece[at + 2] as number) << 16) |
    ((piece[at + 3] as number) << 24)
  );
}

/** What the four bytes of a word come to, each in the table of its place. */
function entries(value: number, a: Int32Array, b: Int32Array, c: Int32Array, d: Int32Array): number {
  return at32(a, value) ^ at32(b, value >>> 8) ^ at32(c, value >>> 16) ^ at32(d, value >>> 24);
}

function at32(table: Int32Array, byte: number): number {
  return table[byte & 0xff] as number;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function makeCrc32cTables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value;
  });
  const tables = [first];
  for (let previous = first; tables.length < STEP_BYTES; tables.push(previous)) {
    previous = previous.map((value) => (value >>> 8) ^ at32(first, value));
  }
  return tables;
}

const CRC64_NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

function makeCrc64Tables(): { high: readonly Int32Array[]; low: readonly Int32Array[] } {
  const first = Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ CRC64_NVME_POLYNOMIAL : value >> 1n;
    return value;
  });
  const tables = [first];
  for (let previous = first; tables.length < STEP_BYTES; tables.push(previous)) {
    previous = previous.map((value) => (value >> 8n) ^ (first[Number(value & 0xffn)] as bigint));
  }
  const half = (table: readonly bigint[], shift: bigint): Int32Array =>
    Int32Array.from(table, (value) => Number((value >> shift) & 0xffff_ffffn) | 0);
  return { high: tables.map((table) => half(table, 32n)), low: tables.map((table) => half(table, 0n)) };
}
