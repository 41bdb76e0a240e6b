import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../matching/machine.ts";
import { type BroughtEvent, WebhookError } from "./brought-event.ts";
import { salesforceEvents } from "./salesforce-webhook.ts";
import { zendeskEvents } from "./zendesk-webhook.ts";

const NOW_MS = Date.parse("2026-03-03T10:00:00Z");
const anything = fc.jsonValue({ maxDepth: 2 });
const zendesk = fc.record(
  {
    type: fc.constantFrom("zen:event-type:ticket.created", "zen:event-type:ticket.status_changed", "constructor", 1),
    id: fc.oneof(fc.string(), anything),
    time: fc.oneof(fc.string(), fc.constant("2026-01-20T10:11:12Z"), anything),
    detail: fc.oneof(anything, fc.record({ priority: anything, status: fc.string() })),
    event: anything,
  },
  { requiredKeys: ["type"] },
);
const change = fc.record({
  ChangeEventHeader: fc.oneof(
    anything,
    fc.record({
      entityName: fc.string(),
      transactionKey: anything,
      sequenceNumber: anything,
      commitTimestamp: anything,
    }),
  ),
});
const salesforce = fc.oneof(change, fc.record({ payload: change }), fc.record({ events: fc.array(change) }));

/** Bad bodies are refused; all else is an event with a time that it can have. */
function held(bring: () => readonly BroughtEvent[]): void {
  try {
    for (const { timeMs, detail } of bring()) {
      assert.match(new Date(timeMs).toISOString(), /^\d{4}-/);
      assert.equal(typeof detail, "object");
    }
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    assert.equal(error.status, 400);
  }
}

test("whatever a webhook is sent, it is an event or is refused", () => {
  fc.assert(fc.property(zendesk, (content) => held(() => zendeskEvents(content as JsonObject, NOW_MS))));
  fc.assert(
    fc.property(salesforce, (content) =>
      held(() => salesforceEvents(content as JsonObject, NOW_MS, JSON.stringify(content))),
    ),
  );
});

test("the same request has the same ids, another one others", () => {
  const of = (content: object): string[] =>
    salesforceEvents(content as JsonObject, NOW_MS, JSON.stringify(content)).map(({ id }) => id);
  const one = { ChangeEventHeader: { entityName: "Case" }, Subject: "a" };
  assert.deepEqual(of(one), of(one));
  assert.notDeepEqual(of(one), of({ ...one, Subject: "b" }));
  assert.equal(new Set(of({ events: [one, one] })).size, 2);
});
