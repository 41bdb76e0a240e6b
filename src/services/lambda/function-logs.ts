import { appendServiceEvents } from "../logs/index.ts";
import type { Platform } from "../service.ts";
import type { FunctionRef } from "./function.ts";

interface Stream {
  readonly ref: Pick<FunctionRef, "account" | "region">;
  readonly group: string;
  readonly stream: string;
}

interface Line {
  readonly timestampMs: number;
  readonly message: string;
}

/** How long lines wait for others: what is logged in one go is written in one go. */
const GATHER_MS = 25;
const BATCH_LINES = 200;
const BATCH_BYTES = 512 * 1024;
/** What may wait in memory, of all functions together; beyond it lines are left out, and counted. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** Writes what functions log to CloudWatch Logs, in batches and behind the answers: nobody who invokes a function waits for its log. */
export class FunctionLogs {
  readonly #platform: Platform;
  readonly #waiting = new Map<string, { readonly to: Stream; readonly lines: Line[] }>();
  #waitingBytes = 0;
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
    platform.flow.metrics.describe(
      "trunkline_function_log_lines_dropped_total",
      "Lines that came faster than they could be written.",
    );
  }

  get isQuiet(): boolean {
    return this.#waiting.size === 0 && this.#writing === undefined;
  }

  append(to: Stream, message: string): void {
    if (this.#waitingBytes > WAITING_BYTES_MAX) {
      this.#platform.flow.metrics.count("trunkline_function_log_lines_dropped_total");
      return;
    }
    const entry = this.#waiting.get(to.stream) ?? { to, lines: [] };
    this.#waiting.set(to.stream, entry);
    entry.lines.push({ timestampMs: this.#platform.clock.now(), message });
    this.#waitingBytes += message.length;
    this.#timer ??= this.#platform.wall.after(GATHER_MS, () => void this.flush());
  }

  /** Returns when all that was logged by now is written. */
  async flush(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#writing) await this.#writing;
    if (this.#waiting.size === 0) return;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      this.#platform.flow.ring();
    });
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const [first] = this.#waiting;
      if (!first) return;
      const [stream, { to, lines }] = first;
      let bytes = 0;
      let count = 0;
      while (count < lines.length && count < BATCH_LINES && bytes < BATCH_BYTES)
        bytes += lines[count++]?.message.length ?? 0;
      const batch = lines.splice(0, count);
      // The next stream's turn comes before the rest of this one.
      this.#waiting.delete(stream);
      if (lines.length > 0) this.#waiting.set(stream, { to, lines });
      this.#waitingBytes -= bytes;
      const { account, region } = to.ref;
      try {
        await this.#platform.store.commitUnsynced((unit) =>
          appendServiceEvents(unit, this.#platform, { account, region, group: to.group, stream: to.stream }, batch),
        );
      } catch (error) {
        // A log is no reason to fail; that it is not whole is told to whoever runs the server.
        this.#platform.log.error({ err: error, group: to.group }, "What a function logged could not be written");
      }
    }
  }
}
