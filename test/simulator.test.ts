/** The simulator against a real server: what it leaves behind holds together, and comes out the same again. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { ConnectClient } from "@aws-sdk/client-connect";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { ask } from "../src/simulator/api.ts";
import { summary } from "../src/simulator/index.ts";
import { ManualClock } from "../src/time/clock.ts";
import { SeededIds } from "../src/time/ids.ts";
import { type BusEvent, checkInvariants } from "./contact-invariants.ts";
import { checkCurrentMetrics, checkHistoricalMetrics } from "./metric-invariants.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { apiOf, playScenario, type Scenario, StreamReader } from "./simulated-day.ts";

const isFull = process.env.TRUNKLINE_FULL === "1";

/** Small in the ordinary run; whole it is a day of 200 agents. The seed was not chosen by what comes out. */
const DAY: Scenario = {
  seed: "1",
  alias: "day",
  ...(isFull ? { beginHour: 0, hours: 24 } : { beginHour: 10, hours: 0.4 }),
  parameters: { agents: isFull ? 200 : 8, "spoken-share": 0.05, "transfer-share": 0.2, "missed-share": 0.05 },
};

/** Real-time metrics are held against all events after every so many steps of the play. */
const STEPS_A_LOOK = isFull ? 2_000 : 4;

const span = isFull ? "a day of 200 agents" : "some minutes of a small centre";

test(`${span}: all invariants hold over every event`, async () => {
  const server = await startTrunkline();
  const connect = new ConnectClient(server.client);
  const reader = new StreamReader(apiOf(server.url), DAY.alias);
  let [steps, looks] = [0, 0];
  const { outcome, statistics } = await playScenario(server.url, DAY, async (InstanceId) => {
    if (++steps % STEPS_A_LOOK > 0) return;
    looks++;
    await checkCurrentMetrics({ connect, InstanceId, streams: await reader.read() });
  });
  assert.ok(looks >= 5, `metrics were looked at ${looks} times only`);
  const streams = await reader.read();
  checkInvariants(streams);
  const initiated = streams.contactEvents.filter(({ detail }) => detail.eventType === "INITIATED");
  const recorded = new Set(streams.records.map(({ ContactId }) => ContactId));
  assert.deepEqual(recorded, new Set(initiated.map(({ detail }) => detail.contactId)), "23: a record for each contact");
  // Historical metrics know whole five minutes.
  const endMs = outcome.beginMs + Math.floor(DAY.hours * 12) * 300_000;
  const { instanceId: InstanceId, beginMs: startMs } = outcome;
  await checkHistoricalMetrics({ connect, InstanceId, streams }, { startMs, endMs });

  const all = statistics.bins().map(([, { arrived }]) => Object.values(arrived).reduce((sum, count) => sum + count, 0));
  const legs = initiated.filter(({ detail }) => detail.previousContactId !== undefined).length;
  const arrived = all.reduce((sum, count) => sum + count, 0);
  assert.equal(initiated.length, arrived + legs, "the summary counts what arrived");
  assert.match(summary(statistics), /half hour.*occupancy[\s\S]*all/);
});

test("the same seed gives the same events, byte by byte", async () => {
  const scenario: Scenario = {
    seed: "2",
    alias: "again",
    beginHour: 9,
    hours: 0.2,
    parameters: { agents: 4, "peak-calls-per-agent-hour": 10, "transfer-share": 0.3 },
  };
  const run = async (seed: string, ids = "server") => {
    const app = await startApp(readConfig(["--port", "0", "--data", ":memory:", "--clock", "manual"], {}), {
      clock: new ManualClock(Date.parse("2026-03-02T06:00:00Z")),
      ids: new SeededIds(ids),
      log: pino({ level: "silent" }),
    });
    after(() => app.close());
    await playScenario(app.url, { ...scenario, seed });
    const reader = new StreamReader(apiOf(app.url), scenario.alias);
    await reader.read();
    return reader.texts;
  };
  const [first, second, other, elsewhere] = [
    await run("2"),
    await run("2"),
    await run("3"),
    await run("2", "another server"),
  ];
  assert.ok(first.contactEvents.length > 50);
  assert.deepEqual(second, first);
  assert.notDeepEqual(other.contactEvents, first.contactEvents);
  // On a server that chooses other ids everything happens at the same time.
  const what = (text: string) => {
    const { detail, time } = JSON.parse(text) as BusEvent;
    return `${time} ${detail.eventType} ${detail.channel} ${detail.initiationMethod} ${detail.disconnectReason ?? ""}`;
  };
  assert.deepEqual(elsewhere.contactEvents.map(what).sort(), first.contactEvents.map(what).sort());
});

test("a play on a server of its own leaves a data folder that holds what a play by requests would have made", async () => {
  const folder = temporaryFolder();
  const flags = [
    "--seed",
    "5",
    "--agents",
    "4",
    "--begin",
    "09:00",
    "--hours",
    "0.3",
    "--set",
    "peak-calls-per-agent-hour=10",
  ];
  const bin = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[bin, "simulate", "--own-server", "--data", folder, "--alias", "own"],
    ...flags,
  ]);
  assert.match(stdout, /half hour.*occupancy[\s\S]*seed 5/);

  const own = await startTrunkline("--data", folder);
  const told = await new StreamReader(apiOf(own.url), "own").read();
  checkInvariants(told);
  const other = await startTrunkline();
  await playScenario(other.url, {
    ...{ seed: "5", alias: "own", beginHour: 9, hours: 0.3 },
    parameters: { agents: 4, "peak-calls-per-agent-hour": 10 },
  });
  const asked = await new StreamReader(apiOf(other.url), "own").read();
  // Two servers choose other ids, and perhaps another day.
  const what = ({ detail, time }: BusEvent) => `${time.slice(11)} ${detail.eventType} ${detail.disconnectReason ?? ""}`;
  assert.ok(told.contactEvents.length > 30);
  assert.deepEqual(told.contactEvents.map(what).sort(), asked.contactEvents.map(what).sort());
});

test("a play that is set up again finds everything by its name, and one that is ended early leaves nobody behind", async () => {
  const server = await startTrunkline();
  const scenario: Scenario = {
    seed: "4",
    alias: "twice",
    beginHour: 9,
    hours: 0.1,
    parameters: { agents: 3, "spoken-share": 0 },
  };
  await playScenario(server.url, scenario);
  const ending = new AbortController();
  let steps = 0;
  const { outcome, api } = await playScenario(
    server.url,
    { ...scenario, beginHour: 10, hours: 5, signal: ending.signal },
    async () => {
      if (++steps === 20) ending.abort();
    },
  );
  const { InstanceSummaryList } = await ask(api, { service: "connect", method: "GET", path: "/instance" });
  assert.equal(InstanceSummaryList.length, 1);
  const users = await ask(api, { service: "connect", method: "GET", path: `/users-summary/${outcome.instanceId}` });
  assert.equal(users.UserSummaryList.length, 3);
  await server.advance("PT1H");
  const streams = await new StreamReader(api, scenario.alias).read();
  checkInvariants(streams);
  const open = Map.groupBy(streams.contactEvents, ({ detail }) => detail.contactId);
  for (const events of open.values()) assert.equal(events.at(-1)?.detail.eventType, "COMPLETED");
});
