import type {
  BatchGetProfileError,
  BatchGetProfileRequest,
  BatchGetProfileResponse,
  Profile,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getDomain } from "./domain.ts";
import { apiProfile } from "./profile-fields.ts";
import { findProfile } from "./stored-profile.ts";

export async function batchGetProfile(
  input: Validated<BatchGetProfileRequest>,
  context: Context,
): Promise<BatchGetProfileResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const Profiles: Profile[] = [];
  const Errors: BatchGetProfileError[] = [];
  for (const id of new Set(input.ProfileIds)) {
    const profile = await findProfile(context.store, domain, id, context.clock.now());
    if (profile) Profiles.push(apiProfile(id, profile.fields));
    else {
      Errors.push({
        Code: "ResourceNotFoundException",
        Message: `Profile ${id} does not exist`,
        ProfileId: id,
      });
    }
  }
  return { Profiles, Errors };
}
