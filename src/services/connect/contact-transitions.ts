import type { Unit } from "../../store/store.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import { getConfiguration } from "./agent-configuration.ts";
import { moveAgentContact, removeAgentContact } from "./agent-transitions.ts";
import { findAgent } from "./agents.ts";
import { instanceArn } from "./arns.ts";
import { agentJoins, leaveChat } from "./chat-participants.ts";
import { oweChatTranscript } from "./chat-transcript-files.ts";
import { attributesOf } from "./contact-attributes.ts";
import {
  CONTACT_EVENT_DETAIL_TYPE,
  CONTACT_EVENT_SOURCE,
  type ContactEventType,
  contactEvent,
  type UpdatedProperty,
} from "./contact-events.ts";
import { sumContact } from "./contact-figures.ts";
import { keepToldEvent, withChange } from "./contact-history.ts";
import { publishContactRecord } from "./contact-records.ts";
import { cancelContactTimer, cancelContactTimers, contactTimer } from "./contact-timers.ts";
import {
  type Contact,
  type ContactAgent,
  contactKey,
  contacts,
  contactTags,
  isAgentFirst,
  type Monitoring,
  ringStartMs,
  wholeSeconds,
} from "./contacts.ts";
import { prepareAnalysis, tellConversation } from "./conversation-log.ts";
import { countContact } from "./current-metrics.ts";
import { endRuns } from "./flow-run/flow-runs.ts";
import { happened } from "./happenings.ts";
import { sumDays } from "./metrics.ts";
import { tellOccasion } from "./occasions.ts";
import { sweepExpired } from "./retention.ts";

/**
 * Every change of a contact's state. Each stores the contact and appends the events that tell of it to the account's default
 * bus, changes what its agents see of it, and answers with the contact as it is now: all in the unit that it is given.
 *
 * Each contact has INITIATED first and once; then, at most once each and in this order, CONNECTED_TO_SYSTEM, QUEUED and
 * CONNECTED_TO_AGENT (but an agent-first callback is QUEUED before it is connected); then DISCONNECTED once; then COMPLETED, when
 * its agent, if there was one, has cleared it. CONTACT_DATA_UPDATED may come anywhere after INITIATED. Times never go back.
 */

/** A contact that is being created. */
export type NewContact = Omit<Contact, "state" | "lastUpdateMs" | "eventCount" | "changesMs">;

/** Stores a new contact, and sets when it expires. Its `initiationMs` is now. */
export async function initiateContact(unit: Unit, platform: Platform, contact: NewContact): Promise<Contact> {
  await sweepExpired(unit, contact);
  await sumDays(unit, contact, contact.initiationMs);
  const initiated: Contact = { ...contact, state: "INITIATED", lastUpdateMs: contact.initiationMs, eventCount: 0 };
  if (initiated.expiresMs !== undefined) {
    platform.flow.schedule(unit, contactTimer("connect.expiry", initiated, initiated.expiresMs));
  }
  prepareAnalysis(unit, initiated);
  const isCampaignWithoutDetection = contact.call?.isCampaign === true && !contact.call.detectsMachines;
  return storeContact(
    unit,
    platform,
    initiated,
    isCampaignWithoutDetection ? ["INITIATED", "AMD_DISABLED"] : ["INITIATED"],
  );
}

/** The media or task session is there. `answer`: what answering machine detection found out. */
export async function connectToSystem(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  answer: Pick<Contact, "answeringMachineDetectionStatus" | "greeting"> = {},
): Promise<Contact> {
  const atMs = changeTimeMs(platform, contact);
  const state = contact.state === "INITIATED" ? "CONNECTED_TO_SYSTEM" : contact.state;
  const connected: Contact = { ...contact, ...answer, state, connectedToSystemMs: atMs, lastUpdateMs: atMs };
  return storeContact(unit, platform, connected, ["CONNECTED_TO_SYSTEM"]);
}

