import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { getConfiguration } from "./agent-configuration.ts";
import { addAgentContact, moveAgentContact, removeAgentContact } from "./agent-transitions.ts";
import { type Agent, type AgentContact, contactOf, findAgent, isFailed } from "./agents.ts";
import { refOf } from "./arns.ts";
import { supervisorTakesPart, takeChatOver } from "./chat-participants.ts";
import { awaitCarrier, callTo } from "./contact-calls.ts";
import { initiateLeg, isConsultation, type NewLeg } from "./contact-transfers.ts";
import {
  changeTimeMs,
  disconnectContact,
  endedHold,
  endedMonitoring,
  finishWork,
  initiateContact,
  leaveContact,
  storeContact,
  takeLine,
} from "./contact-transitions.ts";
import { type Contact, contactKey, contacts, isDialledNext, type Monitoring } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import {
  endHoldFlow,
  enqueueTransferred,
  moveToFlow,
  moveToQueue,
  startContactFlow,
  startDisconnectFlow,
  startHoldFlow,
} from "./flow-run/start-flows.ts";
import { acceptOffer, failOffer, routeAgent } from "./routing.ts";

/**
 * What an agent does with a contact. Each act is refused, with what is in its way, where the contact's present state does not allow
 * it; nothing changes then.
 */

/** Takes an offer. */
export async function acceptContact(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireState(agent, contact, [isDialledNext(contact) ? "INCOMING" : "CONNECTING"]);
  requireOffer(agent, contact);
  await acceptOffer(unit, platform, contact);
}

/** Declines an offer, which goes to the next agent. */
export async function rejectContact(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireState(agent, contact, ["CONNECTING", "INCOMING"]);
  requireOffer(agent, contact);
  await failOffer(unit, platform, contact, "REJECTED");
}

/** Ends after-contact work, or puts away an offer that failed. What waits for the agent is offered next. */
export async function clearContact(unit: Unit, platform: Platform, agent: Agent, contactId: string): Promise<void> {
  const entry = contactOf(agent, contactId);
  if (!entry || !(entry.state === "ENDED" || isFailed(entry.state))) {
    throw invalidRequest(`Contact ${contactId} is ${entry?.state ?? "not with the agent"} and cannot be cleared`);
  }
  const contact = await unit.get(contacts, contactKey({ ...agent, id: contactId }));
  const isOwn = contact?.agent?.id === agent.id;
  const finished = contact && isOwn ? await finishWork(unit, platform, contact) : undefined;
  const nowMs = finished?.agent?.workEndMs ?? platform.clock.now();
  await routeAgent(unit, platform, await removeAgentContact(unit, platform, agent, { contactId, nowMs }));
}

/** The customer waits, and hears nothing of the agent. */
export async function holdContact(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireVoice(contact);
  requireState(agent, contact, ["CONNECTED"]);
  await putOnHold(unit, platform, contact);
}

export async function resumeHeldContact(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireState(agent, contact, ["CONNECTED_ONHOLD"]);
  await takeOffHold(unit, platform, contact);
}

/**
 * The agent hangs up. A leg that the agent dialled ends alone; a conversation ends with its customer's leg. Of a task: it is done.
 */
export async function hangUpContact(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireState(agent, contact, ["CONNECTED", "CONNECTED_ONHOLD", "PAUSED", "CONNECTING", "PENDING"]);
  if (contact.offer) throw invalidRequest(`Contact ${contact.id} is offered; accept or reject it`);
  const isDialling = contact.agent === undefined && contact.initiationMethod === "OUTBOUND";
  const reason = contact.channel === "TASK" ? "AGENT_COMPLETED" : "AGENT_DISCONNECT";
  const ended = await disconnectContact(unit, platform, contact, isDialling ? "TELECOM_ORIGINATOR_CANCEL" : reason);
  if (contact.agent && !isConsultation(contact)) await startDisconnectFlow(unit, platform, ended);
}

