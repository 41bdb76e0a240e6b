import type { Reader } from "../../store/store.ts";
import { instanceKey } from "./arns.ts";
import { type Contact, chainOf, contacts } from "./contacts.ts";

interface RelatedContact {
  readonly contactId: string;
  readonly relation: "first of its chain" | "previous" | "next" | "in its chain" | "related to" | "listens";
  readonly channel?: string | undefined;
  readonly initiationMethod?: string | undefined;
  readonly at?: string | undefined;
}

/** The contacts that one continues, is continued by or hangs together with in another way, in order. */
export async function relatedContacts(reader: Reader, contact: Contact): Promise<readonly RelatedContact[]> {
  const relations = new Map<string, RelatedContact["relation"]>();
  const note = (id: string | undefined, relation: RelatedContact["relation"]): void => {
    if (id !== undefined && id !== contact.id && !relations.has(id)) relations.set(id, relation);
  };
  note(contact.previousContactId, "previous");
  note(contact.nextContactId, "next");
  note(contact.relatedContactId, "related to");
  note(contact.initialContactId, "first of its chain");
  for (const id of contact.monitorIds ?? []) note(id, "listens");
  for (const { id, previousContactId } of await chainOf(reader, contact)) {
    note(id, previousContactId === contact.id ? "next" : "in its chain");
  }
  const related: RelatedContact[] = [];
  for (const [contactId, relation] of relations) {
    const found = await reader.get(contacts, instanceKey(contact, contactId));
    const at = found && new Date(found.initiationMs).toISOString();
    related.push({ contactId, relation, channel: found?.channel, initiationMethod: found?.initiationMethod, at });
  }
  return related.sort((one, other) => ((one.at ?? "") < (other.at ?? "") ? -1 : 1));
}
