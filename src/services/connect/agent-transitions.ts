import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type AgentConfiguration, getConfiguration } from "./agent-configuration.ts";
import { type AgentEventType, agentEvent, type Told } from "./agent-events.ts";
import { closeTimes, countTimes, timesFrom } from "./agent-times.ts";
import { type Agent, type AgentContact, type AgentState, agentKey, agents, contactOf, findAgent } from "./agents.ts";
import { resourceArn } from "./arns.ts";
import { sumFailedOffer } from "./contact-figures.ts";
import { keepAgentSteps } from "./contact-history.ts";
import { findRecordStream, putRecord } from "./contact-streams.ts";
import { type Contact, subtypeOf } from "./contacts.ts";
import { countAgent } from "./current-metrics.ts";
import { happened } from "./happenings.ts";

/**
 * Every change of an agent's state: stores the agent and appends the agent event that tells of it to the instance's stream, in the
 * unit that it is given. The event's two snapshots are the state before and after, so that they chain.
 */

/** A change as it is told: at a time that is not before the agent's last event, since a machine's clock may be set back. */
export interface AgentChange {
  readonly atMs: number;
  /** `STATE_CHANGE` without it. */
  readonly type?: AgentEventType;
}

/** Stores a new state and tells of it. One that is as before changes nothing. */
export async function changeAgentState(
  unit: Unit,
  platform: Platform,
  agent: Agent,
  state: AgentState,
  { atMs, type = "STATE_CHANGE" }: AgentChange,
): Promise<Agent> {
  if (type === "STATE_CHANGE" && JSON.stringify(state) === JSON.stringify(agent.state)) return agent;
  const changed: Agent = {
    ...agent,
    state,
    times: await timesAt(unit, agent, { atMs, type }),
    previous: agent.eventCount === 0 ? undefined : agent.state,
    idleSinceMs: endsIdling(agent, state) ? atMs : agent.idleSinceMs,
    lastEventMs: atMs,
    eventCount: agent.eventCount + 1,
  };
  await tell(unit, platform, changed, { type, atMs, number: String(changed.eventCount) });
  await countAgent(unit, changed);
  unit.put(agents, agentKey(changed), changed);
  keepAgentSteps(unit, agent, changed);
  tellSteps(unit, platform, agent, changed);
  return changed;
}

async function timesAt(unit: Unit, agent: Agent, { atMs, type }: AgentChange): Promise<Agent["times"]> {
  if (type === "LOGIN") return timesFrom(atMs);
  if (type !== "LOGOUT") return countTimes(unit, agent, atMs);
  await closeTimes(unit, agent, atMs);
  return undefined;
}

/** Tells whoever plays the agent which of their contacts have another state than before. */
function tellSteps(
  unit: Unit,
  platform: Platform,
  before: Agent,
  { state, lastEventMs: atMs, id: userId }: Agent,
): void {
  const { account, region, instanceId } = before;
  for (const contact of state.contacts) {
    if (contactOf(before, contact.id)?.state === contact.state) continue;
    happened(unit, platform.store, { account, region, instanceId, ...contact }, { atMs, userId, state: contact.state });
  }
  for (const contact of before.state.contacts) {
    if (state.contacts.some(({ id }) => id === contact.id)) continue;
    happened(unit, platform.store, { account, region, instanceId, ...contact }, { atMs, userId, state: "CLEARED" });
  }
}

/** Tells the state again, after a time without events. */
export async function tellHeartbeat(unit: Unit, platform: Platform, agent: Agent, atMs: number): Promise<void> {
  await tell(unit, platform, agent, { type: "HEART_BEAT", atMs, number: `heartbeat ${atMs}` });
}

/** Adds a contact, as it has just changed, to those of an agent. */
export async function addAgentContact(
  unit: Unit,
  platform: Platform,
  agent: Agent,
  contact: Contact,
  state: AgentContact["state"],
): Promise<Agent> {
  const atMs = Math.max(contact.lastUpdateMs, agent.lastEventMs);
  const added: AgentContact = {
    id: contact.id,
    channel: contact.channel,
    subtype: subtypeOf(contact),
    initiationMethod: contact.initiationMethod,
    initialContactId: contact.initialContactId,
    queue: contact.queue && { id: contact.queue.id, type: contact.queue.type, name: contact.queue.name },
    enqueueMs: contact.initiationMethod === "OUTBOUND" ? undefined : contact.queue?.enqueueMs,
    state,
    stateStartMs: atMs,
  };
  const contacts = [...agent.state.contacts, added];
  return changeAgentState(unit, platform, agent, { ...agent.state, contacts }, { atMs });
}

