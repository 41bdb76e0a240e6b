/**
 * CSV with a header. A row is found here, by its bytes, since reading has to go on at any of them, and a row that is wrong must not take the ones behind
 * it with it; what its values are is left to csv-parse.
 */
import { isUtf8 } from "node:buffer";
import type { JsonObject } from "../../../matching/machine.ts";
import type { SourceRecord } from "../connector.ts";
import { setMember } from "../record-field.ts";
import { type ParsedSlice, type TextSlice, type TextState, unreadableAt } from "./text-format.ts";

type CsvState = Extract<TextState, { format: "csv" }>;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** Reads the header, with which an object begins. `undefined`: the slice is too short for it. */
export async function beginCsv(slice: TextSlice): Promise<ParsedSlice | undefined> {
  const { bytes, isEnd, key } = slice;
  const delimiter = delimiterOf(bytes, key);
  const row = new Rows(bytes, delimiter, isEnd).at(0);
  if (!row) return undefined;
  const { text = [], problem } = await headerOf(slice, row, delimiter);
  const state: CsvState = { format: "csv", delimiter, names: text };
  if (problem === undefined) return { records: [], consumed: row.next, state };
  const records = [unreadableAt(slice, 0, row.end, `the header ${problem}`)];
  return { records, consumed: row.next, state, isOver: true };
}

/** Comma, unless the header has none and one of the others: such files would else have one column, silently. */
function delimiterOf(bytes: Buffer, key: string): string {
  if (/\.(tsv|tab)(\.gz)?$/i.test(key)) return "\t";
  const end = bytes.indexOf(LF);
  const header = bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
  return [",", ";", "\t"].find((delimiter) => header.includes(delimiter)) ?? ",";
}

async function headerOf(
  { bytes }: TextSlice,
  row: Row,
  delimiter: string,
): Promise<{ readonly text?: readonly string[]; readonly problem?: string }> {
  const header = bytes.subarray(row.start, row.end);
  if (row.problem !== undefined) return { problem: `has ${row.problem}` };
  if (!isUtf8(header)) return { problem: "is not UTF-8" };
  if (header.includes(0)) return { problem: "has zeros: it is no text, or not UTF-8" };
  if (header.includes(CR)) return { problem: "has a carriage return without a line feed" };
  const [text = []] = await parseRows(header, delimiter);
  const names = text.map((name) => name.trim());
  const twice = firstTwice(names);
  if (twice !== undefined) return { problem: `has ${twice} twice` };
  return names.some((name) => name !== "") ? { text: names } : { problem: "names no column" };
}

/** A header may have a hundred thousand names: each is looked at once. */
function firstTwice(names: readonly string[]): string | undefined {
  const known = new Set<string>();
  return names.find((name) => {
    const isKnown = name !== "" && known.has(name);
    known.add(name);
    return isKnown;
  });
}

export async function parseCsv(slice: TextSlice, state: CsvState): Promise<ParsedSlice> {
  const { bytes, isEnd } = slice;
  const finder = new Rows(bytes, state.delimiter, isEnd);
  const isText = isUtf8(bytes.subarray(0, isEnd ? bytes.length : bytes.lastIndexOf(LF) + 1));
  const records: SourceRecord[] = [];
  let good: Row[] = [];
  let consumed = 0;
  for (let row = finder.at(0); row !== undefined && consumed < bytes.length; row = finder.at(consumed)) {
    consumed = row.next;
    if (row.end === row.start) continue;
    const problem =
      row.problem ?? (isText || isUtf8(bytes.subarray(row.start, row.end)) ? undefined : "text that is not UTF-8");
    if (problem === undefined) good.push(row);
    else {
      records.push(...(await recordsOf(slice, good, state)));
      records.push(unreadableAt(slice, row.start, row.end, `the row has ${problem}`));
      good = [];
    }
  }
  records.push(...(await recordsOf(slice, good, state)));
  return { records, consumed, state };
}

