/** Parquet, by rows, as a thread of its own decodes it (`parquet-worker.ts`). */
import { Worker } from "node:worker_threads";
import type { WallClock } from "../../../time/clock.ts";
import type { BucketFile, BucketFiles, BytePart } from "../../s3/index.ts";
import type { SourceRecord } from "../connector.ts";
import { parseExactly } from "./exact-json.ts";
import { readPart } from "./object-bytes.ts";

export interface ParquetPage {
  readonly records: readonly SourceRecord[];
  /** The row that the next page begins with. Absent: there is none. */
  readonly next?: number | undefined;
}

export type ParquetWorkerData = Pick<BucketFile, "key" | "size">;

/** What the thread is asked for or given. */
export type ParquetRequest = { readonly row: number } | { readonly id: number; readonly bytes: ArrayBuffer };

/** What it asks for, or gives: JSON of a page, whose numbers keep their digits so. */
export type ParquetAnswer = { readonly id: number; readonly part: BytePart } | { readonly page: string };

/** Wall time that it has between two answers. */
const ANSWER_MS = 15_000;

/** What it may have of memory, beside the bytes that it is given. */
const HEAP_MB = 512;

/** Whether bytes are the beginning of such a file. */
export function isParquet(beginning: Buffer): boolean {
  return beginning.toString("latin1", 0, 4) === "PAR1";
}

/** Reads the rows of an object. */
export class ParquetReader {
  readonly #files: BucketFiles;
  readonly #file: BucketFile;
  readonly #wall: WallClock;
  #worker: Worker | undefined;

  constructor(wall: WallClock, files: BucketFiles, file: BucketFile) {
    this.#wall = wall;
    this.#files = files;
    this.#file = file;
  }

  /** A page from a row on. What cannot be read ends it, and is told as its last record. Throws `ReplacedError`, and what the bucket throws. */
  async read(row: number, signal: AbortSignal): Promise<ParquetPage> {
    const asked = Promise.withResolvers<ParquetPage>();
    const giveUp = (reason: string): void =>
      asked.resolve({ records: [{ unreadable: `${this.#file.key}, row ${row}: ${reason}`, text: "" }] });
    let timer: Disposable | undefined;
    const wait = (): void => {
      timer?.[Symbol.dispose]();
      timer = this.#wall.after(ANSWER_MS, () => giveUp("it is damaged: its decoding does not end"));
    };
    const onMessage = (answer: ParquetAnswer): void => {
      wait();
      if ("page" in answer) asked.resolve(parseExactly(answer.page) as ParquetPage);
      else this.#give(answer, signal).catch(asked.reject);
    };
    const onError = ({ message }: Error): void => giveUp(`it cannot be decoded: ${message}`);
    const worker = this.#open();
    worker.on("message", onMessage).on("error", onError);
    try {
      wait();
      worker.ref();
      worker.postMessage({ row } satisfies ParquetRequest);
      return await asked.promise;
    } finally {
      timer?.[Symbol.dispose]();
      worker.off("message", onMessage).off("error", onError);
      // One that is only kept for the next page does not keep the process.
      worker.unref();
    }
  }

  close(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #open(): Worker {
    const { key, size } = this.#file;
    this.#worker ??= new Worker(new URL("./parquet-worker.ts", import.meta.url), {
      workerData: { key, size } satisfies ParquetWorkerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
      // While nobody reads, what it dies of is of no interest: the next one who reads opens another.
      .on("error", () => (this.#worker = undefined))
      .on("exit", () => (this.#worker = undefined));
    return this.#worker;
  }

  async #give({ id, part }: { readonly id: number; readonly part: BytePart }, signal: AbortSignal): Promise<void> {
    const read = await readPart(this.#files, this.#file, part, signal);
    const bytes = read.buffer.slice(read.byteOffset, read.byteOffset + read.length) as ArrayBuffer;
    this.#worker?.postMessage({ id, bytes } satisfies ParquetRequest, [bytes]);
  }
}
