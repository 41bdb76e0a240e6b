import { createHash } from "node:crypto";
import type { JsonObject } from "../../matching/machine.ts";
import { type BroughtEvent, isObject, timeOr, type WebhookContent, WebhookError } from "./brought-event.ts";

/**
 * The partner events of a webhook request of Salesforce: one change event of Change Data Capture, bare or in `payload` as the streaming APIs
 * have it, or several in `events`. Pure.
 */
export function salesforceEvents({ content, nowMs, text }: WebhookContent): readonly BroughtEvent[] {
  const { events } = content;
  const several: readonly unknown[] = Array.isArray(events) ? events : [content];
  const hash = hashOf(text);
  return several.map((one, index) => {
    const change = isObject(one) && isObject(one.payload) ? one.payload : one;
    const header = isObject(change) ? change.ChangeEventHeader : undefined;
    if (!isObject(change) || !isObject(header) || typeof header.entityName !== "string") {
      throw new WebhookError(400, "The body is no change event: it has no ChangeEventHeader with an entityName");
    }
    const { entityName, transactionKey, sequenceNumber, commitTimestamp } = header;
    const isNamed = typeof transactionKey === "string" && sequenceNumber !== undefined;
    return {
      id: isNamed ? `${transactionKey} ${sequenceNumber}` : `${hash} ${index}`,
      detailType: `${entityName}ChangeEvent`,
      resources: [],
      timeMs: timeOr(commitTimestamp, nowMs),
      detail: JSON.stringify(change),
      change: { entityName, parts: partsOf(change, header) },
    };
  });
}

/** Records of a part of a change: each goes through flows and is ingested. */
const RECORDS_PER_PART = 8;

/** "If in one transaction the same change occurs in multiple records", Salesforce tells one change with all their ids. */
function partsOf(change: JsonObject, header: JsonObject): readonly JsonObject[] {
  const { recordIds } = header;
  if (!Array.isArray(recordIds) || recordIds.length <= RECORDS_PER_PART) return [change];
  return Array.from({ length: Math.ceil(recordIds.length / RECORDS_PER_PART) }, (_, place) => {
    const some = recordIds.slice(place * RECORDS_PER_PART, (place + 1) * RECORDS_PER_PART);
    return { ...change, ChangeEventHeader: { ...header, recordIds: some } };
  });
}

/** One that does not say which it is, is what it says. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
