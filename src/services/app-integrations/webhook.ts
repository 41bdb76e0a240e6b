import { type Collection, collection, compositeKey } from "../../store/store.ts";
import type { Owner } from "./event-integration.ts";

export type WebhookKind = "zendesk" | "salesforce" | "shopify" | "segment";

export interface Webhook extends Owner {
  readonly id: string;
  readonly kind: WebhookKind;
  /** The partner event source whose events it brings. */
  readonly source: string;
  readonly secret: string;
}

export const webhooks: Collection<Webhook> = collection("app_integrations_webhooks", {
  owner: { type: "text", value: ({ account, region, id }) => compositeKey(account, region, id) },
});

export const NO_WEBHOOK = "There is no such webhook";
