/**
 * What a test waits for: from `startTrunkline()` to a server that answers, in the test's own process and as a child, of the package and of
 * the sources; a further one in the same process; a reset; a contact centre with a queue and an agent.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { packPackage, stagePackage } from "../scripts/build-package.ts";
import { linkPackage } from "../scripts/package/linked.ts";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";

const SOURCES = pathToFileURL(join(import.meta.dirname, "../src/testing/index.ts")).href;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-kit-"));
  try {
    await stagePackage({ stage: join(folder, "stage") });
    linkPackage(packPackage(join(folder, "stage"), folder), folder);
    await compare(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(folder: string): Promise<void> {
  const sides = [
    { name: "package, in process", run: () => startOnce(folder, "trunkline/testing", false) },
    { name: "package, child", run: () => startOnce(folder, "trunkline/testing", true) },
    { name: "sources, in process", run: () => startOnce(folder, SOURCES, false) },
    { name: "sources, child", run: () => startOnce(folder, SOURCES, true) },
  ];
  // So that each finds its code compiled.
  for (const side of sides) await side.run();
  const figures = await rounds(sides);
  // Where others keep the processors busy, the processor time of an import and a first start in process says what it costs.
  const columns = ["import", "first", "cpu", "further", "reset", "centre"];
  printTable("startTrunkline() until it answers (compile cache warm), ms", [
    ["", ...columns],
    ...sides.map(({ name }) => [name, ...columns.map((column) => spread(figures.get(name), column))]),
  ]);
  printBudget("package: in process, ms", median(figures.get("package, in process"), "first"), { atMost: 300 });
  printBudget("package: as a child, ms", median(figures.get("package, child"), "first"), { atMost: 300 });
}

/** In a fresh process, as a test file is. */
async function startOnce(folder: string, kit: string, isChild: boolean): Promise<Figures> {
  const program = `
    const ms = [performance.now()];
    const begun = process.cpuUsage();
    const { startTrunkline } = await import(${JSON.stringify(kit)});
    const step = () => ms.push(performance.now());
    step();
    const first = await startTrunkline({ process: ${isChild} });
    step();
    const { user, system } = process.cpuUsage(begun);
    const further = await startTrunkline({ process: ${isChild} });
    step();
    await further.centre();
    step();
    await further.reset();
    step();
    await Promise.all([first.close(), further.close()]);
    const [start, ...ends] = ms;
    const took = ends.map((end, at) => end - (at === 0 ? start : ends[at - 1]));
    const [load, one, two, centre, reset] = took;
    console.log(JSON.stringify({ import: load, first: one, further: two, centre, reset, cpu: (user + system) / 1000 }));`;
  const file = join(folder, "starts.mjs");
  writeFileSync(file, program);
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env });
  return JSON.parse(stdout) as Figures;
}
