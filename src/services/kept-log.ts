/**
 * A log in which everything is kept that somebody decides on, for some days or bytes, whichever is less: so that a verdict can be computed again with
 * its reasons, and what is new can be tried on it (a backtest).
 *
 *     opened ─ input ─ input ─ input ─ …        the first entry tells since when there is anything
 */
import type { Entry, ReadingStore, Store } from "../store/store.ts";

export interface KeptLog {
  readonly name: string;
  readonly keepMs: number;
  readonly keepBytes: number;
  /** Begins a sentence: "What rules looked at". */
  readonly what: string;
}

/** The value of a log's beginning. */
export const OPENING: string = JSON.stringify({ kind: "opened" });

/** An entry whose key is empty is the log's beginning. */
export async function openKeptLog(store: Store, { name, keepMs, keepBytes }: KeptLog): Promise<void> {
  if (await store.findLog(name)) return;
  await store.commit(async (unit) => {
    unit.declareLog({ name, keepMs, keepBytes });
    unit.append(name, "", OPENING);
  });
}

/** Whether the entry is the log's beginning, before which nothing was kept. */
export function isOpening({ key }: Pick<Entry, "key">): boolean {
  return key === "";
}

/** A part of the time that is asked for of which nothing is known, and why. */
export interface Gap {
  readonly since: string;
  readonly until: string;
  readonly reason: string;
}

/** From when to when something is asked, and when it is. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
}

const DAY_MS = 24 * 60 * 60_000;

/** The first part of a span, where nothing of it is kept. */
export async function gapIn(
  store: ReadingStore,
  { name, keepMs, keepBytes, what }: KeptLog,
  { sinceMs, untilMs, nowMs }: Span,
): Promise<Gap | undefined> {
  const { first } = await store.bounds(name, 0);
  const [oldest] = await store.read(name, 0, first, { entries: 1 });
  const gaps = [{ untilMs: nowMs - keepMs, reason: `${what} is kept for ${keepMs / DAY_MS} days.` }];
  if (oldest && isOpening(oldest)) {
    gaps.push({ untilMs: oldest.timeMs, reason: `${what} was not kept before.` });
    // What is beyond is trimmed in steps.
  } else if (oldest && (await store.logBytes(name)) > 0.95 * keepBytes) {
    gaps.push({
      untilMs: oldest.timeMs,
      reason: `There was more than the ${keepBytes / 1024 ** 3} GiB that are kept.`,
    });
  }
  const [gap] = gaps.filter((one) => one.untilMs > sinceMs).sort((one, other) => other.untilMs - one.untilMs);
  if (!gap) return undefined;
  return gapOf(sinceMs, Math.min(gap.untilMs, untilMs), gap.reason);
}

export function gapOf(sinceMs: number, untilMs: number, reason: string): Gap {
  return { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString(), reason };
}

/** Entries of a log that are read at once. */
interface KeptEntries {
  readonly partition: number;
  readonly entries: readonly Entry[];
  /** How many were read so far, these included, and how many there are. */
  readonly read: number;
  readonly of: number;
}

/** What is kept of a span, as far as the log goes now, a partition after the other. */
export async function* keptEntries(
  store: ReadingStore,
  log: string,
  { sinceMs, untilMs }: Span,
  readSize: number,
): AsyncGenerator<KeptEntries> {
  const partitions = (await store.findLog(log))?.partitions ?? 0;
  const parts = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => ({
      partition,
      from: await store.sequenceAt(log, partition, sinceMs),
      before: (await store.bounds(log, partition)).next,
    })),
  );
  const of = parts.reduce((sum, { from, before }) => sum + before - from, 0);
  let read = 0;
  for (const { partition, from, before } of parts) {
    for (let sequence = from; sequence < before; ) {
      const found = await store.read(log, partition, sequence, { entries: Math.min(readSize, before - sequence) });
      const last = found.at(-1);
      if (!last) break;
      sequence = last.sequence + 1;
      read += found.length;
      yield { partition, entries: found.filter(({ timeMs }) => timeMs < untilMs), read, of };
    }
  }
}
