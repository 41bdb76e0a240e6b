import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { CompressionFormat } from "@aws-sdk/client-firehose";
import { createDigest } from "../../models/checksum.ts";

/** Packs what comes while it comes. The same bytes give the same file. */
export function compressed(
  format: CompressionFormat,
  key: string,
  content: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  switch (format) {
    case "UNCOMPRESSED":
      return content;
    case "GZIP":
      return gzipped(content);
    case "ZIP":
      return zipped(key, content);
    case "Snappy":
      return snappy(content);
    case "HADOOP_SNAPPY":
      throw new Error("No stream is made with HADOOP_SNAPPY");
    default:
      return format satisfies never;
  }
}

function gzipped(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gzip = createGzip();
  const source = Readable.from(content);
  source.on("error", (error) => gzip.destroy(error));
  return source.pipe(gzip);
}

/** Of the only file in an archive. */
const ZIP_TIME = new Date("1980-01-01T00:00:00Z");

async function* zipped(key: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Loaded with the first archive: most streams write none.
  const { ZipFile } = await import("yazl");
  const zip = new ZipFile();
  const source = Readable.from(content);
  source.on("error", (error) => (zip.outputStream as Readable).destroy(error));
  zip.addReadStream(source, key.slice(key.lastIndexOf("/") + 1).replace(/\.zip$/, ""), { mtime: ZIP_TIME });
  zip.end();
  yield* zip.outputStream as AsyncIterable<Uint8Array>;
}

/** So many bytes are packed at a time, as the framing format has them: https://github.com/google/snappy/blob/main/framing_format.txt */
const CHUNK_BYTES = 65_536;

async function* snappy(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { compress } = await import("snappyjs");
  yield Buffer.concat([Buffer.from([0xff, 6, 0, 0]), Buffer.from("sNaPpY")]);
  let rest = Buffer.alloc(0);
  for await (const piece of content) {
    rest = Buffer.concat([rest, piece]);
    for (; rest.length >= CHUNK_BYTES; rest = rest.subarray(CHUNK_BYTES)) {
      yield chunk(compress(rest.subarray(0, CHUNK_BYTES)), rest.subarray(0, CHUNK_BYTES));
    }
  }
  if (rest.length > 0) yield chunk(compress(rest), rest);
}

function chunk(packed: Uint8Array, plain: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUIntLE(packed.length + 4, 1, 3);
  head.writeUInt32LE(maskedCrc32c(plain), 4);
  return Buffer.concat([head, packed]);
}

function maskedCrc32c(bytes: Uint8Array): number {
  const digest = createDigest("CRC32C");
  digest.update(bytes);
  const crc = digest.digest().readUInt32BE();
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
