import assert from "node:assert/strict";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../store/store.ts";
import type { Consumer, ConsumerOptions } from "./flow.ts";
import type { FlowContext } from "./flow-context.ts";
import { Loop } from "./loop.ts";

/** A reader's place in a partition of a log. Retention keeps what any of them still needs. */
export interface Cursor {
  readonly log: string;
  readonly consumer: string;
  readonly partition: number;
  /** Sequence of the entry to read next. */
  readonly next: number;
}

export const CURSORS: Collection<Cursor> = collection("flow_cursor");

/** All cursors of a log have this prefix; so have those of one of its consumers. */
export function cursorPrefix(log: string, consumer?: string): string {
  return consumer === undefined ? compositeKey(log, "") : compositeKey(log, consumer, "");
}

function cursorId({ log, consumer, partition }: Omit<Cursor, "next">): string {
  return compositeKey(log, consumer, partition);
}

/**
 * Puts a reader's place in a unit: that of a consumer which is about to be added and may not miss what is appended until then, or of one that
 * reads by itself, so that nothing it still needs is trimmed.
 */
export function placeCursor(unit: Unit, cursor: Cursor): void {
  unit.put(CURSORS, cursorId(cursor), cursor);
}

/** The place of a reader. `undefined`: it has none. */
export async function findCursor(reader: Reader, place: Omit<Cursor, "next">): Promise<Cursor | undefined> {
  return reader.get(CURSORS, cursorId(place));
}

/** The readers of a log, up to a thousand of their places. */
export async function cursorsOf(reader: Reader, log: string): Promise<readonly Cursor[]> {
  return (await reader.list(CURSORS, { prefix: cursorPrefix(log), limit: CURSORS_LISTED_MAX })).documents;
}

const CURSORS_LISTED_MAX = 1_000;

export function removeCursor(unit: Unit, place: Omit<Cursor, "next">): void {
  unit.delete(CURSORS, cursorId(place));
}

/**
 * Entries handled in one unit; a read ends at 1 MiB as well. A unit holds up the event loop: 128 entries of 1.3 KB that are
 * routed to a stream take about 3 ms of the 5 that a transaction may last. Smaller batches cost more per entry (64: 6 %).
 */
const BATCH_ENTRIES = 128;

/** Partitions of one log, at most; a bound for lists of one consumer's cursors. */
const PARTITIONS_MAX = 1_000;

/**
 * A consumer of a log: one loop per partition, woken by commits to the log.
 *
 * It reads ahead of durability (a store only ever loses its end, and the output would go with the input) and commits without
 * waiting for the sync. The unit reads the cursor before it moves it: a second consumer of the same name, or one that was
 * thought dead, changes nothing.
 */
export class LogConsumer implements Consumer {
  readonly #context: FlowContext;
  readonly #options: ConsumerOptions;
  readonly #onPassed: (log: string, entries: number) => void;
  readonly #onStopped: (consumer: LogConsumer) => void;
  readonly #opening: Loop;
  #partitions: PartitionReader[] | undefined;
  #watch: Disposable | undefined;

  constructor(
    context: FlowContext,
    options: ConsumerOptions,
    listeners: { onPassed(log: string, entries: number): void; onStopped(consumer: LogConsumer): void },
  ) {
    this.#context = context;
    this.#options = options;
    this.#onPassed = listeners.onPassed;
    this.#onStopped = listeners.onStopped;
    this.#opening = new Loop(`Consumer ${options.name} of ${options.log}`, context, () => this.#open());
  }

  start(): void {
    this.#opening.wake();
  }

  async stop(): Promise<void> {
    this.#onStopped(this);
    this.#watch?.[Symbol.dispose]();
    await this.#opening.stop();
    await Promise.all((this.#partitions ?? []).map(({ loop }) => loop.stop()));
  }

  async forget(unit: Unit): Promise<void> {
    const { log, name } = this.#options;
    const cursors = await unit.list(CURSORS, { prefix: cursorPrefix(log, name), limit: PARTITIONS_MAX });
    for (const cursor of cursors.documents) unit.delete(CURSORS, cursorId(cursor));
    unit.afterCommit(() => void this.stop());
  }

  running(): string[] {
    const loops = [this.#opening, ...(this.#partitions ?? []).map(({ loop }) => loop)];
    return loops.filter(({ busy }) => busy).map(({ name }) => name);
  }

  /** Whether it has seen to all that was appended: an append wakes it before anybody hears of it. */
  get isQuiet(): boolean {
    return this.#partitions !== undefined && !this.#opening.busy && !this.#partitions.some(({ loop }) => loop.busy);
  }

  /** Makes the cursors that are not there yet, and starts a reader per partition. */
  async #open(): Promise<boolean> {
    const { store } = this.#context;
    const { log, name, from = "oldest" } = this.#options;
    const declared = await store.findLog(log);
    assert(declared, `Log ${log} is not declared`);

    const cursors = await Promise.all(
      Array.from({ length: declared.partitions }, async (_, partition) => {
        const bounds = await store.bounds(log, partition);
        return { log, consumer: name, partition, next: from === "newest" ? bounds.next : bounds.first };
      }),
    );
    const current = await store.commitUnsynced(async (unit) => {
      const found: Cursor[] = [];
      for (const cursor of cursors) {
        const kept = await unit.get(CURSORS, cursorId(cursor));
        if (!kept) unit.put(CURSORS, cursorId(cursor), cursor);
        found.push(kept ?? cursor);
      }
      return found;
    });

    // Stopped or forgotten while it opened.
    if (this.#opening.stopped) return false;
    const partitions = current.map(
      (cursor) => new PartitionReader(this.#context, this.#options, cursor, this.#onPassed),
    );
    this.#partitions = partitions;
    this.#watch = store.watchLog(log, () => {
      for (const { loop } of partitions) loop.wake();
    });
    for (const { loop } of partitions) loop.wake();
    return false;
  }
}

class PartitionReader {
  readonly loop: Loop;
  readonly #context: FlowContext;
  readonly #options: ConsumerOptions;
  readonly #onPassed: (log: string, entries: number) => void;
  #cursor: Cursor;

  constructor(
    context: FlowContext,
    options: ConsumerOptions,
    cursor: Cursor,
    onPassed: (log: string, entries: number) => void,
  ) {
    this.#context = context;
    this.#options = options;
    this.#cursor = cursor;
    this.#onPassed = onPassed;
    const name = `Consumer ${options.name} of ${options.log}, partition ${cursor.partition}`;
    this.loop = new Loop(name, context, () => this.#consumeBatch());
  }

  async #consumeBatch(): Promise<boolean> {
    const { store } = this.#context;
    const { log, partition } = this.#cursor;
    const limits = { entries: this.#options.batchEntries ?? BATCH_ENTRIES };
    const entries = await store.read(log, partition, this.#cursor.next, limits);
    const last = entries.at(-1);
    if (!last) return false;

    const before = this.#cursor;
    const after = await store.commitUnsynced(async (unit) => {
      const cursor = await unit.get(CURSORS, cursorId(before));
      if (cursor?.next !== before.next) return cursor;
      await this.#options.handle(unit, entries, partition);
      const moved = { ...before, next: last.sequence + 1 };
      unit.put(CURSORS, cursorId(before), moved);
      return moved;
    });

    // Forgotten: nobody wants the rest.
    if (!after) return false;
    this.#cursor = after;
    this.#onPassed(log, entries.length);
    return true;
  }
}
