/**
 * A topic: messages of 1 KB published to three queues, durable, from 64 connections, with signed envelopes and as raw texts; and to nobody. Held
 * against SendMessage of the same body to one queue.
 */
import { type Figures, median, printBudget, printTable, rounds, SECONDS, type Side, spread } from "./measure.ts";
import { call, load, sendForm, signedCall, signedForm } from "./sides/load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";

const BODY = "contact-centre event ".repeat(49).slice(0, 1024);
const CONNECTIONS = 64;

export async function run(): Promise<void> {
  const sides: readonly Side[] = [
    { name: "SendMessage", run: () => withServer(sendMessage) },
    { name: "Publish to nobody", run: () => withServer((server) => publish(server, 0, true)) },
    { name: "Publish to 3 queues, raw", run: () => withServer((server) => publish(server, 3, true)) },
    { name: "Publish to 3 queues, signed envelopes", run: () => withServer((server) => publish(server, 3, false)) },
  ];
  const figures = await rounds(sides);
  const floor = median(figures.get("SendMessage"), "perSecond");
  printTable(`Messages of 1 KB, durable, ${CONNECTIONS} connections`, [
    ["", "requests/s", "of SendMessage", "p50 ms", "p99 ms"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      (median(side, "perSecond") / floor).toFixed(2),
      spread(side, "p50Ms", 1),
      spread(side, "p99Ms", 1),
    ]),
  ]);
  const raw = median(figures.get("Publish to 3 queues, raw"), "perSecond") / floor;
  printBudget("Publish to three queues against SendMessage to one", raw, { atLeast: 0.33 });
}

function withServer(measure: (server: ServerProcess) => Promise<Figures>): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const figures = await measure(server);
    await server.stop();
    return figures;
  });
}

async function sendMessage({ url }: ServerProcess): Promise<Figures> {
  const { QueueUrl } = await call(url, "sqs", "AmazonSQS.CreateQueue", { QueueName: "bench" });
  const request = await signedCall(url, "sqs", "AmazonSQS.SendMessage", { QueueUrl, MessageBody: BODY });
  return load(url, request, { connections: CONNECTIONS, seconds: SECONDS });
}

async function publish({ url }: ServerProcess, queues: number, isRaw: boolean): Promise<Figures> {
  const topic = "arn:aws:sns:us-east-1:000000000000:bench";
  await sendForm(url, await signedForm(url, "sns", { Action: "CreateTopic", Name: "bench" }));
  for (let at = 0; at < queues; at += 1) {
    await call(url, "sqs", "AmazonSQS.CreateQueue", { QueueName: `bench-${at}` });
    const subscription = {
      Action: "Subscribe",
      TopicArn: topic,
      Protocol: "sqs",
      Endpoint: `arn:aws:sqs:us-east-1:000000000000:bench-${at}`,
      "Attributes.entry.1.key": "RawMessageDelivery",
      "Attributes.entry.1.value": String(isRaw),
    };
    await sendForm(url, await signedForm(url, "sns", subscription));
  }
  const request = await signedForm(url, "sns", { Action: "Publish", TopicArn: topic, Message: BODY });
  return load(url, request, { connections: CONNECTIONS, seconds: SECONDS });
}