/** Moves a contact, as it has just changed, to another state at an agent; nothing where the agent has it no more. */
export async function moveAgentContact(
  unit: Unit,
  platform: Platform,
  userId: string,
  contact: Contact,
  state: AgentContact["state"],
): Promise<void> {
  const agent = await findAgent(unit, contact, userId);
  const entry = agent && contactOf(agent, contact.id);
  if (!entry) return;

  const atMs = Math.max(contact.lastUpdateMs, agent.lastEventMs);
  if (state === "MISSED" || state === "REJECTED") {
    const { hierarchy } = await getConfiguration(unit, agent, agent.state.configurationVersion);
    await sumFailedOffer(unit, agent, { entry, hierarchy, contact, atMs });
  }
  const contacts = agent.state.contacts.map((entry) => {
    if (entry.id !== contact.id) return entry;
    const connectedMs = state === "CONNECTED" ? (entry.connectedMs ?? atMs) : entry.connectedMs;
    return { ...entry, state, stateStartMs: atMs, connectedMs };
  });
  await changeAgentState(unit, platform, agent, { ...agent.state, contacts }, { atMs });
}

/**
 * Takes a contact away from an agent; nothing where they have it no more. With the last one the status changes to the next one, in
 * the same event (our choice). Answers with the agent, for whom routing may have something now.
 */
export async function removeAgentContact(
  unit: Unit,
  platform: Platform,
  agent: Agent,
  { contactId, nowMs }: { readonly contactId: string; readonly nowMs: number },
): Promise<Agent> {
  const contacts = agent.state.contacts.filter(({ id }) => id !== contactId);
  if (contacts.length === agent.state.contacts.length) return agent;

  const atMs = Math.max(nowMs, agent.lastEventMs);
  const { nextStatus } = agent.state;
  if (contacts.length > 0 || !nextStatus) {
    return changeAgentState(unit, platform, agent, { ...agent.state, contacts }, { atMs });
  }
  const { id, name, type } = nextStatus;
  const status = { id, name, type, startMs: atMs };
  return changeAgentState(unit, platform, agent, { ...agent.state, status, nextStatus: undefined, contacts }, { atMs });
}

/** Now, but never before the agent's last event. */
export function agentTimeMs(platform: Platform, agent: Pick<Agent, "lastEventMs">): number {
  return Math.max(platform.clock.now(), agent.lastEventMs);
}

/** Whether an agent's time without contacts begins anew: with another status, and with a contact that comes or goes. */
function endsIdling({ state: before, settings }: Agent, after: AgentState): boolean {
  if (before.status.startMs !== after.status.startMs) return true;
  const changed = [
    ...before.contacts.filter(({ id }) => !after.contacts.some((contact) => contact.id === id)),
    ...after.contacts.filter(({ id }) => !before.contacts.some((contact) => contact.id === id)),
  ];
  return changed.some(({ initiationMethod }) => !settings.idlesThroughOutbound || initiationMethod !== "OUTBOUND");
}

async function tell(
  unit: Unit,
  platform: Platform,
  agent: Agent,
  event: { readonly type: AgentEventType; readonly atMs: number; readonly number: string },
): Promise<void> {
  const stream = await findRecordStream(unit, agent, "AGENT_EVENTS");
  if (stream === undefined) return;

  const read = new Map<number, AgentConfiguration>();
  const toldOf = async (state: AgentState): Promise<Told> => {
    const version = state.configurationVersion;
    const configuration = read.get(version) ?? (await getConfiguration(unit, agent, version));
    read.set(version, configuration);
    return { state, configuration };
  };
  const current = await toldOf(agent.state);
  const previous = agent.previous && (await toldOf(agent.previous));
  const record = {
    data: JSON.stringify(agentEvent(agent, event, current, previous)),
    key: resourceArn("user", agent, agent.id),
  };
  await putRecord(unit, platform, stream, record, { instance: agent, type: "AGENT_EVENTS" });
}
