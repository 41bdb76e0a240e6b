import { type BroughtEvent, isName, isObject, timeOr, type WebhookContent, WebhookError } from "./brought-event.ts";

/** What the events of Zendesk's webhooks are called on EventBridge. */
const NAMES: Readonly<Record<string, string>> = {
  "zen:event-type:ticket.created": "Ticket Created",
  "zen:event-type:ticket.status_changed": "Status Changed",
};

/**
 * The partner event of a webhook request ("Webhook event types", Zendesk): `detail` is the ticket, `event` what has changed. Words for type,
 * priority and status become lower case, as partner events have them. Nothing for other types of event. Pure.
 */
export function zendeskEvents({ content, nowMs }: WebhookContent): readonly BroughtEvent[] {
  const { type, id, time, detail, event = {} } = content;
  const name = typeof type === "string" && Object.hasOwn(NAMES, type) ? NAMES[type] : undefined;
  if (name === undefined) return [];
  if (!isName(id)) throw new WebhookError(400, "id: an event needs one");
  if (!isObject(detail)) throw new WebhookError(400, "detail: must be the ticket, a JSON object");
  const { current, previous } = isObject(event) ? event : {};
  return [
    {
      id,
      detailType: `Support Ticket: ${name}`,
      resources: ["Support Ticket"],
      timeMs: timeOr(time, nowMs),
      detail: JSON.stringify({
        ticket_event: {
          meta: { version: "1.0", occurred_at: time, ref: id, sequence: { id, position: 1, total: 1 } },
          type: name,
          ...(previous !== undefined && { previous: lowerCase(previous) }),
          ...(current !== undefined && { current: lowerCase(current) }),
          ticket: {
            ...detail,
            type: lowerCase(detail.type),
            priority: lowerCase(detail.priority),
            status: lowerCase(detail.status),
          },
        },
      }),
    },
  ];
}

function lowerCase(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : value;
}
