import type {
  Channel,
  ContactInitiationMethod,
  CreateContactRequest,
  CreateContactResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { findAgent } from "./agents.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { addAttributes } from "./contact-attributes.ts";
import { linkContact } from "./contact-links.ts";
import { mergeReferences } from "./contact-references.ts";
import { connectToSystem, disconnectContact, initiateContact, type NewContact } from "./contact-transitions.ts";
import { type Contact, contacts, isWaiting } from "./contacts.ts";
import { invalidParameter, invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { requireAgreedValues } from "./predefined-attributes.ts";
import { type Quota, quotaReached } from "./quotas.ts";
import { acceptOffer, enqueueContact, offerContact } from "./routing.ts";
import { expiryMs, mergeSegmentAttributes, requireExpiry, TASK_EXPIRY_MS } from "./segment-attributes.ts";
import { getUser } from "./users.ts";

/** What may be created: initiation methods and the subtype, by channel. CHAT is not supported. */
const CREATABLE: Readonly<
  Record<Exclude<Channel, "CHAT">, { methods: readonly ContactInitiationMethod[]; subtype: string; quota: Quota }>
> = {
  VOICE: {
    methods: ["TRANSFER"],
    subtype: "connect:ExternalAudio",
    quota: "connect.concurrent-calls-per-instance",
  },
  EMAIL: {
    methods: ["OUTBOUND", "AGENT_REPLY", "FLOW"],
    subtype: "connect:Email",
    quota: "connect.concurrent-emails-per-instance",
  },
  TASK: { methods: ["API"], subtype: "connect:ExternalTask", quota: "connect.concurrent-tasks-per-instance" },
};

/**
 * Creates a contact that something outside handles: external audio, a task of another system, an e-mail. No flow runs; it lasts
 * until it is stopped or expires.
 */
export async function createContact(
  input: Validated<CreateContactRequest>,
  context: Context,
): Promise<CreateContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  const { subtype, quota } = checkRequest(input);

  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: instance, operation: "CreateContact", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) {
      if (!earlier.sameRequest) throw new ModeledError("IdempotencyException", "ClientToken came with another request");
      return answerOf(instance, earlier.madeId);
    }

    const userId = input.UserInfo?.UserId && (await getUser(unit, instance, input.UserInfo.UserId)).id;
    const links = await linkContact(unit, instance, input, { id, nowMs });
    const open = { collection: contacts, index: "open", prefix: instanceKey(instance, input.Channel, "") };
    if (await quotaReached(unit, context.limits, quota, open)) {
      throw new ModeledError(
        "ServiceQuotaExceededException",
        `The quota of active ${input.Channel} contacts is used up`,
      );
    }

    await requireAgreedValues(unit, instance, input.SegmentAttributes);
    const system = { "connect:Subtype": { ValueString: subtype } };
    const contact: NewContact = {
      ...refOf(instance),
      id,
      channel: input.Channel,
      initiationMethod: input.InitiationMethod,
      ...links.ids,
      name: input.Name,
      description: input.Description,
      references: mergeReferences(undefined, input.References),
      segmentAttributes: mergeSegmentAttributes(system, input.SegmentAttributes),
      tags: {},
      initiationMs: nowMs,
      // External audio is there from the start and connects without telling, like every transferred call.
      connectedToSystemMs: input.Channel === "VOICE" ? nowMs : undefined,
    };
    await addAttributes(unit, contact, { ...links.copiedAttributes, ...input.Attributes });
    const begun = await begin(unit, context, contact, input);
    if (input.InitiateAs === "CONNECTED_TO_USER" && userId) await connectToUser(unit, context, begun, userId);
    return answerOf(instance, id);
  });
}

async function begin(
  unit: Unit,
  context: Context,
  contact: NewContact,
  input: Validated<CreateContactRequest>,
): Promise<Contact> {
  const asked = input.ExpiryDurationInMinutes === undefined ? undefined : requireExpiry(input.ExpiryDurationInMinutes);
  const lastsMs = asked ?? expiryMs(contact.segmentAttributes) ?? TASK_EXPIRY_MS;
  const expiresMs = contact.initiationMs + lastsMs;
  const initiated = await initiateContact(unit, context, { ...contact, expiresMs });
  if (input.InitiateAs === "COMPLETED") return disconnectContact(unit, context, initiated, "API");
  return initiated.connectedToSystemMs === undefined ? connectToSystem(unit, context, initiated) : initiated;
}

/** The user has the contact at once, by way of their own queue (our choice). */
async function connectToUser(unit: Unit, context: Context, contact: Contact, userId: string): Promise<void> {
  const queued = await enqueueContact(unit, context, contact, userId);
  const agent = await findAgent(unit, contact, userId);
  if (!agent?.isSignedIn) throw invalidRequest(`User ${userId} is not signed in`);
  const offered = isWaiting(queued) ? await offerContact(unit, context, queued, agent) : queued;
  if (offered.offer) await acceptOffer(unit, context, offered);
}

/** What can be said of a request without looking anything up. */
function checkRequest(input: Validated<CreateContactRequest>): { subtype: string; quota: Quota } {
  if (input.Channel === "CHAT") throw invalidParameter("Channel CHAT is not supported");
  const creatable = CREATABLE[input.Channel];
  if (!creatable.methods.includes(input.InitiationMethod)) {
    throw invalidParameter(`InitiationMethod ${input.InitiationMethod} is not supported for channel ${input.Channel}`);
  }
  const isByUser = input.InitiationMethod === "OUTBOUND" || input.InitiationMethod === "AGENT_REPLY";
  if ((isByUser || input.InitiateAs === "CONNECTED_TO_USER") && input.UserInfo?.UserId === undefined) {
    throw invalidRequest("UserInfo must be specified");
  }
  if (input.InitiateAs === "COMPLETED" && input.Channel !== "TASK") {
    throw invalidParameter("Only TASK contacts can be initiated as COMPLETED");
  }
  if (input.PreviousContactId !== undefined && input.Channel !== "VOICE") {
    throw invalidParameter("PreviousContactId can be specified for external audio contacts only");
  }
  return creatable;
}

function answerOf(instance: InstanceRef, id: string): CreateContactResponse {
  return { ContactId: id, ContactArn: resourceArn("contact", instance, id) };
}
