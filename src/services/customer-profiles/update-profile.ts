import { isDeepStrictEqual } from "node:util";
import type { UpdateProfileRequest, UpdateProfileResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { checkBothNames } from "./create-profile.ts";
import { getDomain } from "./domain.ts";
import { getProfile } from "./get-profile.ts";
import { givenLeaves, leafValue, withLeaves } from "./profile-fields.ts";
import { followFields } from "./profile-keys.ts";
import { expiryMs, MANUAL, putProfile, type StoredProfile, type Writer } from "./stored-profile.ts";
import { tellChange } from "./tell-change.ts";

/** Changes by hand what is given, keeps what is not, and clears what is given as an empty text. */
export async function updateProfile(
  input: Validated<UpdateProfileRequest>,
  context: Context,
): Promise<UpdateProfileResponse> {
  checkBothNames(input);
  const nowMs = context.clock.now();
  const given = givenLeaves(input);
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const before = await getProfile(unit, domain, input.ProfileId, nowMs);
    const preferences = input.EngagementPreferences ?? before.fields.EngagementPreferences;
    const changes = new Map(Array.from(given, ([leaf, value]) => [leaf, value === "" ? undefined : value]));
    const fields = withLeaves(before.fields, changes);
    const changed = preferences ? { ...fields, EngagementPreferences: preferences } : fields;
    const isSame =
      preferences === before.fields.EngagementPreferences &&
      Array.from(changes).every(([leaf, value]) => leafValue(before.fields, leaf) === value);

    const writer: Writer = [MANUAL, nowMs];
    const writers = { ...before.writers, ...Object.fromEntries(Array.from(given.keys(), (leaf) => [leaf, writer])) };
    const after: StoredProfile = {
      ...before,
      fields: isSame || isDeepStrictEqual(changed, before.fields) ? before.fields : changed,
      writers,
      updatedMs: nowMs,
      expiresMs: Math.max(before.expiresMs, expiryMs(nowMs, domain.expirationDays)),
    };
    await putProfile(unit, domain, before, after);
    await followFields(unit, after, before.fields, after.fields);
    await tellChange(unit, context, {
      domain,
      cause: "UPDATED",
      before,
      after,
      objects: [],
      performedBy: context.principalArn,
    });
  });
  return { ProfileId: input.ProfileId };
}
