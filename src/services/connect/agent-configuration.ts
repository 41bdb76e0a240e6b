import type { Channel } from "@aws-sdk/client-connect";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type AgentUser, findAgentUser } from "./agent-user.ts";
import type { Agent, AgentSettings } from "./agents.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import type { ContactQueue, HierarchyPath } from "./contacts.ts";
import { queues } from "./queues.ts";
import { type ChannelSettings, routingProfileQueues, routingProfiles } from "./routing-profiles.ts";

/**
 * What agent events tell of an agent beside what they do: kept as it was told, since the next event repeats it as previous. Each
 * version is a document that never changes; the agent names its own.
 */
export interface AgentConfiguration {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly hierarchy: HierarchyPath;
  readonly proficiencies: AgentUser["proficiencies"];
  readonly profile: {
    readonly id: string;
    readonly name: string;
    readonly concurrency: AgentSettings["concurrency"];
    readonly defaultOutboundQueue: QueueSummary;
    /** The agent's own queue first. */
    readonly inboundQueues: readonly QueueSummary[];
  };
}

export interface QueueSummary extends Pick<ContactQueue, "id" | "type" | "name"> {
  readonly channels: readonly Channel[];
}

export const agentConfigurations: Collection<AgentConfiguration> = collection("connect_agent_configurations");

/** A routing profile serves at most 50 queues and channels; more are not read. */
const PROFILE_QUEUES_MAX = 200;

export function configurationKey(agent: InstanceRef & Pick<Agent, "id">, version: number): string {
  return instanceKey(agent, agent.id, version);
}

export async function getConfiguration(
  reader: Reader,
  agent: InstanceRef & Pick<Agent, "id">,
  version: number,
): Promise<AgentConfiguration> {
  const configuration = await reader.get(agentConfigurations, configurationKey(agent, version));
  if (!configuration) throw new Error(`Agent ${agent.id} has no configuration ${version}`);
  return configuration;
}

/** The configuration of a user as it is now, and what of it routing needs. `undefined`: the user or the routing profile is gone. */
export async function readConfiguration(
  reader: Reader,
  instance: InstanceRef,
  userId: string,
): Promise<{ readonly configuration: AgentConfiguration; readonly settings: AgentSettings } | undefined> {
  const user = await findAgentUser(reader, instance, userId);
  const profile = user && (await reader.get(routingProfiles, instanceKey(instance, user.routingProfileId)));
  if (!user || !profile) return undefined;

  const concurrency = concurrencyOf(profile);
  const channels = Object.keys(concurrency) as Channel[];
  const configuration: AgentConfiguration = {
    username: user.username,
    firstName: user.firstName,
    lastName: user.lastName,
    hierarchy: user.hierarchy,
    proficiencies: user.proficiencies,
    profile: {
      id: profile.id,
      name: profile.name,
      concurrency,
      defaultOutboundQueue: {
        id: profile.defaultOutboundQueueId,
        type: "STANDARD",
        name: await queueName(reader, instance, profile.defaultOutboundQueueId),
        channels: ["VOICE"],
      },
      inboundQueues: [{ id: user.id, type: "AGENT", channels }, ...(await inboundQueues(reader, instance, profile.id))],
    },
  };
  const { autoAccepts, workLimitMs } = user;
  const idlesThroughOutbound = profile.availabilityTimer === "TIME_SINCE_LAST_INBOUND";
  return {
    configuration,
    settings: { profileId: profile.id, concurrency, autoAccepts, workLimitMs, idlesThroughOutbound },
  };
}

export function putConfiguration(
  unit: Unit,
  agent: InstanceRef & Pick<Agent, "id">,
  version: number,
  configuration: AgentConfiguration,
): void {
  unit.put(agentConfigurations, configurationKey(agent, version), configuration);
  // The one before is the previous snapshot's; those before that are told no more.
  unit.delete(agentConfigurations, configurationKey(agent, Math.max(version - 2, 0)));
}

/** The versions that an agent's snapshots name: when the agent goes. */
export function deleteConfigurations(unit: Unit, agent: InstanceRef & Pick<Agent, "id" | "state">): void {
  const version = agent.state.configurationVersion;
  for (const kept of [version, version - 1]) {
    if (kept >= 0) unit.delete(agentConfigurations, configurationKey(agent, kept));
  }
}

function concurrencyOf({ concurrency, crossChannel }: ChannelSettings): AgentSettings["concurrency"] {
  const channels = Object.entries(concurrency) as [Channel, number][];
  return Object.fromEntries(
    channels.map(([channel, slots]) => [
      channel,
      { slots, sharesWithOthers: crossChannel?.[channel] === "ROUTE_ANY_CHANNEL" },
    ]),
  );
}

async function inboundQueues(reader: Reader, instance: InstanceRef, profileId: string): Promise<QueueSummary[]> {
  const { documents } = await reader.list(routingProfileQueues, {
    prefix: instanceKey(instance, profileId, ""),
    limit: PROFILE_QUEUES_MAX,
  });
  const channels = new Map<string, Channel[]>();
  for (const { queueId, channel } of documents) channels.set(queueId, [...(channels.get(queueId) ?? []), channel]);
  const found: QueueSummary[] = [];
  for (const [id, served] of channels) {
    found.push({ id, type: "STANDARD", name: await queueName(reader, instance, id), channels: served });
  }
  return found;
}

async function queueName(reader: Reader, instance: InstanceRef, queueId: string): Promise<string | undefined> {
  return (await reader.get(queues, instanceKey(instance, queueId)))?.name;
}
