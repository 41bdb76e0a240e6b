import { isJsonObject } from "../../json-text.ts";
import { badRequest } from "../errors.ts";
import { parsedEvent } from "./application-event.ts";
import { requireInstance } from "./instance-integration.ts";
import type { Integration } from "./integration.ts";
import { type BroughtEvent, type IntegrationKind, requireObjectTypes } from "./integration-kind.ts";

/**
 * Takes what becomes of the messages and calls of an instance's outbound campaigns. Nobody is called here, so that no campaign tells of it by
 * itself: a rule of EventBridge brings such events, whose target is the integration (`ingest-arn.ts`).
 */
export const campaignIntegration: IntegrationKind = {
  async begin(unit, context, put) {
    const { objectTypes, roleArn, uri } = put.integration;
    await requireInstance(unit, context, uri, put.domain);
    if (objectTypes === undefined) throw badRequest("ObjectTypeNames: it is needed, such as Campaign-Email");
    await requireObjectTypes(unit, put);
    if (roleArn === undefined) throw badRequest("RoleArn: a role is needed for outbound campaigns");
  },

  async end() {
    // Nothing was made for it.
  },

  readEvent: readCampaignEvent,
};

/** Of the channel that its `channel.subtype` names, such as `connect:Email`; one that names none is of the campaign's course. */
function readCampaignEvent({ objectTypes = {} }: Integration, text: string): BroughtEvent {
  const { id, detail } = parsedEvent(text);
  const { channel } = isJsonObject(detail) ? detail : {};
  const subtype = isJsonObject(channel) && typeof channel.subtype === "string" ? channel.subtype : ":Orchestration";
  const key = `campaign-${subtype.slice(subtype.indexOf(":") + 1)}`.toLowerCase();
  const [, type] = Object.entries(objectTypes).find(([name]) => name.toLowerCase() === key) ?? [];
  return { id, type, object: JSON.stringify(detail) };
}
