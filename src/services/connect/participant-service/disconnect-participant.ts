import type { DisconnectParticipantRequest } from "@aws-sdk/client-connectparticipant";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { refOf } from "../arns.ts";
import { leaveAlone } from "../chat-participants.ts";
import { disconnectContact } from "../contact-transitions.ts";
import { contactKey, contacts } from "../contacts.ts";
import { tellFlow } from "../flow-input.ts";
import { startDisconnectFlow } from "../flow-run/start-flows.ts";
import type { Bearer } from "../participant-tokens.ts";
import { getSender } from "./bearers.ts";

/**
 * The participant leaves; a flow that waits for a bot to do so learns of it. The chat ends with its customer, and with the agent whose contact it is: unless a disconnect flow is set for
 * the customer who stays behind.
 */
export async function disconnectParticipant(
  _input: Validated<DisconnectParticipantRequest>,
  context: Context,
  bearer: Bearer,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const { chat, participant } = await getSender(unit, bearer);
    const isCustomer = participant.id === chat.customerId;
    const isBot = participant.role === "CUSTOM_BOT";
    const contactId = isCustomer || isBot ? chat.contactId : participant.contactId;
    const contact =
      contactId === undefined ? undefined : await unit.get(contacts, contactKey({ ...refOf(chat), id: contactId }));
    if (isBot || !contact || contact.state === "DISCONNECTED") {
      await leaveAlone(unit, context, participant);
      if (isBot && contact) await tellFlow(unit, context, contact, "BotParticipantDisconnected");
    } else if (isCustomer) await disconnectContact(unit, context, contact, "CUSTOMER_DISCONNECT");
    else {
      await startDisconnectFlow(unit, context, await disconnectContact(unit, context, contact, "AGENT_DISCONNECT"));
    }
  });
  return {};
}
