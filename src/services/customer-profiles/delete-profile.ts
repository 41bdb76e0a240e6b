import type { DeleteProfileRequest, DeleteProfileResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type Domain, getDomain } from "./domain.ts";
import { getProfile } from "./get-profile.ts";
import { forgetObjectKeys } from "./object-keys.ts";
import { keysOfProfile, profileKeyId, profileKeys } from "./profile-keys.ts";
import { allObjects, objectKey, objects } from "./stored-object.ts";
import { removeProfile, type StoredProfile } from "./stored-profile.ts";
import { tellChange } from "./tell-change.ts";

/** Deletes a profile with its keys and objects. */
export async function deleteProfile(
  input: Validated<DeleteProfileRequest>,
  context: Context,
): Promise<DeleteProfileResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const before = await getProfile(unit, domain, input.ProfileId, context.clock.now());
    await dropProfile(unit, domain, before);
    await tellChange(unit, context, {
      domain,
      cause: "DELETED_BY_CUSTOMER",
      before,
      after: undefined,
      objects: [],
      performedBy: context.principalArn,
    });
  });
  return { Message: `Profile ${input.ProfileId} deleted` };
}

/** Deletes all that there is of a profile. */
export async function dropProfile(unit: Unit, domain: Domain, profile: StoredProfile): Promise<void> {
  for (const key of await keysOfProfile(unit, profile)) unit.delete(profileKeys, profileKeyId(key));
  for (const object of await allObjects(unit, profile)) {
    forgetObjectKeys(unit, object);
    unit.delete(objects, objectKey(object));
  }
  await removeProfile(unit, domain, profile);
}
