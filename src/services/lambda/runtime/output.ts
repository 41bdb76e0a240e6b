import type { Readable } from "node:stream";
import { LOG_LINE_BYTES_MAX } from "../limits.ts";

const NEWLINE = 0x0a;

/**
 * What a sandbox's processes write, line by line. A line that is too long is cut into several, so that nothing of any size is ever held.
 *
 * Our bootstraps write `mark` and the request's id as a line of their own when an invocation is over: all that belongs to it has been read then.
 */
export class Output {
  readonly #mark: string;
  readonly #onLine: (line: string) => void;
  readonly #onMark: (requestId: string) => void;
  /** The beginning of a line whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(
    source: Readable,
    { mark, onLine, onMark }: { mark: string; onLine(line: string): void; onMark(requestId: string): void },
  ) {
    this.#mark = mark;
    this.#onLine = onLine;
    this.#onMark = onMark;
    source.on("data", (chunk: Buffer) => this.#take(chunk));
    source.on("error", () => {});
  }

  /** There is no more: what has no end of line is a line too. */
  end(): void {
    this.#emit(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end < 0) break;
      this.#emit(Buffer.concat([this.#rest, chunk.subarray(from, end)]));
      this.#rest = Buffer.alloc(0);
      from = end + 1;
    }
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(from)]);
    while (this.#rest.length > LOG_LINE_BYTES_MAX) {
      this.#emit(this.#rest.subarray(0, LOG_LINE_BYTES_MAX));
      this.#rest = this.#rest.subarray(LOG_LINE_BYTES_MAX);
    }
  }

  #emit(line: Buffer): void {
    if (line.length === 0) return;
    const text = line.toString();
    const at = text.indexOf(this.#mark);
    if (at >= 0) {
      // What had no end of line before the mark is a line.
      if (at > 0) this.#onLine(text.slice(0, at));
      this.#onMark(text.slice(at + this.#mark.length));
      return;
    }
    for (let from = 0; from < line.length; from += LOG_LINE_BYTES_MAX) {
      const piece =
        line.length <= LOG_LINE_BYTES_MAX ? text : line.subarray(from, from + LOG_LINE_BYTES_MAX).toString();
      this.#onLine(piece);
    }
  }
}
