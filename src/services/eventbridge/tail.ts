import type { ReadLimits, Store } from "../../store/store.ts";
import type { Platform } from "../service.ts";
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
  const log = busLogName(address);
  const watch = store.watchLog(log, ring);
  /** Where each partition goes on. Empty while a default bus that nobody has used has no log. */
  let next = await positions(store, log, from);
  return {
    read: async () => {
      if ((await findBus(store, address)) === undefined) return undefined;
      if (next.length === 0) next = await positions(store, log, "oldest");
      const events: string[] = [];
      for (const [partition, sequence] of next.entries()) {
        const entries = await store.read(log, partition, sequence, LIMITS);
        next[partition] = (entries.at(-1)?.sequence ?? sequence - 1) + 1;
        events.push(...entries.map(({ value }) => value as string));
      }
      return events;
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

async function positions(store: Store, log: string, from: "oldest" | "newest"): Promise<number[]> {
  const { partitions } = (await store.findLog(log)) ?? { partitions: 0 };
  const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => store.bounds(log, partition)));
  return bounds.map(({ first, next }) => (from === "newest" ? next : first));
}
