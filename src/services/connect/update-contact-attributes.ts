import type { UpdateContactAttributesRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { type Attributes, attributesOf, checkAttributeNames, isTooLong, putAttributes } from "./contact-attributes.ts";
import { updateContactData } from "./contact-transitions.ts";
import { type Contact, chainOf, getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";

/**
 * Adds attributes to a contact and its chain, or overwrites them; also when it has ended: records of the chain are published again. Those that it has already, with the same
 * values, change nothing and make no event.
 */
export async function updateContactAttributes(
  input: Validated<UpdateContactAttributesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.InitialContactId, context.clock.now());
    await setAttributes(unit, context, contact, input.Attributes);
  });
  return {};
}

/** The same in a unit: all attributes or, with an error, none. */
export async function setAttributes(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  set: Attributes,
): Promise<Contact> {
  checkAttributeNames(set);
  const before = await attributesOf(unit, contact);
  const attributes = { ...before, ...set };
  // The real service's code for this is not published; at creation it is an InvalidParameterException.
  if (isTooLong(attributes)) throw invalidRequest("The attributes of the contact would exceed 32768 bytes");
  if (Object.entries(set).every(([name, value]) => before[name] === value)) return contact;

  await putAttributes(unit, contact, attributes);
  const updated = await updateContactData(unit, platform, contact, ["UserDefinedAttributes"]);
  for (const other of await chainOf(unit, contact)) {
    if (other.id !== contact.id && other.completedMs !== undefined) await updateContactData(unit, platform, other, []);
  }
  return updated;
}
