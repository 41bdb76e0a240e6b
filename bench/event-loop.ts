/**
 * How long the event loop is held up under mixed load: small durable writes, batches of 500, big reads of 10,000 records and
 * events through a rule, with checkpoints of the store in between.
 */
import { once } from "node:events";
import { type Figures, median, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import { call, load, signedCall } from "./sides/load.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const DATA_BASE64 = Buffer.alloc(1024, "x").toString("base64");

export async function run(): Promise<void> {
  const figures = await rounds([{ name: "mixed", run: mixed }]);
  const side = figures.get("mixed");
  printTable("Event-loop delay under mixed load", [
    ["p99 ms", "max ms", "resident MB"],
    [spread(side, "p99Ms", 1), spread(side, "maxMs", 1), spread(side, "residentMb")],
  ]);
  printBudget("event-loop delay p99, ms", median(side, "p99Ms"), { atMost: 10 });
  printBudget("event-loop delay max, ms", median(side, "maxMs"), { atMost: 50 });
}

function mixed(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const { url, child, stop } = await startProcess("trunkline", ["--data", folder]);
    const kinesis = (operation: string, input: unknown): Promise<any> =>
      call(url, "kinesis", `Kinesis_20131202.${operation}`, input);
    await kinesis("CreateStream", { StreamName: "bench", ShardCount: 1 });
    await call(url, "events", "AWSEvents.PutRule", {
      Name: "bench",
      EventPattern: JSON.stringify({ source: ["bench"] }),
    });
    await call(url, "events", "AWSEvents.PutTargets", {
      Rule: "bench",
      Targets: [
        {
          Id: "stream",
          Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/bench",
          RoleArn: "arn:aws:iam::000000000000:role/bench",
        },
      ],
    });
    const batch = Array.from({ length: 500 }, (_, i) => ({ PartitionKey: `contact-${i}`, Data: DATA_BASE64 }));
    for (let i = 0; i < 20; i++) await kinesis("PutRecords", { StreamName: "bench", Records: batch });
    const { ShardIterator } = await kinesis("GetShardIterator", {
      StreamName: "bench",
      ShardId: "shardId-000000000000",
      ShardIteratorType: "TRIM_HORIZON",
    });

    const seconds = SECONDS * 2;
    await delaySince(child);
    await Promise.all([
      load(
        url,
        await signedCall(url, "kinesis", "Kinesis_20131202.PutRecord", {
          StreamName: "bench",
          PartitionKey: "a",
          Data: DATA_BASE64,
        }),
        { connections: 16, seconds },
      ),
      load(
        url,
        await signedCall(url, "kinesis", "Kinesis_20131202.PutRecords", { StreamName: "bench", Records: batch }),
        { connections: 1, seconds },
      ),
      load(url, await signedCall(url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator }), {
        connections: 1,
        seconds,
      }),
      load(
        url,
        await signedCall(url, "events", "AWSEvents.PutEvents", {
          Entries: [{ Source: "bench", DetailType: "Mixed", Detail: JSON.stringify({ padding: "x".repeat(1000) }) }],
        }),
        { connections: 4, seconds },
      ),
    ]);
    const { p99Ms, maxMs, residentBytes } = await delaySince(child);
    await stop();
    return { p99Ms, maxMs, residentMb: residentBytes / 1e6 };
  });
}

async function delaySince(
  child: import("node:child_process").ChildProcess,
): Promise<{ p99Ms: number; maxMs: number; residentBytes: number }> {
  child.send("delay");
  const [answer] = await once(child, "message");
  return answer;
}
