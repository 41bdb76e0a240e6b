import type { GetContactAttributesRequest, GetContactAttributesResponse } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { type Contact, getContact, retainedUntilMs } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** User-defined attributes. A chain of contacts shares them: they are kept under the id of its root. */
interface ContactAttributes {
  readonly key: string;
  readonly attributes: Attributes;
  /** When the youngest contact of the chain is forgotten. */
  readonly expiresMs: number;
}

export type Attributes = Readonly<Record<string, string>>;

/** What the attributes need to know of a contact: the root of its chain (absent: itself), and how long it is kept. */
type ContactInChain = InstanceRef & Pick<Contact, "id" | "initialContactId" | "initiationMs">;

export const contactAttributes: Collection<ContactAttributes> = collection("connect_contact_attributes", {
  expires: { type: "integer", value: (document) => document.expiresMs },
});

/** "There can be up to 32,768 UTF-8 bytes across all key-value pairs per contact." */
const ATTRIBUTES_BYTES_MAX = 32_768;

export async function getContactAttributes(
  input: Validated<GetContactAttributesRequest>,
  context: Context,
): Promise<GetContactAttributesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const contact = await getContact(context.store, instance, input.InitialContactId, context.clock.now());
  return { Attributes: { ...(await attributesOf(context.store, contact)) } };
}

/** A contact's attributes, with those that any other contact of its chain has set. */
export async function attributesOf(reader: Reader, contact: ContactInChain): Promise<Attributes> {
  const document = await reader.get(contactAttributes, attributesKey(contact));
  return document?.attributes ?? {};
}

/** Gives a contact that is being created its attributes: what its chain has, and what is added. */
export async function addAttributes(unit: Unit, contact: ContactInChain, added: Attributes): Promise<void> {
  checkAttributeNames(added);
  const attributes = { ...(await attributesOf(unit, contact)), ...added };
  if (isTooLong(attributes)) throw invalidParameter(`Attributes exceed ${ATTRIBUTES_BYTES_MAX} bytes`);
  if (Object.keys(attributes).length > 0) await putAttributes(unit, contact, attributes);
}

export async function putAttributes(unit: Unit, contact: ContactInChain, attributes: Attributes): Promise<void> {
  const key = attributesKey(contact);
  const earlier = await unit.get(contactAttributes, key);
  const expiresMs = Math.max(retainedUntilMs(contact.initiationMs), earlier?.expiresMs ?? 0);
  unit.put(contactAttributes, key, { key, attributes, expiresMs });
}

export function isTooLong(attributes: Attributes): boolean {
  const texts = Object.entries(attributes).flat();
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0) > ATTRIBUTES_BYTES_MAX;
}

/** "Attribute keys can include only alphanumeric, dash, and underscore characters." */
export function checkAttributeNames(attributes: Attributes): void {
  if (areGoodNames(attributes)) return;
  throw invalidParameter("Attribute keys may hold letters, digits, dashes and underscores only");
}

export function areGoodNames(attributes: Attributes): boolean {
  return Object.keys(attributes).every((name) => /^[A-Za-z0-9_-]+$/.test(name));
}

function attributesKey(contact: ContactInChain): string {
  return instanceKey(contact, contact.initialContactId ?? contact.id);
}
