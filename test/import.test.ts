/** `trunkline import`: files of objects flow into a domain, as a user of the command line sees it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { startTrunkline, temporaryFolder } from "./server.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const folder = temporaryFolder();
const DomainName = "imported";

await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
await client.send(
  new PutProfileObjectTypeCommand({
    DomainName,
    ObjectTypeName: "Customer",
    Description: "customers of a shop",
    AllowProfileCreation: true,
    Fields: {
      no: { Source: "_source.no", Target: "_profile.AccountNumber" },
      name: { Source: "_source.name", Target: "_profile.LastName" },
    },
    Keys: { customerKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["no"] }] },
  }),
);

function runImport(...args: readonly [file: string, ...flags: readonly string[]]): ChildProcess {
  const [file, ...flags] = args;
  const line = [BIN, "import", file, "--domain", DomainName, "--type", "Customer", "--url", server.url, ...flags];
  const child = spawn(process.execPath, line, { env: { ...process.env, TRUNKLINE_CREDENTIALS: "" } });
  after(() => child.kill("SIGKILL"));
  return child;
}

async function ended(child: ChildProcess) {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => (stdout += chunk));
  child.stderr?.on("data", (chunk) => (stderr += chunk));
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

const profileCount = async () => (await client.send(new GetDomainCommand({ DomainName }))).Stats?.ProfileCount ?? 0;

const lastName = async (no: string) => {
  const input = { DomainName, KeyName: "customerKey", Values: [no] };
  return (await client.send(new SearchProfilesCommand(input))).Items?.[0]?.LastName;
};

test("a CSV and a file of JSON lines are put, and what is refused is said by its row", async () => {
  const csv = join(folder, "customers.csv");
  writeFileSync(csv, '\ufeffno,name\r\n1,"Möller, Ina"\r\n2,"says ""hi"""\r\n\r\n,nobody\r\n');
  const { code, stdout, stderr } = await ended(runImport(csv));
  assert.match(stderr, /row 3: .*customerKey/);
  assert.match(stdout, /^2 objects put, 1 refused/m);
  assert.equal(code, 1);
  assert.equal(await lastName("1"), "Möller, Ina");
  assert.equal(await lastName("2"), 'says "hi"');

  const lines = join(folder, "customers.jsonl");
  writeFileSync(
    lines,
    Array.from({ length: 95 }, (_, no) => JSON.stringify({ no: `j${no}`, name: `n${no}` })).join("\n"),
  );
  const second = await ended(runImport(lines));
  assert.match(second.stdout, /^95 objects put, 0 refused/m);
  assert.equal(second.code, 0);
  assert.equal(await profileCount(), 97);
  assert.equal(existsSync(`${lines}.${DomainName}.Customer.import`), false);
});

test("an import that is killed goes on where it was", async () => {
  const file = join(folder, "many.jsonl");
  const rows = 3_000;
  writeFileSync(file, Array.from({ length: rows }, (_, no) => JSON.stringify({ no: `m${no}`, name: "x" })).join("\n"));
  const before = await profileCount();
  const place = `${file}.${DomainName}.Customer.import`;
  const child = runImport(file);
  while (!existsSync(place)) await sleep(20);
  child.kill("SIGKILL");
  await once(child, "close");
  const { done } = JSON.parse(readFileSync(place, "utf8"));
  assert.ok(done > 0 && done < rows, `${done} of ${rows} rows are done`);
  const { code, stdout, stderr } = await ended(runImport(file));
  assert.match(stderr, new RegExp(`going on behind row ${done}`));
  assert.match(stdout, new RegExp(`^${rows - done} objects put`, "m"));
  assert.equal(code, 0);
  assert.equal((await profileCount()) - before, rows);
  assert.equal(existsSync(place), false);
});

test("what cannot be imported is said in one line", async () => {
  const file = join(folder, "one.jsonl");
  writeFileSync(file, "{}");
  for (const [args, message] of [
    [[join(folder, "nowhere.jsonl")], /cannot be read/],
    [[file, "--domain", "nowhere"], /Domain nowhere does not exist/],
    [[file, "--type", "Nothing"], /Nothing/],
    [[file, "--format", "xml"], /neither csv nor jsonl/],
  ] as const) {
    const { code, stderr } = await ended(runImport(args[0], ...args.slice(1)));
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split("\n").length, 1);
  }
});
