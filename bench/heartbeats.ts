/**
 * What 10,000 agents cost who are signed in and do nothing: each is told of every two minutes, by an agent event on a Kinesis stream.
 *
 * They sign in spread over two minutes, so that their heartbeats come as evenly as those of people do. Time is real: this takes four
 * minutes, once, whatever `BENCH_ROUNDS` and `BENCH_SECONDS` say.
 */
import { printBudget, printTable } from "./measure.ts";
import { openContactCentre, RECORD_STREAM, readStream, signIn } from "./sides/contact-centre.ts";
import { startProcess, usageOf, withDataFolder } from "./sides/processes.ts";
import { SignedConnection } from "./sides/signed-connection.ts";

const TEAMS = 100;
const AGENTS_OF_TEAM = 100;
const HEARTBEAT_MS = 120_000;
const MEASURED_MS = 60_000;

export async function run(): Promise<void> {
  await withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const centre = await openContactCentre(server.url, { teams: TEAMS, agentsOfTeam: AGENTS_OF_TEAM });
    const agentIds = centre.teams.flatMap((team) => team.agentIds);
    const connection = await SignedConnection.open(server.url);
    const startMs = performance.now();
    for (const [place, agentId] of agentIds.entries()) {
      const dueMs = startMs + (place / agentIds.length) * HEARTBEAT_MS;
      if (dueMs > performance.now()) await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
      await signIn(connection, centre, agentId);
    }
    connection.close();

    const before = await usageOf(server);
    const fromMs = Date.now();
    await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
    const after = await usageOf(server);
    const untilMs = Date.now();
    const told = (await readStream(server.url, RECORD_STREAM)).filter((text) => {
      const { EventType, EventTimestamp } = JSON.parse(text);
      const timeMs = Date.parse(EventTimestamp);
      return EventType === "HEART_BEAT" && timeMs >= fromMs && timeMs < untilMs;
    }).length;
    await server.stop();

    const cpuMs = (after.cpuMs ?? 0) - (before.cpuMs ?? 0);
    const share = (100 * cpuMs) / (untilMs - fromMs);
    printTable(`${agentIds.length} agents signed in, for a minute`, [
      ["heartbeats", "CPU ms", "% of a core", "CPU µs a heartbeat"],
      [String(told), cpuMs.toFixed(0), share.toFixed(2), ((1000 * cpuMs) / told).toFixed(0)],
    ]);
    const expected = (agentIds.length * MEASURED_MS) / HEARTBEAT_MS;
    if (told < expected * 0.9) throw new Error(`${told} heartbeats were told, of about ${expected}`);
    printBudget("% of a core for 10,000 agents", share, { atMost: 2 });
  });
}
