/** Targets that hang, crash, answer wrongly or only at the third time: what they are owed is tried, and lost to nobody; others do not wait. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const EVENTS = 5;

const server = await startTrunkline("--limit", "events.api-destination-timeout-ms=100");
const events = new EventBridgeClient(server.client);
const sqs = new SQSClient(server.client);

const arrived = new Map<string, string[]>();
const target = createServer((request, response) => void take(request, response)).listen(0, "127.0.0.1");
after(() => {
  target.closeAllConnections();
  target.close();
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += chunk;
  const path = request.url ?? "";
  const seen = [...(arrived.get(path) ?? []), JSON.parse(body).detail.number as string];
  arrived.set(path, seen);
  answer(path, seen, request, response);
}

function answer(path: string, seen: readonly string[], request: IncomingMessage, response: ServerResponse): void {
  if (path === "/hangs") return;
  if (path === "/crashes") request.socket.destroy();
  else if (path === "/lies") request.socket.end("this is no HTTP\r\n\r\n");
  else if (path === "/comes-round")
    response.writeHead(seen.filter((id) => id === seen.at(-1)).length < 3 ? 503 : 200).end();
  else response.end();
}

async function queue(QueueName: string): Promise<string> {
  return (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? "";
}

async function drain(QueueUrl: string): Promise<readonly { readonly number: unknown; readonly target: string }[]> {
  const found = [];
  for (;;) {
    const receive = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
    if (Messages.length === 0) return found;
    for (const { Body = "", MessageAttributes = {}, ReceiptHandle } of Messages) {
      const name = MessageAttributes.TARGET_ARN?.StringValue?.split("/")[1] ?? "";
      found.push({ number: JSON.parse(Body).detail.number, target: name });
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

test("targets that fail in every way lose nothing and delay nobody", async () => {
  const [dead, taken] = [await queue("dead"), await queue("taken")];
  const { ConnectionArn } = await events.send(
    new CreateConnectionCommand({
      Name: "c",
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "X-Key", ApiKeyValue: "secret" } },
    }),
  );
  await server.advance("PT0S");
  const port = (target.address() as AddressInfo).port;
  const Targets = [{ Id: "queue", Arn: "arn:aws:sqs:us-east-1:000000000000:taken" }];
  for (const name of ["hangs", "crashes", "lies", "comes-round"]) {
    const { ApiDestinationArn = "" } = await events.send(
      new CreateApiDestinationCommand({
        Name: name,
        ConnectionArn,
        HttpMethod: "POST",
        InvocationEndpoint: `http://127.0.0.1:${port}/${name}`,
      }),
    );
    Targets.push({
      Id: name,
      Arn: ApiDestinationArn,
      RoleArn: "arn:aws:iam::000000000000:role/call",
      DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" },
      RetryPolicy: { MaximumRetryAttempts: name === "comes-round" ? 5 : 1 },
    } as (typeof Targets)[number]);
  }
  await events.send(new PutRuleCommand({ Name: "all", EventPattern: '{"source":["shop"]}' }));
  await events.send(new PutTargetsCommand({ Rule: "all", Targets }));
  const numbers = Array.from({ length: EVENTS }, (_, index) => index);
  const Entries = numbers.map((number) => ({
    Source: "shop",
    DetailType: "placed",
    Detail: JSON.stringify({ number }),
  }));
  await events.send(new PutEventsCommand({ Entries }));

  // The queue has them in the commit that routes them, whatever the others do meanwhile.
  const soon: unknown[] = [];
  while (soon.length < EVENTS) soon.push(...(await drain(taken)).map(({ number }) => number));
  assert.deepEqual(soon, numbers);

  await server.advance("PT1H");
  const letters = await drain(dead);
  for (const name of ["hangs", "crashes", "lies"]) {
    const given = letters.filter((letter) => letter.target === name).map(({ number }) => number);
    assert.deepEqual(given.sort(), numbers, name);
  }
  assert.equal(letters.length, 3 * EVENTS, "what comes round is taken in the end");
  const attempts = arrived.get("/comes-round") ?? [];
  assert.deepEqual([...new Set(attempts)].sort(), numbers);
  assert.equal(attempts.length, 3 * EVENTS);
});
