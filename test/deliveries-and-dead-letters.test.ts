/** What Trunkline tells of what is owed and of what came to nothing, and what brings it on its way again. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { LambdaClient, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createFunction, createRole, invoke } from "./lambda-world.ts";
import { askOwn } from "./own-endpoint.ts";
import { startTrunkline } from "./server.ts";
import { startEndpoint } from "./stand-ins/http-endpoint.ts";

const server = await startTrunkline();
const events = new EventBridgeClient(server.client);
const sqs = new SQSClient(server.client);
const sns = new SNSClient(server.client);

let count = 0;
const newName = (): string => `dl-${count++}`;

interface Queue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
}

async function createQueue(Attributes: Record<string, string> = {}): Promise<Queue> {
  const name = newName();
  const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return { name, url, arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
}

async function held({ url: QueueUrl }: Queue): Promise<readonly string[]> {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
  return names.map((name) => Attributes?.[name] ?? "");
}

async function receive({ url: QueueUrl }: Queue): Promise<readonly Message[]> {
  const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"], VisibilityTimeout: 0 };
  return (await sqs.send(new ReceiveMessageCommand(asked))).Messages ?? [];
}

/** A rule for events of a source of its own, with one target at an endpoint that may be broken. */
async function route(endpoint: string, deadLetters: Queue, MaximumRetryAttempts: number = 0) {
  const Name = newName();
  const auth = { ApiKeyAuthParameters: { ApiKeyName: "x-api-key", ApiKeyValue: "the-value-of-the-key" } };
  const { ConnectionArn } = await events.send(
    new CreateConnectionCommand({ Name, AuthorizationType: "API_KEY", AuthParameters: auth }),
  );
  const { ApiDestinationArn = "" } = await events.send(
    new CreateApiDestinationCommand({ Name, ConnectionArn, InvocationEndpoint: endpoint, HttpMethod: "POST" }),
  );
  const { RuleArn = "" } = await events.send(new PutRuleCommand({ Name, EventPattern: `{"source":["${Name}"]}` }));
  await events.send(
    new PutTargetsCommand({
      Rule: Name,
      Targets: [
        {
          Id: "there",
          Arn: ApiDestinationArn,
          RoleArn: "arn:aws:iam::000000000000:role/any",
          InputPath: "$.detail",
          DeadLetterConfig: { Arn: deadLetters.arn },
          RetryPolicy: { MaximumRetryAttempts },
        },
      ],
    }),
  );
  const put = (detail: object) =>
    events.send(
      new PutEventsCommand({ Entries: [{ Source: Name, DetailType: "Told", Detail: JSON.stringify(detail) }] }),
    );
  return { name: Name, rule: RuleArn, target: ApiDestinationArn, put };
}

interface Listed {
  readonly deliveries: readonly { id: string; target: string; attemptsMade: number; state: string; failure?: object }[];
  readonly next?: string;
}

interface Attempts {
  readonly attempts: readonly {
    delivery: string;
    outcome: string;
    attempt: number;
    durationMs?: number;
    answer?: { status?: number; body?: string };
    failure?: { code: string };
  }[];
  readonly next?: string;
}

interface Previewed {
  readonly queue: { readonly messages: object };
  readonly messages: readonly {
    key: string;
    body: string;
    state: string;
    attributes: Record<string, { value: string }>;
    origin: { from?: string; target?: string; refused?: string };
  }[];
}

const ask = <T>(path: string, document?: object, key?: string) => askOwn<T>(server.url, path, document, key);
const drain = () => server.advance("PT0S");

async function redrive(queue: Queue, document: object = {}) {
  const answer = await ask<{ redriven: number; refused: { key: string; reason: string }[] }>(
    `dead-letters/${queue.name}/redrive`,
    document,
  );
  assert.equal(answer.status, 200);
  await drain();
  return answer.body;
}

