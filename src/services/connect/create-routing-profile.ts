import type { CreateRoutingProfileRequest, CreateRoutingProfileResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { refusingDuplicateName, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { useQueue } from "./queues.ts";
import { quotaReached } from "./quotas.ts";
import { addQueues, TOO_MANY_QUEUES } from "./routing-profile-queues.ts";
import { channelSettings, type RoutingProfile, routingProfiles } from "./routing-profiles.ts";

/** Creates a routing profile. Agents of one without queues only make contacts themselves. */
export async function createRoutingProfile(
  input: Validated<CreateRoutingProfileRequest>,
  context: Context,
): Promise<CreateRoutingProfileResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const counted = { collection: routingProfiles, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.routing-profiles-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of routing profiles per instance is used up");
    }
    const profile: RoutingProfile = {
      ...refOf(instance),
      ...channelSettings(input.MediaConcurrencies),
      id,
      name: input.Name,
      description: input.Description,
      defaultOutboundQueueId: (await useQueue(unit, instance, input.DefaultOutboundQueueId)).id,
      isDefault: false,
      availabilityTimer: input.AgentAvailabilityTimer,
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    unit.put(routingProfiles, resourceKey(profile), profile);
    const fits = await addQueues(unit, profile, input, context.limits);
    if (!fits) throw new ModeledError("LimitExceededException", TOO_MANY_QUEUES);
    return { RoutingProfileArn: resourceArn("routingProfile", instance, id), RoutingProfileId: id };
  });
  return refusingDuplicateName(input.Name, commit);
}
