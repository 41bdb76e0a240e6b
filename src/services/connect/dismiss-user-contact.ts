import type { DismissUserContactRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { clearContact } from "./agent-contacts.ts";
import { findAgent } from "./agents.ts";
import { getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { getUser } from "./users.ts";

/** "Dismisses contacts from an agent's CCP and returns the agent to an available state": after-contact work and failed offers. */
export async function dismissUserContact(
  input: Validated<DismissUserContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const user = await getUser(unit, instance, input.UserId);
    const contact = await getContact(unit, instance, input.ContactId, context.clock.now());
    const agent = await findAgent(unit, instance, user.id);
    if (!agent?.isSignedIn) throw invalidRequest(`User ${user.id} is not signed in`);
    await clearContact(unit, context, agent, contact.id);
  });
  return {};
}
