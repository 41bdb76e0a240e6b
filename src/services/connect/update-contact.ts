import type { Endpoint as EndpointInput, UpdateContactRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { mergeReferences } from "./contact-references.ts";
import { contactTimer } from "./contact-timers.ts";
import { updateContactData } from "./contact-transitions.ts";
import { type Contact, type Endpoint, getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { requireAgreedValues } from "./predefined-attributes.ts";
import { getQueue } from "./queues.ts";
import { enqueueContact } from "./routing.ts";
import { expiryMs, mergeSegmentAttributes } from "./segment-attributes.ts";
import { getUser } from "./users.ts";

/**
 * Changes what is known of a contact, also when it has ended. Queue, user and endpoints are of external audio contacts only, whose
 * calls are routed elsewhere: naming the queue there makes the contact QUEUED, once.
 */
export async function updateContact(
  input: Validated<UpdateContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const { InstanceId: _instance, ContactId: _contact, ...changes } = input;
  if (Object.values(changes).every((change) => change === undefined)) {
    throw invalidRequest("At least one field to be updated must be present");
  }
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    refuseExternalMembers(input, contact);
    if (input.UserInfo?.UserId !== undefined) await getUser(unit, instance, input.UserInfo.UserId);
    const queueId =
      input.QueueInfo?.Id === undefined ? undefined : (await getQueue(unit, instance, input.QueueInfo.Id)).id;

    await requireAgreedValues(unit, instance, input.SegmentAttributes);
    const segmentAttributes = mergeSegmentAttributes(contact.segmentAttributes, input.SegmentAttributes);
    const lastsMs = input.SegmentAttributes?.["connect:ContactExpiry"] && expiryMs(segmentAttributes);
    const expiresMs = lastsMs === undefined ? undefined : (contact.scheduledMs ?? contact.initiationMs) + lastsMs;
    const changed: Contact = {
      ...contact,
      name: input.Name ?? contact.name,
      description: input.Description ?? contact.description,
      references: mergeReferences(contact.references, input.References),
      segmentAttributes,
      customerEndpoint: endpointOf(input.CustomerEndpoint) ?? contact.customerEndpoint,
      systemEndpoint: endpointOf(input.SystemEndpoint) ?? contact.systemEndpoint,
      expiresMs: expiresMs ?? contact.expiresMs,
    };
    const isTold = JSON.stringify(segmentAttributes) !== JSON.stringify(contact.segmentAttributes);
    const updated = await updateContactData(unit, context, changed, isTold ? ["Segment Attributes"] : []);

    if (expiresMs !== undefined && contact.state !== "DISCONNECTED") {
      context.flow.schedule(unit, contactTimer("connect.expiry", updated, expiresMs));
    }
    if (queueId !== undefined && queueId !== updated.queue?.id) {
      if (updated.queue || updated.state === "DISCONNECTED") {
        throw new ModeledError("ConflictException", `Contact ${contact.id} cannot enter a queue any more`);
      }
      await enqueueContact(unit, context, updated, queueId);
    }
  });
  return {};
}

function refuseExternalMembers(input: Validated<UpdateContactRequest>, contact: Contact): void {
  const isExternal = contact.segmentAttributes["connect:Subtype"]?.ValueString === "connect:ExternalAudio";
  if (!isExternal && (input.QueueInfo ?? input.UserInfo ?? input.CustomerEndpoint ?? input.SystemEndpoint)) {
    throw invalidRequest("Queue, user and endpoints can be updated for external audio contacts only");
  }
}

function endpointOf(input: Validated<EndpointInput> | undefined): Endpoint | undefined {
  return input && { type: input.Type, address: input.Address };
}
