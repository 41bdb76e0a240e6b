import type { Reader } from "../../store/store.ts";
import type { InstanceRef } from "./arns.ts";
import { type Attributes, attributesOf } from "./contact-attributes.ts";
import { type Contact, getContact } from "./contacts.ts";

/** How a new contact hangs together with others. */
export interface ContactLinks {
  readonly ids: Pick<Contact, "initialContactId" | "previousContactId" | "relatedContactId" | "associationId">;
  readonly previous: Contact | undefined;
  /** What a related contact has at this moment; those of a previous one are shared, not copied. */
  readonly copiedAttributes: Attributes;
}

/**
 * Finds the contacts that a new contact continues or is related to. A previous contact makes one chain with it, which shares its
 * attributes; from a related one it gets a copy of them.
 */
export async function linkContact(
  reader: Reader,
  instance: InstanceRef,
  input: { readonly PreviousContactId?: string | undefined; readonly RelatedContactId?: string | undefined },
  created: { readonly id: string; readonly nowMs: number },
): Promise<ContactLinks> {
  const find = (id: string | undefined) =>
    id === undefined ? undefined : getContact(reader, instance, id, created.nowMs);
  const previous = await find(input.PreviousContactId);
  const related = await find(input.RelatedContactId);
  return {
    ids: {
      initialContactId: previous && (previous.initialContactId ?? previous.id),
      previousContactId: previous?.id,
      relatedContactId: related?.id,
      associationId: (previous ?? related)?.associationId ?? created.id,
    },
    previous,
    copiedAttributes: related ? await attributesOf(reader, related) : {},
  };
}
