import type { DeleteProfileRequest, DeleteProfileResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getDomain } from "./domain.ts";
import { getProfile } from "./get-profile.ts";
import { dropProfile } from "./profile-removal.ts";
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
