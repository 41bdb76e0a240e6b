import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { builtOperations } from "./built-operations.ts";

const IMPORT = /import (?:type )?\{([^}]*)\} from "@aws-sdk\/client-([^"]+)"/g;

/** What a test has imported from an SDK, and calls: `kinesis PutRecordCommand`, by the name that the SDK's package has for the service. */
function calledBy(text: string): readonly string[] {
  const code = text.replace(IMPORT, "");
  return [...text.matchAll(IMPORT)].flatMap(([, names = "", service]) =>
    names
      .split(",")
      .map((name) => name.trim().split(" as "))
      .filter(([imported = "", local = imported]) => new RegExp(`\\b${local}\\(`).test(code))
      .map(([imported]) => `${service} ${imported}`),
  );
}

test("every operation that is built is called through its SDK by some test", () => {
  const files = globSync("*.test.ts", { cwd: import.meta.dirname });
  const called = new Set(files.flatMap((file) => calledBy(readFileSync(join(import.meta.dirname, file), "utf8"))));
  const uncalled = builtOperations.filter(({ model, operation }) => {
    const service = model.serviceId.toLowerCase().replaceAll(" ", "-");
    return !called.has(`${service} ${operation}Command`) && !called.has(`${service} paginate${operation}`);
  });
  assert.deepEqual(
    uncalled.map(({ model, operation }) => `${model.name} ${operation}`),
    [],
  );
});
