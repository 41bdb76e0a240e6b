import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type GroupRefresh, refreshGroup } from "./agent-refresh.ts";
import { refreshAgent } from "./agent-sessions.ts";
import { instanceKey, refOf } from "./arns.ts";
import { hierarchyGroups } from "./user-hierarchy.ts";
import { users } from "./users.ts";

/** Users of a group, or groups below it, that are looked at in one unit. */
const REFRESHED_PER_STEP = 50;

/** One step of telling a group's agents: the groups below it go on by themselves. */
export async function onGroupRefresh(unit: Unit, platform: Platform, refresh: GroupRefresh): Promise<void> {
  const equals = instanceKey(refresh, refresh.groupId);
  const step = { equals, limit: REFRESHED_PER_STEP };
  const members = await unit.list(users, { index: "hierarchyGroup", ...step, after: refresh.after });
  for (const user of members.documents) await refreshAgent(unit, platform, refresh, user.id);
  if (members.next !== undefined) return refreshGroup(unit, platform, { ...refresh, after: members.next });

  let after: string | undefined;
  do {
    const children = await unit.list(hierarchyGroups, { index: "parent", ...step, after });
    for (const { id } of children.documents) refreshGroup(unit, platform, { ...refOf(refresh), groupId: id });
    after = children.next;
  } while (after !== undefined);
}
