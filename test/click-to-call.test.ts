/** Click-to-call from end to end: a page in a real browser, API Gateway, functions, Connect, agents, and contact records in S3. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { startTrunkline } from "./server.ts";

const example = (file: string): string => new URL(`../examples/click-to-call/${file}`, import.meta.url).pathname;
const server = await startTrunkline("--clock", "real");
const environment = { ...process.env, AWS_ENDPOINT_URL: server.url, TRUNKLINE_CREDENTIALS: "", NAME: "shop" };
const { stdout: told } = await promisify(execFile)(process.execPath, [example("setup.mjs")], { env: environment });
const said = (name: string): string => new RegExp(`^${name} +(\\S+)`, "m").exec(told)?.[1] ?? assert.fail(told);
const s3 = new S3Client({ ...server.client, forcePathStyle: true });

/** The agents of the example, at work until the end of the test file. */
function sendAgents(): ChildProcess {
  const child = spawn(process.execPath, [example("agents.mjs"), said("instance"), "1"], { env: environment });
  after(() => child.kill());
  return child;
}

async function call(path: string, body: object): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(`${said("API")}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

async function eventually<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    await setTimeout(50);
  }
}

/** Contact records in the bucket, by id. */
async function findRecord(id: string): Promise<Record<string, unknown> | undefined> {
  const Bucket = said("records").split("/")[2] ?? "";
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "contact-records/" }));
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    for (const line of (await Body?.transformToString())?.trim().split("\n") ?? []) {
      const record = JSON.parse(line) as Record<string, unknown>;
      if (record.ContactId === id || record.PreviousContactId === id) return record;
    }
  }
  return undefined;
}

test("what is no call is refused by the API before it comes to the contact centre", async () => {
  for (const path of ["outbound-calls", "outbound-calls/agent-first", "callbacks"]) {
    for (const body of [{}, { phone: "12" }, { phone: "+12065550100", more: 1 }, { phone: 5 }]) {
      assert.deepEqual(await call(path, body), { status: 400, answer: { message: "Invalid request body" } }, path);
    }
  }
  const elsewhere = await fetch(`${said("API")}nothing`);
  assert.deepEqual([elsewhere.status, await elsewhere.json()], [403, { message: "Missing Authentication Token" }]);
});

test("somebody calls from the page, waits, and gets an agent; the record of the call is in S3", async (t) => {
  const { answer: callback } = await call("callbacks", { phone: "+12065550101" });
  assert.equal(callback.agentIsFree, false);
  const browser = await openBrowser();
  if (!browser) return t.skip(NO_BROWSER);
  const page = await browser.newPage();
  await page.goto(said("page"));
  await page.getByText(/^\d waiting, 0 agents free$/).waitFor();
  await page.getByLabel("Your number").fill("+12065550103");
  await page.getByLabel("Your name").fill(`O'Neil "the" \\ first`);
  await page.getByRole("button", { name: "Call me now" }).click();
  await page.getByText(/: waiting for an agent$/).waitFor();
  const [id = ""] = (await page.getByRole("status").textContent())?.split(":") ?? [];

  sendAgents();
  await page.getByText("ada: Available").waitFor();
  await page.getByText(`${id}: with an agent`).waitFor();
  await page.getByText(`${id}: ended`).waitFor();
  const record = await eventually(() => findRecord(id));
  assert.equal(record.InitiationMethod, "API");
  assert.deepEqual(record.Attributes, { name: `O'Neil "the" \\ first` });

  // Who could not be connected kept a place: an agent takes the callback, and the customer is dialled.
  const called = await eventually(() => findRecord(String(callback.contactId)));
  assert.ok(called);

  await page.getByRole("button", { name: "An agent first" }).click();
  await page.getByText(/: ended$/).waitFor();
  assert.equal(await page.getByRole("alert").textContent(), "");
  const free = await call("callbacks", { phone: "+12065550102" });
  assert.deepEqual([free.status, typeof free.answer.agentIsFree], [200, "boolean"]);
});
