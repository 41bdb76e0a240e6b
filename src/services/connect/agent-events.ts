import type { Channel } from "@aws-sdk/client-connect";
import { derivedUuid } from "../../time/ids.ts";
import type { AgentConfiguration, QueueSummary } from "./agent-configuration.ts";
import { type Agent, type AgentContact, type AgentSettings, type AgentState, availableSlots } from "./agents.ts";
import { type InstanceRef, instanceArn, resourceArn } from "./arns.ts";
import { contactQueueArn, type HierarchyPath } from "./contacts.ts";

/** Agent events ("Agent event streams data model", administrator guide), the keys in alphabetical order as on the wire. */
export type AgentEventType = "LOGIN" | "LOGOUT" | "STATE_CHANGE" | "HEART_BEAT";

export interface AgentEvent {
  readonly AWSAccountId: string;
  readonly AgentARN: string;
  readonly CurrentAgentSnapshot: AgentSnapshot;
  readonly EventId: string;
  readonly EventTimestamp: string;
  readonly EventType: AgentEventType;
  readonly InstanceARN: string;
  /** Null on an agent's very first event. */
  readonly PreviousAgentSnapshot: AgentSnapshot | null;
  readonly Version: string;
}

export interface AgentSnapshot {
  readonly AgentStatus: {
    readonly ARN: string;
    readonly Name: string;
    readonly StartTimestamp: string;
    readonly Type: string;
  };
  readonly Configuration: Readonly<Record<string, unknown>>;
  readonly Contacts: readonly AgentSnapshotContact[];
  readonly NextAgentStatus: { readonly ARN: string; readonly EnqueuedTimestamp: string; readonly Name: string } | null;
}

export interface AgentSnapshotContact {
  readonly Channel: Channel;
  readonly ConnectedToAgentTimestamp: string | null;
  readonly ContactId: string;
  readonly InitialContactId: string | null;
  readonly InitiationMethod: string;
  readonly Queue: { readonly ARN: string; readonly Channels: readonly Channel[]; readonly Name: string | null } | null;
  readonly QueueTimestamp: string | null;
  readonly State: string;
  readonly StateStartTimestamp: string;
}

/** "2017-10-01" in captured events. */
const VERSION = "2017-10-01";

const LEVELS = [1, 2, 3, 4, 5] as const;

/** A state and the configuration that goes with it. */
export interface Told {
  readonly state: AgentState;
  readonly configuration: AgentConfiguration;
}

/** The event that tells of an agent's state. Pure; `number` tells the agent's events apart, so that one made again has the same id. */
export function agentEvent(
  agent: Agent,
  { type, atMs, number }: { readonly type: AgentEventType; readonly atMs: number; readonly number: string },
  current: Told,
  previous: Told | undefined,
): AgentEvent {
  return {
    AWSAccountId: agent.account,
    AgentARN: resourceArn("user", agent, agent.id),
    CurrentAgentSnapshot: snapshotOf(agent, current),
    EventId: derivedUuid(agent.instanceId, agent.id, number),
    EventTimestamp: iso(atMs),
    EventType: type,
    InstanceARN: instanceArn(agent),
    PreviousAgentSnapshot: previous ? snapshotOf(agent, previous) : null,
    Version: VERSION,
  };
}

function snapshotOf(instance: InstanceRef, { state, configuration }: Told): AgentSnapshot {
  const { status, nextStatus } = state;
  return {
    AgentStatus: {
      ARN: resourceArn("agentStatus", instance, status.id),
      Name: status.name,
      StartTimestamp: iso(status.startMs),
      Type: status.type,
    },
    Configuration: configurationOf(instance, state, configuration),
    Contacts: state.contacts.map((contact) => contactOf(instance, contact)),
    NextAgentStatus: nextStatus
      ? {
          ARN: resourceArn("agentStatus", instance, nextStatus.id),
          EnqueuedTimestamp: iso(nextStatus.enqueuedMs),
          Name: nextStatus.name,
        }
      : null,
  };
}

function configurationOf(
  instance: InstanceRef,
  state: AgentState,
  { username, firstName, lastName, hierarchy, proficiencies, profile }: AgentConfiguration,
): AgentSnapshot["Configuration"] {
  const { concurrency } = profile;
  const slots = (Object.entries(concurrency) as [Channel, AgentSettings["concurrency"]["VOICE"]][]).map(
    ([channel, own]) => ({
      AvailableSlots: availableSlots(state, { concurrency }, channel),
      Channel: channel,
      MaximumSlots: own?.slots ?? 0,
    }),
  );
  return {
    AgentHierarchyGroups: hierarchyGroups(instance, hierarchy),
    FirstName: firstName,
    LastName: lastName,
    Proficiencies: proficiencies.map(({ name, value, level }) => ({
      Name: name,
      ProficiencyLevel: level,
      Value: value,
    })),
    RoutingProfile: {
      ARN: resourceArn("routingProfile", instance, profile.id),
      Concurrency: slots,
      DefaultOutboundQueue: queueOf(instance, profile.defaultOutboundQueue),
      InboundQueues: profile.inboundQueues.map((queue) => queueOf(instance, queue)),
      Name: profile.name,
    },
    Username: username,
  };
}

/** Null for an agent without a group. */
function hierarchyGroups(instance: InstanceRef, path: HierarchyPath): Record<string, unknown> | null {
  if (path.length === 0) return null;
  const levels = LEVELS.map((level) => {
    const group = path[level - 1];
    return [
      `Level${level}`,
      group ? { ARN: resourceArn("hierarchyGroup", instance, group.id), Name: group.name } : null,
    ];
  });
  return Object.fromEntries(levels);
}

function queueOf(
  instance: InstanceRef,
  { channels, ...queue }: QueueSummary,
): NonNullable<AgentSnapshotContact["Queue"]> {
  return { ARN: contactQueueArn(instance, queue), Channels: channels, Name: queue.name ?? null };
}

function contactOf(instance: InstanceRef, contact: AgentContact): AgentSnapshotContact {
  return {
    Channel: contact.channel,
    ConnectedToAgentTimestamp: optionalIso(contact.connectedMs),
    ContactId: contact.id,
    InitialContactId: contact.initialContactId ?? null,
    InitiationMethod: contact.initiationMethod,
    Queue: contact.queue ? queueOf(instance, { ...contact.queue, channels: [contact.channel] }) : null,
    QueueTimestamp: optionalIso(contact.enqueueMs),
    State: contact.state,
    StateStartTimestamp: iso(contact.stateStartMs),
  };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function optionalIso(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : iso(timeMs);
}