/** An agent and the other end talk. The agent has the contact already, as offered or dialled. */
export async function connectToAgent(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  userId: string,
): Promise<Contact> {
  cancelContactTimer(unit, platform.flow, "connect.ring", contact);
  cancelContactTimer(unit, platform.flow, "connect.routing", contact);
  const agent = await findAgent(unit, contact, userId);
  if (!agent) throw new Error(`Contact ${contact.id} connects to an agent who is not there`);
  await endRuns(unit, platform, contact, { outcome: "TRANSFERRED_TO_AGENT" });

  const { username, firstName, hierarchy, profile } = await getConfiguration(
    unit,
    agent,
    agent.state.configurationVersion,
  );
  const atMs = Math.max(changeTimeMs(platform, contact), agent.lastEventMs);
  const connected = await storeContact(
    unit,
    platform,
    {
      ...contact,
      state: "CONNECTED_TO_AGENT",
      offer: undefined,
      routingCriteria: contact.routingCriteria && {
        ...contact.routingCriteria,
        steps: contact.routingCriteria.steps.map((step) =>
          step.status === "ACTIVE" ? { ...step, status: "JOINED" as const } : step,
        ),
      },
      agent: {
        id: userId,
        username,
        routingProfile: { id: profile.id, name: profile.name },
        hierarchy,
        connectedMs: atMs,
        connectingMs: connectingMs(contact, userId, atMs),
        holdCount: 0,
        holdSeconds: 0,
        longestHoldSeconds: 0,
        ...(contact.initiationMethod === "MONITOR" && { monitoring: [{ state: "SILENT_MONITOR", startMs: atMs }] }),
      },
      lastUpdateMs: atMs,
    },
    ["CONNECTED_TO_AGENT"],
  );
  if (!contact.agent && connected.analytics) {
    const { analytics } = connected;
    const [attributes, tags] = [await attributesOf(unit, connected), contactTags(connected)];
    tellConversation(unit, connected, { kind: "began", atMs, analytics, names: [firstName], attributes, tags });
  }
  await moveAgentContact(unit, platform, userId, connected, "CONNECTED");
  if (connected.dialledBy !== undefined && connected.dialledBy !== userId) {
    await moveAgentContact(unit, platform, connected.dialledBy, connected, "CONNECTED");
  }
  await handOver(unit, platform, connected);
  await agentJoins(unit, platform, connected);
  return connected;
}

/**
 * Ends a contact and whatever was still to come for it. `reason`: one of the contact record's `DisconnectReason`s. An agent who was
 * connected has after-contact work then.
 */
export async function disconnectContact(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  reason: string,
): Promise<Contact> {
  cancelContactTimers(unit, platform.flow, contact);
  await endRuns(unit, platform, contact, { outcome: "DROPPED" });
  const atMs = changeTimeMs(platform, contact);
  const agent = contact.agent && endedPart(contact.agent, atMs);
  const isOver = agent === undefined || agent.workEndMs !== undefined;
  const chatMetrics = await leaveChat(unit, platform, contact, { reason, atMs });
  const ended = await storeContact(
    unit,
    platform,
    {
      ...contact,
      state: "DISCONNECTED",
      offer: undefined,
      dialledBy: undefined,
      agent,
      pauses: contact.pauses && endedPause(contact, atMs),
      disconnectMs: atMs,
      disconnectReason: reason,
      endedOnHold: contact.agent?.holdSinceMs === undefined ? undefined : true,
      chatMetrics,
      answeringMachineDetectionStatus: contact.answeringMachineDetectionStatus ?? detectionWithoutAnswer(contact, atMs),
      completedMs: isOver ? atMs : undefined,
      lastUpdateMs: atMs,
    },
    isOver ? ["DISCONNECTED", "COMPLETED"] : ["DISCONNECTED"],
  );
  tellConversation(unit, ended, { kind: "ended", atMs });
  if (isOver) tellCompleted(unit, ended);
  await oweChatTranscript(unit, platform, ended);
  await tellAgents(unit, platform, contact, ended);
  await endLinked(unit, platform, ended, reason);
  return ended;
}

/** An agent leaves a conversation that goes on without them: their after-contact work begins. */
export async function leaveContact(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  changes: Pick<Contact, "transferCompletedMs" | "transferredTo"> = {},
): Promise<Contact> {
  const atMs = changeTimeMs(platform, contact);
  const left = await storeContact(
    unit,
    platform,
    { ...contact, ...changes, agent: contact.agent && endedPart(contact.agent, atMs), lastUpdateMs: atMs },
    [],
  );
  await beginWork(unit, platform, left);
  return left;
}

/** After-contact work is over: with it, unless the customer is still being handed over, the contact. */
export async function finishWork(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  if (!contact.agent || contact.agent.workEndMs !== undefined) return contact;
  cancelContactTimer(unit, platform.flow, "connect.after-contact-work", contact);
  const atMs = changeTimeMs(platform, contact);
  const isOver = contact.state === "DISCONNECTED";
  if (isOver) tellCompleted(unit, contact);
  return storeContact(
    unit,
    platform,
    {
      ...contact,
      agent: { ...contact.agent, workEndMs: atMs },
      completedMs: isOver ? atMs : undefined,
      lastUpdateMs: atMs,
    },
    isOver ? ["COMPLETED"] : [],
  );
}

