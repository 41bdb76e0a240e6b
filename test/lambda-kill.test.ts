/**
 * Kills the server (SIGKILL) while functions handle events, and starts it again on what it left: no event that was accepted is lost, and no
 * handler outlives the server, not even one that never yields. `TRUNKLINE_FULL=1` does so more often.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 12 : 1;
const EVENTS = 12;

const clientOf = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});

test("no event that was accepted is lost, and no handler outlives a server that is killed", async () => {
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder, "--clock", "real");
  const role = await createRole(clientOf(server.url), "fn", ["sqs:SendMessage"]);
  const { QueueUrl = "" } = await new SQSClient(clientOf(server.url)).send(
    new CreateQueueCommand({ QueueName: "seen" }),
  );
  const queuePath = new URL(QueueUrl).pathname;
  await createFunction(
    clientOf(server.url),
    `
    import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
    export const handler = async ({ n, hang }) => {
      if (hang) for (;;);
      const QueueUrl = process.env.AWS_ENDPOINT_URL + process.env.QUEUE_PATH;
      await new SQSClient({}).send(new SendMessageCommand({ QueueUrl, MessageBody: String(n) }));
    };`,
    { FunctionName: "counting", Role: role, Timeout: 60, Environment: { Variables: { QUEUE_PATH: queuePath } } },
  );
  const accepted = new Set<string>();
  const handlers = new Set<string>();
  let n = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const lambda = new LambdaClient(clientOf(server.url));
    const send = async (event: object) => {
      const Payload = Buffer.from(JSON.stringify(event));
      await lambda.send(new InvokeCommand({ FunctionName: "counting", InvocationType: "Event", Payload }));
    };
    const invoking = lambda
      .send(new InvokeCommand({ FunctionName: "counting", Payload: Buffer.from('{"hang":true}') }))
      .catch(() => {});
    for (let i = 0; i < EVENTS; i++) {
      const name = String(n++);
      await send({ n: name });
      accepted.add(name);
    }
    let running: readonly string[] = [];
    while (running.length === 0) {
      await setTimeout(20);
      running = await sandboxesOf(server.child.pid as number);
    }
    for (const pid of running) handlers.add(pid);
    server.child.kill("SIGKILL");
    await once(server.child, "exit");
    await invoking;
    server = await spawnTrunkline(folder, "--clock", "real");
  }
  const sqs = new SQSClient(clientOf(server.url));
  const url = server.url + queuePath;
  while (accepted.size > 0) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
    );
    assert.ok(Messages.length > 0, `Lost: ${[...accepted].join(", ")}`);
    for (const { Body } of Messages) accepted.delete(Body ?? "");
    const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  }
  while ((await Promise.all([...handlers].map(isAlive))).includes(true)) await setTimeout(20);
  server.child.kill("SIGTERM");
  await once(server.child, "exit");
});

/** Whether a process runs: one that has ended and that nobody has asked about yet does not. */
async function isAlive(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return stat !== "" && !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}

/** Processes that a server has started to run handlers, by their parent. */
async function sandboxesOf(server: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    const command = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
    if (parent === String(server) && command.includes("node.mjs")) found.push(pid);
  }
  return found;
}
