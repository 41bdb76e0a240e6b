import type { ReadLimits, Store } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { replayLogName } from "./archives/replay.ts";
import { type BusAddress, busLogName, findBus } from "./bus.ts";

/** Follows the events of a bus as they come, for a live feed. Let go of with `using`. */
export interface BusTail extends Disposable {
  /** The events since the last read, as text; `undefined` once the bus is gone. */
  read(): Promise<readonly string[] | undefined>;
}

const LIMITS: ReadLimits = { entries: 256 };

/**
 * Begins to follow a bus: at the oldest event that its log still holds, or behind the newest. Calls `ring` when there may be
 * something to read. `undefined`: there is no such bus.
 */
export async function tailBus(
  { store }: Platform,
  address: BusAddress,
  from: "oldest" | "newest",
  ring: () => void,
): Promise<BusTail | undefined> {
  if ((await findBus(store, address)) === undefined) return undefined;
  const tails = [busLogName(address), replayLogName(address)].map((log) => new LogTail(store, log));
  const watches = tails.map(({ log }) => store.watchLog(log, ring));
  for (const tail of tails) await tail.begin(from);
  return {
    read: async () => {
      if ((await findBus(store, address)) === undefined) return undefined;
      const events: string[] = [];
      for (const tail of tails) events.push(...(await tail.read()));
      return events;
    },
    [Symbol.dispose]: () => {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}

/** A reader's place in each partition of a log that need not be there yet: that of a bus that nobody has used, or of its replays. */
class LogTail {
  readonly log: string;
  readonly #store: Store;
  #next: number[] = [];

  constructor(store: Store, log: string) {
    this.#store = store;
    this.log = log;
  }

  async begin(from: "oldest" | "newest"): Promise<void> {
    this.#next = await positions(this.#store, this.log, from);
  }

  async read(): Promise<readonly string[]> {
    if (this.#next.length === 0) await this.begin("oldest");
    const events: string[] = [];
    for (const [partition, sequence] of this.#next.entries()) {
      const entries = await this.#store.read(this.log, partition, sequence, LIMITS);
      this.#next[partition] = (entries.at(-1)?.sequence ?? sequence - 1) + 1;
      events.push(...entries.map(({ value }) => value as string));
    }
    return events;
  }
}

async function positions(store: Store, log: string, from: "oldest" | "newest"): Promise<number[]> {
  const { partitions } = (await store.findLog(log)) ?? { partitions: 0 };
  const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => store.bounds(log, partition)));
  return bounds.map(({ first, next }) => (from === "newest" ? next : first));
}
