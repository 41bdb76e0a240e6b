import type { MergeProfilesRequest, MergeProfilesResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { type Domain, getDomain } from "./domain.ts";
import { badRequest } from "./errors.ts";
import { getProfile } from "./get-profile.ts";
import { type Choose, type MergedField, mergedFields } from "./merged-fields.ts";
import { keptLeaf } from "./profile-fields.ts";
import { followFields, giveKey, keysOfProfile, profileKeyId, profileKeys } from "./profile-keys.ts";
import { allObjects, objectKey, objects } from "./stored-object.ts";
import { objectCount, putProfile, removeProfile, type StoredProfile } from "./stored-profile.ts";
import { tellChange } from "./tell-change.ts";

/**
 * Makes profiles one, for good: the main one gets the keys and objects of the others, and what they know and it does not. Where they disagree
 * its own value stays, unless the request names whose it is to be.
 */
export async function mergeProfiles(
  input: Validated<MergeProfilesRequest>,
  context: Context,
): Promise<MergeProfilesResponse> {
  const { MainProfileId: mainId } = input;
  const mergedIds = [...new Set(input.ProfileIdsToBeMerged)];
  if (mergedIds.includes(mainId))
    throw badRequest("ProfileIdsToBeMerged: the main profile cannot be merged into itself");
  const sources = fieldSources(input.FieldSourceProfileIds);
  for (const [field, id] of sources) {
    if (id === mainId || mergedIds.includes(id)) continue;
    throw badRequest(`FieldSourceProfileIds.${field}: profile ${id} is none of those that are merged`);
  }
  await context.store.commit(async (unit) => {
    const nowMs = context.clock.now();
    const domain = await getDomain(unit, context, input.DomainName);
    const main = await getProfile(unit, domain, mainId, nowMs);
    const merged: StoredProfile[] = [];
    for (const id of mergedIds) merged.push(await getProfile(unit, domain, id, nowMs));
    const byId = new Map([main, ...merged].map((profile) => [profile.id, profile]));
    const choose: Choose = (field, [first]) => byId.get(sources.get(field) ?? "") ?? first;
    await merge(unit, context, domain, { main, merged, choose, performedBy: context.principalArn });
  });
  return { Message: `${mergedIds.length} profiles are merged into ${mainId}` };
}

function fieldSources(input: MergeProfilesRequest["FieldSourceProfileIds"]): ReadonlyMap<MergedField, string> {
  const { Attributes = {}, ...members } = input ?? {};
  const named = Object.entries(members).map(([member, id]) => [keptLeaf(member), id] as const);
  const attributes = Object.entries(Attributes).map(([name, id]) => [`Attributes.${name}`, id] as const);
  return new Map([...named, ...attributes].flatMap(([field, id]) => (id === undefined ? [] : [[field, id]])));
}

export interface Merge {
  readonly main: StoredProfile;
  readonly merged: readonly StoredProfile[];
  readonly choose: Choose;
  readonly performedBy: string;
}

/** Merges in a unit, and tells of it. Answers with the main profile as it is then. */
export async function merge(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  { main, merged, choose, performedBy }: Merge,
): Promise<StoredProfile> {
  const nowMs = platform.clock.now();
  const counts: Record<string, number> = { ...main.objects };
  let objectBytes = main.objectBytes;
  for (const profile of merged) {
    for (const key of await keysOfProfile(unit, profile)) {
      unit.delete(profileKeys, profileKeyId(key));
      // Those of its fields go with them: main's own follow what its fields become.
      for (const giver of key.givenBy) {
        if (giver !== "fields") await giveKey(unit, main, [key.name, ...key.parts], giver);
      }
    }
    for (const object of await allObjects(unit, profile)) {
      unit.put(objects, objectKey(object), { ...object, profileId: main.id });
    }
    for (const [type, count] of Object.entries(profile.objects)) counts[type] = objectCount(counts, type) + count;
    objectBytes += profile.objectBytes;
    await removeProfile(unit, domain, profile);
  }
  const after: StoredProfile = {
    ...main,
    ...mergedFields([main, ...merged], choose),
    objects: counts,
    objectBytes,
    updatedMs: nowMs,
    expiresMs: Math.max(main.expiresMs, ...merged.map(({ expiresMs }) => expiresMs)),
  };
  await putProfile(unit, domain, main, after);
  await followFields(unit, after, main.fields, after.fields);
  for (const profile of merged) {
    await tellChange(unit, platform, {
      domain,
      cause: "DELETED_BY_MERGE",
      before: profile,
      after: undefined,
      objects: [],
      performedBy,
    });
  }
  await tellChange(unit, platform, {
    domain,
    cause: "MERGED",
    before: main,
    after,
    objects: [],
    merged,
    performedBy,
  });
  return after;
}
