/**
 * The objects that were ingested, with what was known when they were: kept for 7 days or 2 GiB, whichever is less, so that what a trigger made of
 * an object can be computed again with its reasons, and a trigger that is new can be tried on them. An object costs one entry, however
 * many triggers there are.
 */
import type { Entry, ReadingStore, Unit } from "../../../store/store.ts";
import { isOpening, type KeptLog } from "../../kept-log.ts";
import type { MappedObject } from "../object-types/mapped-object.ts";
import type { ProfileFields } from "../profile-fields.ts";

export const INGESTED = "customer-profiles.ingested";

const DAY_MS = 24 * 60 * 60_000;
export const INGESTED_KEPT_MS: number = 7 * DAY_MS;

export const INGESTED_LOG: KeptLog = {
  name: INGESTED,
  keepMs: INGESTED_KEPT_MS,
  keepBytes: 2 * 1024 ** 3,
  what: "What was ingested",
};

/** An object as it was ingested. */
export interface IngestedEntry {
  /** Of its domain. */
  readonly uid: string;
  readonly type: string;
  /** `ProfileObjectUniqueKey`. */
  readonly id: string;
  readonly version: number;
  /** When an object with its unique key was first ingested. */
  readonly createdMs: number;
  readonly profileId: string;
  readonly content: string;
  /** What its type made of it. */
  readonly fields: MappedObject["fields"];
  readonly acceptedMs: number;
  readonly ingestedMs: number;
  /** Of the profile, with what the object wrote. */
  readonly profile: ProfileFields;
  /** Of the domain's triggers, when they looked at it. */
  readonly revision: number;
}

/** Keeps an object, in the unit that ingests it. */
export function recordIngested(unit: Unit, entry: IngestedEntry): void {
  unit.append(INGESTED, entry.profileId, JSON.stringify(entry));
}

/** What was kept. `undefined`: the entry is the log's beginning. */
export function ingestedOf({ key, value }: Pick<Entry, "key" | "value">): IngestedEntry | undefined {
  return isOpening({ key }) ? undefined : (JSON.parse(String(value)) as IngestedEntry);
}

/** From taking the time to the commit, at most. */
const COMMIT_MS_MAX = 10_000;
const ENTRIES_READ = 128;

/**
 * The entry of an object's version that was ingested at a time, whichever profile it was on: profiles are merged. `undefined`: it is kept no
 * more.
 */
export async function findIngested(
  store: ReadingStore,
  wanted: Pick<IngestedEntry, "uid" | "type" | "id" | "version" | "ingestedMs">,
): Promise<IngestedEntry | undefined> {
  const partitions = (await store.findLog(INGESTED))?.partitions ?? 0;
  for (let partition = 0; partition < partitions; partition++) {
    let sequence = await store.sequenceAt(INGESTED, partition, wanted.ingestedMs);
    for (;;) {
      const entries = await store.read(INGESTED, partition, sequence, { entries: ENTRIES_READ });
      for (const entry of entries) {
        // Few are parsed: ids are long.
        if (!String(entry.value).includes(wanted.id)) continue;
        const found = ingestedOf(entry);
        if (found && isSame(found, wanted)) return found;
      }
      const last = entries.at(-1);
      // What is committed at that time lies there, and what a busy clock has let slip lies shortly behind.
      if (!last || last.timeMs > wanted.ingestedMs + COMMIT_MS_MAX) break;
      sequence = last.sequence + 1;
    }
  }
  return undefined;
}

/** The last objects of a type that were ingested, the youngest first. Only the end of the log is looked at. */
export async function lastIngested(
  store: ReadingStore,
  { uid, type }: Pick<IngestedEntry, "uid" | "type">,
  most: number,
): Promise<readonly IngestedEntry[]> {
  const partitions = (await store.findLog(INGESTED))?.partitions ?? 0;
  const found: IngestedEntry[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    let sequence = Math.max(1, (await store.bounds(INGESTED, partition)).next - ENTRIES_READ);
    for (;;) {
      const entries = await store.read(INGESTED, partition, sequence, { entries: ENTRIES_READ });
      for (const entry of entries) {
        const ingested = ingestedOf(entry);
        if (ingested?.uid === uid && ingested.type === type) found.push(ingested);
      }
      const last = entries.at(-1);
      if (!last) break;
      sequence = last.sequence + 1;
    }
  }
  // Of the same moment the one that came last is first.
  return found
    .reverse()
    .sort((one, other) => other.ingestedMs - one.ingestedMs)
    .slice(0, most);
}

function isSame(
  one: Pick<IngestedEntry, "uid" | "type" | "id" | "version" | "ingestedMs">,
  other: Pick<IngestedEntry, "uid" | "type" | "id" | "version" | "ingestedMs">,
): boolean {
  return (
    one.uid === other.uid &&
    one.type === other.type &&
    one.id === other.id &&
    one.version === other.version &&
    one.ingestedMs === other.ingestedMs
  );
}
