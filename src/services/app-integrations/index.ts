/** AppIntegrations, as far as events of applications outside reach Connect by it: event integrations, and webhooks that bring them. */
import type { Service } from "../service.ts";
import { listEventIntegrationAssociations } from "./associations.ts";
import {
  createEventIntegration,
  deleteEventIntegration,
  EVENT_INTEGRATIONS,
  getEventIntegration,
  listEventIntegrations,
  updateEventIntegration,
} from "./event-integrations.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";

export { associateEventIntegration, disassociateEventIntegration } from "./associations.ts";
export { WebhookError } from "./brought-event.ts";
export { objectEventType } from "./object-event-type.ts";
export { receiveWebhook } from "./receive-webhook.ts";
export type { Webhook } from "./webhook.ts";
export { WEBHOOK_KINDS } from "./webhook-senders.ts";
export { createWebhook, deleteWebhook, listWebhooks, type NewWebhook } from "./webhooks.ts";

export const appIntegrations: Service = {
  operations: {
    appintegrations: {
      CreateEventIntegration: createEventIntegration,
      GetEventIntegration: getEventIntegration,
      ListEventIntegrations: listEventIntegrations,
      UpdateEventIntegration: updateEventIntegration,
      DeleteEventIntegration: deleteEventIntegration,
      ListEventIntegrationAssociations: listEventIntegrationAssociations,
      TagResource: tagResource,
      UntagResource: untagResource,
      ListTagsForResource: listTagsForResource,
    },
  },
  limits: [EVENT_INTEGRATIONS],
};
