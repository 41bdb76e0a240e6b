import type { StartEmailContactRequest, StartEmailContactResponse } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { refOf } from "./arns.ts";
import { addAttributes } from "./contact-attributes.ts";
import { flowIdOfEmailAddress } from "./contact-flow-association-documents.ts";
import { chooseFlow, type FlowChoice } from "./contact-flows.ts";
import { linkContact } from "./contact-links.ts";
import { mergeReferences } from "./contact-references.ts";
import { connectToSystem, initiateContact, type NewContact } from "./contact-transitions.ts";
import type { SegmentAttributes } from "./contacts.ts";
import { type EmailAddress, findEmailAddress } from "./email-addresses.ts";
import { checkMessage, claimEmailToken, keepEmailMessage, requireEmailQuota } from "./email-messages.ts";
import { invalidRequest, notFound } from "./errors.ts";
import { startContactFlow } from "./flow-run/start-flows.ts";
import { findStorageConfig } from "./instance-storage-configs.ts";
import { getInstance, type Instance } from "./instances.ts";
import { requireAgreedValues } from "./predefined-attributes.ts";
import { expiryMs, mergeSegmentAttributes } from "./segment-attributes.ts";

/** "Up to 50", the destination among them. */
const RECIPIENTS_MAX = 50;

/** "The contact expires after 14 to 90 days": the least, where the request names no other. */
const EMAIL_EXPIRY_MS = 14 * 24 * 3_600_000;

/** How the scans of a mail came out: segment attributes that a flow can look at. */
const VERDICTS = {
  X_SES_SPAM_VERDICT: "connect:X-SES-SPAM-VERDICT",
  X_SES_VIRUS_VERDICT: "connect:X-SES-VIRUS-VERDICT",
} as const;

/** A mail comes in, from whatever has received it, and its flow begins. */
export async function startEmailContact(
  input: Validated<StartEmailContactRequest>,
  context: Context,
): Promise<StartEmailContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  const message = checkRequest(input);
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const earlier = await claimEmailToken(unit, instance, "StartEmailContact", input, { id, nowMs });
    if (earlier !== undefined) return { ContactId: earlier };

    const mailbox = await getMailbox(unit, instance, input.DestinationEmailAddress);
    if (!(await findStorageConfig(unit, instance, "EMAIL_MESSAGES"))) {
      throw invalidRequest("The instance has no storage for EMAIL_MESSAGES");
    }
    const flow = await flowOf(unit, instance, input.ContactFlowId, mailbox);
    const links = await linkContact(unit, instance, { RelatedContactId: input.RelatedContactId }, { id, nowMs });
    await requireEmailQuota(unit, context, instance);
    await requireAgreedValues(unit, instance, input.SegmentAttributes);
    const segmentAttributes = mergeSegmentAttributes(attributesOfMail(input), input.SegmentAttributes);
    const contact: NewContact = {
      ...refOf(instance),
      id,
      channel: "EMAIL",
      initiationMethod: "INBOUND",
      ...links.ids,
      ...flow,
      name: input.Name,
      description: input.Description,
      references: mergeReferences(undefined, input.References),
      segmentAttributes,
      tags: {},
      customerEndpoint: {
        type: "EMAIL_ADDRESS",
        address: input.FromEmailAddress.EmailAddress,
        displayName: input.FromEmailAddress.DisplayName,
      },
      systemEndpoint: { type: "EMAIL_ADDRESS", address: mailbox.name, displayName: mailbox.displayName },
      additionalRecipients: {
        to: (input.AdditionalRecipients?.ToAddresses ?? []).map(recipient),
        cc: (input.AdditionalRecipients?.CcAddresses ?? []).map(recipient),
      },
      initiationMs: nowMs,
      expiresMs: nowMs + (expiryMs(segmentAttributes) ?? EMAIL_EXPIRY_MS),
    };
    await addAttributes(unit, contact, { ...links.copiedAttributes, ...input.Attributes });
    keepEmailMessage(unit, contact, message);
    const initiated = await initiateContact(unit, context, contact);
    await startContactFlow(unit, context, await connectToSystem(unit, context, initiated));
    return { ContactId: id };
  });
}

/** What can be said of a request without looking anything up. */
function checkRequest(input: Validated<StartEmailContactRequest>) {
  const { ToAddresses = [], CcAddresses = [] } = input.AdditionalRecipients ?? {};
  if (1 + ToAddresses.length + CcAddresses.length > RECIPIENTS_MAX) {
    throw invalidRequest(`A mail may have at most ${RECIPIENTS_MAX} recipients`);
  }
  if (Object.values(input.References ?? {}).some(({ Type }) => Type === "EMAIL")) {
    throw invalidRequest("References may be of the types URL, NUMBER, STRING and DATE");
  }
  if (input.Attachments) throw invalidRequest("Attachments are not built in this version of Trunkline");
  if (!input.EmailMessage.RawMessage) throw invalidRequest("RawMessage must be specified");
  return checkMessage(input.EmailMessage.RawMessage);
}

function attributesOfMail(input: Validated<StartEmailContactRequest>): SegmentAttributes {
  const { Subject, Headers = {} } = input.EmailMessage.RawMessage ?? {};
  const verdicts = Object.entries(VERDICTS).flatMap(([header, name]) => {
    const verdict = Headers[header as keyof typeof VERDICTS];
    return verdict === undefined ? [] : [[name, { ValueString: verdict.slice(0, VERDICT_LENGTH_MAX) }] as const];
  });
  return {
    "connect:Subtype": { ValueString: "connect:Email" },
    "connect:Direction": { ValueString: "INBOUND" },
    "connect:EmailSubject": { ValueString: Subject },
    ...Object.fromEntries(verdicts),
  };
}

/** A segment attribute's text. */
const VERDICT_LENGTH_MAX = 1_024;

async function getMailbox(reader: Reader, instance: Instance, address: string): Promise<EmailAddress> {
  const mailbox = await findEmailAddress(reader, instance, address);
  if (!mailbox) throw notFound(`${address} is no e-mail address of instance ${instance.instanceId}`);
  return mailbox;
}

/** The flow that the request names, or else that of the address. */
async function flowOf(
  unit: Unit,
  instance: Instance,
  named: string | undefined,
  mailbox: EmailAddress,
): Promise<FlowChoice> {
  const flowId = named ?? (await flowIdOfEmailAddress(unit, mailbox));
  if (flowId === undefined) throw invalidRequest(`ContactFlowId is missing, and ${mailbox.name} has no flow`);
  return chooseFlow(unit, instance, flowId);
}

function recipient(input: { readonly EmailAddress: string; readonly DisplayName?: string | undefined }) {
  return { address: input.EmailAddress, displayName: input.DisplayName };
}
