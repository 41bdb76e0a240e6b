import { createHash, webcrypto } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type { Headers } from "./exchange.ts";
import { Refusal } from "./refusal.ts";

/** Between pieces of this size other requests get their turn: CRC-64 takes about 3 ms for one. */
const PIECE_BYTES = 262_144;

type Algorithm = (body: Buffer) => Promise<Buffer>;

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  crc32: (body) => inPieces(body, 0, crc32, (crc) => uint32(crc)),
  crc32c: (body) => inPieces(body, 0, crc32c, (crc) => uint32(crc)),
  crc64nvme: (body) => inPieces(body, 0n, crc64Nvme, uint64),
  sha1: async (body) => Buffer.from(await webcrypto.subtle.digest("SHA-1", body as Buffer<ArrayBuffer>)),
  sha256: async (body) => Buffer.from(await webcrypto.subtle.digest("SHA-256", body as Buffer<ArrayBuffer>)),
};
const md5Of: Algorithm = (body) =>
  inPieces(
    body,
    createHash("md5"),
    (piece, md5) => md5.update(piece),
    (md5) => md5.digest(),
  );
const DIGEST_BYTES: Readonly<Record<string, number>> = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32 };

const PREFIX = "x-amz-checksum-";

/**
 * Holds a body against the checksums that came with it, in headers or trailers: `x-amz-checksum-…` and `Content-MD5`.
 *
 * Throws `Refusal` (400): `BadDigest` for one that differs, `InvalidRequest` or `InvalidDigest` for one that cannot be right.
 */
export async function verifyChecksums(headers: Headers, body: Buffer): Promise<void> {
  const names = Object.keys(ALGORITHMS).filter((name) => headers[PREFIX + name] !== undefined);
  if (names.length > 1) {
    throw new Refusal(
      400,
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const [name] = names;
  if (name !== undefined) {
    const given = headers[PREFIX + name] as string;
    if (base64Bytes(given)?.length !== DIGEST_BYTES[name]) {
      throw new Refusal(400, "InvalidRequest", `Value for ${PREFIX}${name} header is invalid.`);
    }
    if (given !== (await (ALGORITHMS[name] as Algorithm)(body)).toString("base64")) {
      throw new Refusal(
        400,
        "BadDigest",
        `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
      );
    }
  }
  const md5 = headers["content-md5"];
  if (md5 === undefined) return;
  if (base64Bytes(md5)?.length !== 16)
    throw new Refusal(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
  if (md5 !== (await md5Of(body)).toString("base64")) {
    throw new Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
}

function base64Bytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

async function inPieces<T>(
  body: Buffer,
  start: T,
  step: (piece: Buffer, state: T) => T,
  finish: (state: T) => Buffer,
): Promise<Buffer> {
  let state = start;
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    if (at > 0) await setImmediate();
    state = step(body.subarray(at, at + PIECE_BYTES), state);
  }
  return finish(state);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

let crc32cTable: Int32Array | undefined;

/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), which Node has not. */
function crc32c(piece: Buffer, earlier: number): number {
  crc32cTable ??= Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value;
  });
  let crc = ~earlier;
  for (const byte of piece) crc = (crc >>> 8) ^ (crc32cTable[(crc ^ byte) & 0xff] as number);
  return ~crc;
}

const CRC64_NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const ALL_64_BITS = 0xffff_ffff_ffff_ffffn;
let crc64Tables: { high: Int32Array; low: Int32Array } | undefined;

/** CRC-64/NVME (reflected), in two halves of 32 bits: arithmetic on a bigint for each byte would be a hundred times slower. */
function crc64Nvme(piece: Buffer, earlier: bigint): bigint {
  crc64Tables ??= makeCrc64Tables();
  const { high: highTable, low: lowTable } = crc64Tables;
  const start = earlier ^ ALL_64_BITS;
  let high = Number(start >> 32n) | 0;
  let low = Number(start & 0xffff_ffffn) | 0;
  for (const byte of piece) {
    const entry = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lowTable[entry] as number);
    high = (high >>> 8) ^ (highTable[entry] as number);
  }
  return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) ^ ALL_64_BITS;
}

function makeCrc64Tables(): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ CRC64_NVME_POLYNOMIAL : value >> 1n;
    high[byte] = Number(value >> 32n) | 0;
    low[byte] = Number(value & 0xffff_ffffn) | 0;
  }
  return { high, low };
}
