import { createHash } from "node:crypto";
import { compactJson } from "../eventbridge/index.ts";
import { type BroughtEvent, isName, timeOr, type WebhookContent, WebhookError } from "./brought-event.ts";
import { objectEventType } from "./object-event-type.ts";

/**
 * The partner event of a webhook request of Segment: a call (identify, track, page, screen, group, alias) as it is, whose type is the event's
 * too, about the user or the visitor who calls. Pure.
 *
 * https://www.twilio.com/docs/segment/connections/spec/common, and for the event
 * https://www.twilio.com/docs/segment/connections/destinations/catalog/actions-amazon-eventbridge
 */
export function segmentEvents({ content, text, nowMs }: WebhookContent): readonly BroughtEvent[] {
  const { type, messageId, userId, anonymousId, timestamp } = content;
  if (!isName(type)) throw new WebhookError(400, "type: a call of Segment has one");
  return [
    {
      // One that does not say which it is, is what it says.
      id: isName(messageId) ? messageId : createHash("sha256").update(text).digest("hex"),
      detailType: type,
      resources: [userId, anonymousId].filter(isName).slice(0, 1),
      timeMs: timeOr(timestamp, nowMs),
      detail: compactJson(text),
      objectEvent: { name: type, eventType: objectEventType({ type }) },
    },
  ];
}
