import type { Unit } from "../../../store/store.ts";
import { badRequest } from "../errors.ts";
import { type EventTrigger, eventTriggerKey, eventTriggers, getEventTrigger } from "../triggers/event-trigger.ts";
import { putEventTrigger } from "../triggers/event-trigger-versions.ts";
import { type Destination, requireDestination } from "../triggers/trigger-destination.ts";
import { forgetSecret, giveSecret, newSecret } from "../triggers/webhook-secret.ts";
import type { Integration } from "./integration.ts";
import type { IntegrationKind, PutIntegration } from "./integration-kind.ts";

/** Makes an event trigger send somewhere. */
export const triggerIntegration: IntegrationKind = {
  async begin(unit, { clock, ids }, put) {
    const { domain, integration, old } = put;
    const { uri, roleArn } = integration;
    const eventTrigger = requireTriggerName(put);
    const destination = await requireDestination(unit, domain, uri);
    requireRole(destination, roleArn);
    const trigger = await getEventTrigger(unit, domain, eventTrigger);
    if (trigger.uri !== undefined && trigger.uri !== uri) {
      throw badRequest(`Event trigger ${eventTrigger} has an integration already: ${trigger.uri}`);
    }
    const nowMs = clock.now();
    if (old && old.eventTrigger !== eventTrigger) await unsend(unit, old, nowMs);
    if (destination.kind === "webhook") await giveSecret(unit, integration, newSecret(ids));
    if (trigger.uri !== uri) await putEventTrigger(unit, { ...trigger, uri }, nowMs);
  },

  /** The trigger is inert from now on. What waits for a webhook to answer fails, since nobody can sign it any more. */
  async end(unit, { clock }, integration) {
    await unsend(unit, integration, clock.now());
    forgetSecret(unit, integration);
  },
};

function requireTriggerName({ integration, input }: PutIntegration): string {
  const { eventTrigger } = integration;
  if (eventTrigger === undefined) throw badRequest("EventTriggerNames: the event trigger that sends there is needed");
  if (input.ObjectTypeName !== undefined || input.ObjectTypeNames !== undefined) {
    throw badRequest("ObjectTypeName, ObjectTypeNames: an integration that carries an event trigger brings no objects");
  }
  return eventTrigger;
}

/** A webhook is asked for nothing that a role could allow. */
function requireRole({ kind, address }: Destination, roleArn: string | undefined): void {
  if (kind !== "webhook" && roleArn === undefined) throw badRequest(`RoleArn: a role is needed to send to ${address}`);
}

async function unsend(unit: Unit, { uid, eventTrigger: name = "" }: Integration, nowMs: number): Promise<void> {
  const found = await unit.get(eventTriggers, eventTriggerKey({ uid, name }));
  if (!found) return;
  const { uri: _, ...trigger }: EventTrigger = found;
  await putEventTrigger(unit, trigger, nowMs);
}
