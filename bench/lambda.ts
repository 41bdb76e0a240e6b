/**
 * Functions that do nothing: warm calls against PutRecord in the same server, cold starts, and events that are accepted and handled. All share the
 * processors with the handlers' own processes.
 */
import { buffer } from "node:stream/consumers";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ZipFile } from "yazl";
import { type Figures, median, printTable, rounds, SECONDS, spread } from "./measure.ts";
import { call, getSigned, load, signedCall, signedPost } from "./sides/load.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const EVENTS = 400;
const COLD_STARTS = 12;

export async function run(): Promise<void> {
  const figures = await rounds([{ name: "functions", run: measure }]);
  const side = figures.get("functions");
  const ratio = (a: string, b: string): string => (median(side, a) / median(side, b)).toFixed(3);
  printTable("Functions that do nothing", [
    ["", "a second", "p50 ms", "of PutRecord"],
    ["PutRecord, 8 connections", spread(side, "puts"), spread(side, "putMs", 2), "1"],
    ["warm calls, 1 connection", spread(side, "single"), spread(side, "singleMs", 2), ratio("single", "puts")],
    ["warm calls, 8 connections", spread(side, "calls"), spread(side, "callMs", 2), ratio("calls", "puts")],
    ["cold starts, one after the other", spread(side, "colds"), spread(side, "coldMs", 0), ""],
    [`events, ${EVENTS} at once`, spread(side, "events"), "", ratio("events", "puts")],
  ]);
}

function measure(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const { url } = server;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = { endpoint: url, region: "us-east-1", credentials };
    const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
    const { Role } = await new IAMClient(client).send(
      new CreateRoleCommand({ RoleName: "fn", AssumeRolePolicyDocument }),
    );
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from("export const handler = async (event) => event;"), "index.mjs");
    zip.end();
    const Code = { ZipFile: await buffer(zip.outputStream as NodeJS.ReadableStream) };
    const lambda = new LambdaClient(client);
    const create = (FunctionName: string) =>
      lambda.send(
        new CreateFunctionCommand({
          ...{ FunctionName, Role: Role?.Arn, Runtime: "nodejs24.x", Handler: "index.handler", Code },
        }),
      );
    await create("warm");
    const invocation = await signedPost(url, "lambda", "/2015-03-31/functions/warm/invocations", { a: 1 });
    await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "bench", ShardCount: 1 });
    const record = { StreamName: "bench", PartitionKey: "a", Data: Buffer.from('{"a":1}').toString("base64") };
    const put = await signedCall(url, "kinesis", "Kinesis_20131202.PutRecord", record);
    await load(url, invocation, { connections: 8, seconds: 2 });
    const single = await load(url, invocation, { connections: 1, seconds: SECONDS });
    const calls = await load(url, invocation, { connections: 8, seconds: SECONDS });
    const puts = await load(url, put, { connections: 8, seconds: SECONDS });

    const coldMs: number[] = [];
    for (let number = 0; number < COLD_STARTS; number++) {
      await create(`cold-${number}`);
      const before = performance.now();
      await lambda.send(new InvokeCommand({ FunctionName: `cold-${number}` }));
      coldMs.push(performance.now() - before);
    }
    coldMs.sort((a, b) => a - b);
    const middle = coldMs[COLD_STARTS >> 1] as number;

    const handled = async (): Promise<number> => {
      const text = await getSigned(url, "/_trunkline/metrics");
      return Number(/trunkline_function_events_total\{[^}]*outcome="Success"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = performance.now();
    const event = new InvokeCommand({ FunctionName: "warm", InvocationType: "Event", Payload: Buffer.from("{}") });
    await Promise.all(Array.from({ length: EVENTS }, () => lambda.send(event)));
    while ((await handled()) < EVENTS) await new Promise((resolve) => setTimeout(resolve, 5));
    const events = EVENTS / ((performance.now() - before) / 1000);
    await server.stop();
    return {
      ...{ puts: puts.perSecond, putMs: puts.p50Ms, single: single.perSecond, singleMs: single.p50Ms },
      ...{ calls: calls.perSecond, callMs: calls.p50Ms, colds: 1000 / middle, coldMs: middle, events },
    };
  });
}
