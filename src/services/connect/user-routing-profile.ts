import type { Unit } from "../../store/store.ts";
import type { InstanceRef } from "./arns.ts";
import { getResource, resourceKey } from "./instance-resources.ts";
import { routingProfiles } from "./routing-profiles.ts";

/** The id of the routing profile that a user is to have. Writes it as well, since whether it may be deleted rests on who has it. */
export async function useRoutingProfile(unit: Unit, instance: InstanceRef, idOrArn: string): Promise<string> {
  const profile = await getResource(unit, routingProfiles, "routingProfile", instance, idOrArn);
  unit.put(routingProfiles, resourceKey(profile), profile);
  return profile.id;
}
