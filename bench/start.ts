/**
 * From `trunkline start` to the first health answer, and the resident memory of a server that has nothing to do: of the package, which is
 * what users run, and of the sources beside it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packPackage, stagePackage } from "../scripts/build-package.ts";
import { linkPackage } from "../scripts/package/linked.ts";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";
import { withDataFolder } from "./sides/processes.ts";

const SOURCES = ["--max-semi-space-size=32", join(import.meta.dirname, "../src/main.ts")];

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-package-"));
  try {
    await stagePackage({ stage: join(folder, "stage") });
    const place = linkPackage(packPackage(join(folder, "stage"), folder), folder);
    await compare([join(place, "bin/trunkline.mjs")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(packaged: readonly string[]): Promise<void> {
  const sides = [
    { name: "package", run: () => startOnce(packaged) },
    { name: "package, in memory", run: () => startOnce(packaged, ":memory:") },
    { name: "sources", run: () => startOnce(SOURCES) },
  ];
  // So that each finds its code compiled.
  for (const side of sides) await side.run();
  const figures = await rounds(sides);
  printTable("Start to ready (compile cache warm) and idle memory", [
    ["", "ready ms", "resident MB"],
    ...sides.map(({ name }) => {
      const side = figures.get(name);
      return [name, spread(side, "readyMs"), spread(side, "residentMb")];
    }),
  ]);
  printBudget("package: start to ready, ms", median(figures.get("package"), "readyMs"), { atMost: 700 });
  printBudget("package: in memory, ms", median(figures.get("package, in memory"), "readyMs"), { atMost: 300 });
  printBudget("package: idle memory, MB", median(figures.get("package"), "residentMb"), { atMost: 120 });
}

function startOnce(program: readonly string[], data?: string): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const port = await freePort();
    const startMs = performance.now();
    const child = spawn(
      process.execPath,
      [...program, "start", "--port", String(port), "--data", data ?? folder, "--log-level", "error"],
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
