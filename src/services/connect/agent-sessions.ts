import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import {
  type AgentConfiguration,
  getConfiguration,
  putConfiguration,
  readConfiguration,
} from "./agent-configuration.ts";
import { scheduleHeartbeat } from "./agent-heartbeats.ts";
import { type ProfileRefresh, scheduleRefresh } from "./agent-refresh.ts";
import { type AgentStatus, agentStatuses } from "./agent-statuses.ts";
import { closeTimes, timesFrom } from "./agent-times.ts";
import { agentTimeMs, changeAgentState } from "./agent-transitions.ts";
import { type Agent, type AgentContact, type AgentState, agentKey, agents, findAgent } from "./agents.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { isConsultation } from "./contact-transfers.ts";
import { disconnectContact, finishWork, leaveContact, storeContact } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts } from "./contacts.ts";
import { countAgent } from "./current-metrics.ts";
import { invalidRequest, notFound } from "./errors.ts";
import { startDisconnectFlow } from "./flow-run/start-flows.ts";
import { routeAgent, routeContact, withdrawOffer } from "./routing.ts";

/** Agents sign in, choose what they do, and sign out; and what they are told when their configuration changes. */

/** An instance has at most 50 statuses of its own. */
const STATUSES_MAX = 100;

/** Agents whose configuration is read anew in one unit. */
const REFRESHED_PER_STEP = 50;

/** The agent is there, and offline until they choose another status. */
export async function signIn(unit: Unit, platform: Platform, instance: InstanceRef, userId: string): Promise<Agent> {
  const earlier = await findAgent(unit, instance, userId);
  if (earlier?.isSignedIn) throw invalidRequest(`User ${userId} is signed in already`);
  const found = await readConfiguration(unit, instance, userId);
  if (!found) throw notFound(`User ${userId} does not exist in instance ${instance.instanceId}`);

  const atMs = Math.max(platform.clock.now(), earlier?.lastEventMs ?? 0);
  const { id, name, type } = await offlineStatus(unit, instance);
  const state: AgentState = {
    status: { id, name, type, startMs: atMs },
    configurationVersion: await storeConfiguration(
      unit,
      { ...refOf(instance), id: userId },
      earlier,
      found.configuration,
    ),
    contacts: [],
  };
  const agent: Agent = {
    ...refOf(instance),
    id: userId,
    isSignedIn: true,
    settings: found.settings,
    state: earlier?.state ?? state,
    idleSinceMs: atMs,
    lastEventMs: atMs,
    eventCount: earlier?.eventCount ?? 0,
  };
  scheduleHeartbeat(unit, platform, agent, atMs);
  return changeAgentState(unit, platform, agent, state, { atMs, type: "LOGIN" });
}

/**
 * The agent is gone, and with them what they had: conversations end, after-contact work is over, and what was offered goes to the
 * next agent.
 */
export async function signOut(unit: Unit, platform: Platform, agent: Agent): Promise<void> {
  const atMs = agentTimeMs(platform, agent);
  const { id, name, type } = await offlineStatus(unit, agent);
  const status = agent.state.status.type === type ? agent.state.status : { id, name, type, startMs: atMs };
  const { configurationVersion, contacts: held } = agent.state;
  await changeAgentState(
    unit,
    platform,
    { ...agent, isSignedIn: false, signedOutMs: atMs },
    { status, configurationVersion, contacts: [] },
    { atMs, type: "LOGOUT" },
  );
  for (const entry of held) await abandon(unit, platform, agent, entry);
}

/**
 * The agent chooses a status: at once, or as the next one where they have contacts. Choosing the present one takes a next one back,
 * and else changes nothing.
 */
export async function chooseStatus(unit: Unit, platform: Platform, agent: Agent, chosen: AgentStatus): Promise<void> {
  const { state } = agent;
  const atMs = agentTimeMs(platform, agent);
  const { id, name, type } = chosen;
  if (id === state.status.id) {
    const { nextStatus: _nextStatus, ...rest } = state;
    await routeAgent(unit, platform, await changeAgentState(unit, platform, agent, rest, { atMs }));
  } else if (state.contacts.length > 0) {
    if (id === state.nextStatus?.id) return;
    const nextStatus = { id, name, type, enqueuedMs: atMs };
    await changeAgentState(unit, platform, agent, { ...state, nextStatus }, { atMs });
  } else {
    const status = { id, name, type, startMs: atMs };
    await routeAgent(unit, platform, await changeAgentState(unit, platform, agent, { ...state, status }, { atMs }));
  }
}