/** Of rows that follow each other, with nothing but empty lines between them. */
async function recordsOf(
  slice: TextSlice,
  rows: readonly Row[],
  { delimiter, names }: CsvState,
): Promise<readonly SourceRecord[]> {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return [];
  const values = await parseRows(slice.bytes.subarray(first.start, last.next), delimiter);
  return rows.map(({ start, end, next }, place) => {
    const row = values[place] ?? [];
    if (row.length === names.length) return { fields: fieldsOf(names, row), bytes: next - start };
    return unreadableAt(
      slice,
      start,
      end,
      `the row has ${row.length} values where the header has ${names.length} names`,
    );
  });
}

function fieldsOf(names: readonly string[], values: readonly string[]): JsonObject {
  const fields: Record<string, unknown> = {};
  for (let place = 0; place < names.length; place++) {
    const name = names[place] ?? "";
    if (name !== "") setMember(fields, name, values[place]);
  }
  return fields;
}

async function parseRows(bytes: Buffer, delimiter: string): Promise<readonly (readonly string[])[]> {
  // Loaded with the first file.
  const { parse } = await import("csv-parse/sync");
  return parse(bytes, {
    delimiter,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    skip_empty_lines: true,
  }) as string[][];
}

interface Row {
  readonly start: number;
  /** Without what ends the line. */
  readonly end: number;
  /** Where the next one begins. */
  readonly next: number;
  readonly problem?: string | undefined;
}

/** Finds rows, which end with a line feed that is not within quotes. */
class Rows {
  readonly #bytes: Buffer;
  readonly #delimiter: number;
  readonly #isEnd: boolean;
  /** The first quote at or behind the row that was found last: in most files most rows have none. */
  #quote = -1;

  constructor(bytes: Buffer, delimiter: string, isEnd: boolean) {
    this.#bytes = bytes;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#isEnd = isEnd;
  }

  /** The row that begins there. `undefined`: its end is not among the bytes. */
  at(start: number): Row | undefined {
    const bytes = this.#bytes;
    const feed = bytes.indexOf(LF, start);
    if (this.#quote < start) this.#quote = nextOf(bytes, QUOTE, start);
    if (this.#quote > (feed < 0 ? bytes.length : feed)) return this.#row(start, feed);
    return this.#quotedRow(start);
  }

  /** `feed`: negative where there is none. */
  #row(start: number, feed: number, problem?: string): Row | undefined {
    const bytes = this.#bytes;
    if (feed < 0 && !this.#isEnd) return undefined;
    const next = feed < 0 ? bytes.length : feed + 1;
    const lineEnd = feed < 0 ? bytes.length : feed;
    const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    return { start, end, next, problem };
  }

  /** A row that has quotes, or may have. */
  #quotedRow(start: number): Row | undefined {
    const bytes = this.#bytes;
    let problem: string | undefined;
    for (let at = start; ; at++) {
      if (bytes[at] === QUOTE) {
        const close = this.#closingQuote(at + 1);
        if (close < 0) return this.#row(start, -1, problem ?? "a quote that is not closed");
        at = close + 1;
        if (at >= bytes.length) return this.#row(start, -1, problem);
        if (!this.#endsValue(at)) problem ??= "text behind a closing quote";
      }
      for (; at < bytes.length && bytes[at] !== this.#delimiter && bytes[at] !== LF; at++) {
        if (bytes[at] === QUOTE) problem ??= "a quote within a value that does not begin with one";
      }
      if (at >= bytes.length) return this.#row(start, -1, problem);
      if (bytes[at] === LF) return this.#row(start, at, problem);
    }
  }

  /** Two of them stand for one that belongs to the value. */
  #closingQuote(from: number): number {
    const bytes = this.#bytes;
    for (let quote = bytes.indexOf(QUOTE, from); ; quote = bytes.indexOf(QUOTE, quote + 2)) {
      if (quote < 0 || bytes[quote + 1] !== QUOTE) return quote;
    }
  }

  #endsValue(at: number): boolean {
    const [byte, next] = [this.#bytes[at], this.#bytes[at + 1]];
    return byte === this.#delimiter || byte === LF || (byte === CR && (next === LF || next === undefined));
  }
}

/** Behind all bytes where there is none. */
function nextOf(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found < 0 ? Number.POSITIVE_INFINITY : found;
}