/** Calls a number, for the outbound queue of the agent's routing profile. */
export async function dialOut(
  unit: Unit,
  platform: Platform,
  agent: Agent,
  call: { readonly id: string; readonly number: string },
): Promise<Contact> {
  if (!agent.isSignedIn) throw invalidRequest(`User ${agent.id} is not signed in`);
  if (agent.state.contacts.some(({ channel }) => channel === "VOICE")) {
    throw invalidRequest(`User ${agent.id} has a call already`);
  }
  const { profile } = await getConfiguration(unit, agent, agent.state.configurationVersion);
  const { id, type, name } = profile.defaultOutboundQueue;
  const nowMs = platform.clock.now();
  const contact = await initiateContact(unit, platform, {
    ...refOf(agent),
    id: call.id,
    channel: "VOICE",
    initiationMethod: "OUTBOUND",
    associationId: call.id,
    segmentAttributes: { "connect:Subtype": { ValueString: "connect:Telephony" } },
    tags: {},
    customerEndpoint: { type: "TELEPHONE_NUMBER", address: call.number },
    queue: { id, type, name, enqueueMs: nowMs },
    dialledBy: agent.id,
    call: callTo(call.number, nowMs),
    initiationMs: nowMs,
  });
  await addAgentContact(unit, platform, agent, contact, "CONNECTING");
  awaitCarrier(unit, platform, contact);
  return contact;
}

/** Where an agent transfers a contact to: a quick connect's flow sends it on to its target. */
export type TransferDestination =
  | { readonly queueId: string }
  | { readonly number: string }
  | { readonly flowId: string; readonly targetQueueId?: string | undefined };

/**
 * Begins a transfer. A call's customer is put on hold while the agent has a second leg, and goes on as `joinContact` and
 * `leaveContactTo` say; everything else is handed over at once, and its agent has after-contact work.
 */
export async function transferContact(
  unit: Unit,
  platform: Platform,
  agent: Agent,
  contact: Contact,
  to: TransferDestination & { readonly id: string },
): Promise<Contact> {
  requireState(agent, contact, ["CONNECTED", "CONNECTED_ONHOLD"]);
  if (contact.agent?.id !== agent.id) throw invalidRequest(`Contact ${contact.id} is another agent's`);
  if (contact.channel !== "VOICE") {
    if ("number" in to) throw invalidRequest("Only calls can be transferred to a number");
    const leg: NewLeg = { id: to.id, initiationMethod: "TRANSFER" };
    if ("flowId" in to) return moveToFlow(unit, platform, contact, { ...leg, ...to });
    return moveToQueue(unit, platform, contact, { ...leg, targetQueueId: to.queueId });
  }
  if (agent.state.contacts.length > 1) throw invalidRequest(`User ${agent.id} is on a second leg already`);
  if (contact.agent.holdSinceMs === undefined) await putOnHold(unit, platform, contact);
  const isOutside = "number" in to;
  const leg = await initiateLeg(unit, platform, contact, {
    id: to.id,
    initiationMethod: isOutside ? "EXTERNAL_OUTBOUND" : "TRANSFER",
    dialledBy: agent.id,
    ...(isOutside && { number: to.number }),
    ...("flowId" in to && { flowId: to.flowId, targetQueueId: to.targetQueueId }),
  });
  const holding = await findAgent(unit, agent, agent.id);
  if (holding) await addAgentContact(unit, platform, holding, leg, "CONNECTING");
  if ("flowId" in to) return startContactFlow(unit, platform, leg);
  if ("queueId" in to) return enqueueTransferred(unit, platform, leg, to.queueId);
  awaitCarrier(unit, platform, leg);
  return leg;
}

/** Both legs talk together: the customer is off hold. */
export async function joinContacts(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireState(agent, contact, ["CONNECTED_ONHOLD"]);
  const leg = await legOf(unit, agent, contact);
  if (contactOf(agent, leg.id)?.state !== "CONNECTED") throw invalidRequest(`Nobody has answered on ${leg.id} yet`);
  await takeOffHold(unit, platform, contact);
}

/**
 * The agent leaves the customer to the second leg. Where somebody has it already the customer is handed over at once (warm), else as
 * soon as somebody takes it (cold). A customer who talks with somebody outside stays on this contact until that call ends.
 */
export async function leaveToLeg(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireState(agent, contact, ["CONNECTED", "CONNECTED_ONHOLD"]);
  const leg = await legOf(unit, agent, contact);
  await storeContact(unit, platform, { ...leg, dialledBy: undefined }, []);
  await removeAgentContact(unit, platform, agent, { contactId: leg.id, nowMs: changeTimeMs(platform, contact) });
  if (leg.initiationMethod !== "EXTERNAL_OUTBOUND" && leg.agent) {
    await disconnectContact(unit, platform, contact, "AGENT_DISCONNECT");
    takeLine(unit, platform, leg);
    return;
  }
  const isOutside = leg.initiationMethod === "EXTERNAL_OUTBOUND";
  await leaveContact(unit, platform, contact, {
    transferCompletedMs: changeTimeMs(platform, contact),
    ...(isOutside && { transferredTo: leg.customerEndpoint }),
  });
}

