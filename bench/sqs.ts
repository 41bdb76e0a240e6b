/**
 * A queue: messages of 1 KB that are sent, received and deleted, each step durable before it is answered, one by one and in batches of ten;
 * and SendMessage alone. Held against the 2,500 messages a second that elasticmq publishes for its queues in memory.
 */
import { type Figures, median, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import { call, load, send, signedCall } from "./sides/load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";

/** Messages sent, received and deleted a second, from its README (single node, in memory). */
const ELASTICMQ_PER_SECOND = 2_500;
const BODY = "contact-centre event ".repeat(49).slice(0, 1024);
const WORKERS = 16;

export async function run(): Promise<void> {
  const figures = await rounds([
    { name: "SendMessage alone, 64 connections", run: sendAlone },
    { name: "sent, received, deleted, one by one", run: () => cycles(1) },
    { name: "sent, received, deleted, tens", run: () => cycles(10) },
  ]);
  printTable(`Messages of 1 KB, durable, ${WORKERS} workers`, [
    ["", "messages/s", `of ${ELASTICMQ_PER_SECOND}/s`],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      (median(side, "perSecond") / ELASTICMQ_PER_SECOND).toFixed(2),
    ]),
  ]);
  const ours = median(figures.get("sent, received, deleted, tens"), "perSecond");
  printBudget("messages in tens against elasticmq's published figure", ours / ELASTICMQ_PER_SECOND, { atLeast: 1 });
}

function sendAlone(): Promise<Figures> {
  return withQueue(async ({ url }, QueueUrl) => {
    const request = await signedCall(url, "sqs", "AmazonSQS.SendMessage", { QueueUrl, MessageBody: BODY });
    const { perSecond } = await load(url, request, { connections: 64, seconds: SECONDS });
    return { perSecond };
  });
}

/** Each worker sends as many messages as a call takes, receives as many, and deletes what it got. */
function cycles(size: number): Promise<Figures> {
  return withQueue(async ({ url }, QueueUrl) => {
    const Entries = Array.from({ length: size }, (_, i) => ({ Id: `${i}`, MessageBody: BODY }));
    const sending = await signedCall(url, "sqs", "AmazonSQS.SendMessageBatch", { QueueUrl, Entries });
    const asked = { QueueUrl, MaxNumberOfMessages: size };
    const receiving = await signedCall(url, "sqs", "AmazonSQS.ReceiveMessage", asked);
    let deleted = 0;
    const startMs = performance.now();
    const endMs = startMs + SECONDS * 1000;
    const work = async (): Promise<void> => {
      while (performance.now() < endMs) {
        await send(url, sending);
        const { Messages = [] } = await send(url, receiving);
        if (Messages.length === 0) continue;
        await call(url, "sqs", "AmazonSQS.DeleteMessageBatch", {
          QueueUrl,
          Entries: Messages.map(({ ReceiptHandle }: { ReceiptHandle: string }, i: number) => ({
            Id: `${i}`,
            ReceiptHandle,
          })),
        });
        deleted += Messages.length;
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    return { perSecond: deleted / ((performance.now() - startMs) / 1000) };
  });
}

function withQueue(use: (server: ServerProcess, queueUrl: string) => Promise<Figures>): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const { QueueUrl } = await call(server.url, "sqs", "AmazonSQS.CreateQueue", { QueueName: "bench" });
    const figures = await use(server, QueueUrl);
    await server.stop();
    return figures;
  });
}