/** Tells an agent who is signed in that the user's configuration has changed, and routes by it. */
export async function refreshAgent(
  unit: Unit,
  platform: Platform,
  instance: InstanceRef,
  userId: string,
): Promise<void> {
  const agent = await findAgent(unit, instance, userId);
  const found = agent?.isSignedIn ? await readConfiguration(unit, instance, userId) : undefined;
  if (!agent || !found) return;

  const configurationVersion = await storeConfiguration(unit, agent, agent, found.configuration);
  const atMs = agentTimeMs(platform, agent);
  await closeTimes(unit, agent, atMs);
  const refreshed: Agent = { ...agent, settings: found.settings, times: timesFrom(atMs) };
  await countAgent(unit, refreshed);
  unit.put(agents, agentKey(refreshed), refreshed);
  const changed = await changeAgentState(unit, platform, refreshed, { ...agent.state, configurationVersion }, { atMs });
  await routeAgent(unit, platform, changed);
}

/** One step of telling the agents of a routing profile that it has changed. */
export async function onProfileRefresh(unit: Unit, platform: Platform, refresh: ProfileRefresh): Promise<void> {
  const { profileId, behind } = refresh;
  const { documents } = await unit.list(agents, {
    index: "profile",
    prefix: instanceKey(refresh, profileId, ""),
    from: instanceKey(refresh, profileId, behind),
    limit: REFRESHED_PER_STEP + 1,
  });
  const next = documents.filter(({ id }) => id !== behind);
  for (const agent of next) await refreshAgent(unit, platform, agent, agent.id);
  const last = next.at(-1);
  if (last && next.length >= REFRESHED_PER_STEP) {
    scheduleRefresh(unit, platform, { ...refresh, behind: last.id });
  }
}

/** The version under which a configuration is stored: that of the one before where nothing in it has changed. */
async function storeConfiguration(
  unit: Unit,
  agent: InstanceRef & Pick<Agent, "id">,
  earlier: Agent | undefined,
  configuration: AgentConfiguration,
): Promise<number> {
  const version = earlier?.state.configurationVersion ?? 0;
  const before = earlier && (await getConfiguration(unit, agent, version));
  if (before && JSON.stringify(before) === JSON.stringify(configuration)) return version;
  putConfiguration(unit, agent, version + 1, configuration);
  return version + 1;
}

async function offlineStatus(unit: Unit, instance: InstanceRef): Promise<AgentStatus> {
  const { documents } = await unit.list(agentStatuses, { prefix: instanceKey(instance, ""), limit: STATUSES_MAX });
  const offline = documents.find(({ type }) => type === "OFFLINE");
  if (!offline) throw new Error(`Instance ${instance.instanceId} has no status Offline`);
  return offline;
}

/** What becomes of a contact whose agent has gone. */
async function abandon(unit: Unit, platform: Platform, agent: Agent, entry: AgentContact): Promise<void> {
  const contact: Contact | undefined = await unit.get(contacts, contactKey({ ...agent, id: entry.id }));
  if (!contact) return;
  if (contact.offer?.agentId === agent.id) {
    await routeContact(unit, platform, await withdrawOffer(unit, platform, contact));
  } else if (contact.agent?.id === agent.id) {
    await finishWork(unit, platform, await endPart(unit, platform, contact));
  } else if (contact.dialledBy === agent.id) {
    const isOver = contact.initiationMethod === "OUTBOUND";
    if (isOver) await disconnectContact(unit, platform, contact, "TELECOM_ORIGINATOR_CANCEL");
    else await storeContact(unit, platform, { ...contact, dialledBy: undefined }, []);
  }
}

/** A conversation ends with its agent, unless somebody else has the customer already. */
async function endPart(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  if (contact.state !== "CONNECTED_TO_AGENT" || contact.agent?.workStartMs !== undefined) return contact;
  if (contact.transferCompletedMs !== undefined) return leaveContact(unit, platform, contact);
  const ended = await disconnectContact(unit, platform, contact, "AGENT_DISCONNECT");
  if (!isConsultation(contact)) await startDisconnectFlow(unit, platform, ended);
  return (await unit.get(contacts, contactKey(ended))) ?? ended;
}
