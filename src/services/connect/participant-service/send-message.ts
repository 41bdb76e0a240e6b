import type { SendMessageRequest, SendMessageResponse } from "@aws-sdk/client-connectparticipant";
import type { Validated } from "../../../models/validated.ts";
import { derivedUuid } from "../../../time/ids.ts";
import type { Context } from "../../service.ts";
import { refOf } from "../arns.ts";
import { requireMessage } from "../chat-messages.ts";
import { authorOf, type ChatItem, findItem, post } from "../chat-posts.ts";
import { contactKey, contacts } from "../contacts.ts";
import { tellFlow } from "../flow-input.ts";
import type { Bearer } from "../participant-tokens.ts";
import { getSender, validation } from "./bearers.ts";

/** Writes a message; a flow that waits for the customer learns of theirs. The same ClientToken again gives the same id, and no second message. */
export async function sendMessage(
  input: Validated<SendMessageRequest>,
  context: Context,
  bearer: Bearer,
): Promise<SendMessageResponse> {
  const { ContentType: contentType, Content: content, ClientToken: token } = input;
  const id = token === undefined ? context.ids.uuid() : derivedUuid(bearer.participantId, token);
  return context.store.commit(async (unit) => {
    const { chat, participant } = await getSender(unit, bearer);
    requireMessage({ contentType, content }, participant.role, chat.contentTypes, validation);
    const earlier = token === undefined ? undefined : await findItem(unit, bearer, id);
    if (earlier) return answerOf(earlier);
    const author = authorOf(participant);
    const item = await post(unit, context, bearer, { id, type: "MESSAGE", contentType, content, author });
    if (participant.id === chat.customerId) {
      const contact = await unit.get(contacts, contactKey({ ...refOf(chat), id: chat.contactId }));
      if (contact) await tellFlow(unit, context, contact, "CustomerReturned");
    }
    return answerOf(item);
  });
}

function answerOf({ id, timeMs }: ChatItem): SendMessageResponse {
  return { Id: id, AbsoluteTime: new Date(timeMs).toISOString() };
}
