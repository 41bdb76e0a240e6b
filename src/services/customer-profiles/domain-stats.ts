import type { DomainStats } from "@aws-sdk/client-customer-profiles";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type Domain, inDomain } from "./domain.ts";

/** What the profiles of one shard of a domain add up to. */
interface Counts {
  readonly uid: string;
  readonly shard: string;
  readonly profiles: number;
  /** A profile counts once more for each further 100 objects that it has begun. */
  readonly metered: number;
  readonly objects: number;
  /** Of profiles and objects, as JSON text. */
  readonly bytes: number;
  /** Objects by their types. Absent where this was not counted from the shard's first profile on: data of an earlier version. */
  readonly types?: ObjectCounts | undefined;
}

/** Objects by their types. A type can be called `constructor`. */
export type ObjectCounts = Readonly<Record<string, number>>;

/** What one profile adds to its domain. */
export interface ProfileSize {
  readonly objects: number;
  readonly types: ObjectCounts;
  readonly bytes: number;
}

/** Shards are by the first digit of a profile's id, so that changes of different profiles seldom write the same document. */
export const domainCounts: Collection<Counts> = collection("profiles_domain_counts");

export function countsKey({ uid, shard }: Counts): string {
  return inDomain({ uid }, shard);
}

/** A profile's size has changed. Absent: it was not there before, or is there no more. */
export async function countProfile(
  unit: Unit,
  { uid }: Domain,
  profileId: string,
  before: ProfileSize | undefined,
  after: ProfileSize | undefined,
): Promise<void> {
  const shard = profileId.slice(0, 1);
  const old = await unit.get(domainCounts, inDomain({ uid }, shard));
  const counts: Counts = {
    uid,
    shard,
    profiles: (old?.profiles ?? 0) + (after ? 1 : 0) - (before ? 1 : 0),
    metered: (old?.metered ?? 0) + metered(after) - metered(before),
    objects: (old?.objects ?? 0) + (after?.objects ?? 0) - (before?.objects ?? 0),
    bytes: (old?.bytes ?? 0) + (after?.bytes ?? 0) - (before?.bytes ?? 0),
    types: old && !old.types ? undefined : changedCounts(old?.types ?? {}, before?.types ?? {}, after?.types ?? {}),
  };
  unit.put(domainCounts, countsKey(counts), counts);
}

function changedCounts(counts: ObjectCounts, before: ObjectCounts, after: ObjectCounts): ObjectCounts {
  const changed = new Map(Object.entries(counts));
  for (const [type, count] of Object.entries(before)) changed.set(type, (changed.get(type) ?? 0) - count);
  for (const [type, count] of Object.entries(after)) changed.set(type, (changed.get(type) ?? 0) + count);
  return Object.fromEntries([...changed].filter(([, count]) => count !== 0));
}

/** How many objects of each type a domain has; `undefined` where that was not counted from its beginning on. */
export async function objectCounts(reader: Reader, domain: Pick<Domain, "uid">): Promise<ObjectCounts | undefined> {
  const { documents } = await reader.list(domainCounts, { prefix: inDomain(domain, ""), limit: 16 });
  let sum: ObjectCounts = {};
  for (const { types } of documents) {
    if (!types) return undefined;
    sum = changedCounts(sum, {}, types);
  }
  return sum;
}

export async function domainStats(reader: Reader, domain: Pick<Domain, "uid">): Promise<DomainStats> {
  const { documents } = await reader.list(domainCounts, { prefix: inDomain(domain, ""), limit: 16 });
  return {
    ProfileCount: sum(documents, "profiles"),
    MeteringProfileCount: sum(documents, "metered"),
    ObjectCount: sum(documents, "objects"),
    TotalSize: sum(documents, "bytes"),
  };
}

function sum(counts: readonly Counts[], member: "profiles" | "metered" | "objects" | "bytes"): number {
  return counts.reduce((total, count) => total + count[member], 0);
}

/** "A profile with more than 100 objects counts twice": Administrator Guide, "Customer Profiles pricing". */
function metered(size: ProfileSize | undefined): number {
  return size ? Math.max(1, Math.ceil(size.objects / 100)) : 0;
}
