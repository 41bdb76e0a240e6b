import { ConfigError } from "../config.ts";
import type { FlowStatus, RunStatus } from "../services/appflow/index.ts";
import { sleep } from "../time/sleep.ts";
import { readTarget, request, type Target } from "./client.ts";
import { printable } from "./printable.ts";

/** How often a run that is followed is asked for. */
const LOOK_MS = 300;

/** `trunkline flows [list]`, `trunkline flows show NAME` and `trunkline flows run NAME [--follow]`. */
export async function flows(args: readonly string[]): Promise<number> {
  const target = readTarget("flows", args);
  const [act = "list", name, ...more] = target.names;
  if (target.flags.follow && act !== "run") throw new ConfigError("--follow says nothing without run");
  if (act === "list" && name === undefined) return list(target);
  if (act === "show" && name !== undefined && more.length === 0) return show(target, name);
  if (act === "run" && name !== undefined && more.length === 0) return run(target, name);
  throw new ConfigError("flows takes list, or show or run and the name of a flow");
}

async function list(target: Target): Promise<number> {
  const text = await (await request(target, "GET", "/_trunkline/flows")).text();
  const { flows: listed } = JSON.parse(text) as { flows: readonly FlowStatus[] };
  print(target, text, listed.length > 0 ? listed.map(shownFlow) : ["There are no flows"]);
  return 0;
}

async function show(target: Target, name: string): Promise<number> {
  const text = await (await request(target, "GET", pathOf(name))).text();
  const flow = JSON.parse(text) as FlowStatus & { readonly runs: readonly RunStatus[] };
  print(target, text, [shownFlow(flow), ...flow.runs.map((it) => `  ${shownRun(it)}`)]);
  return 0;
}

async function run(target: Target, name: string): Promise<number> {
  const text = await (await request(target, "POST", `${pathOf(name)}/runs`, "{}")).text();
  const { id } = JSON.parse(text) as { id: string };
  if (target.flags.follow) return follow(target, `${pathOf(name)}/runs/${id}`);
  print(target, text, [`Run ${id} has started; trunkline flows show ${name} tells how far it is`]);
  return 0;
}

/** Shows on a terminal how far a run is, and in the end what came of it. */
async function follow(target: Target, path: string): Promise<number> {
  for (;;) {
    const text = await (await request(target, "GET", path)).text();
    const status = JSON.parse(text) as RunStatus;
    const line = printable(shownRun(status));
    if (status.ended !== undefined) {
      if (process.stderr.isTTY) process.stderr.write("\u001b[2K\r");
      print(target, text, [line]);
      return status.status === "Successful" ? 0 : 1;
    }
    if (process.stderr.isTTY) process.stderr.write(`\u001b[2K${line.slice(0, process.stderr.columns - 1)}\r`);
    await sleep(LOOK_MS);
  }
}

function print({ flags }: Target, answer: string, lines: readonly string[]): void {
  console.log(flags.json ? answer.trimEnd() : lines.map(printable).join("\n"));
}

function pathOf(name: string): string {
  return `/_trunkline/flows/${encodeURIComponent(name)}`;
}

function shownFlow(flow: FlowStatus): string {
  const { name, connector, object, destination, trigger, schedule, status, health, message, nextRun, isHidden } = flow;
  const parts = [
    `${name}  ${connector} ${object} → ${destination}`,
    schedule ?? trigger,
    status,
    ...(health === "UNHEALTHY" ? [`UNHEALTHY: ${message}`] : []),
    ...(nextRun === undefined ? [] : [`next run ${nextRun}`]),
    ...(isHidden ? ["of an integration with a bucket"] : []),
  ];
  return parts.join("  ");
}

function shownRun(status: RunStatus): string {
  const { started, cause, read, filtered, dropped, failed, ingested, bytesRead, durationMs, progress, message } =
    status;
  const counts = { read, filtered, dropped, failed, ingested };
  const parts = [
    `${started}  ${status.status}  ${cause}`,
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(", "),
    `${bytesRead} bytes`,
    `${(durationMs / 1000).toFixed(1)} s`,
    ...(progress === undefined ? [] : [progress]),
    ...(message === undefined ? [] : [message]),
  ];
  return parts.join("  ");
}
