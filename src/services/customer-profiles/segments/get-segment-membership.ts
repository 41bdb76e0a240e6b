import type {
  GetSegmentMembershipRequest,
  GetSegmentMembershipResponse,
  ProfileQueryFailures,
  ProfileQueryResult,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { apiProfile } from "../profile-fields.ts";
import { findProfile } from "../stored-profile.ts";
import { segmentChain } from "./segment-chains.ts";
import { Memberships } from "./segment-membership.ts";

/** Which of some profiles belong to a segment at this moment. Reads these alone. */
export async function getSegmentMembership(
  input: Validated<GetSegmentMembershipRequest>,
  context: Context,
): Promise<GetSegmentMembershipResponse> {
  const { store } = context;
  const nowMs = context.clock.now();
  const domain = await getDomain(store, context, input.DomainName);
  const chain = await segmentChain(store, store, domain, input.SegmentDefinitionName);
  const profiles: ProfileQueryResult[] = [];
  const failures: ProfileQueryFailures[] = [];
  for (const ProfileId of new Set(input.ProfileIds)) {
    const profile = await findProfile(store, domain, ProfileId, nowMs);
    if (!profile) {
      failures.push({ ProfileId, Message: `Profile ${ProfileId} does not exist`, Status: 404 });
      continue;
    }
    const isPresent = await new Memberships(store, context, domain, profile, nowMs).isInChain(chain);
    profiles.push(
      isPresent
        ? { ProfileId, QueryResult: "PRESENT", Profile: apiProfile(ProfileId, profile.fields) }
        : { ProfileId, QueryResult: "ABSENT" },
    );
  }
  return {
    SegmentDefinitionName: input.SegmentDefinitionName,
    Profiles: profiles,
    Failures: failures,
    LastComputedAt: new Date(nowMs),
  };
}