/** Tells whom it concerns that a contact is over. */
function tellCompleted(unit: Unit, contact: Contact): void {
  tellConversation(unit, contact, { kind: "completed" });
  if (contact.channel === "EMAIL") tellOccasion(unit, contact, { kind: "mail-completed" });
}

/** Stores data of a contact that changed, in any state, and names what contact events tell of. */
export async function updateContactData(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  updatedProperties: readonly UpdatedProperty[],
): Promise<Contact> {
  const updated: Contact = { ...contact, lastUpdateMs: changeTimeMs(platform, contact) };
  const events: ContactEventType[] = updatedProperties.length > 0 ? ["CONTACT_DATA_UPDATED"] : [];
  return storeContact(unit, platform, updated, events, updatedProperties);
}

/**
 * Stores a contact that changed at its `lastUpdateMs`, and tells of it: by contact events, and by a new version of its record where
 * it is completed.
 */
export async function storeContact(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  events: readonly ContactEventType[],
  updatedProperties?: readonly UpdatedProperty[],
): Promise<Contact> {
  let stored: Contact = { ...contact, changesMs: withChange(contact.changesMs, contact.lastUpdateMs) };
  for (const eventType of events) {
    stored = { ...stored, eventCount: stored.eventCount + 1 };
    const timeMs = stored.lastUpdateMs;
    const event = contactEvent(stored, eventType, timeMs, updatedProperties);
    const { id, resources, detail } = event;
    await putServiceEvent(unit, platform, {
      account: stored.account,
      region: stored.region,
      source: CONTACT_EVENT_SOURCE,
      detailType: CONTACT_EVENT_DETAIL_TYPE,
      resources: [...resources],
      teller: instanceArn(stored),
      detail,
      timeMs,
      key: stored.id,
      id,
    });
    keepToldEvent(unit, stored, event, timeMs);
    happened(unit, platform.store, stored, { atMs: timeMs, state: eventType });
  }
  if (stored.completedMs !== undefined) stored = await publishContactRecord(unit, platform, stored);
  await countContact(unit, stored);
  await sumContact(unit, stored);
  unit.put(contacts, contactKey(stored), stored);
  return stored;
}

/** Now, but never before the contact's last change: a machine's clock may be set back. */
export function changeTimeMs(platform: Platform, contact: Contact): number {
  return Math.max(platform.clock.now(), contact.lastUpdateMs);
}

/** A hold that ends now, added up. Stretches count by truncated times, as the record does; one of no second counts as none. */
export function endedHold(agent: ContactAgent, atMs: number): ContactAgent {
  if (agent.holdSinceMs === undefined) return agent;
  const seconds = wholeSeconds(agent.holdSinceMs, atMs);
  return {
    ...agent,
    holdCount: agent.holdCount + (seconds > 0 ? 1 : 0),
    holdSeconds: agent.holdSeconds + seconds,
    longestHoldSeconds: Math.max(agent.longestHoldSeconds, seconds),
    holdSinceMs: undefined,
  };
}

/** The pauses of a contact, with one that lasts until now added up. */
function endedPause({ pauses, agent }: Contact, atMs: number): Contact["pauses"] {
  if (pauses?.sinceMs === undefined) return pauses;
  const seconds = wholeSeconds(pauses.sinceMs, atMs);
  const agentSeconds = agent ? wholeSeconds(Math.max(pauses.sinceMs, agent.connectedMs), atMs) : 0;
  return {
    ...pauses,
    seconds: pauses.seconds + seconds,
    agentSeconds: pauses.agentSeconds + agentSeconds,
    sinceMs: undefined,
    lastResumedMs: atMs,
  };
}

/** Goes on with a paused task, as old as it is. Whoever calls routes one that waits. */
export async function resumeTask(unit: Unit, platform: Platform, task: Contact): Promise<Contact> {
  const atMs = changeTimeMs(platform, task);
  const changed: Contact = { ...task, pauses: endedPause(task, atMs), lastUpdateMs: atMs };
  const resumed = await storeContact(unit, platform, changed, ["RESUMED"]);
  if (resumed.agent) await moveAgentContact(unit, platform, resumed.agent.id, resumed, "CONNECTED");
  return resumed;
}

/** What a supervisor did until now. */
export function endedMonitoring(monitoring: readonly Monitoring[], atMs: number): readonly Monitoring[] {
  return monitoring.map((stretch) => (stretch.endMs === undefined ? { ...stretch, endMs: atMs } : stretch));
}

