import type { CreateParticipantRequest, CreateParticipantResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import {
  type Chat,
  type ChatRef,
  chatRef,
  findChat,
  type Participant,
  presentIn,
  putChat,
  putParticipant,
} from "./chats.ts";
import { claimClientToken } from "./client-tokens.ts";
import { getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { sealBearer } from "./participant-tokens.ts";
import { addCaller, callRef, webCallOf } from "./web-calls.ts";

/** "Up to six participants", the customer and the agent included. */
const PARTICIPANTS_MAX = 6;

const ROLES: readonly string[] = ["AGENT", "CUSTOMER", "CUSTOM_BOT", "SUPERVISOR"];

/** What a token of a web call says: it is good as long as the call, of which nobody knows how long it lasts (our choice). */
const CALL_TOKEN_MS = 24 * 3_600_000;

/** Lets somebody else take part in a chat, or another customer in a web call. They are there once they have connected with the token. */
export async function createParticipant(
  input: Validated<CreateParticipantRequest>,
  context: Context,
): Promise<CreateParticipantResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  const { ParticipantRole: role, DisplayName: displayName = role } = input.ParticipantDetails;
  const { conversation, participantId } = await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, nowMs);
    const chat = await findChat(unit, contact);
    const call = await webCallOf(unit, contact);
    if (chat?.endedMs !== undefined || contact.state === "DISCONNECTED") {
      throw invalidRequest(`Contact ${contact.id} has ended`);
    }
    if (!(chat ?? call) || contact.initiationMethod === "MONITOR") {
      throw invalidRequest(`Contact ${contact.id} is no chat and no web call`);
    }
    const roles = call ? ["CUSTOMER"] : ROLES;
    if (role === undefined || displayName === undefined || !roles.includes(role)) {
      throw invalidRequest(`ParticipantRole must be one of ${roles}`);
    }
    const request = { scope: instance, operation: "CreateParticipant", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier?.sameRequest === false) {
      throw new ModeledError("ConflictException", "ClientToken came with another request");
    }
    const participantId = earlier?.madeId ?? id;
    if (call) {
      if (!earlier) await addCaller(unit, call, { id, displayName });
      return { conversation: { ...callRef(call), endsMs: nowMs + CALL_TOKEN_MS }, participantId };
    }
    if (!chat) throw new Error(`Contact ${contact.id} has no chat`);
    if (!earlier) await addToChat(unit, chat, { id, role, displayName });
    return { conversation: { ...chatRef(chat), endsMs: chat.endsMs }, participantId };
  });
  return {
    ParticipantId: participantId,
    ParticipantCredentials: await credentialsOf(context, conversation, participantId),
  };
}

async function addToChat(
  unit: Unit,
  chat: Chat,
  newcomer: Pick<Participant, "id" | "role" | "displayName">,
): Promise<void> {
  if ((await presentIn(unit, chatRef(chat))).length >= PARTICIPANTS_MAX) {
    throw new ModeledError("ServiceQuotaExceededException", `A chat has at most ${PARTICIPANTS_MAX} participants`);
  }
  // How many there are decides, so it is guarded by the chat.
  putChat(unit, chat);
  putParticipant(unit, { ...chatRef(chat), ...newcomer, expiresMs: chat.expiresMs });
}

/** A participant token, which is good as long as the participant is there: so until the chat or the call ends, at the latest. */
export async function credentialsOf(
  context: Context,
  conversation: ChatRef & { readonly endsMs: number },
  participantId: string,
): Promise<{ readonly ParticipantToken: string; readonly Expiry: string }> {
  return {
    ParticipantToken: await sealBearer(context, "participant", { ...conversation, participantId }),
    Expiry: new Date(conversation.endsMs).toISOString(),
  };
}
