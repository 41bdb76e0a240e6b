import type { CreateProfileRequest, CreateProfileResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getDomain } from "./domain.ts";
import { badRequest } from "./errors.ts";
import { newId } from "./new-id.ts";
import { givenLeaves, withLeaves } from "./profile-fields.ts";
import { followFields } from "./profile-keys.ts";
import { expiryMs, MANUAL, putProfile, type StoredProfile, type Writer } from "./stored-profile.ts";
import { tellChange } from "./tell-change.ts";

/** Creates a profile by hand. */
export async function createProfile(
  input: Validated<CreateProfileRequest>,
  context: Context,
): Promise<CreateProfileResponse> {
  checkBothNames(input);
  const nowMs = context.clock.now();
  const leaves = givenLeaves(input);
  const writer: Writer = [MANUAL, nowMs];
  const id = newId(context);
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const fields = withLeaves({}, leaves);
    const profile: StoredProfile = {
      uid: domain.uid,
      id,
      fields: input.EngagementPreferences ? { ...fields, EngagementPreferences: input.EngagementPreferences } : fields,
      writers: Object.fromEntries(Array.from(leaves.keys(), (leaf) => [leaf, writer])),
      objects: {},
      objectBytes: 0,
      createdMs: nowMs,
      updatedMs: nowMs,
      expiresMs: expiryMs(nowMs, domain.expirationDays),
    };
    await putProfile(unit, domain, undefined, profile);
    await followFields(unit, profile, undefined, profile.fields);
    await tellChange(unit, context, {
      domain,
      cause: "CREATED",
      before: undefined,
      after: profile,
      objects: [],
      performedBy: context.principalArn,
    });
  });
  return { ProfileId: id };
}

interface Named {
  readonly Gender?: unknown;
  readonly GenderString?: unknown;
  readonly PartyType?: unknown;
  readonly PartyTypeString?: unknown;
}

/** A text that has an older name is given by one of the two. */
export function checkBothNames(input: Named): void {
  for (const member of ["Gender", "PartyType"] as const) {
    if (input[member] === undefined || input[`${member}String`] === undefined) continue;
    throw badRequest(`${member} and ${member}String say the same: give one of them`);
  }
}
