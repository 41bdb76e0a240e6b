/** What is left of an object type that was deleted goes in small steps: first its objects, then what they wrote to profiles. */
import type { Timer } from "../../../flow/index.ts";
import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type Domain, domainKey, domains, inDomain } from "../domain.ts";
import { removeObject } from "../object-removal.ts";
import { type Leaf, withLeaves } from "../profile-fields.ts";
import { followFields } from "../profile-keys.ts";
import { objects, type StoredObject } from "../stored-object.ts";
import { findProfile, profiles, putProfile, type StoredProfile } from "../stored-profile.ts";
import { tellChange } from "../tell-change.ts";
import { type SweptType, sweptTypeKey, sweptTypes } from "./swept-type.ts";

const TYPE_SWEEP = "customer-profiles.object-type-sweep";

/** Objects or profiles of one unit: few enough that nobody waits for it. */
const PER_STEP = 100;

export function beginTypeSweep(
  unit: Unit,
  { flow, clock }: Platform,
  { uid, account, region, name }: Domain,
  deleted: Pick<SweptType, "type" | "performedBy">,
): SweptType {
  const swept: SweptType = { uid, account, region, domainName: name, ...deleted };
  unit.put(sweptTypes, sweptTypeKey(swept), swept);
  flow.schedule(unit, sweepTimer(swept, clock.now()));
  return swept;
}

export function sweepTypes(platform: Platform): void {
  platform.flow.onTimer(TYPE_SWEEP, async (unit, { payload }) => {
    const swept = payload as SweptType;
    if (await sweepType(unit, platform, swept)) platform.flow.schedule(unit, sweepTimer(swept, platform.clock.now()));
  });
}

/** Does one step, and answers whether anything is left. */
export async function sweepType(unit: Unit, platform: Platform, of: Pick<SweptType, "uid" | "type">): Promise<boolean> {
  const swept = await unit.get(sweptTypes, sweptTypeKey(of));
  if (!swept) return false;
  const domain = await unit.get(domains, domainKey(swept, swept.domainName));
  // A domain that is deleted is swept whole.
  const isLeft = domain?.uid === swept.uid && (await sweepStep(unit, platform, domain, swept));
  if (!isLeft) {
    unit.delete(sweptTypes, sweptTypeKey(swept));
    platform.flow.cancel(unit, sweepTimer(swept, 0).id);
  }
  return isLeft;
}

function sweepTimer(swept: Pick<SweptType, "uid" | "type">, dueMs: number): Timer {
  const { uid, type } = swept;
  return { id: `${TYPE_SWEEP} ${uid} ${type}`, kind: TYPE_SWEEP, dueMs, payload: { uid, type } };
}

async function sweepStep(unit: Unit, platform: Platform, domain: Domain, swept: SweptType): Promise<boolean> {
  const ofType = await unit.list(objects, { prefix: inDomain(domain, swept.type, ""), limit: PER_STEP });
  for (const object of ofType.documents) await sweepObject(unit, platform, domain, object, swept);
  if (ofType.documents.length > 0) return true;

  const { behind } = swept;
  const from = behind === undefined ? {} : { from: `${inDomain(domain, behind)}\u0001` };
  const page = await unit.list(profiles, { prefix: inDomain(domain, ""), ...from, limit: PER_STEP });
  for (const profile of page.documents) await clearFields(unit, platform, domain, profile, swept);
  const last = page.documents.at(-1);
  if (!last || page.next === undefined) return false;
  unit.put(sweptTypes, sweptTypeKey(swept), { ...swept, behind: last.id });
  return true;
}

async function sweepObject(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  object: StoredObject,
  { performedBy }: SweptType,
): Promise<void> {
  const nowMs = platform.clock.now();
  const before = await findProfile(unit, domain, object.profileId, nowMs);
  await removeObject(unit, domain, object, nowMs);
  if (!before) return;
  const after = await findProfile(unit, domain, object.profileId, nowMs);
  const change = { domain, before, after, objects: [], removed: [object], performedBy };
  await tellChange(unit, platform, { ...change, cause: "DELETED_BY_CUSTOMER" });
}

/** Clears the fields of a profile that the type was the last to write. */
async function clearFields(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  before: StoredProfile,
  { type, performedBy }: SweptType,
): Promise<void> {
  const written = Object.entries(before.writers).filter(([, [writtenBy]]) => writtenBy === type);
  if (written.length === 0) return;
  const cleared = new Map<Leaf, undefined>(written.map(([leaf]) => [leaf, undefined]));
  const after: StoredProfile = {
    ...before,
    fields: withLeaves(before.fields, cleared),
    writers: Object.fromEntries(Object.entries(before.writers).filter(([leaf]) => !cleared.has(leaf))),
    updatedMs: platform.clock.now(),
  };
  await putProfile(unit, domain, before, after);
  await followFields(unit, after, before.fields, after.fields);
  await tellChange(unit, platform, { domain, cause: "UPDATED", before, after, objects: [], performedBy });
}
