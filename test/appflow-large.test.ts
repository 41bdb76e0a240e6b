/** A file of very many rows: its run shows how far it is, and takes no more memory than one of few. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";
import type { RunStatus } from "../src/services/appflow/index.ts";
import { FlowWorld, flowNamed } from "./flow-world.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const ROWS = process.env.TRUNKLINE_FULL === "1" ? 1_000_000 : 20_000;
/** Those that are ingested: the others are filtered. */
const KEPT = 50;
/** What the server may have in memory, whatever the file has: some 100 MB are of idle, and the heap grows before it is swept. */
const RESIDENT_MB_MAX = 600;

const folder = temporaryFolder();
mkdirSync(join(folder, "plain"));
mkdirSync(join(folder, "packed"));
const packing = createGzip({ level: 1 });
const files = [createWriteStream(join(folder, "plain", "a.csv")), packing];
const packed = packing.pipe(createWriteStream(join(folder, "packed", "a.csv.gz")));
for (const file of files) file.write("id,mail,kind,more\r\n");
for (let row = 0; row < ROWS; ) {
  let rows = "";
  for (const end = Math.min(ROWS, row + 1000); row < end; row++) {
    const kind = row % (ROWS / KEPT) === 0 ? "kept" : "passed";
    rows += `guest-${row},"guest ""${row}""@example.com",${kind},${"more ".repeat(20)}\r\n`;
  }
  for (const file of files) if (!file.write(rows)) await once(file, "drain");
}
for (const file of files) file.end();
await once(packed, "close");

const connectors = join(temporaryFolder(), "connectors.json");
writeFileSync(connectors, JSON.stringify({ depot: { connectorType: "S3", buckets: { "depot-files": { folder } } } }));
const server = await spawnTrunkline(temporaryFolder(), "--connectors", connectors);
const client = {
  endpoint: server.url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
};
const world = new FlowWorld({ url: server.url, client });

async function runOf(name: string): Promise<RunStatus> {
  const answer = await sendSigned(server.url, {
    service: "trunkline",
    method: "GET",
    path: `/_trunkline/flows/${name}`,
  });
  return JSON.parse(answer.body.toString()).runs[0];
}

for (const name of ["plain", "packed"]) {
  test(`${ROWS} rows of a ${name} file are read, and the run shows how far it is`, async (t) => {
    await world.openDomain(name);
    const source = { S3: { BucketName: "depot-files", BucketPrefix: `${name}/` } };
    const keep = { DATA_TYPE: "string", VALUE: "kept" };
    await world.putFlow(
      name,
      flowNamed(name, {
        SourceFlowConfig: { ConnectorType: "S3", SourceConnectorProperties: source },
        Tasks: [
          {
            TaskType: "Filter",
            SourceFields: ["kind"],
            ConnectorOperator: { S3: "EQUAL_TO" },
            TaskProperties: keep,
          },
        ],
      }),
    );
    const seen = new Set<string>();
    let run = await runOf(name);
    while (run.ended === undefined) {
      if (run.progress !== undefined) seen.add(run.progress);
      await sleep(5);
      run = await runOf(name);
    }
    const { status, read, filtered, ingested, failed } = run;
    assert.deepEqual(
      { status, read, filtered, ingested, failed },
      { status: "Successful", read: ROWS, filtered: ROWS - KEPT, ingested: KEPT, failed: 0 },
    );
    assert.equal(await world.profileCount(name), KEPT);
    for (const progress of seen) assert.match(progress, new RegExp(`^${name}/a.csv`));
    assert(seen.size > 0, "Its progress can be seen");
    const megabytes = peakMegabytes(server.child.pid);
    assert(megabytes === undefined || megabytes < RESIDENT_MB_MAX, `The server has taken ${megabytes} MB`);
    t.diagnostic(`${ROWS} rows, ${seen.size} steps seen, ${megabytes} MB at most`);
  });
}

/** Where the system tells. */
function peakMegabytes(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined;
  }
}
