import type { Unit } from "../../store/store.ts";
import { associateEventIntegration, disassociateEventIntegration } from "../app-integrations/index.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { type IntegrationAssociation, integrationAssociations } from "./integration-associations.ts";

/**
 * Events of applications outside, which an instance gets by its associations with event integrations: a rule of EventBridge sends them here,
 * and in the unit of its router they are appended to a log, which Connect rules follow.
 */
export const INTEGRATION_EVENTS = "connect.integration-events";

/** An event for an association of an instance: the text of the event as it came. */
export interface IntegrationEvent extends InstanceRef {
  readonly associationId: string;
  readonly event: string;
}

/** Long enough for rules that were down; a reader that is behind keeps what it needs anyway. */
const KEEP_MS = 24 * 60 * 60_000;
const KEEP_BYTES = 64 * 1024 * 1024;

const RESOURCE = "event-integration/";

/** `arn:aws:connect:REGION:ACCOUNT:event-integration/INSTANCE/ASSOCIATION`: what the rule has as its target. Ours. */
function eventsArn({ region, account, instanceId, id }: InstanceRef & { readonly id: string }): string {
  return `arn:aws:connect:${region}:${account}:${RESOURCE}${instanceId}/${id}`;
}

export async function receiveIntegrationEvents({ store, flow }: Platform): Promise<void> {
  if (!(await store.findLog(INTEGRATION_EVENTS))) {
    const log = { name: INTEGRATION_EVENTS, keepMs: KEEP_MS, keepBytes: KEEP_BYTES };
    await store.commit(async (unit) => unit.declareLog(log));
  }
  flow.sink("connect", RESOURCE, {
    async append(unit, arn, requests) {
      const [, , , region = "", account = "", resource = ""] = arn.split(":");
      const [, instanceId = "", id = ""] = resource.split("/");
      const instance = { account, region, instanceId };
      const association = await unit.get(integrationAssociations, instanceKey(instance, id));
      return requests.map((request) => {
        if (!association) return { code: "NO_RESOURCE", message: `${arn} does not exist.`, retryable: false };
        // Whoever wants to may make a rule with this target: of another account it gets nowhere.
        if (request.account !== account) return { code: "NO_PERMISSIONS", message: "Not yours.", retryable: false };
        const entry: IntegrationEvent = { ...instance, associationId: id, event: request.body };
        unit.append(INTEGRATION_EVENTS, id, JSON.stringify(entry));
        return undefined;
      });
    },
  });
}

/** Lets the events of an event integration come. Throws `ResourceNotFoundException` where it or its bus is not there. */
export async function openIntegration(
  unit: Unit,
  platform: Platform,
  association: IntegrationAssociation,
): Promise<void> {
  const { id, instanceId } = association;
  await associateEventIntegration(unit, platform, association, {
    integrationName: nameOf(association),
    id,
    clientId: instanceId,
    ruleName: `trunkline-connect-${id.slice(0, 8)}`,
    targetArn: eventsArn({ ...refOf(association), id }),
  });
}

/** Ends that, as far as it has begun. */
export async function closeIntegration(
  unit: Unit,
  platform: Platform,
  association: IntegrationAssociation,
): Promise<void> {
  if (association.type !== "EVENT") return;
  const { id } = association;
  await disassociateEventIntegration(unit, platform, association, { integrationName: nameOf(association), id });
}

/** `arn:aws:app-integrations:REGION:ACCOUNT:event-integration/NAME`, whose name may hold slashes. */
function nameOf({ integrationArn }: IntegrationAssociation): string {
  return integrationArn.slice(integrationArn.indexOf(RESOURCE) + RESOURCE.length);
}