suite("deliveries", () => {
  test("what is owed is told by target, with its failures, and is attempted at once where that is asked for", async () => {
    let isBroken = true;
    const endpoint = await startEndpoint((_received, response) => {
      response.statusCode = isBroken ? 503 : 200;
      response.end("no");
    });
    const { rule, target, put } = await route(endpoint.url, await createQueue(), 5);
    await put({ n: 1 });
    await put({ n: 2 });
    await drain();
    const query = `target=${encodeURIComponent(target)}&rule=${encodeURIComponent(rule)}`;
    const { body: owed } = await ask<Listed>(`deliveries?${query}&limit=1`);
    assert.deepEqual(
      owed.deliveries.map(({ attemptsMade, state }) => [attemptsMade, state]),
      [[1, "waiting"]],
    );
    assert.match(JSON.stringify(owed.deliveries[0]?.failure), /ERROR_FROM_TARGET.*503/);
    const { body: rest } = await ask<Listed>(`deliveries?${query}&limit=1&after=${owed.next}`);
    assert.notEqual(rest.deliveries[0]?.id, owed.deliveries[0]?.id);
    const { body: summed } = await ask<{ targets: { target: string; owed: number; failing: number }[] }>(
      "deliveries/targets",
    );
    const sum = summed.targets.find((one) => one.target === target);
    assert.deepEqual([sum?.owed, sum?.failing], [2, 2]);

    // Another account sees nothing of it, and cannot do anything with it.
    const id = owed.deliveries[0]?.id ?? "";
    const path = `deliveries/${encodeURIComponent(id)}`;
    assert.deepEqual((await ask<Listed>("deliveries", undefined, "other")).body.deliveries, []);
    assert.deepEqual((await ask<Attempts>("deliveries/attempts", undefined, "other")).body.attempts, []);
    assert.equal((await ask(path, undefined, "other")).status, 404);
    assert.equal((await ask("deliveries/attempt", { delivery: id }, "other")).status, 404);

    isBroken = false;
    assert.deepEqual((await ask("deliveries/attempt", { delivery: id })).body, { attempted: 1, isMore: false });
    await drain();
    const { body: done } = await ask<Attempts & { isWhole: boolean }>(path);
    assert.deepEqual(
      done.attempts.map(({ attempt, outcome, answer }) => [attempt, outcome, answer?.status]),
      [
        [1, "failed", 503],
        [2, "delivered", 200],
      ],
    );
    assert.ok(done.attempts.every(({ durationMs }) => durationMs !== undefined && durationMs >= 0));
    assert.equal(done.isWhole, true);
    // What an API destination answers beyond its status is nobody's business: it may tell what authorized the call.
    assert.ok(!JSON.stringify(done).includes('"no"'));

    assert.deepEqual((await ask("deliveries/attempt", { target })).body, { attempted: 1, isMore: false });
    await drain();
    assert.deepEqual((await ask<Listed>(`deliveries?${query}`)).body.deliveries, []);
    assert.equal(endpoint.received.length, 4);
  });

  test("attempts are told newest first, by outcome, target, rule and time, page by page", async () => {
    const endpoint = await startEndpoint();
    const { rule, put } = await route(endpoint.url, await createQueue());
    for (let n = 0; n < 5; n++) await put({ n });
    await drain();
    const query = `rule=${encodeURIComponent(rule)}&outcome=delivered`;
    const seen: string[] = [];
    let after = "";
    do {
      const { body } = await ask<Attempts>(`deliveries/attempts?${query}&limit=2${after}`);
      seen.push(...body.attempts.map(({ delivery }) => delivery));
      after = body.next === undefined ? "" : `&after=${body.next}`;
    } while (after !== "");
    assert.equal(new Set(seen).size, 5);
    const { body: none } = await ask<Attempts>(`deliveries/attempts?rule=${encodeURIComponent(rule)}&outcome=failed`);
    assert.deepEqual(none.attempts, []);
    const { body: later } = await ask<Attempts>(`deliveries/attempts?${query}&from=2999-01-01T00:00:00Z`);
    assert.deepEqual(later.attempts, []);
  });

  test("what an HTTP subscription answers is told up to a bound", async () => {
    const endpoint = await startEndpoint((_received, response) => response.end("a".repeat(5_000)));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: newName() }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: endpoint.url }));
    await drain();
    const { body } = await ask<Attempts>("deliveries/attempts?limit=1");
    assert.deepEqual(body.attempts[0]?.answer, { status: 200, body: "a".repeat(1024) });
  });

  test("bad input is refused by name", async () => {
    const cases: readonly (readonly [string, RegExp, object?])[] = [
      ["deliveries?limit=0", /limit is a number/],
      ["deliveries?limit=many", /limit is a number/],
      ["deliveries?after=nonsense", /no place in this list/],
      ["deliveries?tagret=x", /There is no tagret/],
      ["deliveries/attempts?outcome=lost", /outcome is one of/],
      ["deliveries/attempts?from=yesterday", /from is no time/],
      ["deliveries/attempt", /either the delivery/, {}],
      ["deliveries/attempt", /either the delivery/, { delivery: "a", target: "b" }],
      ["deliveries/attempt", /no member speed/, { speed: 1 }],
    ];
    for (const [path, message, document] of cases) {
      const { status, body } = await ask<{ error: string }>(path, document);
      assert.equal(status, 400, path);
      assert.match(body.error, message);
    }
    assert.equal((await ask("deliveries/never")).status, 404);
    assert.equal((await ask("deliveries/attempt", { delivery: "never" })).status, 404);
  });
});

