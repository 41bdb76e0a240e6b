/** Who has read a shard lately, and how far: of readers that keep their place themselves. Known since the process began. */
import { BoundedMap } from "../bounded-map.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";

/** A reader's last read of a shard. */
export interface SeenRead {
  readonly kind: "GetRecords" | "SubscribeToShard";
  /** The ARN of who called, or of the registered consumer. */
  readonly reader: string;
  /** The log sequence that it goes on with. */
  readonly next: number;
  readonly atMs: number;
  /** A subscription is open. */
  readonly isOpen: boolean;
}

const READS_MAX = 10_000;

/** By the shard's log, and the reader. */
const reads = perStore(() => new BoundedMap<string, SeenRead & { readonly log: string }>(READS_MAX));

export function noteRead(
  { store, clock }: Pick<Platform, "store" | "clock">,
  log: string,
  read: Omit<SeenRead, "atMs">,
): void {
  reads(store).set(`${log} ${read.kind} ${read.reader}`, { ...read, log, atMs: clock.now() });
}

export function seenReads(
  { store }: Pick<Platform, "store">,
  logs: ReadonlySet<string>,
): readonly (SeenRead & { readonly log: string })[] {
  return [...reads(store).values()].filter(({ log }) => logs.has(log));
}
