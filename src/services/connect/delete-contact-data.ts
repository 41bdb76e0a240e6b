import type { ContactField, DeleteContactDataRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { updateContactData } from "./contact-transitions.ts";
import { type Contact, getContact, REDACTED } from "./contacts.ts";
import { forgetSubject } from "./email-messages.ts";
import { invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** Removes personal data of a contact that has ended, and tells of it by a new version of its record. */
export async function deleteContactData(
  input: Validated<DeleteContactDataRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    if (input.ContactFields.length === 0) throw invalidParameter("ContactFields names no field");
    if (contact.state !== "DISCONNECTED") {
      throw new ModeledError("ContactNotTerminatedException", `Contact ${contact.id} has not ended`);
    }
    // Only e-mails have a subject and additional recipients: of others nothing is deleted (our choice).
    const fields = input.ContactFields.filter((field) => contact.channel === "EMAIL" || field === "CUSTOMER_ENDPOINT");
    if (fields.length === 0) return;
    if (fields.includes("EMAIL_SUBJECT")) await forgetSubject(unit, contact);
    await updateContactData(unit, context, redacted(contact, fields), ["Segment Attributes"]);
  });
  return {};
}

function redacted(contact: Contact, fields: readonly ContactField[]): Contact {
  const before = contact.segmentAttributes[REDACTED]?.ValueString?.split(",") ?? [];
  const names = [...new Set([...before, ...fields])].sort();
  const { "connect:EmailSubject": subject, ...others } = contact.segmentAttributes;
  const keepsSubject = subject !== undefined && !fields.includes("EMAIL_SUBJECT");
  return {
    ...contact,
    customerEndpoint: fields.includes("CUSTOMER_ENDPOINT") ? undefined : contact.customerEndpoint,
    additionalRecipients: fields.includes("ADDITIONAL_EMAIL_RECIPIENTS") ? undefined : contact.additionalRecipients,
    segmentAttributes: {
      ...others,
      ...(keepsSubject && { "connect:EmailSubject": subject }),
      [REDACTED]: { ValueString: names.join(",") },
    },
  };
}
