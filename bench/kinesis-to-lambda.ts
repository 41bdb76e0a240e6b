/**
 * Records of a stream that a mapping brings to a function which does nothing, in batches of 100: how many a second while many wait, and how long one
 * takes from being sent to its handler's having begun, with nothing beside it. All share the processors with the handler's own process.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ZipFile } from "yazl";
import { type Figures, median, percentile, printTable, rounds, spread } from "./measure.ts";
import { call, send, signedCall } from "./sides/load.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const BATCH = 100;
const PUTS = 40;
const RECORDS_A_PUT = 500;
const SINGLES = 100;
const TARGET = "Kinesis_20131202";

/** It tells of each batch in a file that is there for that. */
const HANDLER = `
import { appendFileSync } from "node:fs";
export const handler = async ({ Records }) => {
  const now = Date.now();
  const [first] = Records;
  const { sentMs } = JSON.parse(Buffer.from(first.kinesis.data, "base64"));
  appendFileSync(process.env.SEEN, JSON.stringify({ count: Records.length, delayMs: now - sentMs }) + "\\n");
};`;

export async function run(): Promise<void> {
  const figures = await rounds([{ name: "mapping", run: measure }]);
  const side = figures.get("mapping");
  printTable(`Kinesis to a function, batches of ${BATCH}`, [
    ["", "records a second", "p50 ms", "p99 ms"],
    ["PutRecords alone, 500 records each", spread(side, "puts"), "", ""],
    [`${PUTS * RECORDS_A_PUT} records that wait`, spread(side, "drained"), "", ""],
    ["one record, with nothing beside it", "", spread(side, "delayMs", 1), spread(side, "delayMsP99", 1)],
    ["PutRecord's own latency", "", spread(side, "putMs", 1), ""],
  ]);
  console.log(`  drained / put: ${(median(side, "drained") / median(side, "puts")).toFixed(2)}`);
}

function measure(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const shared = mkdtempSync(join(tmpdir(), "trunkline-bench-seen-"));
    const seen = join(shared, "seen");
    writeFileSync(seen, "");
    // The handler is another user.
    chmodSync(shared, 0o755);
    chmodSync(seen, 0o666);
    const server = await startProcess("trunkline", ["--data", folder]);
    const { url } = server;
    const client = {
      endpoint: url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const allow = { Effect: "Allow", Action: "kinesis:*", Resource: "*" };
    const iam = new IAMClient(client);
    const document = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: "fn", AssumeRolePolicyDocument: document(trust) }),
    );
    await iam.send(new PutRolePolicyCommand({ RoleName: "fn", PolicyName: "may", PolicyDocument: document(allow) }));
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(HANDLER), "index.mjs");
    zip.end();
    const lambda = new LambdaClient(client);
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "reader",
        Role: Role?.Arn,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Environment: { Variables: { SEEN: seen } },
        Code: { ZipFile: await buffer(zip.outputStream as NodeJS.ReadableStream) },
      }),
    );
    await call(url, "kinesis", `${TARGET}.CreateStream`, { StreamName: "bench", ShardCount: 1 });
    const batches = (): { count: number; delayMs: number }[] =>
      readFileSync(seen, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
    const until = async (count: number): Promise<void> => {
      while (batches().reduce((sum, batch) => sum + batch.count, 0) < count) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const data = (): string => Buffer.from(JSON.stringify({ sentMs: Date.now() })).toString("base64");

    const many = await signedCall(url, "kinesis", `${TARGET}.PutRecords`, {
      StreamName: "bench",
      Records: Array.from({ length: RECORDS_A_PUT }, (_, key) => ({ PartitionKey: String(key), Data: data() })),
    });
    const putsBegan = performance.now();
    for (let put = 0; put < PUTS; put++) await send(url, many);
    const puts = (PUTS * RECORDS_A_PUT) / ((performance.now() - putsBegan) / 1000);
    const began = performance.now();
    await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: "reader",
        EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/bench",
        StartingPosition: "TRIM_HORIZON",
        BatchSize: BATCH,
      }),
    );
    await until(PUTS * RECORDS_A_PUT);
    const drained = (PUTS * RECORDS_A_PUT) / ((performance.now() - began) / 1000);

    const before = batches().length;
    const putMs: number[] = [];
    for (let single = 0; single < SINGLES; single++) {
      const record = { StreamName: "bench", PartitionKey: "a", Data: data() };
      const request = await signedCall(url, "kinesis", `${TARGET}.PutRecord`, record);
      const sent = performance.now();
      await send(url, request);
      putMs.push(performance.now() - sent);
      await until(PUTS * RECORDS_A_PUT + single + 1);
    }
    const delays = batches()
      .slice(before)
      .map(({ delayMs }) => delayMs);
    await server.stop();
    rmSync(shared, { recursive: true, force: true });
    return {
      ...{ puts, drained, putMs: percentile(putMs, 0.5) },
      ...{ delayMs: percentile(delays, 0.5), delayMsP99: percentile(delays, 0.99) },
    };
  });
}
