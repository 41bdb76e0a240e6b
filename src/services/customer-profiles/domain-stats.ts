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
}

/** What one profile adds to its domain. */
export interface ProfileSize {
  readonly objects: number;
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
  };
  unit.put(domainCounts, countsKey(counts), counts);
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
