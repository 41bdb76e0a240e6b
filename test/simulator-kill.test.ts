/**
 * A server is killed (SIGKILL) in the middle of a simulated play and started again on the same data folder: the play goes on, and
 * nothing is lost. Whole it is an hour of 50 agents with ten kills.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import { checkInvariants } from "./contact-invariants.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { apiOf, playScenario, StreamReader } from "./simulated-day.ts";

const isFull = process.env.TRUNKLINE_FULL === "1";
const KILLS = isFull ? 10 : 1;
const STEPS_BEFORE_A_KILL = isFull ? 150 : 25;

test("a play goes on after the server was killed in the middle of it, and nothing is lost", async (t) => {
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder, "--clock", "manual");
  after(() => server.child.kill("SIGKILL"));
  const { url } = server;
  const restart = async (): Promise<void> => {
    const ended = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await ended;
    server = await spawnTrunkline(folder, "--clock", "manual", "--port", new URL(url).port);
  };
  let [steps, kills] = [0, 0];
  const scenario = {
    seed: "5",
    alias: "killed",
    beginHour: 10,
    hours: isFull ? 1 : 0.2,
    parameters: {
      agents: isFull ? 50 : 4,
      "peak-calls-per-agent-hour": 20,
      "spoken-share": 0.1,
      "transfer-share": 0.2,
    },
    // While a request is under way: what it did is there, and its answer is lost.
    whileAsking: async () => {
      if (++steps % STEPS_BEFORE_A_KILL > 0 || kills === KILLS) return;
      kills++;
      await restart();
    },
  };
  const { statistics } = await playScenario(url, scenario);
  assert.equal(kills, KILLS);
  const streams = await new StreamReader(apiOf(url), scenario.alias).read();
  checkInvariants(streams);
  const initiated = new Set(streams.contactEvents.map(({ detail }) => detail.contactId));
  const recorded = new Set(streams.records.map(({ ContactId }) => ContactId));
  assert.deepEqual(recorded, initiated, "23: a record for each contact");
  const arrived = statistics.bins().reduce((sum, [, bin]) => sum + bin.queued, 0);
  assert.ok(arrived > 10);
  t.diagnostic(`${kills} kills, ${initiated.size} contacts`);
});
