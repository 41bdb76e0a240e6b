import type { Unit } from "../../store/store.ts";
import type { Agent, AgentContact } from "./agents.ts";
import type { InstanceRef } from "./arns.ts";
import { type Contact, contactKey, contacts, type HierarchyPath, subtypeOf, wholeSeconds } from "./contacts.ts";
import {
  type Addition,
  addSums,
  type Figures,
  HIERARCHY_DIMENSIONS,
  type MetricDimensions,
  SUBTYPE,
} from "./metrics.ts";

/**
 * What contacts, and offers of contacts to agents, add to historical metrics ("Historical metrics definitions", administrator guide).
 *
 * A contact is summed up when it is completed, from the same figures as its record: as ended when it disconnected, as created, queued
 * and connected to its agent when that happened.
 */

/** Adds a contact that is completed now. Called before each `put` of a contact. */
export async function sumContact(unit: Unit, contact: Contact): Promise<void> {
  const { completedMs, disconnectMs, initiationMs, queue, agent } = contact;
  if (completedMs === undefined || disconnectMs === undefined) return;
  const before = await unit.get(contacts, contactKey(contact));
  if (before?.completedMs !== undefined) return;

  const additions: Addition[] = [
    { timeMs: initiationMs, figures: { created: 1 } },
    { timeMs: disconnectMs, figures: figuresOf(contact) },
  ];
  if (queue && wasQueued(contact)) additions.push({ timeMs: queue.enqueueMs, figures: { enqueued: 1 } });
  if (agent) additions.push({ timeMs: agent.connectedMs, figures: { connected: 1 } });
  await addSums(unit, contact, dimensionsOf(contact), additions);
}

/** What conversational analytics have heard in a call. */
export interface HeardCall {
  readonly conversationMs: number;
  readonly talkMs: number;
  readonly agentTalkMs: number;
  readonly customerTalkMs: number;
  readonly nonTalkMs: number;
  /** How often, and how long in all, the agent interrupted the customer. */
  readonly agentInterruptions: number;
  readonly agentInterruptionMs: number;
}

/** Adds a call whose analysis is finished now, as heard when it was disconnected. Called once for each. */
export async function sumHeardCall(
  unit: Unit,
  ref: InstanceRef & { readonly id: string },
  heard: HeardCall,
): Promise<void> {
  const contact = await unit.get(contacts, contactKey(ref));
  if (!contact) return;
  const timeMs = contact.disconnectMs ?? contact.lastUpdateMs;
  await addSums(unit, contact, dimensionsOf(contact), [{ timeMs, figures: { heardCalls: 1, ...heard } }]);
}

/** Adds an offer that an agent did not take: it ran out, they declined it, or the customer left while it rang. */
export async function sumFailedOffer(
  unit: Unit,
  agent: Agent,
  offer: {
    readonly entry: AgentContact;
    readonly hierarchy: HierarchyPath;
    readonly contact: Contact;
    readonly atMs: number;
  },
): Promise<void> {
  const { entry, contact, atMs } = offer;
  const { DISCONNECT_REASON, ...dimensions } = dimensionsOf(contact);
  const figures = {
    nonResponse: 1,
    customerLeft: contact.state === "DISCONNECTED" ? 1 : 0,
    connecting: 1,
    connectingMs: atMs - entry.stateStartMs,
  };
  await addSums(
    unit,
    agent,
    {
      ...dimensions,
      ...agentDimensions({ id: agent.id, profileId: agent.settings.profileId, hierarchy: offer.hierarchy }),
    },
    [{ timeMs: atMs, figures }],
  );
}

export function agentDimensions(agent: {
  readonly id: string;
  readonly profileId: string;
  readonly hierarchy: HierarchyPath;
}): MetricDimensions {
  const path = agent.hierarchy.map(({ id }, index) => [HIERARCHY_DIMENSIONS[index], id]);
  return { AGENT: agent.id, ROUTING_PROFILE: agent.profileId, ...Object.fromEntries(path) };
}

function dimensionsOf(contact: Contact): MetricDimensions {
  const { agent, queue } = contact;
  return {
    QUEUE: queue?.type === "AGENT" ? undefined : queue?.id,
    CHANNEL: contact.channel,
    ...(agent && agentDimensions({ ...agent, profileId: agent.routingProfile.id })),
    [SUBTYPE]: subtypeOf(contact),
    INITIATION_METHOD: contact.initiationMethod,
    DISCONNECT_REASON: contact.disconnectReason,
  };
}

/** A contact that an agent dials names its queue, and is not put into it. */
export function wasQueued({ queue, initiationMethod }: Contact): boolean {
  return queue !== undefined && initiationMethod !== "OUTBOUND";
}

/** The figures of a completed contact where it ended. Pure. */
function figuresOf(contact: Contact): Figures {
  const { agent, disconnectMs = 0, disconnectReason, initiationMs } = contact;
  const endMs = Math.max(agent?.workEndMs ?? disconnectMs, disconnectMs);
  // An agent who leaves a customer on hold to the second leg hands them over.
  const isHandedOver = disconnectReason === "AGENT_DISCONNECT" && contact.nextContactId !== undefined;
  const isHeld = contact.endedOnHold === true && !isHandedOver;
  return {
    ended: 1,
    durationSeconds: wholeSeconds(initiationMs, disconnectMs),
    resolutionSeconds: wholeSeconds(initiationMs, endMs),
    [`resolvedIn:${wholeSeconds(initiationMs, endMs)}`]: 1,
    flowSeconds: flowSeconds(contact),
    retries: contact.callback?.retries ?? 0,
    endedOnHold: isHeld ? 1 : 0,
    endedOnHoldByAgent: isHeld && disconnectReason === "AGENT_DISCONNECT" ? 1 : 0,
    endedOnHoldByCustomer: isHeld && disconnectReason === "CUSTOMER_DISCONNECT" ? 1 : 0,
    ...transferFigures(contact),
    ...queueFigures(contact),
    ...agentFigures(contact),
    ...chatFigures(contact),
  };
}

