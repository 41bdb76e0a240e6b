/** From `trunkline start` to the first health answer, and the resident memory of a server that has nothing to do. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";
import { withDataFolder } from "./sides/processes.ts";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

export async function run(): Promise<void> {
  await startOnce();
  const figures = await rounds([{ name: "start", run: startOnce }]);
  const side = figures.get("start");
  printTable("Start to ready (compile cache warm) and idle memory", [
    ["ready ms", "resident MB"],
    [spread(side, "readyMs"), spread(side, "residentMb")],
  ]);
  printBudget("start to ready, ms", median(side, "readyMs"), { atMost: 700 });
  printBudget("idle memory, MB", median(side, "residentMb"), { atMost: 120 });
}

function startOnce(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const port = await freePort();
    const startMs = performance.now();
    const child = spawn(
      process.execPath,
      ["--max-semi-space-size=32", MAIN, "start", "--port", String(port), "--data", folder, "--log-level", "error"],
      { stdio: "ignore" },
    );
    while (!(await isHealthy(port)));
    const readyMs = performance.now() - startMs;
    // Idle, not just started: the garbage of the start has been collected or not as it is in real life after a second.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const residentMb = residentBytes(child.pid as number) / 1e6;
    child.kill("SIGTERM");
    await once(child, "exit");
    return { readyMs, residentMb };
  });
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/_trunkline/health`)).ok;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return false;
  }
}

/** From Linux's /proc; elsewhere there is no figure. */
function residentBytes(pid: number): number {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return Number.NaN;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
