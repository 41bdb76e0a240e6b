import type { Reader } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type Domain, inDomain } from "../domain.ts";
import { profiles, type StoredProfile } from "../stored-profile.ts";
import { Memberships } from "./segment-membership.ts";

/** Where a scan goes on: at the first profile of the domain, or behind a place that the step before has told. */
export type ScannedFrom = "beginning" | { readonly after: string };

/** Profiles looked at in one unit: few enough that nobody waits for it. */
const PROFILES_PER_STEP = 100;

/**
 * Looks at some of a domain's profiles, in the order of their ids. Whoever goes through all of them does it in steps, each in a unit of its
 * own that also says where the next one begins: so it goes on after a restart, and holds up nobody. Profiles are seen as they are when their
 * step comes.
 */
export async function scanProfiles<Result>(
  reader: Reader,
  platform: Pick<Platform, "store" | "clock">,
  domain: Domain,
  from: ScannedFrom,
  look: (profile: StoredProfile, memberships: Memberships) => Promise<Result>,
): Promise<{ readonly results: readonly Result[]; readonly next?: ScannedFrom }> {
  const nowMs = platform.clock.now();
  const page = await reader.list(profiles, {
    prefix: inDomain(domain, ""),
    limit: PROFILES_PER_STEP,
    ...(from !== "beginning" && { after: from.after }),
  });
  const results: Result[] = [];
  for (const profile of page.documents) {
    if (profile.expiresMs <= nowMs) continue;
    results.push(await look(profile, new Memberships(reader, platform, domain, profile, nowMs)));
  }
  return page.next === undefined ? { results } : { results, next: { after: page.next } };
}