/** What was written in a chat, from the same figures as `ChatMetrics` of its record. */
function chatFigures({ chatMetrics, initiationMs }: Contact): Figures {
  if (!chatMetrics) return {};
  const { messages, agentFirstMs, agentFirstResponseMs, closeMs, customer, agent } = chatMetrics;
  return {
    chats: 1,
    messages,
    ...(customer && {
      customerChats: 1,
      customerMessages: customer.messages,
      customerChars: customer.chars,
      customerResponses: customer.responses,
      customerResponseMs: customer.responseMs,
    }),
    ...(agent && {
      agentChats: 1,
      agentMessages: agent.messages,
      agentChars: agent.chars,
      agentResponses: agent.responses,
      agentResponseMs: agent.responseMs,
    }),
    ...(agentFirstMs !== undefined && {
      firstResponses: 1,
      firstResponseSeconds: wholeSeconds(initiationMs, agentFirstMs),
    }),
    ...(agentFirstResponseMs !== undefined && { agentFirstResponses: 1, agentFirstResponseMs }),
    ...(closeMs !== undefined && { closed: 1, closeMs }),
  };
}

/** A contact's time before its queue, or without one before its agent or its end. Nobody waits in a flow for calls that are dialled. */
function flowSeconds({ initiationMethod, initiationMs, queue, agent, disconnectMs = 0 }: Contact): number {
  if (initiationMethod === "OUTBOUND" || initiationMethod === "MONITOR") return 0;
  return wholeSeconds(initiationMs, queue?.enqueueMs ?? agent?.connectedMs ?? disconnectMs);
}

function transferFigures(contact: Contact): Figures {
  const { transferCompletedMs, transferredTo, handedOn, agent } = contact;
  if (transferCompletedMs === undefined && handedOn === undefined) return {};
  const isOutside = transferredTo !== undefined;
  return {
    transferredOut: 1,
    transferredOutByAgent: agent ? 1 : 0,
    transferredOutFromQueue: handedOn === "QUEUE_TRANSFER" ? 1 : 0,
    transferredOutInternal: agent && !isOutside ? 1 : 0,
    transferredOutExternal: agent && isOutside ? 1 : 0,
  };
}

/** `answeredIn`, `abandonedIn` and `leftIn` say how long contacts waited that an agent took, that were given up, and all others. */
function queueFigures(contact: Contact): Figures {
  const { queue, agent, disconnectMs = 0, nextContactId, transferCompletedMs, callback, connectedToSystemMs } = contact;
  if (!queue || !wasQueued(contact)) return {};
  const seconds = wholeSeconds(queue.enqueueMs, agent?.connectedMs ?? disconnectMs);
  const queued = { queued: 1, queuedSeconds: seconds };
  if (agent) {
    const answered = { ...queued, answered: 1, answerSeconds: seconds, [`answeredIn:${seconds}`]: 1 };
    if (!callback?.isCustomerFirst || connectedToSystemMs === undefined) return answered;
    const waitSeconds = wholeSeconds(connectedToSystemMs, agent.connectedMs);
    return {
      ...answered,
      customerFirstAnswered: 1,
      customerFirstAnswerSeconds: seconds,
      customerFirstWaitSeconds: waitSeconds,
    };
  }
  const isAbandoned = nextContactId === undefined && transferCompletedMs === undefined;
  if (!isAbandoned) return { ...queued, [`leftIn:${seconds}`]: 1 };
  return { ...queued, abandoned: 1, abandonSeconds: seconds, [`abandonedIn:${seconds}`]: 1 };
}

function agentFigures(contact: Contact): Figures {
  const { agent, disconnectMs = 0, disconnectReason, pauses, initiationMethod, channel, nextContactId } = contact;
  if (!agent) return {};
  const workStartMs = agent.workStartMs ?? disconnectMs;
  const pauseSeconds = pauses?.agentSeconds ?? 0;
  const wasOffered = initiationMethod !== "OUTBOUND" && initiationMethod !== "MONITOR";
  const hasNext = nextContactId !== undefined;
  return {
    handled: 1,
    workSeconds: wholeSeconds(workStartMs, agent.workEndMs ?? workStartMs),
    interactionSeconds: wholeSeconds(agent.connectedMs, workStartMs) - agent.holdSeconds - pauseSeconds,
    pauseSeconds,
    paused: pauseSeconds > 0 ? 1 : 0,
    held: agent.holdSeconds > 0 ? 1 : 0,
    holds: agent.holdCount,
    holdSeconds: agent.holdSeconds,
    offersAnswered: wasOffered ? 1 : 0,
    connecting: agent.connectingMs === undefined ? 0 : 1,
    connectingMs: agent.connectingMs ?? 0,
    consulted: hasNext && channel === "VOICE" ? 1 : 0,
    agentHungUp: disconnectReason === "AGENT_DISCONNECT" && !hasNext ? 1 : 0,
  };
}
