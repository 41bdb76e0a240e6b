import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { thirdPartyEvents } from "./third-party-facts.ts";

/** Objects that have the members which are looked at, with anything in them. */
const anything = fc.jsonValue({ maxDepth: 2 });
const members = (...names: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(anything, fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] }));
const ticket = members("id", "tags", "via", "status", "created_at");
const header = fc.record({
  entityName: fc.constantFrom("Case", "Account", 7),
  changeType: fc.constantFrom("CREATE", "UPDATE", null),
  recordIds: anything,
});
const event = fc.record({
  id: fc.uuid(),
  "detail-type": fc.constantFrom(
    "Support Ticket: Ticket Created",
    "Support Ticket: Status Changed",
    "CaseChangeEvent",
    1,
  ),
  detail: fc.oneof(
    anything,
    fc.record({ ticket_event: fc.oneof(anything, fc.record({ ticket })) }),
    fc.record({ ChangeEventHeader: fc.oneof(anything, header), Subject: anything, constructor: anything }),
    fc.record({ payload: fc.record({ ChangeEventHeader: header, Subject: anything }) }),
  ),
});

test("whatever comes as an event, its facts are texts, lists of texts, or nothing", () => {
  fc.assert(
    fc.property(fc.oneof(anything, event), (told) => {
      for (const { part, document } of thirdPartyEvents(told)) {
        assert.equal(typeof part, "string");
        assertFacts(document);
      }
    }),
  );
});

function assertFacts(value: unknown): void {
  if (value === null || typeof value === "string") return;
  assert.equal(typeof value, "object");
  for (const inner of Object.values(value as object)) assertFacts(inner);
}

test("a change event tells of each record once", () => {
  const change = (recordIds: unknown) =>
    thirdPartyEvents({ detail: { ChangeEventHeader: { entityName: "Case", changeType: "CREATE", recordIds } } });
  assert.deepEqual(
    change(["a", "b", "a"]).map(({ part }) => part),
    ["a", "b"],
  );
  assert.deepEqual(change("a"), []);
});
