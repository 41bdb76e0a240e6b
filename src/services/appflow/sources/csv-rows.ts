import { setImmediate } from "node:timers/promises";

/** Read at a time: a few milliseconds, in which nobody else is served. */
const PIECE_BYTES = 32_768;

export type CsvRow = readonly (string | null)[];

/**
 * The rows of a CSV text, all with as many columns as the first one has. `nulls`: what stands for no value, where it has no quotes. Throws an `Error` that
 * says where the text is none.
 */
export async function csvRows(bytes: Buffer, nulls: readonly string[]): Promise<readonly CsvRow[]> {
  // Loaded with the first text.
  const { parse } = await import("csv-parse/sync");
  const rows: CsvRow[] = [];
  let columns: number | undefined;
  for (const piece of wholeRows(bytes)) {
    const read: CsvRow[] = parse(piece, {
      bom: rows.length === 0,
      skip_empty_lines: true,
      // The first row decides for all, and that is in another piece.
      relax_column_count: true,
      cast: (value, { quoting }) => (!quoting && nulls.includes(value) ? null : value),
    });
    columns ??= read[0]?.length;
    const odd = read.findIndex((row) => row.length !== columns);
    if (odd >= 0) {
      throw new Error(`row ${rows.length + odd + 1} has ${read[odd]?.length} values, and the first one ${columns}`);
    }
    rows.push(...read);
    await setImmediate();
  }
  return rows;
}

/** Pieces that end where a row ends; the last one with the text. */
function* wholeRows(bytes: Buffer): Iterable<Buffer> {
  let size = PIECE_BYTES;
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + size);
    const end = at + size >= bytes.length ? piece.length : wholeRowsEnd(piece);
    if (end > 0) yield piece.subarray(0, end);
    at += end;
    size = end > 0 ? PIECE_BYTES : size * 2;
  }
}

/** Where the last row ends that is whole: behind its newline, which is in no quotes. 0: none is. */
export function wholeRowsEnd(bytes: Buffer): number {
  let isQuoted = false;
  let end = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    // A quote within quotes is written twice.
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === NEWLINE && !isQuoted) end = at + 1;
  }
  return end;
}

const QUOTE = 0x22;
const NEWLINE = 0x0a;
