/**
 * Deletes from logs what nobody needs any more.
 *
 * What may go from a partition is what its declaration does not keep (older than `keepMs`, or beyond `keepBytes`), up to the
 * first entry that a cursor still has to read. A hold is a cursor that nobody advances. A log that is kept for 0 ms, such as a
 * bus, loses entries as soon as all its readers have passed; as long as it has none, the reader may be yet to come and
 * everything stays.
 *
 * Trimming goes in steps of 100 rows, each its own unit, with a pause after each round of steps: other units stand in
 * between, never behind a long one.
 */
import { CURSORS, type Cursor, cursorPrefix } from "./consumer.ts";
import type { FlowContext } from "./flow-context.ts";
import { Loop } from "./loop.ts";

/** Rows in one transaction. */
const STEP_ENTRIES = 100;
/** Steps of one round: with the pause, up to about 50,000 rows a second, since buses and the streams they feed are both trimmed. */
const ROUND_STEPS = 4;
const ROUND_PAUSE_MS = 4;

/** How often every log is looked at, in wall time. Logs with busy readers are looked at in between. */
const SWEEP_EVERY_MS = 10_000;

/** Cursors of one log read at once. */
const CURSORS_PER_PAGE = 1_000;

export class Trimmer {
  readonly #context: FlowContext;
  readonly #loop: Loop;
  /** Logs to look at, in turn. */
  readonly #logs = new Set<string>();
  /** Log → entries that a reader has passed since the log was looked at. */
  readonly #passed = new Map<string, number>();
  #sweepDue = true;
  #alarm: Disposable | undefined;

  constructor(context: FlowContext) {
    this.#context = context;
    this.#loop = new Loop("The trimming of logs", context, () => this.#round());
    context.metrics.describe("trunkline_trimmed_entries_total", "Log entries deleted since nobody needs them.");
  }

  start(): void {
    this.#loop.wake();
    this.#alarm = this.#context.wall.after(SWEEP_EVERY_MS, () => {
      this.#sweepDue = true;
      this.start();
    });
  }

  async stop(): Promise<void> {
    this.#alarm?.[Symbol.dispose]();
    await this.#loop.stop();
  }

  /** A reader of this log has moved on. */
  passed(log: string, entries: number): void {
    const passed = (this.#passed.get(log) ?? 0) + entries;
    this.#passed.set(log, passed);
    if (passed < STEP_ENTRIES) return;
    this.#logs.add(log);
    this.#loop.wake();
  }

  async #round(): Promise<boolean> {
    const { store } = this.#context;
    if (this.#sweepDue) {
      this.#sweepDue = false;
      // Logs that are gone leave nothing behind here.
      this.#passed.clear();
      for (const { name } of await store.logs()) this.#logs.add(name);
      while (!this.#loop.stopped && (await store.sweepDropped(STEP_ENTRIES)) > 0)
        await this.#loop.pause(ROUND_PAUSE_MS);
    }

    const [log] = this.#logs;
    if (log === undefined) return false;
    // To the end of the line, where it stays only if there is more.
    this.#logs.delete(log);
    this.#passed.delete(log);
    if (await this.#trimLog(log)) this.#logs.add(log);
    await this.#loop.pause(ROUND_PAUSE_MS);
    return true;
  }

  /** One round of steps on each partition of a log. Answers whether there may be more to delete. */
  async #trimLog(log: string): Promise<boolean> {
    const { store, metrics } = this.#context;
    const declaration = await store.findLog(log);
    if (!declaration) return false;

    const needed = await this.#firstNeeded(log);
    const excess = await this.#excessEntries(log, declaration);
    let more = false;
    for (let partition = 0; partition < declaration.partitions; partition++) {
      const bounds = await store.bounds(log, partition);
      if (bounds.first >= bounds.next) continue;

      const reader = needed.get(partition);
      const expired = await this.#firstKept(log, partition, declaration.keepMs, reader, bounds.first);
      const kept = Math.max(expired, bounds.first + Math.ceil(excess / declaration.partitions));
      const before = Math.min(kept, reader ?? bounds.next, bounds.next);
      const steps = Math.min(ROUND_STEPS, Math.ceil((before - bounds.first) / STEP_ENTRIES));
      const deleted = await Promise.all(
        Array.from({ length: steps }, () => store.trim(log, partition, before, STEP_ENTRIES)),
      );
      const total = deleted.reduce((sum, count) => sum + count, 0);
      metrics.count("trunkline_trimmed_entries_total", {}, total);
      more ||= bounds.first + total < before;
    }
    return more;
  }

  /** Partition → the first sequence that some reader has yet to read. */
  async #firstNeeded(log: string): Promise<Map<number, number>> {
    const needed = new Map<number, number>();
    let after: string | undefined;
    do {
      const page = await this.#context.store.list<Cursor>(CURSORS, {
        prefix: cursorPrefix(log),
        limit: CURSORS_PER_PAGE,
        after,
      });
      for (const { partition, next } of page.documents) {
        needed.set(partition, Math.min(next, needed.get(partition) ?? next));
      }
      after = page.next;
    } while (after !== undefined);
    return needed;
  }

  /** About how many entries a log has beyond its bytes, taking all for equally long: the next look corrects it. */
  async #excessEntries(
    log: string,
    { keepBytes, partitions }: { keepBytes?: number; partitions: number },
  ): Promise<number> {
    if (keepBytes === undefined) return 0;
    const bytes = await this.#context.store.logBytes(log);
    if (bytes <= keepBytes) return 0;
    let entries = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const { first, next } = await this.#context.store.bounds(log, partition);
      entries += next - first;
    }
    return ((bytes - keepBytes) / bytes) * entries;
  }

  /** The first sequence that age alone keeps. */
  async #firstKept(
    log: string,
    partition: number,
    keepMs: number,
    reader: number | undefined,
    first: number,
  ): Promise<number> {
    if (keepMs === 0) return reader ?? first;
    return this.#context.store.sequenceAt(log, partition, this.#context.clock.now() - keepMs);
  }
}
