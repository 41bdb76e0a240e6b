/** What the tests of event source mappings share: streams, queues, and a function that is a function of the test. Holds no test itself. */
import assert from "node:assert/strict";
import type { CreateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import type { ReceiveMessageResult } from "@aws-sdk/client-sqs";
import { kinesis } from "../../kinesis/index.ts";
import type { Context, Service } from "../../service.ts";
import { sqs } from "../../sqs/index.ts";
import { callerOf, openServiceWorld, type ServiceWorld } from "../../world.test.ts";
import type { InvocationResult } from "../invoke-function.ts";
import { createEventSourceMapping } from "./event-source-mappings.ts";
import { functionsOf } from "./functions.ts";
import { startEventSources } from "./index.ts";

export const STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
export const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:q";
export const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
const ROLE_ARN = "arn:aws:iam::000000000000:role/r";

/** What the function does with an event: it answers, throws, or is not to be had. */
export type Behaviour = (event: SentEvent) => unknown;

export interface SentEvent {
  readonly Records: readonly {
    readonly kinesis?: { readonly data: string; readonly partitionKey: string; readonly sequenceNumber: string };
    readonly eventID?: string;
    readonly body?: string;
    readonly messageId?: string;
    readonly [member: string]: unknown;
  }[];
}

/** Calls an operation of another service through its door. */
async function call(service: Service, operation: string, input: object, context: Context): Promise<unknown> {
  const handler = Object.values(service.operations)[0]?.[operation];
  assert(handler !== undefined, operation);
  return handler(input, context);
}

export async function callKinesis(w: MappingWorld, operation: string, input: object): Promise<void> {
  await call(kinesis, operation, input, w.context);
}

export async function callSqs(w: MappingWorld, operation: string, input: object): Promise<unknown> {
  return call(sqs, operation, input, w.context);
}

export class Throttled extends Error {}

export interface MappingWorld extends AsyncDisposable {
  readonly world: ServiceWorld;
  readonly context: Context;
  /** Each batch that the function was sent, as the texts in it. */
  readonly batches: string[][];
  readonly events: SentEvent[];
  behave(behaviour: Behaviour): void;
  map(settings: Partial<CreateEventSourceMappingRequest>): Promise<string>;
  put(key: string, text?: string): Promise<void>;
  send(body: string, group?: string): Promise<void>;
  /** Waits for all that can happen without time going by. */
  settle(): Promise<void>;
  /** Bodies of what a queue holds. */
  drain(queue: string): Promise<string[]>;
}

export async function openMappingWorld({ shards = 1 }: { readonly shards?: number } = {}): Promise<MappingWorld> {
  const world = await openServiceWorld({
    operations: {},
    async start(platform) {
      for (const service of [sqs, kinesis]) await service.start?.(platform);
      startEventSources(platform);
    },
  });
  const context = world.context();
  const batches: string[][] = [];
  const events: SentEvent[] = [];
  let behaviour: Behaviour = () => null;
  const functions = functionsOf(world.platform.store);
  functions.find = async (_reader, arn) =>
    arn.startsWith(FUNCTION_ARN) ? { arn, roleArn: ROLE_ARN, timeoutSeconds: 3 } : undefined;
  functions.actAs = async (_platform, { account, region }) => callerOf(account, region);
  functions.invoke = async (_platform, { payload }): Promise<InvocationResult> => {
    const event = JSON.parse(payload) as SentEvent;
    events.push(event);
    batches.push(event.Records.map(textOf));
    const answered = { executedVersion: "$LATEST", requestId: "0f8e1d2c-0000-4000-8000-000000000001" };
    try {
      return { ...answered, answer: JSON.stringify((await behaviour(event)) ?? null) };
    } catch (error) {
      if (error instanceof Throttled) {
        return { refused: { code: "TooManyRequestsException", message: "Rate Exceeded.", retryable: true } };
      }
      return { ...answered, answer: JSON.stringify({ errorMessage: String(error) }), functionError: "Unhandled" };
    }
  };
  await call(kinesis, "CreateStream", { StreamName: "s", ShardCount: shards }, context);
  await call(sqs, "CreateQueue", { QueueName: "q" }, context);
  await call(sqs, "CreateQueue", { QueueName: "failures" }, context);

  return {
    world,
    context,
    batches,
    events,
    behave: (next) => {
      behaviour = next;
    },
    async map(settings) {
      const { UUID } = await createEventSourceMapping(
        {
          EventSourceArn: STREAM_ARN,
          ...(settings.EventSourceArn?.includes(":sqs:") ? {} : { StartingPosition: "TRIM_HORIZON" }),
          ...settings,
          FunctionName: settings.FunctionName ?? "f",
        },
        context,
      );
      return String(UUID);
    },
    async put(key, text = key) {
      await call(kinesis, "PutRecord", { StreamName: "s", PartitionKey: key, Data: Buffer.from(text) }, context);
    },
    async send(body, group) {
      const QueueUrl = `http://x/000000000000/${group === undefined ? "q" : "q.fifo"}`;
      const grouped = group === undefined ? {} : { MessageGroupId: group };
      await call(sqs, "SendMessage", { QueueUrl, MessageBody: body, ...grouped }, context);
    },
    settle: () => world.advance(0),
    async drain(queue) {
      const asked = { QueueUrl: `http://x/000000000000/${queue}`, MaxNumberOfMessages: 10 };
      const { Messages = [] } = (await call(sqs, "ReceiveMessage", asked, context)) as ReceiveMessageResult;
      return Messages.map(({ Body }) => String(Body));
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

export function textOf(record: SentEvent["Records"][number]): string {
  if (record.kinesis !== undefined) return Buffer.from(record.kinesis.data, "base64").toString();
  assert(record.body !== undefined);
  return record.body;
}
