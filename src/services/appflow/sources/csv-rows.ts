import { Readable } from "node:stream";
import { parse } from "csv-parse";

/** Read at a time: some milliseconds, in which nobody else is served. */
const PIECE_BYTES = 65_536;

export type CsvRow = readonly (string | null)[];

/**
 * The rows of a CSV text, all with as many columns as the first one has. `nulls`: what stands for no value, where it has no quotes. Throws an `Error` that
 * says where the text is none.
 */
export async function csvRows(bytes: Buffer, nulls: readonly string[]): Promise<readonly CsvRow[]> {
  const rows: CsvRow[] = [];
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    cast: (value, { quoting }) => (!quoting && nulls.includes(value) ? null : value),
  });
  const pieces = Readable.from(piecesOf(bytes), { objectMode: false });
  for await (const row of pieces.pipe(parser)) rows.push(row);
  return rows;
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

function* piecesOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