suite("dead letters", () => {
  test("a rule's are told with their reasons, are not received by that, and get to the target once it is mended", async () => {
    let isBroken = true;
    const endpoint = await startEndpoint((_received, response) => {
      response.statusCode = isBroken ? 400 : 200;
      response.end();
    });
    const queue = await createQueue();
    const { rule, target, put } = await route(endpoint.url, queue);
    await put({ n: 1 });
    await put({ n: 2 });
    await drain();

    const { body: listed } = await ask<{ queues: { name: string; messages?: object; sources: object[] }[] }>(
      "dead-letters",
    );
    const told = listed.queues.find(({ name }) => name === queue.name);
    assert.deepEqual(told?.messages, { visible: 2, notVisible: 0, delayed: 0 });
    assert.deepEqual(told?.sources, [{ from: "eventbridge", rule, targetId: "there", target }]);
    const { body: seen } = await ask<Previewed>(`dead-letters/${queue.name}`);
    assert.equal(seen.messages.length, 2);
    assert.equal(seen.messages[0]?.attributes.ERROR_CODE?.value, "SDK_CLIENT_ERROR");
    assert.deepEqual(seen.messages[0]?.origin, { from: "eventbridge", rule, target });
    assert.deepEqual(await held(queue), ["2", "0"]);

    // Still broken: it comes back as a new dead letter.
    const [first] = seen.messages;
    assert.deepEqual(await redrive(queue, { messages: [first?.key] }), { redriven: 1, refused: [], isMore: false });
    assert.deepEqual(await held(queue), ["2", "0"]);
    isBroken = false;
    assert.deepEqual(await redrive(queue), { redriven: 2, refused: [], isMore: false });
    assert.deepEqual(await held(queue), ["0", "0"]);
    // Shaped by the rule, as at the first time.
    assert.deepEqual(
      endpoint.received
        .slice(-2)
        .map(({ body }) => body)
        .sort(),
      ['{"n":1}', '{"n":2}'],
    );
  });

  test("what cannot be told or sent stays, and says why", async () => {
    const endpoint = await startEndpoint((_received, response) => {
      response.statusCode = 400;
      response.end();
    });
    const queue = await createQueue();
    const { name: Rule, put } = await route(endpoint.url, queue);
    await put({ n: 1 });
    await drain();
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "whose?" }));
    const ofMapping = {
      requestContext: { functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f" },
      KinesisBatchInfo: { streamArn: "s", shardId: "shard-3", startSequenceNumber: "7" },
    };
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: JSON.stringify(ofMapping) }));
    await events.send(new RemoveTargetsCommand({ Rule, Ids: ["there"] }));
    await events.send(new DeleteRuleCommand({ Name: Rule }));
    const { body: seen } = await ask<Previewed>(`dead-letters/${queue.name}`);
    const { redriven, refused } = await redrive(queue, {
      messages: [...seen.messages.map(({ key }) => key), "9.gone"],
    });
    assert.equal(redriven, 0);
    assert.match(refused[0]?.reason ?? "", /Rule .* does not exist any more/);
    assert.match(refused[1]?.reason ?? "", /Nothing in the message tells whose/);
    assert.match(refused[2]?.reason ?? "", /holds no records.*shard-3 from 7/);
    assert.match(refused[3]?.reason ?? "", /is gone/);
    assert.deepEqual(await held(queue), ["3", "0"]);
    // One that somebody has received is theirs for now.
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 1, VisibilityTimeout: 60 }));
    const { body: hidden } = await ask<Previewed>(`dead-letters/${queue.name}`);
    assert.equal(hidden.messages[0]?.state, "hidden");
    const held0 = await redrive(queue, { messages: [hidden.messages[0]?.key] });
    assert.match(held0.refused[0]?.reason ?? "", /Somebody has received/);
  });

  test("those of a queue go back to it, and those of a topic to their endpoint", async () => {
    const letters = await createQueue();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: letters.arn, maxReceiveCount: 1 });
    const source = await createQueue({ RedrivePolicy });
    await sqs.send(new SendMessageCommand({ QueueUrl: source.url, MessageBody: "tried" }));
    await receive(source);
    await receive(source);
    assert.deepEqual(
      [await held(source), await held(letters)],
      [
        ["0", "0"],
        ["1", "0"],
      ],
    );

    let isBroken = true;
    const endpoint = await startEndpoint((received, response) => {
      const isMessage = received.headers["x-amz-sns-message-type"] === "Notification";
      response.statusCode = isBroken && isMessage ? 400 : 200;
      response.end();
    });
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: newName() }));
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "http",
        Endpoint: endpoint.url,
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: letters.arn }) },
      }),
    );
    await drain();
    const token = JSON.parse(endpoint.received[0]?.body ?? "{}").SubscribeURL as string;
    await fetch(token);
    await sns.send(new PublishCommand({ TopicArn, Message: "news" }));
    await drain();
    const { body: seen } = await ask<Previewed>(`dead-letters/${letters.name}`);
    assert.deepEqual(
      seen.messages.map(({ origin }) => origin.from),
      ["sqs", "sns"],
    );
    isBroken = false;
    assert.deepEqual(await redrive(letters), { redriven: 2, refused: [], isMore: false });
    assert.equal(JSON.parse(endpoint.received.at(-1)?.body ?? "{}").Message, "news");
    assert.equal(endpoint.received.at(-1)?.headers["x-amz-sns-message-type"], "Notification");
    assert.deepEqual(
      (await receive(source)).map(({ Body }) => Body),
      ["tried"],
    );
  });

  test("those of a function go to it again, as the events that they are", async () => {
    const letters = await createQueue();
    const onFailure = await createQueue();
    const Role = await createRole(server.client, newName(), ["sqs:SendMessage"]);
    const FunctionName = newName();
    const code = `let healthy = false, seen = [];
      export const handler = async (event) => {
        if (event.mend) { healthy = true; return seen; }
        if (event.tell) return seen;
        if (!healthy) throw new Error("not yet");
        seen.push(event);
      };`;
    await createFunction(server.client, code, { FunctionName, Role, DeadLetterConfig: { TargetArn: letters.arn } });
    const lambda = new LambdaClient(server.client);
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName,
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: onFailure.arn } },
      }),
    );
    await invoke(server.client, FunctionName, { n: 1 }, { InvocationType: "Event" });
    await drain();
    assert.deepEqual(
      [await held(letters), await held(onFailure)],
      [
        ["1", "0"],
        ["1", "0"],
      ],
    );
    await invoke(server.client, FunctionName, { mend: true });
    assert.equal((await redrive(letters)).redriven, 1);
    assert.equal((await redrive(onFailure)).redriven, 1);
    const { answer } = await invoke(server.client, FunctionName, { tell: true });
    assert.deepEqual(answer, [{ n: 1 }, { n: 1 }]);
  });

  test("messages of any queue are looked at and deleted by their keys; another account's are not there", async () => {
    const queue = await createQueue();
    for (const body of ["one", "two", "é".repeat(6_000)]) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }));
    }
    const { body: page } = await ask<Previewed & { next: string }>(`sqs/${queue.name}?limit=2`);
    assert.deepEqual(
      page.messages.map(({ body }) => body),
      ["one", "two"],
    );
    const { body: rest } = await ask<Previewed>(`sqs/${queue.name}?limit=2&after=${page.next}`);
    assert.equal(rest.messages[0]?.body.length, 4_000);
    const { body: whole } = await ask<{ body: string }>(`sqs/${queue.name}/${rest.messages[0]?.key}`);
    assert.equal(whole.body.length, 6_000);
    for (const path of [
      `sqs/${queue.name}`,
      `dead-letters/${queue.name}`,
      `sqs/${queue.name}/${page.messages[0]?.key}`,
    ]) {
      assert.equal((await ask(path, undefined, "other")).status, 404);
    }
    const messages = [page.messages[0]?.key, "77.never"];
    assert.equal((await ask(`sqs/${queue.name}/delete`, { messages }, "other")).status, 404);
    assert.deepEqual((await ask(`sqs/${queue.name}/delete`, { messages })).body, { deleted: 1 });
    assert.deepEqual(await held(queue), ["2", "0"]);
    for (const document of [{}, { messages: [] }, { messages: "all" }, { messages: [1] }, { all: true }]) {
      assert.equal((await ask(`sqs/${queue.name}/delete`, document)).status, 400, JSON.stringify(document));
    }
    assert.equal((await ask(`dead-letters/${queue.name}/redrive`, { messages: [] })).status, 400);
    assert.equal((await ask("sqs/none")).status, 404);
    const { body: listed } = await ask<{ queues: { name: string }[] }>("sqs?limit=500");
    assert.ok(listed.queues.some(({ name }) => name === queue.name));
    assert.deepEqual((await ask<{ queues: object[] }>("sqs", undefined, "other")).body.queues, []);
  });
});
