import type { ContactInitiationMethod, StopContactRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { disconnectContact } from "./contact-transitions.ts";
import { type Contact, findContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** "It does not work for voice contacts that use the following initiation methods." */
const VOICE_METHODS_REFUSED: readonly ContactInitiationMethod[] = [
  "DISCONNECT",
  "TRANSFER",
  "QUEUE_TRANSFER",
  "EXTERNAL_OUTBOUND",
  "MONITOR",
];

/** Reasons of the contact record that outbound campaigns may give. */
const CAMPAIGN_REASONS = [
  "OUTBOUND_DESTINATION_ENDPOINT_ERROR",
  "OUTBOUND_RESOURCE_ERROR",
  "OUTBOUND_ATTEMPT_FAILED",
  "OUTBOUND_PREVIEW_DISCARDED",
  "EXPIRED",
];

/** Ends a contact at once. One that has ended already is as unknown as one that never was. */
export async function stopContact(
  input: Validated<StopContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await findContact(unit, instance, input.ContactId, context.clock.now());
    if (!contact || contact.state === "DISCONNECTED") {
      throw new ModeledError("ContactNotFoundException", `Contact ${input.ContactId} is not active`);
    }
    if (contact.channel === "VOICE" && VOICE_METHODS_REFUSED.includes(contact.initiationMethod)) {
      throw invalidRequest(`Voice contacts with the initiation method ${contact.initiationMethod} cannot be stopped`);
    }
    await disconnectContact(unit, context, contact, reasonOf(contact, input.DisconnectReason?.Code));
  });
  return {};
}

function reasonOf(contact: Contact, code: string | undefined): string {
  if (code === undefined) return contact.channel === "VOICE" ? "OTHER" : "API";
  if (!contact.call?.isCampaign) throw invalidRequest("DisconnectReason may be sent by outbound campaigns only");
  if (!CAMPAIGN_REASONS.includes(code)) throw invalidRequest(`DisconnectReason ${code} is not valid`);
  return code;
}
