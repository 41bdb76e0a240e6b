import { compositeKey } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { getDomain } from "./domain.ts";
import { getProfile } from "./get-profile.ts";
import { listObjects, type StoredObject } from "./stored-object.ts";
import { type Decision, triggerDecisions } from "./triggers/trigger-decisions.ts";

export interface KnownOfProfile {
  readonly createdMs: number;
  readonly updatedMs: number;
  /** The newest objects of each type, raw and standard. */
  readonly objects: readonly StoredObject[];
  /** What triggers have decided of it, in the last 7 days, where their conditions were met. */
  readonly decisions: readonly Decision[];
  readonly isCut: boolean;
}

const OBJECTS_MAX = 500;
const DECISIONS_MAX = 500;

/** What is stored of a profile beside its fields. Throws `ResourceNotFoundException` for a domain or a profile that is not there. */
export async function knownOfProfile(
  context: Context,
  { domainName, profileId }: { readonly domainName: string; readonly profileId: string },
): Promise<KnownOfProfile> {
  const { store, clock } = context;
  const nowMs = clock.now();
  const domain = await getDomain(store, context, domainName);
  const profile = await getProfile(store, domain, profileId, nowMs);
  const objects = await listObjects(store, { uid: domain.uid, id: profile.id }, { limit: OBJECTS_MAX });
  const decisions = await store.list(triggerDecisions, {
    prefix: compositeKey(domain.uid, profile.id, ""),
    limit: DECISIONS_MAX,
  });
  return {
    createdMs: profile.createdMs,
    updatedMs: profile.updatedMs,
    objects: objects.documents.filter(({ expiresMs }) => expiresMs > nowMs),
    decisions: decisions.documents,
    isCut: objects.next !== undefined || decisions.next !== undefined,
  };
}
