/**
 * Kills the server (SIGKILL) while mappings read a stream and a queue: in the end the function has had every record and every message that was
 * acknowledged, those of a partition key in order, and only what was in flight at a kill twice. `TRUNKLINE_FULL=1` does so thirty times.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateStreamCommand, KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { CreateEventSourceMappingCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SeededIds } from "../src/time/ids.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const KILLS = FULL ? 30 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const KEYS = 8;

/** Tells an outside server what it was sent, before it answers. */
const SOURCE = `
  export const handler = async ({ Records }) => {
    const texts = Records.map((record) => record.body ?? Buffer.from(record.kinesis.data, "base64").toString());
    await fetch(process.env.TOLD, { method: "POST", body: JSON.stringify(texts) });
  };`;

test("mappings lose nothing and keep the order of a key, whenever the server is killed", async (t) => {
  const ids = new SeededIds(`mappings ${SEED}`);
  const told: string[] = [];
  const listener = createServer((request, response) => {
    // A function that dies with the server may leave a request half sent: it has told nothing.
    json(request).then(
      (texts) => {
        told.push(...(texts as string[]));
        response.end();
      },
      () => response.destroy(),
    );
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  after(() => listener.close());
  const { port } = listener.address() as { port: number };

  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder, "--clock", "real");
  const { url } = server;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = { endpoint: url, region: "us-east-1", credentials, maxAttempts: 8 };
  const kinesis = new KinesisClient(client);
  const sqs = new SQSClient(client);
  const lambda = new LambdaClient(client);
  after(() => kinesis.destroy());
  const Role = await createRole(client, "reader", ["kinesis:*", "sqs:*"]);
  const Environment = { Variables: { TOLD: `http://127.0.0.1:${port}/` } };
  await createFunction(client, SOURCE, { FunctionName: "tell", Role, Timeout: 1, Environment });
  await kinesis.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 2 }));
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: "q", Attributes: { VisibilityTimeout: "2" } }),
  );
  const FunctionName = "tell";
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName,
      EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s",
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 5,
      ParallelizationFactor: 2,
    }),
  );
  const EventSourceArn = "arn:aws:sqs:us-east-1:000000000000:q";
  await lambda.send(new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn }));

  const sent = new Set<string>();
  let number = 0;
  const put = async (): Promise<void> => {
    const Records = Array.from({ length: 10 }, () => {
      const key = `k${number % KEYS}`;
      return { PartitionKey: key, Data: Buffer.from(`${key}:${String(number++).padStart(6, "0")}`) };
    });
    await kinesis.send(new PutRecordsCommand({ StreamName: "s", Records }));
    for (const { Data } of Records) sent.add(Data.toString());
    const Entries = Array.from({ length: 5 }, (_, i) => ({ Id: `${i}`, MessageBody: `q:${number++}` }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    for (const { MessageBody } of Entries) sent.add(MessageBody);
  };
  for (let kill = 0; kill < KILLS; kill++) {
    const before = told.length;
    for (let i = 0; i < 4; i++) await put();
    while (told.length < before + 1 + ids.random() * 30) await sleep(2);
    const ended = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await ended;
    server = await spawnTrunkline(folder, "--clock", "real", "--port", new URL(url).port);
  }
  await put();
  const isOver = (): boolean => {
    const known = new Set(told);
    return [...sent].every((text) => known.has(text));
  };
  while (!isOver()) await sleep(20);

  for (let key = 0; key < KEYS; key++) {
    const own = told.filter((text) => text.startsWith(`k${key}:`));
    const firsts = own.filter((text, place) => own.indexOf(text) === place);
    assert.deepEqual(firsts, firsts.toSorted(), `the order of key ${key}`);
  }
  const doubled = told.length - new Set(told).size;
  t.diagnostic(`seed ${SEED}: ${KILLS} kills, ${sent.size} sent, ${doubled} came again`);
});
