import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";

/** A timer of this kind tells the agents of a routing profile that it has changed, some at a time. */
export const PROFILE_REFRESH = "connect.profile-refresh";

export interface ProfileRefresh extends InstanceRef {
  readonly profileId: string;
  /** The agents up to this one are told already. */
  readonly behind: string;
}

/** Tells all agents of a routing profile that it, or the queues that it serves, have changed: soon, in small steps. */
export function refreshProfile(unit: Unit, platform: Platform, profile: InstanceRef & { readonly id: string }): void {
  scheduleRefresh(unit, platform, { ...refOf(profile), profileId: profile.id, behind: "" });
}

export function scheduleRefresh(unit: Unit, platform: Platform, payload: ProfileRefresh): void {
  const id = `${PROFILE_REFRESH}:${instanceKey(payload, payload.profileId)}`;
  platform.flow.schedule(unit, { id, kind: PROFILE_REFRESH, dueMs: platform.clock.now(), payload });
}

/** A timer of this kind tells the agents of a hierarchy group, and of those below it, that a name in their path has changed. */
export const GROUP_REFRESH = "connect.group-refresh";

export interface GroupRefresh extends InstanceRef {
  readonly groupId: string;
  /** Where the group's users go on that are not told yet. */
  readonly after?: string | undefined;
}

/** Tells all agents of a hierarchy group and of those below it, soon and in small steps. */
export function refreshGroup(unit: Unit, platform: Platform, payload: GroupRefresh): void {
  const id = `${GROUP_REFRESH}:${instanceKey(payload, payload.groupId)}`;
  platform.flow.schedule(unit, { id, kind: GROUP_REFRESH, dueMs: platform.clock.now(), payload });
}
