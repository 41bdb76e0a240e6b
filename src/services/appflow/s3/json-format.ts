import { isUtf8 } from "node:buffer";
import { isNestedTooDeep } from "../../eventbridge/index.ts";
import { isJsonObject } from "../../json-text.ts";
import type { SourceRecord } from "../connector.ts";
import { parseExactly } from "./exact-json.ts";
import { type ParsedSlice, RECORD_BYTES_MAX, type TextSlice, type TextState, unreadableAt } from "./text-format.ts";

type LinesState = Extract<TextState, { format: "json lines" }>;
type ValuesState = Extract<TextState, { format: "json values" }>;

const LF = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, LF, 0x0d]);

/** Each line is an object. */
export function parseJsonLines(slice: TextSlice, { isPassing }: LinesState): ParsedSlice {
  const { bytes, isEnd } = slice;
  const records: SourceRecord[] = [];
  let at = 0;
  let passes = isPassing === true;
  while (at < bytes.length) {
    const feed = bytes.indexOf(LF, at);
    if (feed < 0 && !isEnd) break;
    const end = feed < 0 ? bytes.length : feed;
    const next = feed < 0 ? bytes.length : feed + 1;
    if (passes) passes = false;
    else if (!isBlank(bytes, at, end)) records.push(recordAt(slice, at, end, next - at));
    at = next;
  }
  if (at === 0 && passes && !isEnd)
    return { records, consumed: bytes.length, state: { format: "json lines", isPassing } };
  if (at === 0 && bytes.length > RECORD_BYTES_MAX) {
    records.push(unreadableAt(slice, 0, bytes.length, `the line has more than ${RECORD_BYTES_MAX} bytes`));
    return { records, consumed: bytes.length, state: { format: "json lines", isPassing: true } };
  }
  return { records, consumed: at, state: { format: "json lines" } };
}

/** How an object of JSON is divided, with the bracket of an array passed over. `undefined`: the slice is too short to say. */
export function beginJson(slice: TextSlice): ParsedSlice | undefined {
  const start = skipBlanks(slice.bytes, 0);
  if (slice.bytes[start] === OPEN_ARRAY) {
    return { records: [], consumed: start + 1, state: { format: "json values", isArray: true } };
  }
  const isLines = beginsWithLine(slice, start);
  if (isLines === undefined) return undefined;
  const state: TextState = isLines ? { format: "json lines" } : { format: "json values", isArray: false };
  return { records: [], consumed: start, state };
}

/** Whether a line is JSON by itself: else values reach over lines. */
function beginsWithLine({ bytes, isEnd }: TextSlice, start: number): boolean | undefined {
  const feed = bytes.indexOf(LF, start);
  if (feed < 0 && !isEnd) return undefined;
  try {
    JSON.parse(bytes.toString("utf8", start, feed < 0 ? bytes.length : feed));
    return true;
  } catch {
    // Then it is only a part of a value, or no JSON, which shows as it is read.
    return false;
  }
}

/** Objects that follow each other, or stand in an array, over whatever lines. */
export function parseJsonValues(slice: TextSlice, { isArray }: ValuesState): ParsedSlice {
  const { bytes, isEnd } = slice;
  const state: ValuesState = { format: "json values", isArray };
  const records: SourceRecord[] = [];
  const over = (start: number, reason: string): ParsedSlice => {
    records.push(unreadableAt(slice, start, bytes.length, reason));
    return { records, consumed: bytes.length, state, isOver: true };
  };
  let at = 0;
  for (;;) {
    const start = skipBlanks(bytes, at, isArray);
    if (start === bytes.length) {
      if (isEnd && isArray) return over(start, "the array is not closed");
      return { records, consumed: start, state };
    }
    if (isArray && bytes[start] === CLOSE_ARRAY) return endOfArray(slice, records, start + 1);
    const end = endOfValue(bytes, start);
    if (end === undefined) {
      if (isEnd) return over(start, "the value is not closed");
      return bytes.length - start > RECORD_BYTES_MAX
        ? over(start, `the value has more than ${RECORD_BYTES_MAX} bytes`)
        : { records, consumed: at, state };
    }
    records.push(recordAt(slice, start, end, end - at));
    at = end;
  }
}

function endOfArray(slice: TextSlice, records: SourceRecord[], end: number): ParsedSlice {
  const { bytes } = slice;
  const rest = skipBlanks(bytes, end);
  if (rest < bytes.length) records.push(unreadableAt(slice, rest, bytes.length, "there is something behind the array"));
  return { records, consumed: bytes.length, state: { format: "json values", isArray: true }, isOver: true };
}

/** What is nested deeper cannot be written as JSON again; an object of Customer Profiles has far fewer levels. */
const NESTING_MAX = 1_000;

function recordAt(slice: TextSlice, start: number, end: number, length: number): SourceRecord {
  const bytes = slice.bytes.subarray(start, end);
  if (!isUtf8(bytes)) return unreadableAt(slice, start, end, "text that is not UTF-8");
  const text = bytes.toString("utf8");
  if (isNestedTooDeep(text, NESTING_MAX)) {
    return unreadableAt(slice, start, end, `it is nested deeper than ${NESTING_MAX} levels`);
  }
  try {
    const value = parseExactly(text);
    if (isJsonObject(value)) return { fields: value, bytes: length };
  } catch {
    // It is told below.
    return unreadableAt(slice, start, end, "it is no JSON");
  }
  return unreadableAt(slice, start, end, "it is no JSON object");
}

/** Behind a value, `undefined` where it has no end. A value that is no JSON ends where its brackets do. */
function endOfValue(bytes: Buffer, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const close = endOfString(bytes, at + 1);
      if (close === undefined) return undefined;
      at = close - 1;
      if (depth === 0) return close;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return at + 1;
      // What is closed was never opened: the end of the array, behind a number. As the first byte it is a value that is none.
      if (depth < 0) return Math.max(at, start + 1);
    } else if (depth === 0 && at > start && (byte === COMMA || BLANKS.has(byte))) return at;
  }
  return undefined;
}

function endOfString(bytes: Buffer, start: number): number | undefined {
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return undefined;
}

function skipBlanks(bytes: Buffer, from: number, isArray = false): number {
  let at = from;
  while (at < bytes.length && (BLANKS.has(bytes[at]) || (isArray && bytes[at] === COMMA))) at += 1;
  return at;
}

function isBlank(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (!BLANKS.has(bytes[at])) return false;
  return true;
}
