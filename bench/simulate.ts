/**
 * A day of 200 agents, played by the simulator on a server with a manual clock and a data folder: in the server's own process
 * (`trunkline simulate --own-server`), and by requests to a server in another one, of which the first hours of the day's busy part are
 * played. `BENCH_HOURS` makes the day shorter.
 */
import { connectTo } from "../src/cli/api.ts";
import { openOwnServer } from "../src/cli/own-server.ts";
import { type Api, Statistics, simulate, withChanges } from "../src/simulator/index.ts";
import { sleep } from "../src/time/sleep.ts";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";
import { startProcess, usageOf, withDataFolder } from "./sides/processes.ts";

const HOURS = Number(process.env.BENCH_HOURS ?? 24);
const HOURS_BY_REQUESTS = Math.min(HOURS, 2);

export async function run(): Promise<void> {
  const sides = await rounds([
    { name: `${HOURS} h in its own process`, run: () => withDataFolder(inOwnProcess) },
    { name: `${HOURS_BY_REQUESTS} h by requests`, run: () => withDataFolder(byRequests) },
  ]);
  const columns = ["contacts", "wallSeconds", "cpuSeconds", "perSecond", "requests", "acts"];
  printTable("200 agents, events and records on Kinesis streams, durable", [
    ["", "contacts", "wall s", "CPU s of all", "contacts/s", "requests", "acts"],
    ...[...sides].map(([name, figures]) => [name, ...columns.map((column) => spread(figures, column, 1))]),
  ]);
  const [day] = sides.values();
  printBudget("wall seconds of a day", (median(day, "wallSeconds") * 24) / HOURS, { atMost: 60 });
}

async function inOwnProcess(folder: string): Promise<Figures> {
  await using server = await openOwnServer(folder);
  return await play(HOURS, (options) => server.run(() => simulate(server.api, options)));
}

async function byRequests(folder: string): Promise<Figures> {
  const server = await startProcess("trunkline", ["--data", folder, "--clock", "manual"]);
  const api: Api = connectTo({ url: new URL(server.url), region: "us-east-1", names: [], flags: {} });
  const { cpuSeconds: ownSeconds = 0, ...figures } = await play(HOURS_BY_REQUESTS, (options) => simulate(api, options));
  const { cpuMs = 0 } = await usageOf(server);
  await server.stop();
  return { ...figures, cpuSeconds: ownSeconds + cpuMs / 1000 };
}

type Options = Parameters<typeof simulate>[1];

async function play(hours: number, simulated: (options: Options) => ReturnType<typeof simulate>): Promise<Figures> {
  const statistics = new Statistics();
  const [beginMs, begun] = [performance.now(), process.cpuUsage()];
  const { counts } = await simulated({
    seed: "1",
    alias: "bench",
    parameters: withChanges({ agents: 200, "spoken-share": 0 }),
    streams: true,
    beginHour: hours === 24 ? 0 : 9,
    hours,
    speed: undefined,
    monotonicMs: () => performance.now(),
    sleep,
    signal: new AbortController().signal,
    statistics,
  });
  const wallSeconds = (performance.now() - beginMs) / 1_000;
  const { user, system } = process.cpuUsage(begun);
  const contacts = statistics
    .bins()
    .flatMap(([, { arrived }]) => Object.values(arrived))
    .reduce((sum, count) => sum + count, 0);
  return {
    ...{ contacts, wallSeconds, requests: counts.requests, acts: counts.acts },
    perSecond: contacts / wallSeconds,
    cpuSeconds: (user + system) / 1_000_000,
  };
}
