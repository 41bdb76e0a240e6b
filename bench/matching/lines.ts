import { closeSync, openSync, readSync } from "node:fs";

const PIECE_BYTES = 1 << 20;
const LINE_FEED = "\n".charCodeAt(0);

/** The lines of a file, each a text of its own: one that is kept does not keep the rest of the file in memory. */
export function* lines(file: string): Generator<string> {
  const descriptor = openSync(file, "r");
  const piece = Buffer.alloc(PIECE_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  try {
    for (let size = readSync(descriptor, piece); size > 0; size = readSync(descriptor, piece)) {
      const bytes = Buffer.concat([rest, piece.subarray(0, size)]);
      let start = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        yield bytes.toString("utf8", start, end);
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The first lines of a file. */
export function firstLines(file: string, count: number): string[] {
  const first: string[] = [];
  if (count === 0) return first;
  for (const line of lines(file)) if (first.push(line) === count) break;
  return first;
}
