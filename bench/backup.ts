/**
 * What a backup of a running server takes, and what it does to those who write meanwhile: PutRecord of 1 KB from 8 connections alone and
 * beside backups that follow one another, on a data folder of `BENCH_BACKUP_MB` (200) of records, which is filled once: that takes longer than a round.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Figures, median, printTable, rounds, SECONDS, type Side, spread } from "./measure.ts";
import { call, load, signedCall, signedPost } from "./sides/load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";

const FILLED_MB = Number(process.env.BENCH_BACKUP_MB ?? 200);
const CONNECTIONS = 8;
const DATA = Buffer.alloc(1024, "contact-centre event ").toString("base64");
const BATCH = 500;

export async function run(): Promise<void> {
  await withDataFolder(async (folder) => {
    await onServer(folder, fill);
    await measure(folder);
  });
}

async function measure(folder: string): Promise<void> {
  const alone: Side = { name: "alone", run: () => onServer(folder, putRecords) };
  const beside: Side = { name: "beside backups", run: () => onServer(folder, putBesideBackups) };
  const figures = await rounds([alone, beside]);
  printTable(`PutRecord, 1 KB, ${CONNECTIONS} connections, ${FILLED_MB} MB of records kept`, [
    ["", "requests/s", "p50 ms", "p99 ms", "backup MB/s"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      spread(side, "p50Ms", 1),
      spread(side, "p99Ms", 1),
      name === beside.name ? spread(side, "backupMbPerSecond") : "",
    ]),
  ]);
  const share = median(figures.get(beside.name), "perSecond") / median(figures.get(alone.name), "perSecond");
  console.log(`  ${share.toFixed(2)} of the requests beside backups`);
}

async function onServer<R>(folder: string, use: (server: ServerProcess) => Promise<R>): Promise<R> {
  const server = await startProcess("trunkline", ["--data", folder]);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

async function fill({ url }: ServerProcess): Promise<void> {
  console.error(`  filling ${FILLED_MB} MB`);
  await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "bench", ShardCount: 4 });
  const Records = Array.from({ length: BATCH }, (_, key) => ({ PartitionKey: `contact-${key}`, Data: DATA }));
  for (let kept = 0; kept < FILLED_MB * 1024; kept += BATCH) {
    await call(url, "kinesis", "Kinesis_20131202.PutRecords", { StreamName: "bench", Records });
  }
}

async function putRecords({ url }: ServerProcess): Promise<Figures> {
  const input = { StreamName: "bench", PartitionKey: "contact-42", Data: DATA };
  const request = await signedCall(url, "kinesis", "Kinesis_20131202.PutRecord", input);
  return load(url, request, { connections: CONNECTIONS, seconds: SECONDS });
}

async function putBesideBackups(server: ServerProcess): Promise<Figures> {
  const place = mkdtempSync(join(process.env.BENCH_DATA ?? tmpdir(), "trunkline-bench-backup-"));
  let isOver = false;
  const backups = (async () => {
    const speeds: number[] = [];
    for (let number = 0; !isOver || speeds.length === 0; number++) {
      const to = join(place, String(number));
      speeds.push(await backUp(server.url, to));
      rmSync(to, { recursive: true });
    }
    return speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  })();
  try {
    const figures = await putRecords(server);
    isOver = true;
    return { ...figures, backupMbPerSecond: await backups };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Megabytes a second, with the look at the copy and all syncs. */
async function backUp(url: string, to: string): Promise<number> {
  const { method, path, headers, body } = await signedPost(url, "trunkline", "/_trunkline/backup", { to });
  const { host: _, ...sent } = headers;
  const begunMs = performance.now();
  const response = await fetch(url + path, { method, headers: sent, body: new Uint8Array(body) });
  const last = JSON.parse((await response.text()).trim().split("\n").at(-1) ?? "");
  if (last.kind !== "done") throw new Error(`The backup was not made: ${JSON.stringify(last)}`);
  return last.bytes / 1000 / (performance.now() - begunMs);
}
