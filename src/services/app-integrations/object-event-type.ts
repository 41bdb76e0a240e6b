import { isJsonObject } from "../json-text.ts";

/** Which topics of Shopify are an event type of `ObjectTypeNames`: our reading of the guide to Customer Profiles. */
const OF_TOPIC: ReadonlyMap<unknown, string> = new Map([
  ["customers/create", "ShopifyCreateCustomers"],
  ["customers/update", "ShopifyUpdateCustomers"],
  ["customers/enable", "ShopifyUpdateCustomers"],
  ["draft_orders/create", "ShopifyCreateDraftOrders"],
  ["draft_orders/update", "ShopifyUpdateDraftOrders"],
  ["orders/create", "ShopifyCreateOrders"],
  ["orders/updated", "ShopifyUpdatedOrders"],
  ["orders/paid", "ShopifyUpdatedOrders"],
  ["orders/fulfilled", "ShopifyUpdatedOrders"],
  ["orders/partially_fulfilled", "ShopifyUpdatedOrders"],
  ["orders/cancelled", "ShopifyUpdatedOrders"],
]);

/** Which calls of Segment are one. */
const OF_CALL: ReadonlyMap<unknown, string> = new Map([["identify", "SegmentIdentify"]]);

/** The event type of `ObjectTypeNames` that a partner event is, by its detail: `undefined` for what Customer Profiles knows nothing of. */
export function objectEventType(detail: unknown): string | undefined {
  if (!isJsonObject(detail)) return undefined;
  const { type, metadata } = detail;
  return OF_CALL.get(type) ?? (isJsonObject(metadata) ? objectEventOfTopic(metadata["X-Shopify-Topic"]) : undefined);
}

export function objectEventOfTopic(topic: unknown): string | undefined {
  return OF_TOPIC.get(topic);
}
