import type { Collection } from "../../store/store.ts";
import { type InstanceResource, instanceResources } from "./instance-resources.ts";

/** What people who sign in to the instance may do. */
export interface SecurityProfile extends InstanceResource {
  /** Names of permissions as the console's security profiles have them. */
  readonly permissions: readonly string[];
}

export const securityProfiles: Collection<SecurityProfile> = instanceResources("connect_security_profiles");