/** A supervisor takes part in the conversation, or only listens again. */
export async function changeMonitoring(
  unit: Unit,
  platform: Platform,
  agent: Agent,
  contact: Contact,
  state: Monitoring["state"],
): Promise<void> {
  requireState(agent, contact, ["CONNECTED"]);
  const monitoring = contact.agent?.monitoring;
  if (!contact.agent || !monitoring || monitoring.at(-1)?.state === state) {
    throw invalidRequest(`User ${agent.id} does not monitor contact ${contact.id} in another way`);
  }
  if (state === "BARGE" && !contact.mayBarge) {
    throw invalidRequest(`Contact ${contact.id} was made without the capability BARGE`);
  }
  const atMs = changeTimeMs(platform, contact);
  const changed = [...endedMonitoring(monitoring, atMs), { state, startMs: atMs }];
  const supervisor = { ...contact.agent, monitoring: changed };
  await storeContact(unit, platform, { ...contact, agent: supervisor, lastUpdateMs: atMs }, []);
  await supervisorTakesPart(unit, platform, contact, state === "BARGE");
}

async function putOnHold(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  if (!contact.agent) return;
  const atMs = changeTimeMs(platform, contact);
  const held = await storeContact(
    unit,
    platform,
    { ...contact, agent: { ...contact.agent, holdSinceMs: atMs }, lastUpdateMs: atMs },
    [],
  );
  await moveAgentContact(unit, platform, contact.agent.id, held, "CONNECTED_ONHOLD");
  await startHoldFlow(unit, platform, held);
}

async function takeOffHold(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  if (!contact.agent) return;
  const atMs = changeTimeMs(platform, contact);
  await endHoldFlow(unit, platform, contact);
  const resumed = { ...contact, agent: endedHold(contact.agent, atMs), lastUpdateMs: atMs };
  await moveAgentContact(
    unit,
    platform,
    contact.agent.id,
    await storeContact(unit, platform, resumed, []),
    "CONNECTED",
  );
}

/** A supervisor who takes part sends the agent away, and has the customer to themselves. */
export async function takeOver(unit: Unit, platform: Platform, agent: Agent, contact: Contact): Promise<void> {
  requireState(agent, contact, ["CONNECTED"]);
  if (contact.agent?.monitoring?.at(-1)?.state !== "BARGE") {
    throw invalidRequest(`User ${agent.id} does not take part in the contact that ${contact.id} monitors`);
  }
  const observed =
    contact.previousContactId === undefined
      ? undefined
      : await unit.get(contacts, contactKey({ ...contact, id: contact.previousContactId }));
  if (!observed || observed.state === "DISCONNECTED") throw invalidRequest("The agent is gone already");

  // What the others listen to is over; this contact goes on.
  const monitorIds = observed.monitorIds?.filter((id) => id !== contact.id);
  await takeChatOver(unit, platform, observed, contact);
  await disconnectContact(unit, platform, { ...observed, monitorIds }, "BARGED");
  const { lineEndsMs } = observed;
  takeLine(unit, platform, await storeContact(unit, platform, { ...contact, lineEndsMs }, []));
}

/** The second leg that an agent dialled for a customer and is still on. */
async function legOf(unit: Unit, agent: Agent, contact: Contact): Promise<Contact> {
  const leg =
    contact.nextContactId === undefined
      ? undefined
      : await unit.get(contacts, contactKey({ ...contact, id: contact.nextContactId }));
  if (!leg || leg.dialledBy !== agent.id || leg.state === "DISCONNECTED") {
    throw invalidRequest(`Contact ${contact.id} is not being transferred`);
  }
  return leg;
}

function requireState(agent: Agent, contact: Contact, states: readonly AgentContact["state"][]): void {
  const state = contactOf(agent, contact.id)?.state;
  if (state !== undefined && states.includes(state)) return;
  throw invalidRequest(
    `Contact ${contact.id} is ${state ?? "not with the agent"}; it would have to be ${states.join(" or ")}`,
  );
}

function requireOffer(agent: Agent, contact: Contact): void {
  if (contact.offer?.agentId !== agent.id) throw invalidRequest(`Contact ${contact.id} is not offered to the agent`);
  if (contact.offer.acceptedMs !== undefined) throw invalidRequest(`Contact ${contact.id} has been accepted already`);
}

function requireVoice(contact: Contact): void {
  if (contact.channel !== "VOICE") throw invalidRequest(`Contact ${contact.id} is no call`);
}
