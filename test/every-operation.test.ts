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

/** What a script of boto3's calls on a client that is named as the service is: `appintegrations get_event_integration`. */
function calledByBoto3(text: string): readonly string[] {
  return [...text.matchAll(/\b([a-z]+)\.([a-z_]+)\b/g)].map(([, service, operation]) => `${service} ${operation}`);
}

/** Tells which operations of a service its SDK does not have yet. */
async function missingInSdk(sdk: string): Promise<(service: string, operation: string) => boolean> {
  const client: object = await import(`@aws-sdk/client-${sdk}`);
  return (service, operation) => service === sdk && !(`${operation}Command` in client);
}

const snakeCase = (name: string): string => name.replaceAll(/(?<=.)([A-Z])/g, "_$1").toLowerCase();

test("every operation that is built is called through its SDK by some test", async () => {
  const read = (file: string): string => readFileSync(join(import.meta.dirname, file), "utf8");
  const called = new Set(globSync("*.test.ts", { cwd: import.meta.dirname }).flatMap((file) => calledBy(read(file))));
  const scripts = globSync("boto3/*.py", { cwd: import.meta.dirname });
  const calledInPython = new Set(scripts.flatMap((file) => calledByBoto3(read(file))));
  const texts = globSync("*.test.ts", { cwd: import.meta.dirname }).map(read);
  const missing = await missingInSdk("customer-profiles");
  const uncalled = builtOperations.filter(({ model, operation }) => {
    const service = model.serviceId.toLowerCase().replaceAll(" ", "-");
    // The JavaScript client for AppIntegrations that can be had is years older than the others.
    if (service === "appintegrations") return !calledInPython.has(`${service} ${snakeCase(operation)}`);
    // S3 Control's is no dependency: it sends to a host of its own for each account, which not every machine can find.
    if (service === "s3-control") return !texts.some((text) => text.includes(`"${operation}"`));
    // There is none for Systems Manager beside the others.
    if (service === "ssm") return !texts.some((text) => text.includes(`"${operation}"`));
    // Nor does the one for Customer Profiles have all: what is called over HTTP is named in a text.
    if (missing(service, operation)) return !texts.some((text) => text.includes(`"${operation}"`));
    return !called.has(`${service} ${operation}Command`) && !called.has(`${service} paginate${operation}`);
  });
  assert.deepEqual(
    uncalled.map(({ model, operation }) => `${model.name} ${operation}`),
    [],
  );
});
