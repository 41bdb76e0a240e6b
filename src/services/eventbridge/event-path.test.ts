import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEventPath, select } from "./event-path.ts";

const event = {
  "detail-type": "Amazon Connect Contact Event",
  resources: ["a", "b"],
  detail: { queue: { name: "Basic/1" }, agents: [{ id: 1 }, { id: 2, skills: ["x"] }, {}], "a/b": null },
};

for (const [path, expected] of [
  ["$", event],
  ["$.detail-type", "Amazon Connect Contact Event"],
  ["$.detail.queue", { name: "Basic/1" }],
  ["$.detail.a/b", null],
  ["$.resources[1]", "b"],
  ["$.resources[2]", undefined],
  ["$.detail.agents[1].skills[0]", "x"],
  ["$.detail.agents[*].id", [1, 2]],
  ["$.detail.agents[*].name", []],
  ["$.detail.queue.name.length", undefined],
  ["$.detail.constructor", undefined],
  ["$.resources.length", undefined],
  ["$.missing.more", undefined],
] as const) {
  test(`${path} selects ${JSON.stringify(expected)}`, () => {
    const parsed = parseEventPath(path);
    assert.ok(parsed);
    assert.deepEqual(select(parsed, event), expected);
  });
}

for (const path of ["", "detail", "$detail", "$.", "$..detail", "$.a[", "$.a[-1]", "$.a['b']", "$.a b", "$[?(@.a)]"]) {
  test(`no path: ${JSON.stringify(path)}`, () => assert.equal(parseEventPath(path), undefined));
}
