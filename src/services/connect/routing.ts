import type { Channel } from "@aws-sdk/client-connect";
import type { Reader, Unit } from "../../store/store.ts";
import type { Limit, Platform } from "../service.ts";
import { addAgentContact, moveAgentContact } from "./agent-transitions.ts";
import { type Agent, AVAILABLE, agents, availableSlots, findAgent } from "./agents.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { placeCall } from "./contact-calls.ts";
import { cancelContactTimer, contactTimer } from "./contact-timers.ts";
import { changeTimeMs, connectToAgent, storeContact, updateContactData } from "./contact-transitions.ts";
import { type Contact, contacts, isDialledNext, isWaiting, priorityOf, queueAgeMs } from "./contacts.ts";
import { figureOf, queueTallies, tallyKey } from "./current-metrics.ts";
import type { FlowKind } from "./flow-language/flow.ts";
import { endRuns } from "./flow-run/flow-runs.ts";
import { playWhispers, whispersAfter, whispersOnAccept } from "./flow-run/whispers.ts";
import { queues } from "./queues.ts";
import { activated, activeStep, advanced, mayTake, nextStepMs } from "./routing-criteria.ts";
import { type RoutingProfileQueue, routingProfileQueues } from "./routing-profiles.ts";

/**
 * Who gets which contact. A contact that begins to wait looks for an agent; an agent who becomes free looks for a contact; both find
 * through indexes what is first in line, so that neither costs more the more wait.
 *
 * - Agents: who has been idle longest, among those with a slot free for the channel whose routing profile serves the queue.
 * - Contacts: those of the agent's own queue, then by priority of the queue in the routing profile, then by the contact's
 *   priority, then the oldest.
 *
 * What is offered rings for a while; then it is missed, and goes to the next agent, as old as it is.
 */

/** How long an offer rings. */
export const RING_SECONDS: Limit = {
  name: "connect.ring-seconds",
  default: 20,
  meaning: "Seconds in which an agent may accept a contact before it is missed",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/metrics-definitions.html",
  always: true,
};

/** Routing profiles that serve one queue, and queues that one routing profile serves: more are not read. */
const SERVED_MAX = 1_000;

/** Agents or contacts that routing criteria are tried on, of those first in line. */
const CANDIDATES_MAX = 50;

/** Puts a contact into a queue, once, and looks for an agent. */
export async function enqueueContact(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  queueId: string,
): Promise<Contact> {
  const atMs = changeTimeMs(platform, contact);
  const queue = await unit.get(queues, instanceKey(contact, queueId));
  const type = queue?.type ?? "STANDARD";
  const queued: Contact = {
    ...contact,
    state: "QUEUED",
    queue:
      type === "AGENT"
        ? { id: queueId, type, enqueueMs: atMs, sinceMs: contact.continuedSinceMs }
        : { id: queueId, type, name: queue?.name, enqueueMs: atMs },
    routingCriteria: contact.routingCriteria && activated(contact.routingCriteria, atMs),
    lastUpdateMs: atMs,
  };
  return routeContact(unit, platform, await storeContact(unit, platform, queued, ["QUEUED"]));
}

/** Offers a waiting contact to the agent whose turn it is, or sets when to look again for those who may not have it yet. */
export async function routeContact(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  if (!isWaiting(contact)) return contact;
  const nowMs = changeTimeMs(platform, contact);
  const servedBy = await profilesOf(unit, contact);
  const agent = await findAgentFor(unit, contact, servedBy, nowMs);
  if (agent) return offerContact(unit, platform, contact, agent);

  const laterMs = servedBy.map(({ delaySeconds }) => queueAgeMs(contact) + delaySeconds * 1_000);
  const stepMs = nextStepMs(contact);
  const dueMs = [...laterMs, ...(stepMs === undefined ? [] : [stepMs])].filter((timeMs) => timeMs > nowMs);
  if (dueMs.length > 0) platform.flow.schedule(unit, contactTimer("connect.routing", contact, Math.min(...dueMs)));
  return contact;
}

/** More agents may have the contact now: a delay is over, or a step of its criteria has run out, which is told. */
export async function onRoutingDue(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const { routingCriteria } = contact;
  const criteria = routingCriteria && advanced(routingCriteria, platform.clock.now());
  if (criteria === routingCriteria) await routeContact(unit, platform, contact);
  else {
    const changed = { ...contact, routingCriteria: criteria };
    const told = await updateContactData(unit, platform, changed, ["RoutingCriteria.Step.Status"]);
    await routeContact(unit, platform, told);
  }
}

