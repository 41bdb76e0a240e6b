import type { Channel } from "@aws-sdk/client-connect";
import type { Reader } from "../../store/store.ts";
import type { AgentSettings } from "./agents.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import type { HierarchyPath } from "./contacts.ts";
import { hierarchyGroups } from "./user-hierarchy.ts";
import { type User, users } from "./users.ts";

/** What an agent's work needs to know of their user. */
export interface AgentUser extends Pick<AgentSettings, "autoAccepts" | "workLimitMs"> {
  readonly id: string;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly routingProfileId: string;
  readonly hierarchy: HierarchyPath;
  readonly proficiencies: readonly { readonly name: string; readonly value: string; readonly level: number }[];
}

const CHANNELS: readonly Channel[] = ["VOICE", "CHAT", "TASK", "EMAIL"];

/** `undefined`: there is no such user in the instance. */
export async function findAgentUser(
  reader: Reader,
  instance: InstanceRef,
  userId: string,
): Promise<AgentUser | undefined> {
  const user = await reader.get(users, instanceKey(instance, userId));
  return (
    user && {
      id: user.id,
      username: user.name,
      firstName: user.identity.FirstName ?? "",
      lastName: user.identity.LastName ?? "",
      routingProfileId: user.routingProfileId,
      hierarchy: await hierarchyPath(reader, instance, user.hierarchyGroupId),
      proficiencies: user.proficiencies,
      autoAccepts: CHANNELS.filter((channel) => autoAccepts(user, channel)),
      workLimitMs: Object.fromEntries(CHANNELS.map((channel) => [channel, workLimitSeconds(user, channel) * 1_000])),
    }
  );
}

/** The older form of the settings holds for every channel that has none of its own (our choice). */
function autoAccepts({ AutoAcceptConfigs, phone }: User, channel: Channel): boolean {
  const own = AutoAcceptConfigs?.find(({ Channel }) => Channel === channel);
  return own?.AutoAccept ?? phone?.AutoAccept ?? false;
}

function workLimitSeconds({ AfterContactWorkConfigs, phone }: User, channel: Channel): number {
  const own = AfterContactWorkConfigs?.find(({ Channel }) => Channel === channel);
  return own?.AfterContactWorkConfig?.AfterContactWorkTimeLimit ?? phone?.AfterContactWorkTimeLimit ?? 0;
}

async function hierarchyPath(
  reader: Reader,
  instance: InstanceRef,
  groupId: string | undefined,
): Promise<HierarchyPath> {
  const group = groupId === undefined ? undefined : await reader.get(hierarchyGroups, instanceKey(instance, groupId));
  if (!group) return [];
  return [...(await hierarchyPath(reader, instance, group.parentId)), { id: group.id, name: group.name }];
}
