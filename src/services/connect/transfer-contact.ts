import type { TransferContactRequest, TransferContactResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, resourceArn } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { chooseFlow } from "./contact-flows.ts";
import { type Contact, contactKey, contacts, getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { moveToFlow } from "./flow-run/start-flows.ts";
import { getInstance } from "./instances.ts";
import { getEnabledQueue } from "./queues.ts";
import { getUser } from "./users.ts";

/** "A task can be transferred at most 11 times": of a chain of 12 contacts. */
const TRANSFERS_MAX = 11;

/** Ends a task or an e-mail and starts the contact that continues it: its flow runs, with a queue or an agent's own as working queue. */
export async function transferContact(
  input: Validated<TransferContactRequest>,
  context: Context,
): Promise<TransferContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  if (input.QueueId !== undefined && input.UserId !== undefined) {
    throw invalidRequest("QueueId and UserId cannot both be specified");
  }
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: instance, operation: "TransferContact", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) {
      if (!earlier.sameRequest) throw new ModeledError("IdempotencyException", "ClientToken came with another request");
      return answerOf(instance, earlier.madeId);
    }

    const flow = await chooseFlow(unit, instance, input.ContactFlowId);
    const contact = await getContact(unit, instance, input.ContactId, nowMs);
    const queueId = await destinationOf(unit, instance, input, contact);
    if (contact.channel !== "TASK" && contact.channel !== "EMAIL") {
      throw invalidRequest("Only tasks and e-mails can be transferred");
    }
    if (contact.state === "DISCONNECTED" || contact.state === "INITIATED") {
      throw invalidRequest(`Contact ${contact.id} is not active`);
    }
    await refuseTooMany(unit, contact);
    await moveToFlow(unit, context, contact, { id, initiationMethod: "TRANSFER", targetQueueId: queueId, ...flow });
    return answerOf(instance, id);
  });
}

/** The queue that a request names, the own one of the agent that it names, or else the one that the contact was in. */
async function destinationOf(
  reader: Reader,
  instance: InstanceRef,
  input: Validated<TransferContactRequest>,
  contact: Contact,
): Promise<string> {
  if (input.UserId !== undefined) return (await getUser(reader, instance, input.UserId)).id;
  if (input.QueueId !== undefined) return (await getEnabledQueue(reader, instance, input.QueueId)).id;
  if (contact.queue) return contact.queue.id;
  throw invalidRequest("QueueId or UserId must be specified for a contact that was in no queue");
}

async function refuseTooMany(reader: Reader, contact: Contact): Promise<void> {
  let transfers = 0;
  let at: Contact | undefined = contact;
  while (at?.initiationMethod === "TRANSFER" && at.previousContactId !== undefined) {
    transfers += 1;
    if (transfers >= TRANSFERS_MAX) {
      throw new ModeledError(
        "ServiceQuotaExceededException",
        `A contact can be transferred at most ${TRANSFERS_MAX} times`,
      );
    }
    at = await reader.get(contacts, contactKey({ ...at, id: at.previousContactId }));
  }
}

function answerOf(instance: InstanceRef, id: string): TransferContactResponse {
  return { ContactId: id, ContactArn: resourceArn("contact", instance, id) };
}