/** Offers an agent what waits for them, as long as they have slots free. */
export async function routeAgent(unit: Unit, platform: Platform, agent: Agent): Promise<void> {
  let current: Agent | undefined = agent;
  while (current) {
    const contact: Contact | undefined = await findContactFor(unit, current, platform.clock.now());
    if (!contact) return;
    await offerContact(unit, platform, contact, current);
    current = await findAgent(unit, current, current.id);
  }
}

/** Offers a contact to an agent, whatever they have to do. */
export async function offerContact(unit: Unit, platform: Platform, contact: Contact, agent: Agent): Promise<Contact> {
  cancelContactTimer(unit, platform.flow, "connect.routing", contact);
  const atMs = Math.max(changeTimeMs(platform, contact), agent.lastEventMs);
  const offered = await storeContact(
    unit,
    platform,
    {
      ...contact,
      offer: { agentId: agent.id, startMs: atMs },
      offerCount: (contact.offerCount ?? 0) + 1,
      lastUpdateMs: atMs,
    },
    [],
  );
  await addAgentContact(unit, platform, agent, offered, isDialledNext(contact) ? "INCOMING" : "CONNECTING");
  const ringMs = platform.limits.value(RING_SECONDS.name, RING_SECONDS.default) * 1_000;
  platform.flow.schedule(unit, contactTimer("connect.ring", offered, atMs + ringMs));
  return agent.settings.autoAccepts.includes(contact.channel) ? acceptOffer(unit, platform, offered) : offered;
}

/** The agent takes what is offered. They hear their whisper, and the customer theirs, before they are joined. */
export async function acceptOffer(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  const { offer } = contact;
  if (!offer) throw new Error(`Contact ${contact.id} is offered to nobody`);
  cancelContactTimer(unit, platform.flow, "connect.ring", contact);
  const atMs = changeTimeMs(platform, contact);
  if (isDialledNext(contact)) {
    await moveAgentContact(unit, platform, offer.agentId, { ...contact, lastUpdateMs: atMs }, "PENDING");
  }
  const { contact: heard, isOver } = await playWhispers(unit, platform, contact, whispersOnAccept(contact));
  if (isOver) return join(unit, platform, heard);
  const accepted = { ...heard, offer: { ...offer, acceptedMs: atMs }, lastUpdateMs: atMs };
  return storeContact(unit, platform, accepted, []);
}

/** A whisper of a contact has been played: the next one is, or agent and customer are joined. */
export async function onWhisperOver(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  played: FlowKind,
): Promise<Contact> {
  const { contact: heard, isOver } = await playWhispers(unit, platform, contact, whispersAfter(played, contact));
  return isOver ? join(unit, platform, heard) : heard;
}

/** An agent has the contact. The customer of a callback may have to be dialled first; everybody else is there already. */
async function join(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  const { offer } = contact;
  const agentId = offer?.agentId ?? contact.dialledBy;
  if (agentId === undefined) throw new Error(`Contact ${contact.id} is joined with nobody`);
  if (!isDialledNext(contact) || !offer) return connectToAgent(unit, platform, contact, agentId);

  const accepted = { ...contact, lastUpdateMs: changeTimeMs(platform, contact) };
  const dialled = await placeCall(unit, platform, accepted);
  await moveAgentContact(unit, platform, offer.agentId, dialled, "CONNECTING");
  return dialled;
}

/** An offer came to nothing, and the agent has to clear it. The contact waits on, as old as it is, and goes to the next agent. */
export async function failOffer(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  failure: "MISSED" | "REJECTED" | "ERROR",
): Promise<Contact> {
  const withdrawn = await withdrawOffer(unit, platform, contact);
  if (contact.offer) await moveAgentContact(unit, platform, contact.offer.agentId, withdrawn, failure);
  return routeContact(unit, platform, withdrawn);
}

/**
 * The contact is offered to nobody any more, and a call that its agent had dialled is hung up. What the agent sees is for whoever
 * calls.
 */
export async function withdrawOffer(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  cancelContactTimer(unit, platform.flow, "connect.ring", contact);
  if (contact.offer?.acceptedMs !== undefined) {
    await endRuns(unit, platform, contact, { outcome: "DROPPED", parts: ["whisper"] });
  }
  const withdrawn = { ...contact, offer: undefined, lastUpdateMs: changeTimeMs(platform, contact) };
  if (!isDialledNext(contact)) return storeContact(unit, platform, withdrawn, []);
  cancelContactTimer(unit, platform.flow, "connect.carrier", contact);
  return storeContact(unit, platform, { ...withdrawn, call: undefined }, []);
}

