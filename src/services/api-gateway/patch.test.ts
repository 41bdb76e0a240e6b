import assert from "node:assert/strict";
import { test } from "node:test";
import type { PatchOperation } from "@aws-sdk/client-api-gateway";
import fc from "fast-check";
import { element, entry, flag, type PatchTable, patched, text } from "./patch.ts";

interface Thing {
  name?: string;
  open?: boolean;
  types?: string[];
  headers?: Record<string, string>;
}

const table: PatchTable<Thing> = {
  "/name": { replace: text("name") },
  "/open": { replace: flag("open") },
  "/types/{name}": element("types"),
  "/headers/{name}": entry("headers", "Invalid parameter name specified"),
};

const escaped = (part: string): string => part.replaceAll("~", "~0").replaceAll("/", "~1");
const thing = fc.record<Thing>(
  {
    name: fc.string({ minLength: 1 }),
    types: fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }),
    headers: fc.dictionary(fc.string(), fc.string(), { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const patch = (before: Thing, ...operations: PatchOperation[]): Thing =>
  patched(before, operations, table, "names-path");

test("what is added and removed again, whatever its name, leaves all as it was", () => {
  fc.assert(
    fc.property(thing, fc.string(), fc.string(), (before, name, value) => {
      fc.pre(!before.types?.includes(name) && !Object.hasOwn(before.headers ?? {}, name));
      for (const list of ["types", "headers"]) {
        const path = `/${list}/${escaped(name)}`;
        const added = patch(before, { op: "add", path, value });
        assert.notDeepEqual(added, before);
        assert.deepEqual(patch(added, { op: "remove", path }), before);
      }
    }),
  );
});

test("a patch changes nothing in place, and is done or refused with an error of the service", () => {
  const operation = fc.record<PatchOperation>(
    {
      op: fc.constantFrom("add", "replace", "remove", "copy", "move", "test"),
      path: fc.oneof(
        fc.constantFrom("/name", "/open", "/types/a", "/headers/b", "/__proto__/x", "/headers/__proto__"),
        fc.string(),
      ),
      value: fc.string(),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(
      thing,
      fc.array(operation, { maxLength: 4 }),
      fc.constantFrom("names-path", "lists-paths"),
      (before, operations, dialect) => {
        const copy = structuredClone(before);
        try {
          patched(before, operations, table, dialect as "names-path");
        } catch (error) {
          assert.ok(
            ["BadRequestException", "NotFoundException"].includes((error as { code: string }).code),
            String(error),
          );
        }
        assert.deepEqual(before, copy);
        assert.equal(({} as Record<string, unknown>).x, undefined);
      },
    ),
  );
});
