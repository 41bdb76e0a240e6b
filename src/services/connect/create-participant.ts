import type { CreateParticipantRequest, CreateParticipantResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { type Chat, chatRef, findChat, presentIn, putChat, putParticipant } from "./chats.ts";
import { claimClientToken } from "./client-tokens.ts";
import { getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { sealBearer } from "./participant-tokens.ts";

/** "Up to six participants", the customer and the agent included. */
const PARTICIPANTS_MAX = 6;

const ROLES: readonly string[] = ["AGENT", "CUSTOMER", "CUSTOM_BOT", "SUPERVISOR"];

/** Lets somebody else take part in a chat. They are there once they have connected with the token. */
export async function createParticipant(
  input: Validated<CreateParticipantRequest>,
  context: Context,
): Promise<CreateParticipantResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  const { ParticipantRole: role, DisplayName: displayName } = input.ParticipantDetails;
  const { chat, participantId } = await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, nowMs);
    const chat = await findChat(unit, contact);
    if (!chat || contact.initiationMethod === "MONITOR") throw invalidRequest(`Contact ${contact.id} is no chat`);
    if (chat.endedMs !== undefined || contact.state === "DISCONNECTED") {
      throw invalidRequest(`Contact ${contact.id} has ended`);
    }
    if (role === undefined || !ROLES.includes(role)) throw invalidRequest(`ParticipantRole must be one of ${ROLES}`);
    const request = { scope: instance, operation: "CreateParticipant", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier?.sameRequest === false) {
      throw new ModeledError("ConflictException", "ClientToken came with another request");
    }
    if (earlier) return { chat, participantId: earlier.madeId };
    if ((await presentIn(unit, chatRef(chat))).length >= PARTICIPANTS_MAX) {
      throw new ModeledError("ServiceQuotaExceededException", `A chat has at most ${PARTICIPANTS_MAX} participants`);
    }
    // How many there are decides, so it is guarded by the chat.
    putChat(unit, chat);
    putParticipant(unit, {
      ...chatRef(chat),
      id,
      role,
      displayName: displayName ?? role,
      expiresMs: chat.expiresMs,
    });
    return { chat, participantId: id };
  });
  return {
    ParticipantId: participantId,
    ParticipantCredentials: await credentialsOf(context, chat, participantId),
  };
}

/** A participant token, which is good as long as the participant is in the chat: so until the chat ends, at the latest. */
export async function credentialsOf(
  context: Context,
  chat: Chat,
  participantId: string,
): Promise<{ readonly ParticipantToken: string; readonly Expiry: string }> {
  return {
    ParticipantToken: await sealBearer(context, "participant", { ...chatRef(chat), participantId }),
    Expiry: new Date(chat.endsMs).toISOString(),
  };
}
