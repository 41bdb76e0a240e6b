import { Worker } from "node:worker_threads";
import type { ReadingWorkerData, ReadLines } from "./reading-worker.ts";

/** Jobs that read at the same time: each takes a processor, and the memory of a thread. */
const THREADS_MAX = 2;

/** Jobs that read beside everybody else, each in a thread of its own with a connection of its own to the database. */
export class ReadingThreads {
  readonly #databasePath: string;
  readonly #workers = new Set<Worker>();
  /** Those that wait for one of the others to end. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #isClosed = false;

  constructor(databasePath: string) {
    this.#databasePath = databasePath;
  }

  async *run<Line>(module: URL, order: unknown): AsyncGenerator<Line, void, undefined> {
    // Whoever ends hands their place on.
    if (this.#running >= THREADS_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      if (this.#isClosed) throw closed();
      yield* this.#lines<Line>(module, order);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  async *#lines<Line>(module: URL, order: unknown): AsyncGenerator<Line, void, undefined> {
    const data: ReadingWorkerData = { databasePath: this.#databasePath, module: module.href, order };
    const worker = new Worker(new URL("./reading-worker.ts", import.meta.url), { workerData: data });
    this.#workers.add(worker);
    try {
      for (let asked = ask(worker); ; ) {
        const { lines, isLast } = await asked;
        // It reads on while these are told.
        if (!isLast) asked = ask(worker);
        yield* lines as readonly Line[];
        if (isLast) return;
      }
    } finally {
      this.#workers.delete(worker);
      await worker.terminate();
    }
  }
}

/** What it throws, such as what the worker has died of, is for whoever waits for it. */
function ask(worker: Worker): Promise<ReadLines> {
  const asked = new Promise<ReadLines>((resolve, reject) => {
    const settled = (settle: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      settle();
    };
    const onMessage = (answer: ReadLines): void => settled(() => resolve(answer));
    const onError = (error: Error): void => settled(() => reject(error));
    const onExit = (): void => settled(() => reject(closed()));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage("more");
  });
  asked.catch(() => {});
  return asked;
}

function closed(): Error {
  return new Error("The store is closed");
}
