/**
 * From the bus to a stream: PutEvents → rule → Kinesis, sustained with trimming on; and how long an event takes from being sent
 * to being readable on the stream, idle and at half of that load.
 */
import { type Figures, median, percentile, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import { call, load, type SignedRequest, signedCall } from "./sides/load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";

const EVENTS_A_CALL = 10;
const DETAIL = JSON.stringify({
  eventType: "QUEUED",
  contactId: "5b1e0a52-6d3c-4a0f-9c3e-2f6f7c0f6a11",
  channel: "VOICE",
  initiationMethod: "INBOUND",
  queueInfo: { queueArn: "arn:aws:connect:us-east-1:000000000000:instance/9f0c/queue/1", queueType: "STANDARD" },
  padding: "x".repeat(800),
});

export async function run(): Promise<void> {
  const figures = await rounds([
    { name: "sustained", run: sustained },
    { name: "idle", run: () => latency(0) },
  ]);
  const perSecond = median(figures.get("sustained"), "eventsPerSecond");
  const busy = await rounds([{ name: "half load", run: () => latency(perSecond / 2) }]);
  const [idle, half] = [figures.get("idle"), busy.get("half load")];

  printTable("PutEvents → rule → Kinesis record, 1.2 KB an event, 10 a call, trimming on", [
    ["events/s", "readable behind the last answer, ms"],
    [spread(figures.get("sustained"), "eventsPerSecond"), spread(figures.get("sustained"), "lagMs", 1)],
  ]);
  printBudget("events/s, sustained", perSecond, { atLeast: 10_000 });
  printTable("From PutEvents sent to the record read on the stream", [
    ["", "p50 ms", "p99 ms", "PutRecord's own p50 ms"],
    ["idle", spread(idle, "p50Ms", 2), spread(idle, "p99Ms", 2), spread(idle, "putRecordP50Ms", 2)],
    ["half load", spread(half, "p50Ms", 2), spread(half, "p99Ms", 2), ""],
  ]);
  printBudget("idle p50 against PutRecord's p50", median(idle, "p50Ms") / median(idle, "putRecordP50Ms"), {
    atMost: 3,
  });
  printBudget("idle p99, ms", median(idle, "p99Ms"), { atMost: 10 });
  printBudget("p99 at half load, ms", median(half, "p99Ms"), { atMost: 50 });
}

/** What goes in for some seconds, counted when it has come out on the stream: the rate includes waiting for the last record. */
function sustained(): Promise<Figures> {
  return withServer(async ({ url }) => {
    const request = await putEvents(url);
    const startMs = performance.now();
    const { perSecond } = await load(url, request, { connections: 16, seconds: SECONDS * 2 });
    const sentMs = performance.now();
    const sent = Math.round(perSecond * SECONDS * 2) * EVENTS_A_CALL;
    await untilIdle(url);
    const doneMs = performance.now();
    return { eventsPerSecond: sent / ((doneMs - startMs) / 1000), lagMs: doneMs - sentMs };
  });
}

function latency(eventsPerSecond: number): Promise<Figures> {
  return withServer(async ({ url }) => {
    const background =
      eventsPerSecond > 0 ? pacedLoad(url, await putEvents(url), eventsPerSecond / EVENTS_A_CALL) : undefined;
    const latencies: number[] = [];
    const puts: number[] = [];
    for (const endMs = performance.now() + SECONDS * 1000; performance.now() < endMs; ) {
      const { ShardIterator } = await call(url, "kinesis", "Kinesis_20131202.GetShardIterator", {
        StreamName: "probe",
        ShardId: "shardId-000000000000",
        ShardIteratorType: "LATEST",
      });
      const startMs = performance.now();
      await call(url, "events", "AWSEvents.PutEvents", {
        Entries: [{ Source: "bench.probe", DetailType: "Probe", Detail: DETAIL }],
      });
      for (let iterator = ShardIterator; ; ) {
        const page = await call(url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator: iterator });
        if (page.Records.length > 0) break;
        iterator = page.NextShardIterator;
      }
      latencies.push(performance.now() - startMs);
      const putMs = performance.now();
      await call(url, "kinesis", "Kinesis_20131202.PutRecord", {
        StreamName: "bench",
        PartitionKey: "probe",
        Data: Buffer.from(DETAIL).toString("base64"),
      });
      puts.push(performance.now() - putMs);
    }
    await background?.stop();
    return {
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      putRecordP50Ms: percentile(puts, 0.5),
    };
  });
}

/** Sends a request so many times a second until it is stopped. */
function pacedLoad(url: string, request: SignedRequest, perSecond: number): { stop(): Promise<void> } {
  const { host: _, ...headers } = request.headers;
  const inFlight = new Set<Promise<unknown>>();
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - startMs) / 1000) * perSecond; sent++) {
      const answer = fetch(url, { method: "POST", headers, body: new Uint8Array(request.body) }).then((response) =>
        response.arrayBuffer(),
      );
      inFlight.add(answer);
      void answer.finally(() => inFlight.delete(answer));
    }
  }, 5);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(inFlight);
    },
  };
}

function putEvents(url: string): Promise<SignedRequest> {
  const entry = { Source: "bench.load", DetailType: "Amazon Connect Contact Event", Detail: DETAIL };
  return signedCall(url, "events", "AWSEvents.PutEvents", {
    Entries: Array.from({ length: EVENTS_A_CALL }, () => entry),
  });
}

/** Two buses' worth of set-up: what is loaded goes to one stream, the probe's events to another. */
function withServer(use: (server: ServerProcess) => Promise<Figures>): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    for (const [stream, source] of [
      ["bench", "bench.load"],
      ["probe", "bench.probe"],
    ]) {
      await call(server.url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: stream, ShardCount: 1 });
      await call(server.url, "events", "AWSEvents.PutRule", {
        Name: stream,
        EventPattern: JSON.stringify({ source: [source] }),
      });
      await call(server.url, "events", "AWSEvents.PutTargets", {
        Rule: stream,
        Targets: [
          {
            Id: "stream",
            Arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`,
            RoleArn: "arn:aws:iam::000000000000:role/bench",
          },
        ],
      });
    }
    const figures = await use(server);
    await server.stop();
    return figures;
  });
}

/** Returns when an event that is put now has come out: everything before it on the bus has then been routed. */
async function untilIdle(url: string): Promise<void> {
  const { ShardIterator } = await call(url, "kinesis", "Kinesis_20131202.GetShardIterator", {
    StreamName: "probe",
    ShardId: "shardId-000000000000",
    ShardIteratorType: "LATEST",
  });
  await call(url, "events", "AWSEvents.PutEvents", {
    Entries: [{ Source: "bench.probe", DetailType: "Last", Detail: "{}" }],
  });
  for (let iterator = ShardIterator; ; ) {
    const page = await call(url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator: iterator });
    if (page.Records.length > 0) return;
    iterator = page.NextShardIterator;
  }
}
