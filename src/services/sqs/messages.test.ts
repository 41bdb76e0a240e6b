import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import type { Context } from "../service.ts";
import { openServiceWorld, type ServiceWorld } from "../world.test.ts";
import { changeMessageVisibility } from "./change-message-visibility.ts";
import { deleteMessage } from "./delete-message.ts";
import { sqs } from "./index.ts";
import { getQueueAttributes } from "./queue-attributes.ts";
import { createQueue } from "./queues.ts";
import { receiveMessage } from "./receive-message.ts";
import { sendMessage } from "./send-message.ts";

const RETENTION_S = 60;
const MAX_RECEIVE_COUNT = 3;

/** A queue as the documentation describes it: a list of messages, each with the time until which it is hidden. */
class QueueByDefinition {
  messages: { body: string; group: string; sentS: number; hiddenUntilS: number; receives: number; handle?: string }[] =
    [];
  readonly dead: string[] = [];
  readonly #fifo: boolean;

  constructor(fifo: boolean) {
    this.#fifo = fifo;
  }

  send(nowS: number, body: string, group: string, delayS: number): void {
    this.messages.push({ body, group, sentS: nowS, hiddenUntilS: nowS + delayS, receives: 0 });
  }

  receive(nowS: number, limit: number, visibilityS: number): string[] {
    this.expire(nowS);
    const taken: string[] = [];
    const blocked = new Set<string>();
    for (const message of this.#inOrder(nowS)) {
      if (taken.length === limit) break;
      if (this.#fifo && blocked.has(message.group)) continue;
      if (message.hiddenUntilS > nowS) {
        blocked.add(message.group);
      } else if (message.receives >= MAX_RECEIVE_COUNT) {
        this.delete(message.body);
        this.dead.push(message.body);
      } else {
        message.receives += 1;
        message.hiddenUntilS = nowS + visibilityS;
        taken.push(message.body);
      }
    }
    return taken;
  }

  /** A FIFO queue gives as many of one group as it can before it turns to the next. */
  #inOrder(nowS: number): typeof this.messages {
    if (!this.#fifo) return [...this.messages];
    const groups = Map.groupBy(this.messages, (message) => message.group);
    return [...groups.values()].filter(([head]) => head && head.hiddenUntilS <= nowS).flat();
  }

  expire(nowS: number): void {
    this.messages = this.messages.filter((message) => nowS < message.sentS + RETENTION_S);
  }

  /** Some message that was received and has not come back: its handle is good in a FIFO queue too. */
  pickInFlight(nowS: number, choice: number): string | undefined {
    const inFlight = this.messages.filter((message) => message.receives > 0 && message.hiddenUntilS > nowS);
    return inFlight[choice % inFlight.length]?.body;
  }

  hide(body: string, untilS: number): void {
    for (const message of this.messages) if (message.body === body) message.hiddenUntilS = untilS;
  }

  delete(body: string): void {
    this.messages = this.messages.filter((message) => message.body !== body);
  }
}

interface Run {
  readonly world: ServiceWorld;
  readonly context: Context;
  readonly url: string;
  readonly deadUrl: string;
  readonly model: QueueByDefinition;
  readonly fifo: boolean;
  readonly handles: Map<string, string>;
  nowS: number;
  sent: number;
}

const seconds = fc.oneof(fc.constant(0), fc.nat(5));
const anyStep = fc.oneof(
  fc.record({ do: fc.constant("send" as const), delayS: seconds, group: fc.constantFrom("a", "b") }),
  fc.record({ do: fc.constant("receive" as const), limit: fc.integer({ min: 1, max: 4 }), visibilityS: seconds }),
  fc.record({ do: fc.constant("delete" as const), choice: fc.nat(9) }),
  fc.record({ do: fc.constant("change" as const), choice: fc.nat(9), visibilityS: seconds }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.oneof(seconds, seconds, seconds, fc.constant(30)) }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

async function take(step: Step, run: Run): Promise<void> {
  const { context, model, url: QueueUrl } = run;
  switch (step.do) {
    case "send": {
      const MessageBody = `m${run.sent++}`;
      const delayS = run.fifo ? 0 : step.delayS;
      const special = run.fifo
        ? { MessageGroupId: step.group, MessageDeduplicationId: MessageBody }
        : { DelaySeconds: delayS };
      await sendMessage({ QueueUrl, MessageBody, ...special }, context);
      model.send(run.nowS, MessageBody, step.group, delayS);
      return;
    }
    case "receive": {
      const { limit, visibilityS } = step;
      const asked = { QueueUrl, MaxNumberOfMessages: limit, VisibilityTimeout: visibilityS };
      const { Messages: received = [] } = await receiveMessage(asked, context);
      assert.deepEqual(received.map(bodyOf), model.receive(run.nowS, limit, visibilityS));
      for (const message of received) run.handles.set(bodyOf(message), message.ReceiptHandle ?? "");
      return;
    }
    case "delete": {
      const body = model.pickInFlight(run.nowS, step.choice);
      if (body === undefined) return;
      await deleteMessage({ QueueUrl, ReceiptHandle: run.handles.get(body) ?? "" }, context);
      model.delete(body);
      return;
    }
    case "change": {
      const body = model.pickInFlight(run.nowS, step.choice);
      if (body === undefined) return;
      const VisibilityTimeout = step.visibilityS;
      await changeMessageVisibility(
        { QueueUrl, ReceiptHandle: run.handles.get(body) ?? "", VisibilityTimeout },
        context,
      );
      model.hide(body, run.nowS + VisibilityTimeout);
      return;
    }
    case "wait":
      await run.world.advance(step.seconds * 1000);
      run.nowS += step.seconds;
      model.expire(run.nowS);
  }
}

function bodyOf(message: Message): string {
  return message.Body ?? "";
}

async function checkEnd(run: Run): Promise<void> {
  const { Attributes: counts } = await getQueueAttributes({ QueueUrl: run.url, AttributeNames: ["All"] }, run.context);
  const hidden = run.model.messages.filter((message) => message.hiddenUntilS > run.nowS);
  const delayed = hidden.filter((message) => message.receives === 0);
  assert.deepEqual(
    [
      counts?.ApproximateNumberOfMessages,
      counts?.ApproximateNumberOfMessagesNotVisible,
      counts?.ApproximateNumberOfMessagesDelayed,
    ],
    [run.model.messages.length - hidden.length, hidden.length - delayed.length, delayed.length].map(String),
  );
  const dead: string[] = [];
  for (;;) {
    const { Messages: some } = await receiveMessage({ QueueUrl: run.deadUrl, MaxNumberOfMessages: 10 }, run.context);
    if (some === undefined) break;
    for (const message of some) {
      await deleteMessage({ QueueUrl: run.deadUrl, ReceiptHandle: message.ReceiptHandle ?? "" }, run.context);
      dead.push(bodyOf(message));
    }
  }
  assert.deepEqual(dead.sort(), run.model.dead.sort());
}

for (const fifo of [false, true]) {
  test(`a ${fifo ? "FIFO" : "standard"} queue behaves as its definition: nothing lost, nothing received while hidden`, async () => {
    await using world = await openServiceWorld(sqs);
    const context = world.context();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 20, maxLength: 60 }), async (script) => {
        const suffix = `${runs++}${fifo ? ".fifo" : ""}`;
        const attributes = fifo ? { FifoQueue: "true" } : {};
        const dead = await createQueue({ QueueName: `dead${suffix}`, Attributes: attributes }, context);
        const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:dead${suffix}`;
        const queue = await createQueue(
          {
            QueueName: `queue${suffix}`,
            Attributes: {
              ...attributes,
              MessageRetentionPeriod: String(RETENTION_S),
              RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MAX_RECEIVE_COUNT }),
            },
          },
          context,
        );
        const model = new QueueByDefinition(fifo);
        const run: Run = {
          world,
          context,
          url: queue.QueueUrl ?? "",
          deadUrl: dead.QueueUrl ?? "",
          model,
          fifo,
          handles: new Map(),
          nowS: 0,
          sent: 0,
        };
        for (const step of script) await take(step, run);
        await checkEnd(run);
      }),
      { numRuns: 150 },
    );
  });
}
