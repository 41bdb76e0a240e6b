import assert from "node:assert/strict";
import { test } from "node:test";
import type { Condition } from "./condition.ts";
import { parseEventPattern } from "./event-pattern.ts";
import { type JsonObject, Machine } from "./machine.ts";
import type { Predicate, Scalar } from "./predicate.ts";

const QUEUED = {
  source: "aws.connect",
  detail: {
    state: "QUEUED",
    wait: 30,
    tags: ["a", "b"],
    items: [
      { sku: "A1", price: 5 },
      { sku: "B2", price: 9 },
    ],
  },
};

function reason(condition: Condition, event: JsonObject = QUEUED): string | undefined {
  const machine = new Machine<true>();
  machine.add(true, condition);
  return machine.explain(true, event)?.reason;
}

const ofPattern = (pattern: object): string | undefined => reason(parseEventPattern(JSON.stringify(pattern)));
const field = (path: string, ...predicates: readonly Predicate[]): Condition => ({
  kind: "fields",
  fields: [{ path: path.split("."), predicates }],
});
const is = (path: string, value: Scalar): Condition => field(path, { kind: "equals", value });
const all = (...of: readonly Condition[]): Condition => ({ kind: "all", of });
const any = (...of: readonly Condition[]): Condition => ({ kind: "any", of });
const not = (of: Condition): Condition => ({ kind: "not", of });

test("a match needs no reason", () => {
  assert.equal(ofPattern({ source: ["aws.connect"] }), undefined);
});

test("a field that fails says what it is and what is asked for", () => {
  assert.equal(
    ofPattern({ source: ["aws.connect"], detail: { state: ["CONNECTED"] } }),
    'detail.state is "QUEUED", but the rule asks for a value that is "CONNECTED"',
  );
  assert.equal(
    ofPattern({ detail: { queue: { name: [{ prefix: "vip" }] } } }),
    'detail.queue.name is absent, but the rule asks for a value that begins with "vip"',
  );
  assert.equal(
    ofPattern({ detail: { queue: [{ exists: true }] } }),
    "detail.queue is absent, but the rule asks that it is present",
  );
  assert.equal(
    ofPattern({ detail: { tags: ["c"] } }),
    'detail.tags has the values "a", "b", but the rule asks for a value that is "c"',
  );
  assert.equal(
    ofPattern({ detail: { state: [{ exists: false }] } }),
    'detail.state is "QUEUED", but the rule asks that it is absent',
  );
  assert.equal(
    ofPattern({ detail: { wait: [{ exists: false }, { numeric: [">", 60] }] } }),
    "detail.wait is 30, but the rule asks that it is absent, or is a number above 60",
  );
});

test("fields that are met by different elements only are named, and no others", () => {
  assert.equal(
    ofPattern({ source: ["aws.connect"], detail: { items: { sku: ["A1"], price: [9] } } }),
    "no single element of the arrays meets all that is asked of detail.items.price and detail.items.sku",
  );
});

test("of alternatives the nearest is told, and how many others fail", () => {
  const connected = 'detail.state is "QUEUED", but the rule asks for a value that is "CONNECTED"';
  assert.equal(
    ofPattern({
      $or: [
        { source: ["shop"], detail: { wait: [1] } },
        { source: ["aws.connect"], detail: { state: ["CONNECTED"] } },
      ],
    }),
    `${connected}; the other alternative fails too`,
  );
  const far = all(is("source", "x"), is("detail.wait", 1));
  const nested = any(far, any(far, all(is("source", "aws.connect"), is("detail.state", "CONNECTED"))), far);
  assert.equal(reason(nested), `${connected}; the 3 other alternatives fail too`);
  assert.equal(reason(all(is("detail.wait", 30), nested)), `${connected}; the 3 other alternatives fail too`);
  assert.equal(reason(any()), "the rule asks for one of no alternatives");
});

test("of what must not hold, what holds is told", () => {
  const excluded = 'detail.state is "QUEUED", but the rule excludes a value that begins with "Q"';
  const queued = field("detail.state", { kind: "prefix", text: "Q" });
  assert.equal(reason(not(queued)), excluded);
  assert.equal(reason(not(any(is("source", "x"), queued, is("detail.wait", 30)))), excluded);
  assert.equal(
    reason(not(all(queued, is("detail.wait", 30)))),
    'detail.state is "QUEUED" and detail.wait is 30, which the rule excludes',
  );
  assert.equal(
    reason(not(all(queued, not(is("detail.wait", 60)), field("detail.end", { kind: "absent" })))),
    'detail.state is "QUEUED", detail.wait is 30 and detail.end is absent, which the rule excludes',
  );
  assert.equal(
    reason(not(field("detail.end", { kind: "absent" }))),
    "detail.end is absent, but the rule excludes that it is absent",
  );
  assert.equal(reason(not(all())), "the rule excludes every event");
});

test("what must not fail must hold", () => {
  assert.equal(reason(not(not(is("detail.wait", 60)))), "detail.wait is 30, but the rule asks for a value that is 60");
});