function endedPart(agent: ContactAgent, atMs: number): ContactAgent {
  return {
    ...endedHold(agent, atMs),
    workStartMs: agent.workStartMs ?? atMs,
    ...(agent.monitoring && { monitoring: endedMonitoring(agent.monitoring, atMs) }),
  };
}

/** What the agents see of a contact that has ended: whoever was connected, was offered it, or dialled it. */
async function tellAgents(unit: Unit, platform: Platform, before: Contact, ended: Contact): Promise<void> {
  if (before.offer) {
    const isDialled = before.call !== undefined && isAgentFirst(before);
    const isTaken = isDialled || before.offer.acceptedMs !== undefined;
    await moveAgentContact(unit, platform, before.offer.agentId, ended, isTaken ? "ERROR" : "REJECTED");
  }
  if (before.agent && before.agent.workStartMs === undefined) await beginWork(unit, platform, ended);
  if (before.dialledBy === undefined || before.dialledBy === ended.agent?.id) return;
  if (before.initiationMethod === "OUTBOUND") {
    await moveAgentContact(unit, platform, before.dialledBy, ended, "ERROR");
  } else {
    const agent = await findAgent(unit, ended, before.dialledBy);
    if (agent) {
      await removeAgentContact(unit, platform, agent, { contactId: ended.id, nowMs: ended.lastUpdateMs });
    }
  }
}

async function beginWork(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const userId = contact.agent?.id;
  const agent = userId === undefined ? undefined : await findAgent(unit, contact, userId);
  if (!agent || contact.agent?.workEndMs !== undefined) return;

  await moveAgentContact(unit, platform, agent.id, contact, "ENDED");
  const limitMs = agent.settings.workLimitMs[contact.channel] ?? 0;
  if (limitMs > 0) {
    const dueMs = contact.lastUpdateMs + limitMs;
    platform.flow.schedule(unit, contactTimer("connect.after-contact-work", contact, dueMs));
  }
}

function connectingMs({ offer, dialledBy, initiationMs }: Contact, userId: string, atMs: number): number | undefined {
  const sinceMs = offer?.startMs ?? (dialledBy === userId ? initiationMs : undefined);
  return sinceMs === undefined ? undefined : atMs - sinceMs;
}

/** The customer of a cold transfer is now with the next agent. */
async function handOver(unit: Unit, platform: Platform, leg: Contact): Promise<void> {
  const previous = await findPrevious(unit, leg);
  if (previous && previous.transferCompletedMs !== undefined) {
    await disconnectContact(unit, platform, previous, "AGENT_DISCONNECT");
    takeLine(unit, platform, leg);
  }
}

/** The customer's line goes over to a contact that continues theirs. Somebody whom the carrier connected hangs up all the same. */
export function takeLine(unit: Unit, platform: Platform, leg: Contact): void {
  if (leg.lineEndsMs === undefined) return;
  platform.flow.schedule(unit, contactTimer("connect.carrier", leg, leg.lineEndsMs));
}

/** A customer who was being handed over is gone with the leg that they waited on; a leg that an agent dialled ends with its call. */
async function endLinked(unit: Unit, platform: Platform, ended: Contact, reason: string): Promise<void> {
  const previous = await findPrevious(unit, ended);
  if (previous && previous.transferCompletedMs !== undefined && previous.state !== "DISCONNECTED") {
    await disconnectContact(unit, platform, previous, reason);
  }
  for (const id of ended.monitorIds ?? []) {
    const monitor = await unit.get(contacts, contactKey({ ...ended, id }));
    if (monitor && monitor.state !== "DISCONNECTED") await disconnectContact(unit, platform, monitor, reason);
  }
  if (ended.nextContactId === undefined) return;
  const next = await unit.get(contacts, contactKey({ ...ended, id: ended.nextContactId }));
  if (next && next.dialledBy !== undefined && next.state !== "DISCONNECTED") {
    await disconnectContact(unit, platform, next, reason);
  }
}

/** The contact that this leg continues, where this one is its last leg and it has not ended. */
async function findPrevious(unit: Unit, leg: Contact): Promise<Contact | undefined> {
  if (leg.previousContactId === undefined) return undefined;
  const previous = await unit.get(contacts, contactKey({ ...leg, id: leg.previousContactId }));
  return previous?.nextContactId === leg.id && previous.state !== "DISCONNECTED" ? previous : undefined;
}

/** What answering machine detection says of a call that ended before anybody answered. */
function detectionWithoutAnswer(contact: Contact, atMs: number): Contact["answeringMachineDetectionStatus"] {
  if (!contact.call?.detectsMachines) return undefined;
  return ringStartMs(contact, atMs) === undefined ? "AMD_NOT_APPLICABLE" : "AMD_UNANSWERED";
}
