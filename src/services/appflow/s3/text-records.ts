import { setImmediate } from "node:timers/promises";
import type { SourceRecord } from "../connector.ts";
import { beginCsv, parseCsv } from "./csv-format.ts";
import { beginJson, parseJsonLines, parseJsonValues } from "./json-format.ts";
import type { ObjectBytes, ReadBytes } from "./object-bytes.ts";
import { type ParsedSlice, RECORD_BYTES_MAX, type TextSlice, type TextState, unreadableAt } from "./text-format.ts";

/** Bytes of a page. */
const PAGE_BYTES = 262_144;

/** Bytes that are parsed at once: it takes a few milliseconds, and everybody else waits meanwhile. */
const SLICE_BYTES = 32_768;

/** Where a text is read on. */
export interface TextPlace {
  readonly at: number;
  /** Absent: at the beginning, before anybody knows what it is. */
  readonly state?: TextState | undefined;
}

export interface TextPage {
  readonly records: readonly SourceRecord[];
  /** Absent: that was all. */
  readonly next?: TextPlace | undefined;
}

/** Reads a page of an object's text from a place on. What cannot be read is among its records. Throws `ReplacedError`. */
export async function readText(
  key: string,
  bytes: ObjectBytes,
  place: TextPlace,
  signal: AbortSignal,
): Promise<TextPage> {
  for (let length = PAGE_BYTES; ; length *= 2) {
    const read = await bytes.read({ from: place.at, length: Math.min(length, RECORD_BYTES_MAX + 1) }, signal);
    const page = await pageOf(key, read, place);
    if (page) return page;
    if (length > RECORD_BYTES_MAX) {
      const slice = { key, at: place.at, bytes: read.bytes };
      return { records: [unreadableAt(slice, 0, read.bytes.length, `it has more than ${RECORD_BYTES_MAX} bytes`)] };
    }
  }
}

/** `undefined`: the bytes are too few for one record. */
async function pageOf(key: string, read: ReadBytes, place: TextPlace): Promise<TextPage | undefined> {
  const records: SourceRecord[] = [];
  let { at, state } = place;
  for (let size = SLICE_BYTES; ; ) {
    const rest = read.bytes.subarray(at - place.at);
    const bytes = rest.subarray(0, size);
    // What was cut off by damage may look whole.
    const isEnd = read.isEnd && read.damage === undefined && bytes.length === rest.length;
    const parsed = await parse({ key, at, bytes, isEnd }, state);
    records.push(...(parsed?.records ?? []));
    if (parsed?.isOver) return { records };
    if (parsed && (parsed.consumed > 0 || state === undefined)) {
      at += parsed.consumed;
      state = parsed.state;
      size = SLICE_BYTES;
    } else if (bytes.length < rest.length) size *= 4;
    else break;
    await setImmediate();
  }
  if (read.damage !== undefined) {
    const rest = read.bytes.subarray(at - place.at);
    return { records: [...records, unreadableAt({ key, at, bytes: rest }, 0, rest.length, read.damage)] };
  }
  if (read.isEnd) return { records };
  return at > place.at ? { records, next: { at, state } } : undefined;
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const OBJECT_OR_ARRAY = /^\s*[[{]/;

/** `undefined`: the slice is too short to say what it is. */
async function parse(slice: TextSlice, state: TextState | undefined): Promise<ParsedSlice | undefined> {
  if (slice.bytes.length === 0 && state) return { records: [], consumed: 0, state };
  switch (state?.format) {
    case undefined:
      return begin(slice);
    case "csv":
      return parseCsv(slice, state);
    case "json lines":
      return parseJsonLines(slice, state);
    case "json values":
      return parseJsonValues(slice, state);
  }
}

/** Finds out what an object is: by its name where that tells, or by how it begins. */
async function begin(slice: TextSlice): Promise<ParsedSlice | undefined> {
  const { key, at, bytes, isEnd } = slice;
  const marked =
    at === 0 && bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const text = { key, at: at + marked, bytes: bytes.subarray(marked), isEnd };
  const begun = await beginText(text, key.toLowerCase().replace(/\.gz$/, ""));
  return begun && { ...begun, consumed: begun.consumed + marked };
}

async function beginText(slice: TextSlice, name: string): Promise<ParsedSlice | undefined> {
  if (/\.(jsonl|ndjson)$/.test(name)) return { records: [], consumed: 0, state: { format: "json lines" } };
  if (/\.(csv|tsv|tab)$/.test(name)) return beginCsv(slice);
  const isJson = name.endsWith(".json") || OBJECT_OR_ARRAY.test(slice.bytes.toString("latin1", 0, 1024));
  return isJson ? beginJson(slice) : beginCsv(slice);
}
