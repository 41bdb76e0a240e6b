import type { StartOutboundEmailContactRequest, StartOutboundEmailContactResponse } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { addAttributes, attributesOf } from "./contact-attributes.ts";
import { connectToSystem, disconnectContact, initiateContact, type NewContact } from "./contact-transitions.ts";
import { type Contact, type Endpoint, getContact } from "./contacts.ts";
import { type EmailAddress, emailAddresses, findEmailAddress } from "./email-addresses.ts";
import { checkMessage, claimEmailToken, keepEmailMessage, requireEmailQuota } from "./email-messages.ts";
import { invalidRequest, notFound } from "./errors.ts";
import { getInstance, type Instance } from "./instances.ts";
import { queues } from "./queues.ts";

/**
 * Answers a mail: a contact of its own, which is over at once. Nothing is really sent.
 *
 * Where an agent is handling the mail that is answered, the answer is theirs (`AGENT_REPLY`) and that mail ends with it.
 */
export async function startOutboundEmailContact(
  input: Validated<StartOutboundEmailContactRequest>,
  context: Context,
): Promise<StartOutboundEmailContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  const message = checkRequest(input);
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const earlier = await claimEmailToken(unit, instance, "StartOutboundEmailContact", input, { id, nowMs });
    if (earlier !== undefined) return { ContactId: earlier };

    const answered = await getContact(unit, instance, input.ContactId, nowMs);
    if (answered.channel !== "EMAIL") throw invalidRequest(`Contact ${answered.id} is no e-mail`);
    const from = await senderOf(unit, instance, input, answered);
    await requireEmailQuota(unit, context, instance);
    const isReply = answered.initiationMethod === "INBOUND" && answered.state === "CONNECTED_TO_AGENT";
    const { EmailAddress: address, DisplayName: displayName } = input.DestinationEmailAddress;
    const contact: NewContact = {
      ...refOf(instance),
      id,
      channel: "EMAIL",
      initiationMethod: isReply ? "AGENT_REPLY" : "API",
      relatedContactId: answered.id,
      associationId: answered.associationId,
      segmentAttributes: {
        "connect:Subtype": { ValueString: "connect:Email" },
        "connect:Direction": { ValueString: "OUTBOUND" },
        "connect:EmailSubject": { ValueString: message.subject },
      },
      tags: {},
      customerEndpoint: { type: "EMAIL_ADDRESS", address, displayName },
      systemEndpoint: from,
      additionalRecipients: {
        to: [],
        cc: (input.AdditionalRecipients?.CcEmailAddresses ?? []).map((cc) => ({
          address: cc.EmailAddress,
          displayName: cc.DisplayName,
        })),
      },
      initiationMs: nowMs,
    };
    await addAttributes(unit, contact, await attributesOf(unit, answered));
    keepEmailMessage(unit, contact, message);
    const initiated = await initiateContact(unit, context, contact);
    await disconnectContact(unit, context, await connectToSystem(unit, context, initiated), "API");
    if (isReply) await disconnectContact(unit, context, answered, "AGENT_DISCONNECT");
    return { ContactId: id };
  });
}

/** What can be said of a request without looking anything up. */
function checkRequest(input: Validated<StartOutboundEmailContactRequest>) {
  const { MessageSourceType, RawMessage, TemplatedMessageConfig } = input.EmailMessage;
  if (MessageSourceType === "TEMPLATE") {
    if (!TemplatedMessageConfig) throw invalidRequest("TemplatedMessageConfig must be specified");
    throw notFound(`Message template ${TemplatedMessageConfig.MessageTemplateId} does not exist`);
  }
  if (!RawMessage) throw invalidRequest("RawMessage must be specified");
  return checkMessage(RawMessage);
}

/** The address that the request names, which is one of the instance's; else the queue's; else the one that the mail came to. */
async function senderOf(
  reader: Reader,
  instance: Instance,
  input: Validated<StartOutboundEmailContactRequest>,
  answered: Contact,
): Promise<Endpoint> {
  if (input.FromEmailAddress) {
    const named = await findEmailAddress(reader, instance, input.FromEmailAddress.EmailAddress);
    if (!named) throw notFound(`${input.FromEmailAddress.EmailAddress} is no e-mail address of the instance`);
    return endpointOf(named, input.FromEmailAddress.DisplayName);
  }
  const queue = answered.queue && (await reader.get(queues, instanceKey(instance, answered.queue.id)));
  const addressId = queue?.outboundEmailAddressId;
  const ofQueue = addressId && (await reader.get(emailAddresses, instanceKey(instance, addressId)));
  if (ofQueue) return endpointOf(ofQueue);
  if (answered.systemEndpoint) return answered.systemEndpoint;
  throw invalidRequest("FromEmailAddress is missing, and neither the queue nor the mail has an address to send from");
}

function endpointOf({ name: address, displayName }: EmailAddress, shown: string | undefined = displayName): Endpoint {
  return { type: "EMAIL_ADDRESS", address, displayName: shown };
}
