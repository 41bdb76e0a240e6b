import { CHANNELS, type Channel } from "./arrivals.ts";

/** What happened in a stretch of time: contacts count in the one in which they arrived. */
export interface Bin {
  readonly arrived: Readonly<Record<Channel, number>>;
  readonly queued: number;
  readonly answered: number;
  readonly abandoned: number;
  /** Left the queue within the threshold, whatever for (`SERVICE_LEVEL`). */
  readonly inTime: number;
  readonly waitedMs: number;
  /** Time that agents spent on contacts, and available without. */
  readonly busyMs: number;
  readonly freeMs: number;
}

type Counted = { -readonly [Name in keyof Bin]: Bin[Name] extends number ? number : Record<Channel, number> };

/** Half an hour, as centres report. */
export const BIN_MS = 1_800_000;

/** The threshold of the service level: "80 % in 20 s". */
export const SERVICE_LEVEL_MS = 20_000;

/** What a play has seen so far, by half hour. */
export class Statistics {
  readonly #bins = new Map<number, Counted>();
  readonly counts: Record<string, number> = {};

  /** In order of time. */
  bins(): readonly (readonly [beginMs: number, bin: Bin])[] {
    return [...this.#bins].sort(([a], [b]) => a - b);
  }

  arrived(atMs: number, channel: Channel): void {
    this.#bin(atMs).arrived[channel]++;
  }

  queued(arrivedMs: number): void {
    this.#bin(arrivedMs).queued++;
  }

  answered(arrivedMs: number, waitedMs: number): void {
    const bin = this.#bin(arrivedMs);
    bin.answered++;
    bin.waitedMs += waitedMs;
    if (waitedMs < SERVICE_LEVEL_MS) bin.inTime++;
  }

  abandoned(arrivedMs: number, waitedMs: number): void {
    const bin = this.#bin(arrivedMs);
    bin.abandoned++;
    if (waitedMs < SERVICE_LEVEL_MS) bin.inTime++;
  }

  /** An agent was busy, or free, all the while. */
  worked(kind: "busyMs" | "freeMs", fromMs: number, untilMs: number): void {
    for (let atMs = fromMs; atMs < untilMs; ) {
      const endMs = Math.min(untilMs, (Math.floor(atMs / BIN_MS) + 1) * BIN_MS);
      this.#bin(atMs)[kind] += endMs - atMs;
      atMs = endMs;
    }
  }

  /** Counts something that the summary names: transfers, callbacks, … */
  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  #bin(atMs: number): Counted {
    const beginMs = Math.floor(atMs / BIN_MS) * BIN_MS;
    const found = this.#bins.get(beginMs) ?? {
      arrived: Object.fromEntries(CHANNELS.map((channel) => [channel, 0])) as Record<Channel, number>,
      queued: 0,
      answered: 0,
      abandoned: 0,
      inTime: 0,
      waitedMs: 0,
      busyMs: 0,
      freeMs: 0,
    };
    this.#bins.set(beginMs, found);
    return found;
  }
}

/** All bins together. */
export function total(bins: readonly Bin[]): Bin {
  const sum = (of: (bin: Bin) => number) => bins.reduce((all, bin) => all + of(bin), 0);
  return {
    arrived: Object.fromEntries(
      CHANNELS.map((channel) => [channel, sum(({ arrived }) => arrived[channel])]),
    ) as Bin["arrived"],
    queued: sum(({ queued }) => queued),
    answered: sum(({ answered }) => answered),
    abandoned: sum(({ abandoned }) => abandoned),
    inTime: sum(({ inTime }) => inTime),
    waitedMs: sum(({ waitedMs }) => waitedMs),
    busyMs: sum(({ busyMs }) => busyMs),
    freeMs: sum(({ freeMs }) => freeMs),
  };
}
