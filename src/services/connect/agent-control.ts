import type { Context } from "../service.ts";
import * as acts from "./agent-contacts.ts";
import { chooseStatus, signIn, signOut } from "./agent-sessions.ts";
import { agentStatuses } from "./agent-statuses.ts";
import { type Agent, type AgentState, findAgent } from "./agents.ts";
import type { InstanceRef } from "./arns.ts";
import { agentParticipantId } from "./chat-participants.ts";
import { chatRef, findChat, findParticipant } from "./chats.ts";
import { getContact } from "./contacts.ts";
import { credentialsOf } from "./create-participant.ts";
import { invalidParameter, invalidRequest } from "./errors.ts";
import { getResource } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getEnabledQueue } from "./queues.ts";
import { flowToRun, getQuickConnect } from "./quick-connects.ts";
import { getUser } from "./users.ts";

/** What an agent does that no public API covers: `docs/contact-control.md` tells users of it. */
export type AgentAct =
  | { readonly act: "sign-in" }
  | { readonly act: "sign-out" }
  | { readonly act: "status"; readonly agentStatusId: string }
  | { readonly act: "dial"; readonly number: string }
  | {
      readonly act:
        | "accept"
        | "reject"
        | "hold"
        | "resume"
        | "hang-up"
        | "clear"
        | "join"
        | "leave"
        | "barge"
        | "listen"
        | "take-over";
      readonly contactId: string;
    }
  | { readonly act: "transfer"; readonly contactId: string; readonly to: TransferTarget };

type TransferTarget =
  | { readonly queueId: string }
  | { readonly userId: string }
  | { readonly number: string }
  | { readonly quickConnectId: string };

export interface AgentRef {
  readonly instanceId: string;
  readonly userId: string;
}

/** An agent as they are now. */
export interface AgentView extends AgentState {
  readonly userId: string;
  readonly isSignedIn: boolean;
}

/**
 * Does it, in one commit, and answers with the agent as they are then and, where it made a contact, with that.
 *
 * Throws `ResourceNotFoundException` for an unknown instance, user, status, queue or contact, and `InvalidRequestException` where the
 * present state does not allow it.
 */
export async function actAsAgent(
  context: Context,
  who: AgentRef,
  what: AgentAct,
): Promise<{ readonly agent: AgentView | undefined; readonly contactId: string | undefined }> {
  const newId = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const instance: InstanceRef = await getInstance(unit, context, who.instanceId);
    const user = await getUser(unit, instance, who.userId);
    const contactId = await act();
    const agent = await findAgent(unit, instance, user.id);
    return { agent: agent && viewOf(agent), contactId };

    async function act(): Promise<string | undefined> {
      if (what.act === "sign-in") return void (await signIn(unit, context, instance, user.id));
      const agent = await findAgent(unit, instance, user.id);
      if (!agent?.isSignedIn) throw invalidRequest(`User ${user.id} is not signed in`);
      if (what.act === "sign-out") return void (await signOut(unit, context, agent));
      if (what.act === "status") {
        const status = await getResource(unit, agentStatuses, "agentStatus", instance, what.agentStatusId);
        if (status.state === "DISABLED") throw invalidParameter(`Agent status ${status.id} is disabled`);
        return void (await chooseStatus(unit, context, agent, status));
      }
      if (what.act === "dial") {
        requireNumber(what.number);
        return (await acts.dialOut(unit, context, agent, { id: newId, number: what.number })).id;
      }
      return onContact(agent, what);
    }

    async function onContact(
      agent: Agent,
      asked: Extract<AgentAct, { contactId: string }>,
    ): Promise<string | undefined> {
      const contact = await getContact(unit, instance, asked.contactId, context.clock.now());
      switch (asked.act) {
        case "accept":
          return void (await acts.acceptContact(unit, context, agent, contact));
        case "reject":
          return void (await acts.rejectContact(unit, context, agent, contact));
        case "hold":
          return void (await acts.holdContact(unit, context, agent, contact));
        case "resume":
          return void (await acts.resumeHeldContact(unit, context, agent, contact));
        case "hang-up":
          return void (await acts.hangUpContact(unit, context, agent, contact));
        case "clear":
          return void (await acts.clearContact(unit, context, agent, contact.id));
        case "join":
          return void (await acts.joinContacts(unit, context, agent, contact));
        case "leave":
          return void (await acts.leaveToLeg(unit, context, agent, contact));
        case "barge":
          return void (await acts.changeMonitoring(unit, context, agent, contact, "BARGE"));
        case "listen":
          return void (await acts.changeMonitoring(unit, context, agent, contact, "SILENT_MONITOR"));
        case "take-over":
          return void (await acts.takeOver(unit, context, agent, contact));
        case "transfer": {
          const leg = { id: newId, ...(await destinationOf(asked.to)) };
          return (await acts.transferContact(unit, context, agent, contact, leg)).id;
        }
      }
    }

    async function destinationOf(to: TransferTarget): Promise<acts.TransferDestination> {
      if ("userId" in to) return { queueId: (await getUser(unit, instance, to.userId)).id };
      if ("queueId" in to) return { queueId: (await getEnabledQueue(unit, instance, to.queueId)).id };
      if ("number" in to) {
        requireNumber(to.number);
        return to;
      }
      const { destination } = await getQuickConnect(unit, instance, to.quickConnectId);
      return destination.type === "PHONE_NUMBER" ? { number: destination.phoneNumber } : flowToRun(destination);
    }
  });
}

/** What an agent's or a supervisor's client connects to the chat of one of their contacts with: a participant token. */
export async function chatConnection(
  context: Context,
  who: AgentRef,
  contactId: string,
): Promise<{ readonly participantId: string; readonly participantToken: string; readonly expiry: string }> {
  const instance = await getInstance(context.store, context, who.instanceId);
  const user = await getUser(context.store, instance, who.userId);
  const contact = await getContact(context.store, instance, contactId, context.clock.now());
  const chat = await findChat(context.store, contact);
  const participant = chat && (await findParticipant(context.store, chatRef(chat), agentParticipantId(contact)));
  if (!participant || participant.leftMs !== undefined || contact.agent?.id !== user.id) {
    throw invalidRequest(`User ${user.id} is not connected to a chat ${contact.id}`);
  }
  const credentials = await credentialsOf(context, { ...chatRef(chat), endsMs: chat.endsMs }, participant.id);
  return {
    participantId: participant.id,
    participantToken: credentials.ParticipantToken,
    expiry: credentials.Expiry,
  };
}

/** An agent as they are now; `undefined` before their first sign-in. */
export async function viewAgent(context: Context, who: AgentRef): Promise<AgentView | undefined> {
  const instance = await getInstance(context.store, context, who.instanceId);
  const user = await getUser(context.store, instance, who.userId);
  const agent = await findAgent(context.store, instance, user.id);
  return agent && viewOf(agent);
}

function viewOf(agent: Agent): AgentView {
  return { userId: agent.id, isSignedIn: agent.isSignedIn, ...agent.state };
}

function requireNumber(number: string): void {
  if (!/^\+[1-9]\d{1,14}$/.test(number)) throw invalidParameter(`${number} is not in E.164 format`);
}
