import { Readable } from "node:stream";
import { parse } from "csv-parse";

/** Read at a time: some milliseconds, in which nobody else is served. */
const PIECE_BYTES = 65_536;

/** The rows of a CSV text, all with as many columns as the first one has. Throws an `Error` that says where the text is none. */
export async function csvRows(bytes: Buffer): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  const pieces = Readable.from(piecesOf(bytes), { objectMode: false });
  for await (const row of pieces.pipe(parse({ bom: true, skip_empty_lines: true }))) rows.push(row);
  return rows;
}

function* piecesOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
