import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFAULTS, parameterTable, parseChange, ScenarioError, withChanges } from "./parameters.ts";

test("the document shows the parameters as they are (node scripts/simulator-document.ts writes it)", () => {
  const document = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");
  assert.ok(document.includes(parameterTable()));
});

test("a parameter is changed by its name, and everything else stays", () => {
  const changed = withChanges(Object.fromEntries([parseChange("talk-mean=120"), parseChange("talk-law=exponential")]));
  assert.deepEqual(changed, { ...DEFAULTS, "talk-mean": 120, "talk-law": "exponential" });
  const [name, factors] = parseChange("weekday-factors=1,1,1,1,1,0,0");
  assert.deepEqual(withChanges({ [name]: factors })["weekday-factors"], [1, 1, 1, 1, 1, 0, 0]);
});

test("what cannot be is refused, with what is wrong", () => {
  const refused: readonly [Record<string, unknown>, RegExp][] = [
    [{ "talk-meen": 1 }, /There is no parameter talk-meen/],
    [{ "talk-mean": -1 }, /talk-mean is a number of at least 0/],
    [{ "talk-mean": Number.NaN }, /talk-mean/],
    [{ "hold-share": 1.5 }, /hold-share is a share/],
    [{ "day-curve": [1, 2] }, /day-curve has 24 numbers/],
    [{ "day-curve": "1" }, /day-curve is a list/],
    [{ "talk-law": "normal" }, /talk-law is one of lognormal, exponential/],
    [{ "shift-starts": [9] }, /differ in length/],
  ];
  for (const [changes, message] of refused)
    assert.throws(() => withChanges(changes), { name: "ScenarioError", message });
  assert.throws(() => parseChange("talk-mean"), ScenarioError);
});
