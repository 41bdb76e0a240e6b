/**
 * A thread in which Parquet is decoded, for `parquet-reader.ts`: it takes long at a time, and what is damaged may take for ever.
 *
 * A file's columns lie apart, in groups of rows: a group's bytes are asked for once and kept as long as its rows are handed on, and its rows are decoded a
 * block at a time. So what a file takes of memory is what one group of it takes, packed.
 */
import { isUtf8 } from "node:buffer";
import { parentPort, workerData } from "node:worker_threads";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet";
import type { SourceRecord } from "../connector.ts";
import { setMember } from "../record-field.ts";
import type { ParquetAnswer, ParquetPage, ParquetRequest, ParquetWorkerData } from "./parquet-reader.ts";

/** Rows of a page. */
const PAGE_ROWS = 1_000;

/** Rows that are decoded together: pages of columns have about so many, and each is unpacked whole. */
const BLOCK_ROWS = 10_000;

/** Packed bytes of a group of rows that are held in memory. */
const GROUP_BYTES_MAX = 128 * 1024 ** 2;

const { key, size } = workerData as ParquetWorkerData;

/** The bytes that were asked for and have not come yet, by the number of the request. */
const awaited = new Map<number, (bytes: ArrayBuffer) => void>();

parentPort?.on("message", (request: ParquetRequest) => {
  if ("row" in request) void answerPage(request.row);
  else awaited.get(request.id)?.(request.bytes);
});

async function answerPage(row: number): Promise<void> {
  tell({ page: JSON.stringify(await pageAt(row)) });
}

function tell(answer: ParquetAnswer): void {
  parentPort?.postMessage(answer);
}

/** Rows as they were decoded. */
interface Block {
  readonly start: number;
  readonly rows: readonly Record<string, unknown>[];
}

let metadata: FileMetaData | undefined;
let block: Block = { start: 0, rows: [] };

/** A page from a row on. What cannot be read ends it, and is told as its last record: hyparquet and zlib throw plain errors for that. */
async function pageAt(row: number): Promise<ParquetPage> {
  try {
    const { start, rows } = await blockAt(row);
    const page = rows.slice(row - start, row - start + PAGE_ROWS);
    const total = Number(metadata?.num_rows ?? 0);
    const bytes = Math.round(size / Math.max(1, total));
    const records = page.map((fields, place) => recordOf(fields, { number: row + place, bytes }));
    const next = row + page.length;
    if (next >= total) return { records };
    if (page.length === 0) throw new RangeError("it has fewer rows than it says");
    return { records, next };
  } catch (error) {
    const reason = `it is damaged, or not to be read: ${(error as Error).message}`;
    return { records: [{ unreadable: `${key}, row ${row}: ${reason}`, text: "" }] };
  }
}

async function blockAt(row: number): Promise<Block> {
  if (row >= block.start && row < block.start + block.rows.length) return block;
  metadata ??= await parquetMetadataAsync(file);
  const end = endOfBlock(metadata, row);
  const rows =
    end <= row
      ? []
      : await parquetReadObjects({
          file,
          metadata,
          rowStart: row,
          rowEnd: end,
          compressors: COMPRESSORS,
          parsers: { dateFromDays, stringFromBytes },
          geoparquet: false,
        });
  block = { start: row, rows };
  return block;
}

/** It does not reach beyond the group of the row. */
function endOfBlock({ row_groups: groups }: FileMetaData, row: number): number {
  let start = 0;
  for (const { num_rows: rows, columns } of groups) {
    const end = start + Number(rows);
    if (row < end) {
      const bytes = columns.reduce((sum, { meta_data: column }) => sum + Number(column?.total_compressed_size ?? 0), 0);
      if (bytes > GROUP_BYTES_MAX) throw new RangeError(`a group of rows has more than ${GROUP_BYTES_MAX} bytes`);
      enterGroup(start);
      return Math.min(end, row + BLOCK_ROWS);
    }
    start = end;
  }
  return start;
}

/** Bytes of the group that is being read: hyparquet asks for the same columns anew for each block of their rows. */
const parts = new Map<string, Promise<ArrayBuffer>>();
let group = -1;
let requests = 0;

function enterGroup(start: number): void {
  if (start !== group) parts.clear();
  group = start;
}

const file: AsyncBuffer = {
  byteLength: size,
  slice(from, end = size) {
    const id = `${from}-${end}`;
    const part = parts.get(id) ?? askFor(from, end - from);
    parts.set(id, part);
    return part;
  },
};

function askFor(from: number, length: number): Promise<ArrayBuffer> {
  if (!(from >= 0 && length >= 0 && length <= GROUP_BYTES_MAX && from + length <= size)) {
    throw new RangeError("it names bytes that it does not have");
  }
  const { promise, resolve } = Promise.withResolvers<ArrayBuffer>();
  const id = requests++;
  awaited.set(id, (bytes) => {
    awaited.delete(id);
    resolve(bytes);
  });
  tell({ id, part: { from, length } });
  return promise;
}

function recordOf(row: Record<string, unknown>, { number, bytes }: { number: number; bytes: number }): SourceRecord {
  const fields: Record<string, unknown> = {};
  try {
    for (const [name, value] of Object.entries(row)) setMember(fields, name, plainValue(value));
    return { fields, bytes };
  } catch (error) {
    return { unreadable: `${key}, row ${number}: ${(error as Error).message}`, text: "" };
  }
}

/** Snappy comes with hyparquet. What is unpacked never becomes larger than the file says. */
const COMPRESSORS: Compressors = {
  GZIP: (packed, bytes) => gunzipSync(packed, { maxOutputLength: bytes }),
  ZSTD: (packed, bytes) => zstdDecompressSync(packed, { maxOutputLength: bytes }),
  BROTLI: (packed, bytes) => brotliDecompressSync(packed, { maxOutputLength: bytes }),
};

const NOT_UTF8 = Symbol("not UTF-8");

function stringFromBytes(bytes: Uint8Array): string | symbol | undefined {
  if (!bytes) return undefined;
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8") : NOT_UTF8;
}

function dateFromDays(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, "2024-06-10".length);
}

const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => object };

/** As JSON has it. Throws `RangeError` for what it cannot have. */
function plainValue(value: unknown): unknown {
  if (value === NOT_UTF8) throw new RangeError("it has text that is not UTF-8");
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : rawJSON(String(value));
  }
  if (typeof value !== "object" || value === null) return value ?? null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plainValue);
  const plain: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) setMember(plain, name, plainValue(inner));
  return plain;
}
