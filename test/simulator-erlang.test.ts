/**
 * The server's routing against the Erlang-A model. A play with exponential patience and talks is held to the same queue played on
 * paper, customer by customer, to the millisecond; and that queue, of 100,000 customers, to the formulas and the table.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivals, patienceOf, talkMsOf, withChanges } from "../src/simulator/index.ts";
import { byFormula, type Customer, type Figures, measured, play, type Queue, type Served, TABLE } from "./erlang-a.ts";
import { startTrunkline } from "./server.ts";
import { apiOf, playScenario, StreamReader } from "./simulated-day.ts";

const isFull = process.env.TRUNKLINE_FULL === "1";

/** Not chosen by what comes out. */
const SEED = "1";

/** Contacts of a row that go through the server, and on paper. */
const THROUGH_SERVER = isFull ? 5_000 : 40;
const ON_PAPER = 100_000;

const HOUR_MS = 3_600_000;

const STEPS_BETWEEN_READS = 100;

/** Everybody is there all the time, accepts at once, has no work afterwards; calls come evenly, and queue at once. */
function parametersOf({ callsPerHour, handleSeconds, agents, patienceSeconds }: Queue): Record<string, unknown> {
  return {
    agents,
    "peak-calls-per-agent-hour": callsPerHour / agents,
    "day-curve": Array.from({ length: 24 }, () => 1),
    "weekday-factors": Array.from({ length: 7 }, () => 1),
    "day-sigma": 0,
    "bursts-per-day": 0,
    "shift-starts": [0],
    "shift-shares": [1],
    "shift-hours": 1_000_000,
    "sign-in-spread": 0,
    "break-seconds": 0,
    "lunch-seconds": 0,
    "unplanned-per-hour": 0,
    "auto-accept": 1,
    "accept-floor": 0,
    "chat-share": 0,
    "task-share": 0,
    "email-share": 0,
    "flow-mean": 0,
    "flow-end-share": 0,
    "balk-share": 0,
    "patience-scale": patienceSeconds,
    "patience-shape": 1,
    "talk-law": "exponential",
    "talk-mean": handleSeconds,
    "hold-share": 0,
    "work-none-share": 1,
    "transfer-share": 0,
    "callback-share": 0,
    "line-breaks-share": 0,
    "redial-share": 0,
    "repeat-share": 0,
    "spoken-share": 0,
    // One queue, which everybody serves.
    "team-shares": [0, 0, 1, 0],
    "topic-shares": [1, 0, 0],
  };
}

function customersOf(queue: Queue, beginMs: number, hours: number): readonly Customer[] {
  const parameters = withChanges(parametersOf(queue));
  return arrivals(SEED, parameters, beginMs, beginMs + hours * HOUR_MS).map(({ key, atMs }) => ({
    atMs,
    patienceMs: patienceOf({ seed: SEED, parameters }, key, 1),
    talkMs: talkMsOf({ seed: SEED, parameters }, key, 1),
  }));
}

/** 3 % relative, and 0.005 absolute. */
function assertNear(found: Figures, expected: Figures, what: string): void {
  for (const [name, value] of Object.entries(expected) as [keyof Figures, number][]) {
    const tolerance = 0.03 * value + 0.005;
    assert.ok(Math.abs(found[name] - value) <= tolerance, `${what}: ${name} is ${found[name]}, expected ${value}`);
  }
}

for (const [queue, printed] of TABLE) {
  const row = `${queue.callsPerHour} calls an hour, ${queue.handleSeconds} s, ${queue.agents} agents, patience ${queue.patienceSeconds} s`;

  test(`Erlang A, formulas: ${row}`, () => {
    for (const [name, value] of Object.entries(byFormula(queue)) as [keyof Figures, number][]) {
      const digits = name === "waitSeconds" ? 2 : 4;
      assert.equal(value.toFixed(digits), printed[name].toFixed(digits), name);
    }
  });

  test(`Erlang A, the simulator's customers on paper: ${row}`, () => {
    const hours = ON_PAPER / queue.callsPerHour;
    const served = play(customersOf(queue, 0, hours), queue.agents);
    assertNear(measured(served, { spanMs: hours * HOUR_MS, agents: queue.agents }), byFormula(queue), row);
  });

  test(`Erlang A, through the server: ${row}`, async () => {
    const server = await startTrunkline();
    const hours = THROUGH_SERVER / queue.callsPerHour;
    const scenario = { seed: SEED, alias: "erlang", beginHour: 0, hours, parameters: parametersOf(queue) };
    const reader = new StreamReader(apiOf(server.url), scenario.alias);
    let steps = 0;
    // Streams keep a day, and many contacts take longer.
    const { outcome } = await playScenario(server.url, scenario, async () => {
      steps += 1;
      if (steps % STEPS_BETWEEN_READS === 0) await reader.read();
    });
    const found = servedOf((await reader.read()).contactEvents);
    const customers = customersOf(queue, outcome.beginMs, hours);
    assert.deepEqual(found, play(customers, queue.agents));
    await server.close();
  });
}

/** What contact events say became of each customer, in the order in which they came. */
function servedOf(events: Awaited<ReturnType<StreamReader["read"]>>["contactEvents"]): readonly Served[] {
  const last = new Map(events.map(({ detail }) => [detail.contactId, detail]));
  return [...last.values()]
    .map(({ queueInfo, agentInfo, disconnectTimestamp }) => {
      const [queuedMs, endMs] = [Date.parse(queueInfo?.enqueueTimestamp ?? ""), Date.parse(disconnectTimestamp ?? "")];
      const connectedMs = agentInfo && Date.parse(agentInfo.connectedToAgentTimestamp);
      const served: Served = {
        waitMs: (connectedMs ?? endMs) - queuedMs,
        isAnswered: connectedMs !== undefined,
        talkMs: connectedMs === undefined ? 0 : endMs - connectedMs,
      };
      return { queuedMs, served };
    })
    .sort((a, b) => a.queuedMs - b.queuedMs)
    .map(({ served }) => served);
}
