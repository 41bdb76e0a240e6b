import type { MonitorContactRequest, MonitorContactResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { addAgentContact } from "./agent-transitions.ts";
import { type Agent, findAgent } from "./agents.ts";
import { type InstanceRef, refOf, resourceArn } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { changeTimeMs, connectToAgent, initiateContact, storeContact } from "./contact-transitions.ts";
import { type Contact, getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { getUser } from "./users.ts";

/** How many supervisors may monitor a contact at once ("Amazon Connect feature specifications"). */
const MONITORS_MAX = 5;

/**
 * A supervisor listens to an agent's call or chat: a contact of their own, which ends with the one that they listen to. They may take
 * part only where the request allows `BARGE`.
 */
export async function monitorContact(
  input: Validated<MonitorContactRequest>,
  context: Context,
): Promise<MonitorContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: instance, operation: "MonitorContact", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) {
      if (!earlier.sameRequest) throw new ModeledError("IdempotencyException", "ClientToken came with another request");
      return answerOf(instance, earlier.madeId);
    }

    const contact = await getContact(unit, instance, input.ContactId, nowMs);
    const user = await getUser(unit, instance, input.UserId);
    if (contact.state !== "CONNECTED_TO_AGENT" || (contact.channel !== "VOICE" && contact.channel !== "CHAT")) {
      throw invalidRequest(`Contact ${contact.id} is no call or chat that an agent has`);
    }
    if ((contact.monitorIds?.length ?? 0) >= MONITORS_MAX) {
      throw new ModeledError(
        "ServiceQuotaExceededException",
        `At most ${MONITORS_MAX} supervisors may monitor a contact`,
      );
    }
    const supervisor = await findAgent(unit, instance, user.id);
    if (!supervisor?.isSignedIn) {
      throw new ModeledError("AccessDeniedException", `User ${user.id} is not signed in`);
    }
    if (supervisor.state.contacts.length > 0) throw invalidRequest(`User ${user.id} has a contact`);
    const mayBarge = input.AllowedMonitorCapabilities?.includes("BARGE") === true;
    await listen(unit, context, contact, { id, supervisor, mayBarge });
    return answerOf(instance, id);
  });
}

async function listen(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  { id, supervisor, mayBarge }: { readonly id: string; readonly supervisor: Agent; readonly mayBarge: boolean },
): Promise<void> {
  const atMs = changeTimeMs(platform, contact);
  const monitorIds = [...(contact.monitorIds ?? []), id];
  await storeContact(unit, platform, { ...contact, monitorIds, lastUpdateMs: atMs }, []);
  const monitor = await initiateContact(unit, platform, {
    ...refOf(contact),
    id,
    channel: contact.channel,
    initiationMethod: "MONITOR",
    initialContactId: contact.initialContactId ?? contact.id,
    previousContactId: contact.id,
    associationId: contact.associationId,
    segmentAttributes: contact.segmentAttributes,
    tags: contact.tags,
    mayBarge,
    customerEndpoint: contact.customerEndpoint,
    initiationMs: atMs,
    connectedToSystemMs: atMs,
  });
  await addAgentContact(unit, platform, supervisor, monitor, "CONNECTING");
  await connectToAgent(unit, platform, monitor, supervisor.id);
}

function answerOf(instance: InstanceRef, id: string): MonitorContactResponse {
  return { ContactId: id, ContactArn: resourceArn("contact", instance, id) };
}
