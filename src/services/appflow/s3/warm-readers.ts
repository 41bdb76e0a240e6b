import { perStore } from "../../per-store.ts";
import type { Platform } from "../../service.ts";

/** Readers kept at once: of so many flows that read such objects at the same time none reads twice. */
const READERS_MAX = 16;

/** Wall time after which nobody is expected to go on with one. */
const IDLE_MS = 30_000;

/** A reader that has come to some place of an object at some cost, and goes on from there for less. */
interface WarmReader {
  close(): void;
}

interface Kept {
  readonly reader: WarmReader;
  readonly idle: Disposable;
}

const keptOf = perStore<Map<string, Kept>>(() => new Map());

/**
 * Keeps readers of objects that can only be read from their beginning, from one page to the next. Nothing rests on it: where there is none, such as
 * after a restart, a new one reads on from the beginning.
 */
export function keepWarm({ store, wall }: Platform, id: string, reader: WarmReader): void {
  const kept = keptOf(store);
  drop(kept, id);
  const [oldest] = kept.keys();
  if (kept.size >= READERS_MAX && oldest !== undefined) drop(kept, oldest);
  kept.set(id, { reader, idle: wall.after(IDLE_MS, () => drop(kept, id)) });
}

/** Takes a reader that was kept; whoever has it gives it back, or closes it. */
export function takeWarm<Reader extends WarmReader>({ store }: Platform, id: string): Reader | undefined {
  const kept = keptOf(store);
  const found = kept.get(id);
  found?.idle[Symbol.dispose]();
  kept.delete(id);
  return found?.reader as Reader | undefined;
}

/** Closes all. */
export function closeWarm({ store }: Platform): void {
  const kept = keptOf(store);
  for (const id of [...kept.keys()]) drop(kept, id);
}

function drop(kept: Map<string, Kept>, id: string): void {
  const found = kept.get(id);
  found?.idle[Symbol.dispose]();
  kept.delete(id);
  found?.reader.close();
}
