import type { AssociateContactWithUserRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { findAgent } from "./agents.ts";
import { getContact, isWaiting } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { offerContact } from "./routing.ts";
import { getUser } from "./users.ts";

/** Offers a waiting contact to one agent, who may have any status and any number of contacts, but must be signed in. */
export async function associateContactWithUser(
  input: Validated<AssociateContactWithUserRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    const user = await getUser(unit, instance, input.UserId);
    if (!isWaiting(contact)) throw invalidRequest(`Contact ${contact.id} is not waiting in a queue`);
    const agent = await findAgent(unit, instance, user.id);
    if (!agent?.isSignedIn) throw invalidRequest(`User ${user.id} is not signed in`);
    await offerContact(unit, context, contact, agent);
  });
  return {};
}
