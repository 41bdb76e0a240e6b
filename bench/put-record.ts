/**
 * Durable writes: PutRecord of 1 KB from 64 connections against a bare Node echo of the same body; PutRecords of 1, 100 and
 * 500 records against kinesalite, both driven raw; and both once more with 5 ms added to each sync of the disk.
 */
import {
  type Figures,
  median,
  percentile,
  printBudget,
  printTable,
  rounds,
  SECONDS,
  type Side,
  spread,
} from "./measure.ts";
import { call, load, signedCall } from "./sides/load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";

const DATA_BASE64 = Buffer.alloc(1024, "contact-centre event ").toString("base64");
const CONNECTIONS = 64;
const BATCH_SIZES = [1, 100, 500];

export async function run(): Promise<void> {
  await singleRecords();
  await batches();
  await readsBesideSlowSyncs();
}

async function singleRecords(): Promise<void> {
  const input = { StreamName: "bench", PartitionKey: "contact-42", Data: DATA_BASE64 };
  const trunkline = (name: string, args: readonly string[]): Side => ({
    name,
    run: () =>
      withTrunkline(args, async ({ url }) => {
        const request = await signedCall(url, "kinesis", "Kinesis_20131202.PutRecord", input);
        return load(url, request, { connections: CONNECTIONS, seconds: SECONDS });
      }),
  });
  const echo: Side = {
    name: "bare Node echo",
    run: async () => {
      const server = await startProcess("echo");
      const request = await signedCall(server.url, "kinesis", "Kinesis_20131202.PutRecord", input);
      const figures = await load(server.url, request, { connections: CONNECTIONS, seconds: SECONDS });
      await server.stop();
      return figures;
    },
  };
  const figures = await rounds([
    echo,
    trunkline("Trunkline, durable", []),
    trunkline("without its log of calls", ["--no-call-log"]),
    trunkline("with 5 ms slower syncs", ["--sync-delay-ms", "5"]),
  ]);
  const floor = median(figures.get(echo.name), "perSecond");
  printTable(`PutRecord, 1 KB, ${CONNECTIONS} connections`, [
    ["", "requests/s", "of echo", "p50 ms", "p99 ms"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      (median(side, "perSecond") / floor).toFixed(2),
      spread(side, "p50Ms", 1),
      spread(side, "p99Ms", 1),
    ]),
  ]);
  printBudget("PutRecord against a bare echo", median(figures.get("Trunkline, durable"), "perSecond") / floor, {
    atLeast: 0.4,
  });
  const without = median(figures.get("without its log of calls"), "perSecond");
  printBudget(
    "PutRecord against the same without its log of calls",
    median(figures.get("Trunkline, durable"), "perSecond") / without,
    {
      atLeast: 0.98,
    },
  );
}

async function batches(): Promise<void> {
  const rows: string[][] = [
    [
      "records a call",
      "Trunkline records/s, durable",
      "with 5 ms slower syncs",
      "kinesalite records/s, in memory",
      "ratio",
    ],
  ];
  let ratio = Number.NaN;
  for (const size of BATCH_SIZES) {
    const input = {
      StreamName: "bench",
      Records: Array.from({ length: size }, (_, i) => ({ PartitionKey: `contact-${i}`, Data: DATA_BASE64 })),
    };
    const drive = async (url: string): Promise<Figures> => {
      const request = await signedCall(url, "kinesis", "Kinesis_20131202.PutRecords", input);
      const { perSecond } = await load(url, request, { connections: 8, seconds: SECONDS });
      return { recordsPerSecond: perSecond * size };
    };
    const figures = await rounds([
      { name: "Trunkline", run: () => withTrunkline([], ({ url }) => drive(url)) },
      { name: "slowed", run: () => withTrunkline(["--sync-delay-ms", "5"], ({ url }) => drive(url)) },
      {
        name: "kinesalite",
        run: async () => {
          const server = await startProcess("kinesalite");
          await createStream(server.url);
          const result = await drive(server.url);
          await server.stop();
          return result;
        },
      },
    ]);
    const [ours, theirs] = [figures.get("Trunkline"), figures.get("kinesalite")];
    ratio = median(ours, "recordsPerSecond") / median(theirs, "recordsPerSecond");
    rows.push([
      String(size),
      spread(ours, "recordsPerSecond"),
      spread(figures.get("slowed"), "recordsPerSecond"),
      spread(theirs, "recordsPerSecond"),
      ratio.toFixed(2),
    ]);
  }
  printTable("PutRecords, 1 KB a record, 8 connections", rows);
  printBudget("PutRecords of 500 against kinesalite", ratio, { atLeast: 6 });
}

/** A read takes no sync, and must not wait for those of eight writers. */
async function readsBesideSlowSyncs(): Promise<void> {
  const input = { StreamName: "bench", PartitionKey: "contact-42", Data: DATA_BASE64 };
  const figures = await rounds([
    {
      name: "reads",
      run: () =>
        withTrunkline(["--sync-delay-ms", "5"], async ({ url }) => {
          const write = await signedCall(url, "kinesis", "Kinesis_20131202.PutRecord", input);
          const read = await signedCall(url, "kinesis", "Kinesis_20131202.DescribeStreamSummary", {
            StreamName: "bench",
          });
          const writing = load(url, write, { connections: 8, seconds: SECONDS });
          const latencies = await timedOneByOne(url, read, SECONDS * 1000);
          await writing;
          return { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
        }),
    },
  ]);
  const side = figures.get("reads");
  printTable("DescribeStreamSummary beside 8 writers, syncs 5 ms slower", [
    ["p50 ms", "p99 ms"],
    [spread(side, "p50Ms", 1), spread(side, "p99Ms", 1)],
  ]);
  printBudget("p99 of a read beside 8 writers, ms", median(side, "p99Ms"), { atMost: 5 });
}

async function timedOneByOne(
  url: string,
  request: { headers: Record<string, string>; body: Buffer },
  forMs: number,
): Promise<number[]> {
  const { host: _, ...headers } = request.headers;
  const latencies: number[] = [];
  for (const endMs = performance.now() + forMs; performance.now() < endMs; ) {
    const startMs = performance.now();
    const response = await fetch(url, { method: "POST", headers, body: new Uint8Array(request.body) });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`A read answered ${response.status}`);
    latencies.push(performance.now() - startMs);
  }
  return latencies;
}

function withTrunkline(args: readonly string[], use: (server: ServerProcess) => Promise<Figures>): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder, ...args]);
    await createStream(server.url);
    const figures = await use(server);
    await server.stop();
    return figures;
  });
}

async function createStream(url: string): Promise<void> {
  await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "bench", ShardCount: 4 });
  for (;;) {
    const { StreamDescription } = await call(url, "kinesis", "Kinesis_20131202.DescribeStream", {
      StreamName: "bench",
    });
    if (StreamDescription.StreamStatus === "ACTIVE") return;
  }
}
