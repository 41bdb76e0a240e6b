/** Examples of the integration plane around a contact centre: each runs as a newcomer runs it, on a clock that is moved, and holds what it promises. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  type Channel,
  ConnectClient,
  DescribeContactCommand,
  ListInstancesCommand,
  SearchContactsCommand,
} from "@aws-sdk/client-connect";
import { invoke } from "./lambda-world.ts";
import { startTrunkline, type TestServer } from "./server.ts";

/** Runs an example on a server of its own, or another one. Answers what it prints. */
async function run(example: string, server?: TestServer): Promise<string> {
  const { url, close } = server ?? (await startTrunkline());
  const path = new URL(`../examples/${example}/run.mjs`, import.meta.url).pathname;
  const environment = { ...process.env, AWS_ENDPOINT_URL: url, TRUNKLINE_CREDENTIALS: "", NAME: example };
  const { stdout } = await promisify(execFile)(process.execPath, [path], { env: environment });
  if (!server) await close();
  return stdout;
}

test("examples/abandoned-calls calls back who gave up, once an hour, and nobody who was helped since", async () => {
  const server = await startTrunkline();
  const stdout = await run("abandoned-calls", server);
  const rows = [...stdout.matchAll(/^(gives up.*?) {2,}(\d+) +(\d+) +(\d+) +(\d+)/gm)].map(([, ...row]) => row);
  assert.deepEqual(rows, [
    // calls, of them helped, callbacks that wait, callbacks that were stopped
    ["gives up", "1", "0", "1", "0"],
    ["gives up three times", "3", "0", "1", "0"],
    ["gives up, is helped at once", "2", "1", "0", "0"],
    ["gives up, is helped later", "2", "1", "0", "1"],
    ["gives up, and after an hour", "2", "0", "2", "0"],
  ]);

  // Several calls of one caller, told of at the same moment and each three times: one function wins.
  const connect = new ConnectClient(server.client);
  const InstanceId = (await connect.send(new ListInstancesCommand({}))).InstanceSummaryList?.[0]?.Id;
  const nowMs = server.app.platform().clock.now();
  const TimeRange = {
    Type: "INITIATION_TIMESTAMP",
    StartTime: new Date(nowMs - 86_400_000),
    EndTime: new Date(nowMs + 1_000),
  } as const;
  const find = async (Channels: Channel[]) => {
    const { Contacts = [] } = await connect.send(
      new SearchContactsCommand({ InstanceId, TimeRange, SearchCriteria: { Channels }, MaxResults: 100 }),
    );
    return Contacts;
  };
  const at = new Date(nowMs).toISOString();
  // Those of the example that were helped: nothing has been done for them yet.
  const calls = (await find(["VOICE"])).flatMap(({ Id: contactId, AgentInfo }) => (AgentInfo ? [contactId] : []));
  assert.equal(calls.length, 2);
  const details = calls.map((contactId) => ({
    contactId,
    customerEndpoint: { address: "+4930901820199" },
    disconnectTimestamp: at,
    queueInfo: { enqueueTimestamp: at },
  }));
  const before = (await find(["TASK"])).length;
  const told = await Promise.all(
    [...details, ...details, ...details].map((detail) =>
      invoke(server.client, "abandoned-calls-recover", { Records: [{ body: JSON.stringify({ detail }) }] }),
    ),
  );
  assert.deepEqual(
    told.map(({ error }) => error),
    told.map(() => undefined),
  );
  const tasks = await find(["TASK"]);
  assert.equal(tasks.length, before + 1);
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId: tasks[0]?.Id }));
  assert.equal(Contact?.Attributes?.phone, "+4930901820199");
  await server.close();
});

test("examples/supervisor-alert tells once an occasion who is too long in a state or misses calls", async () => {
  const stdout = await run("supervisor-alert");
  assert.deepEqual(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/^\d\d:\d\d /, "-")),
    [
      "Ada has three breaks: of 40, 10 and 20 minutes",
      "- ada: more than 15 minutes in Break",
      "- ada: more than 15 minutes in Break",
      "Bea works for 2 minutes after one call, and for 12 after another",
      "- bea: more than 5 minutes in After-contact work",
      "Cem misses three calls, takes one, and misses two",
      "- cem: 2 calls missed, and none taken since",
      "- cem: 2 calls missed, and none taken since",
      "the wallboard has 5 alerts",
    ],
  );
});

test("examples/workforce-feed has a row for every quarter, those too that nobody exported at their time", async () => {
  const stdout = await run("workforce-feed");
  assert.match(stdout, /^after an hour without the schedule there are 4 intervals$/m);
  const [header, ...rows] = stdout.split("\n").filter((line) => line.includes(","));
  assert.equal(header, "interval,queue,offered,handled,abandoned,average_handle_seconds,service_level_percent", stdout);
  assert.match(stdout, /^after another hour with it there are 12$/m);
  assert.equal(rows.length, 14, stdout);
  const begins = rows.map((row) => Date.parse(row.split(",")[0] ?? ""));
  for (const [place, row] of rows.entries()) {
    assert.equal(begins[place], (begins[0] ?? 0) + place * 15 * 60_000);
    // Two of three are out of the queue within 20 seconds; (180 + 60 + 120 + 60) / 2 seconds.
    if (place < 12) assert.match(row, /,BasicQueue,3,2,1,210,66\.67$/);
  }
  assert.match(rows[12] ?? "", /,BasicQueue,1,1,0,960,100$/);
  assert.match(rows[13] ?? "", /,BasicQueue,0,0,0,,$/);
  assert.match(stdout, /^exported once more: the same files$/m);
});

test("examples/records-in-s3 finds in its archive what Connect has forgotten, until its lifecycle ends it", async () => {
  const stdout = await run("records-in-s3");
  const objects = stdout.split("\n").filter((line) => line.startsWith("  contact-records/"));
  // Each day's calls, and those of its end with the next day's.
  const folders = [...new Set(objects.map((key) => key.trim().split("/").slice(1, 4).join("-")))];
  assert.equal(folders.length, 4, stdout);
  assert.match(stdout, /^12 calls on three days/);
  assert.match(stdout, /^Connect knows 12 of 12 contacts$/m);
  assert.match(stdout, /^25 months later Connect knows 0 of them; /m);
  const found = [...stdout.matchAll(/^(\S+)T\S+ {2}(\+\d+) {2}BasicQueue {2}(.*?) {2}CUSTOMER_DISCONNECT$/gm)];
  const expected = [2, 3].flatMap((day) => [
    ...Array.from({ length: day + 1 }, (_, calls) => [folders[day - 1], `+49309018201${day}${calls}`, "ada, 120 s"]),
    [folders[day - 1], `+49309018202${day}0`, "nobody"],
  ]);
  assert.deepEqual(
    found.map(([, ...record]) => record),
    expected,
    stdout,
  );
  assert.match(stdout, /^after another year the archive has 0 objects$/m);
});
