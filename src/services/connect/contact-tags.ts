import type { TagContactRequest, UntagContactRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { updateContactData } from "./contact-transitions.ts";
import { type Contact, getContact } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** "You can add up to 6 user-defined tags to a contact" (administrator guide, granular billing). */
const TAGS_MAX = 6;

export async function tagContact(
  input: Validated<TagContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeTags(input, context, (tags) => ({ ...tags, ...input.Tags }));
}

export async function untagContact(
  input: Validated<UntagContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const removed = new Set(input.TagKeys);
  return changeTags(input, context, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([name]) => !removed.has(name))),
  );
}

type Tags = Readonly<Record<string, string>>;

async function changeTags(
  input: { InstanceId: string; ContactId: string },
  context: Context,
  change: (tags: Tags) => Tags,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    await setTags(unit, context, contact, change);
  });
  return {};
}

/** Changes the caller's tags of a contact. Tags that come out as they were make no event. */
export async function setTags(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  change: (tags: Tags) => Tags,
): Promise<Contact> {
  const tags = change(contact.tags);
  if (Object.keys(tags).length > TAGS_MAX) throw invalidParameter(`A contact may have at most ${TAGS_MAX} tags`);
  if (areEqual(tags, contact.tags)) return contact;
  return updateContactData(unit, platform, { ...contact, tags }, ["Tags"]);
}

function areEqual(some: Tags, others: Tags): boolean {
  const names = Object.keys(some);
  return names.length === Object.keys(others).length && names.every((name) => some[name] === others[name]);
}
