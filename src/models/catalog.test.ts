import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { catalog, catalogEntry, loadModel } from "./catalog.ts";

test("the catalog says of each service what its model says", () => {
  for (const entry of catalog) {
    const { name, serviceId, signingName, protocol, targetPrefix } = loadModel(entry.name);
    assert.deepEqual(
      {
        name: entry.name,
        serviceId: entry.serviceId,
        signingName: entry.signingName,
        protocol: entry.protocol,
        targetPrefix: entry.targetPrefix,
      },
      { name, serviceId, signingName, protocol, targetPrefix },
    );
  }
});

test("every model that is there is in the catalog", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".json") && name !== "VERSION.json");
  assert.deepEqual(files.sort(), catalog.map(({ name }) => `${name}.json`).sort());
});

test("every shape that a model names is in it, and no other", () => {
  for (const { name } of catalog) {
    const { operations, shapes } = loadModel(name);
    const named = new Set<string | undefined>([
      "",
      ...Object.values(operations).flatMap(({ input, output, errors = [] }) => [input, output, ...errors]),
    ]);
    for (const shape of Object.values(shapes)) {
      if (shape.type === "structure") for (const member of Object.values(shape.members)) named.add(member.shape);
      if (shape.type === "list") named.add(shape.member.shape);
      if (shape.type === "map") named.add(shape.key.shape).add(shape.value.shape);
    }
    named.delete(undefined);
    named.delete("");
    assert.deepEqual([...named].sort(), Object.keys(shapes).sort(), name);
  }
});

test("a model is read once, and only by the names of the catalog", () => {
  assert.equal(loadModel("kinesis"), loadModel("kinesis"));
  assert.throws(() => catalogEntry("../../package"), /No API model is named/);
});
