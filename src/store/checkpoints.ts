/**
 * Moves what was committed from the write-ahead log (WAL) into the database file, so that the WAL begins anew.
 *
 * ```
 *               copy: beside the writers                restart: commits wait
 * main thread   ├ holds a read open ───────────────────┤├──────────────────────┤
 * worker         WAL synced, frames copied, file synced   the rest, WAL emptied, new header synced
 * ```
 *
 * A WAL only ever loses its end in a power cut, as long as nothing overwrites what is old before it is of no use. SQLite itself
 * would write over a WAL that is wholly copied, from its start, at the next commit. With a header that is not synced, a power cut
 * could then leave the old header and a mixture of frames, and old pages would come back. So the WAL begins anew only here,
 * while nobody commits, and its new header is on the disk before the next commit. Until then the open read keeps SQLite from
 * doing so by itself, since it may need the old frames. (Should it do so all the same, because a reader outside this process
 * held up the restart, `synchronous = NORMAL` on the writing connection makes it sync the header, at the cost of a wait on the main thread.)
 */
import { once } from "node:events";
import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import type { CheckpointAnswer, CheckpointRequest, CheckpointWorkerData } from "./checkpoint-worker.ts";
import type { Connection } from "./connection.ts";

/**
 * The WAL's length at which it is copied. The longer it is, the fewer pages are copied for the same commits, and the longer commits pause
 * for the last step: measured beside 64 writers on two busy cores, 10 ms at 4 MiB, 20 ms at 16 MiB, 50 ms at 32 MiB.
 */
export const CHECKPOINT_BYTES: number = 8 * 1024 * 1024;

interface CheckpointsOptions extends CheckpointWorkerData {
  readonly walPath: string;
  /** Returns once all that is committed is durable. */
  readonly durable: () => Promise<void>;
  /** A connection of its own, for the open read. */
  readonly guard: Connection;
  readonly checkpointBytes: number;
  readonly log: Logger | undefined;
  readonly fail: (error: Error) => void;
}

export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #worker: Worker | undefined;
  #running: Promise<void> | undefined;
  #dueBytes: number;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#dueBytes = options.checkpointBytes;
  }

  /** Something was committed. `pauseFor` runs a function while no transaction is open. */
  committed(pauseFor: <R>(run: () => Promise<R>) => Promise<R>): void {
    if (this.#running || statSync(this.#options.walPath).size < this.#dueBytes) return;
    this.#running = this.#checkpoint(pauseFor)
      .catch((error) => this.#options.fail(new Error("The write-ahead log could not be copied", { cause: error })))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#worker?.terminate();
  }

  async #checkpoint(pauseFor: <R>(run: () => Promise<R>) => Promise<R>): Promise<void> {
    const { guard, durable, checkpointBytes, log } = this.#options;
    guard.statement("BEGIN").run();
    // A transaction begins to read with its first statement. No frame behind what it sees is copied.
    guard.statement("SELECT count(*) FROM store_collections").get();
    // The worker syncs the WAL itself before it copies; done here, that takes it no time.
    await durable();
    const copied = await this.#ask("copy");
    const answer = await pauseFor(async () => {
      guard.statement("COMMIT").run();
      await durable();
      return copied.isDone ? await this.#ask("restart") : copied;
    });
    const { size } = statSync(this.#options.walPath);
    this.#dueBytes = answer.isDone ? checkpointBytes : size + checkpointBytes;
    if (!answer.isDone)
      log?.warn({ walBytes: size, reason: answer.reason }, "The write-ahead log could not be emptied yet");
  }

  async #ask(request: CheckpointRequest): Promise<CheckpointAnswer> {
    const worker = this.#worker ?? this.#start();
    // `once` throws what the worker dies of.
    const answered = once(worker, "message");
    worker.postMessage(request);
    const [answer] = await answered;
    return answer;
  }

  #start(): Worker {
    const { databasePath, databaseDescriptor } = this.#options;
    this.#worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), {
      workerData: { databasePath, databaseDescriptor } satisfies CheckpointWorkerData,
    });
    this.#worker.unref();
    return this.#worker;
  }
}