/** Where a queue stands in the routing profiles that serve it for the contact's channel. None for an agent's own queue. */
async function profilesOf(reader: Reader, contact: Contact): Promise<RoutingProfileQueue[]> {
  const { queue, channel } = contact;
  if (!queue || queue.type === "AGENT") return [];
  const range = { index: "queue", equals: instanceKey(contact, queue.id), limit: SERVED_MAX };
  const { documents } = await reader.list(routingProfileQueues, range);
  return documents.filter((served) => served.channel === channel);
}

async function findAgentFor(
  reader: Reader,
  contact: Contact,
  servedBy: readonly RoutingProfileQueue[],
  nowMs: number,
): Promise<Agent | undefined> {
  const { queue, channel } = contact;
  if (queue?.type === "AGENT") {
    const owner = await findAgent(reader, contact, queue.id);
    return owner?.isSignedIn && availableSlots(owner.state, owner.settings, channel) > 0 ? owner : undefined;
  }
  const limit = activeStep(contact, nowMs) ? CANDIDATES_MAX : 1;
  let longestIdle: Agent | undefined;
  for (const { profileId, delaySeconds } of servedBy) {
    if (queueAgeMs(contact) + delaySeconds * 1_000 > nowMs) continue;
    const prefix = instanceKey(contact, profileId, "");
    const { documents } = await reader.list(agents, { index: AVAILABLE[channel], prefix, limit });
    for (const agent of documents) {
      if (longestIdle && longestIdle.idleSinceMs <= agent.idleSinceMs) break;
      if (await mayTake(reader, contact, agent, nowMs)) longestIdle = agent;
    }
  }
  return longestIdle;
}

const CHANNELS: readonly Channel[] = ["VOICE", "CHAT", "TASK", "EMAIL"];

async function findContactFor(reader: Reader, agent: Agent, nowMs: number): Promise<Contact | undefined> {
  if (!agent.isSignedIn) return undefined;
  const free = CHANNELS.filter((channel) => availableSlots(agent.state, agent.settings, channel) > 0);
  if (free.length === 0) return undefined;

  const own = free.map((channel) => ({ queueId: agent.id, channel, priority: 0, delaySeconds: 0 }));
  const prefix = instanceKey(agent, agent.settings.profileId, "");
  const { documents } = await reader.list(routingProfileQueues, { prefix, limit: SERVED_MAX });
  const served = documents.filter(({ channel }) => free.includes(channel));
  const empty = new Set<string>();
  for (const queueId of new Set([...own, ...served].map((pair) => pair.queueId))) {
    if (await isEmpty(reader, agent, queueId)) empty.add(queueId);
  }
  let first: Candidate | undefined;
  for (const { queueId, channel, priority, delaySeconds } of [...own, ...served]) {
    if (empty.has(queueId) || (first && first.priority < priority)) continue;
    const contact = await firstWaiting(reader, agent, { queueId, channel, delaySeconds }, nowMs);
    if (contact && (!first || isBefore({ contact, priority }, first))) first = { contact, priority };
  }
  return first?.contact;
}

/**
 * Most queues are empty when agents are free: their tally tells, whatever the channels. Hot: to look into the index of contacts, as this
 * did first, takes ten times as long as to read a document, and makes the store write first what has changed of contacts.
 */
async function isEmpty(reader: Reader, instance: InstanceRef, queueId: string): Promise<boolean> {
  const tally = await reader.get(queueTallies, tallyKey(instance, queueId));
  return tally === undefined || figureOf(tally.kept, "inQueue") === 0;
}

/** Whoever is first in a queue for a channel, among those that the agent may take already. */
async function firstWaiting(
  reader: Reader,
  agent: Agent,
  { queueId, channel, delaySeconds }: Pick<RoutingProfileQueue, "queueId" | "channel" | "delaySeconds">,
  nowMs: number,
): Promise<Contact | undefined> {
  const prefix = instanceKey(agent, queueId, channel, "");
  let limit = 1;
  for (;;) {
    const { documents } = await reader.list(contacts, { index: "waiting", prefix, limit });
    for (const contact of documents) {
      const isOldEnough = queueAgeMs(contact) + delaySeconds * 1_000 <= nowMs;
      if (isOldEnough && (await mayTake(reader, contact, agent, nowMs))) return contact;
    }
    if (documents.length < limit || limit === CANDIDATES_MAX) return undefined;
    limit = CANDIDATES_MAX;
  }
}

interface Candidate {
  readonly contact: Contact;
  readonly priority: number;
}

function isBefore(one: Candidate, other: Candidate): boolean {
  const order = [
    one.priority - other.priority,
    priorityOf(one.contact) - priorityOf(other.contact),
    queueAgeMs(one.contact) - queueAgeMs(other.contact),
  ];
  return (order.find((difference) => difference !== 0) ?? 0) < 0;
}
