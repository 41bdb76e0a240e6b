import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../matching/machine.ts";
import { type MappedObject, mapObject } from "./mapped-object.ts";
import samples from "./object-type-template.cases.json" with { type: "json" };
import { objectTypeTemplates } from "./object-type-template.ts";

interface Sample {
  readonly template: string;
  readonly object: JsonObject;
  /** Standard object → its fields. */
  readonly fields: Readonly<Record<string, JsonObject>>;
  /** Key → its identifiers and its values. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly inferred?: JsonObject;
}

/** The standard objects that targets make when nothing was there before. */
function written(targets: MappedObject["targets"]): JsonObject {
  const root = {};
  for (const { object, path, value } of targets) setAt(root, [object, ...path], value);
  return root;
}

function setAt(at: Record<string | number, unknown>, path: readonly (string | number)[], value: unknown): void {
  const [step = "", ...rest] = path;
  if (rest.length === 0) at[step] = value;
  else {
    at[step] ??= typeof rest[0] === "number" ? [] : {};
    setAt(at[step] as Record<string | number, unknown>, rest, value);
  }
}

test("an object of each source is mapped as its template says", () => {
  const seen = new Set<string>();
  for (const { template, object, fields, keys, inferred } of samples as unknown as readonly Sample[]) {
    const found = objectTypeTemplates.get(template);
    assert.ok(found, template);
    const mapped = mapObject(found.mapping, object);
    assert.deepEqual(written(mapped.targets), fields, template);
    const itsKeys = mapped.keys.map(({ name, identifiers, parts }) => [name, [...identifiers, ...parts]]);
    assert.deepEqual(Object.fromEntries(itsKeys), keys, template);
    assert.deepEqual(mapped.inferred, inferred ?? {}, template);
    seen.add(template);
  }
  assert.deepEqual([...seen].sort(), [...objectTypeTemplates.keys()]);
});
