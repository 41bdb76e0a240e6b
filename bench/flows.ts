/**
 * Records a second through a flow with 20 mapping tasks: from JSON Lines of S3 and from pages of HTTP, to a destination that takes and drops, and into
 * Customer Profiles, beside the ingestion of the same objects without a flow. Which of the bounds holds is what the ratios say.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Figures, median, printBudget, printTable, rounds, type Side, spread } from "./measure.ts";
import { withDataFolder } from "./sides/processes.ts";

const READ = 100_000;
const INGESTED = 10_000;

export async function run(): Promise<void> {
  const sides: readonly Side[] = [
    { name: "S3 → nowhere", run: () => flow("s3", "drop", READ) },
    { name: "HTTP → nowhere", run: () => overHttp("drop", READ) },
    { name: "nothing → profiles", run: () => flow("none", "profiles", INGESTED) },
    { name: "S3 → profiles", run: () => flow("s3", "profiles", INGESTED) },
    { name: "HTTP → profiles", run: () => overHttp("profiles", INGESTED) },
  ];
  const figures = await rounds(sides);
  printTable(`Records of 25 fields through 20 maps: ${READ} to nowhere, ${INGESTED} into profiles`, [
    ["", "records/s", "main thread, µs each", "event loop p99 ms", "resident MB"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      spread(side, "threadUs"),
      spread(side, "delayP99Ms", 1),
      spread(side, "residentMb"),
    ]),
  ]);
  const perSecond = (name: string): number => median(figures.get(name), "perSecond");
  for (const source of ["S3", "HTTP"]) {
    printBudget(`${source}: records/s that are read and mapped`, perSecond(`${source} → nowhere`), { atLeast: 10_000 });
    const ratio = perSecond(`${source} → profiles`) / perSecond("nothing → profiles");
    printBudget(`${source} into profiles against ingestion alone`, ratio, { atLeast: 0.85 });
  }
}

function flow(source: string, to: string, records: number, url?: string): Promise<Figures> {
  return withDataFolder(async (data) => {
    const args = ["--source", source, "--to", to, "--records", String(records), "--data", data];
    const { line, child } = await started("flow", url === undefined ? args : [...args, "--url", url]);
    await once(child, "exit");
    return JSON.parse(line) as Figures;
  });
}

async function overHttp(to: string, records: number): Promise<Figures> {
  const { line, child } = await started("salesforce", ["--records", String(records)]);
  try {
    const { port } = JSON.parse(line) as { port: number };
    return await flow("http", to, records, `http://127.0.0.1:${port}`);
  } finally {
    child.kill("SIGKILL");
  }
}

/** One of the programs beside, and the line that it prints first. */
async function started(name: string, args: readonly string[]) {
  const child = fork(join(import.meta.dirname, "sides", `${name}.ts`), args, {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    execArgv: ["--max-semi-space-size=32", "--disable-warning=ExperimentalWarning"],
  });
  const [piece] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return { line: piece.toString(), child };
}
