import { derivedUuid } from "../../../time/ids.ts";
import { associateEventIntegration, disassociateEventIntegration } from "../../app-integrations/index.ts";
import { badRequest } from "../errors.ts";
import { readApplicationEvent } from "./application-event.ts";
import { ingestArn } from "./ingest-arn.ts";
import type { Integration } from "./integration.ts";
import { type IntegrationKind, requireObjectTypes, requireOwn } from "./integration-kind.ts";

const RESOURCE = "event-integration/";

/** Brings the events of an application outside, as an event integration of AppIntegrations lets them come: a rule of EventBridge sends them here. */
export const eventIntegration: IntegrationKind = {
  async begin(unit, platform, put) {
    const { domain, integration, old } = put;
    const integrationName = nameOf(requireOwn(integration.uri, domain));
    if (integrationName === undefined) throw badRequest(`Uri: ${integration.uri} names no event integration`);
    await requireObjectTypes(unit, put);
    if (old) return;
    const id = associationId(integration);
    await associateEventIntegration(unit, platform, integration, {
      integrationName,
      id,
      clientId: domain.name,
      ruleName: `trunkline-profiles-${id.slice(0, 8)}`,
      targetArn: ingestArn(integration),
      // So an order of a shop is a profile when the shop is answered.
      atOnce: true,
    });
  },

  async end(unit, platform, integration) {
    const integrationName = nameOf(integration.uri.split(":").slice(5).join(":"));
    if (integrationName === undefined) return;
    await disassociateEventIntegration(unit, platform, integration, {
      integrationName,
      id: associationId(integration),
    });
  },

  readEvent: readApplicationEvent,
};

function nameOf(resource: string): string | undefined {
  return resource.startsWith(RESOURCE) ? resource.slice(RESOURCE.length) || undefined : undefined;
}

/** Another one each time: the rule of a domain that was deleted goes in its own time. */
function associationId({ uid, uri, createdMs }: Integration): string {
  return derivedUuid(uid, uri, String(createdMs));
}
