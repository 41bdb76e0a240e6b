/**
 * A day of 200 agents, played by the simulator against a server of its own with a manual clock and a data folder: how long it takes,
 * and what of it is the server's processor time and what the simulator's. `BENCH_HOURS` makes it shorter.
 */
import { connectTo } from "../src/cli/api.ts";
import { Statistics, simulate, withChanges } from "../src/simulator/index.ts";
import { sleep } from "../src/time/sleep.ts";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const HOURS = Number(process.env.BENCH_HOURS ?? 24);

export async function run(): Promise<void> {
  const figures = (await rounds([{ name: "day", run: day }])).get("day");
  printTable(`${HOURS} hours of 200 agents, events and records on Kinesis streams, durable`, [
    ["contacts", "wall s", "contacts/s", "server's CPU s", "simulator's CPU s", "requests", "acts"],
    ["contacts", "wallSeconds", "perSecond", "serverSeconds", "simulatorSeconds", "requests", "acts"].map((name) =>
      spread(figures, name, 1),
    ),
  ]);
  printBudget("wall seconds of a day", (median(figures, "wallSeconds") * 24) / HOURS, { atMost: 60 });
}

function day(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder, "--clock", "manual"]);
    const statistics = new Statistics();
    const [beginMs, begun] = [performance.now(), process.cpuUsage()];
    const { counts } = await simulate(
      connectTo({ url: new URL(server.url), region: "us-east-1", names: [], flags: {} }),
      {
        seed: "1",
        alias: "bench",
        parameters: withChanges({ agents: 200, "spoken-share": 0 }),
        streams: true,
        beginHour: HOURS === 24 ? 0 : 9,
        hours: HOURS,
        speed: undefined,
        monotonicMs: () => performance.now(),
        sleep,
        signal: new AbortController().signal,
        statistics,
      },
    );
    const wallSeconds = (performance.now() - beginMs) / 1_000;
    const own = process.cpuUsage(begun);
    const serverSeconds = await cpuSecondsOf(server.child);
    await server.stop();
    const contacts = statistics
      .bins()
      .flatMap(([, { arrived }]) => Object.values(arrived))
      .reduce((sum, count) => sum + count, 0);
    return {
      ...{ contacts, wallSeconds, serverSeconds, requests: counts.requests, acts: counts.acts },
      perSecond: contacts / wallSeconds,
      simulatorSeconds: (own.user + own.system) / 1_000_000,
    };
  });
}

/** What the server's process has used so far. */
function cpuSecondsOf(child: Awaited<ReturnType<typeof startProcess>>["child"]): Promise<number> {
  return new Promise((resolve) => {
    child.once("message", (figures) => resolve((figures as { cpuSeconds: number }).cpuSeconds));
    child.send("delay");
  });
}
