import type {
  Consumer,
  DeregisterStreamConsumerInput,
  DescribeStreamConsumerInput,
  DescribeStreamConsumerOutput,
  ListStreamConsumersInput,
  ListStreamConsumersOutput,
  RegisterStreamConsumerInput,
  RegisterStreamConsumerOutput,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { listBehind } from "../list-page.ts";
import type { Context } from "../service.ts";
import {
  consumerArn,
  consumerDocumentId,
  type Stream,
  type StreamConsumer,
  streamArn,
  streamConsumers,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { findConsumer } from "./find-resource.ts";
import { findStream, streamNotFound } from "./find-stream.ts";
import { wasCreatedAt } from "./list-shards.ts";
import { nextToken, readNextToken } from "./next-token.ts";
import { CONSUMERS_PER_STREAM_MAX } from "./quotas.ts";
import { assertTagCount, assertTags } from "./tag-rules.ts";

/** Registers a consumer for enhanced fan-out, active at once. */
export async function registerStreamConsumer(
  input: Validated<RegisterStreamConsumerInput>,
  context: Context,
): Promise<RegisterStreamConsumerOutput> {
  const tags = input.Tags ?? {};
  assertTags(tags);
  const consumer = await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "RegisterStreamConsumer");
    const id = consumerDocumentId(stream, input.ConsumerName);
    assertTagCount(tags, `consumer ${input.ConsumerName}`, stream.account);
    if ((await unit.get(streamConsumers, id)) !== undefined) {
      throw new ModeledError(
        "ResourceInUseException",
        `Consumer ${input.ConsumerName} under stream ${stream.name} already exists for account ${stream.account}.`,
      );
    }
    assertConsumers(stream, context);
    const consumer: StreamConsumer = {
      account: stream.account,
      region: stream.region,
      streamName: stream.name,
      streamId: stream.id,
      name: input.ConsumerName,
      createdMs: context.clock.now(),
      tags,
    };
    unit.put(streamConsumers, id, consumer);
    unit.put(streams, streamDocumentId(stream), { ...stream, consumerCount: stream.consumerCount + 1 });
    return consumer;
  });
  return { Consumer: describe(consumer) };
}

/** Consumers per stream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html */
function assertConsumers(stream: Stream, { limits }: Context): void {
  const consumersMax = limits.value("kinesis.consumers-per-stream", CONSUMERS_PER_STREAM_MAX);
  if (!limits.enforced || stream.consumerCount < consumersMax) return;
  throw new ModeledError(
    "LimitExceededException",
    `Stream ${stream.name} under account ${stream.account} already has ${stream.consumerCount} registered consumers. Limit: ${consumersMax}.`,
  );
}

/** Live subscriptions of the consumer end. */
export async function deregisterStreamConsumer(
  input: Validated<DeregisterStreamConsumerInput>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const { stream, consumer } = await findConsumer(unit, input, context, "DeregisterStreamConsumer");
    unit.delete(streamConsumers, consumerDocumentId(stream, consumer.name));
    unit.put(streams, streamDocumentId(stream), { ...stream, consumerCount: stream.consumerCount - 1 });
  });
  return {};
}

export async function describeStreamConsumer(
  input: Validated<DescribeStreamConsumerInput>,
  context: Context,
): Promise<DescribeStreamConsumerOutput> {
  const { stream, consumer } = await findConsumer(context.store, input, context, "DescribeStreamConsumer");
  return { ConsumerDescription: { ...describe(consumer), StreamARN: streamArn(stream) } };
}

function describe(consumer: StreamConsumer): Consumer {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumerArn(consumer),
    ConsumerStatus: "ACTIVE",
    ConsumerCreationTimestamp: new Date(consumer.createdMs),
  };
}

/** Consumers on a page at most, and where the request does not say: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html */
const CONSUMERS_MAX = 100;

const PAGE = "ListStreamConsumers";

/** A page of a stream's registered consumers, by name. */
export async function listStreamConsumers(
  input: Validated<ListStreamConsumersInput>,
  context: Context,
): Promise<ListStreamConsumersOutput> {
  const stream = await findStream(context.store, input, context, "ListStreamConsumers");
  const after = input.NextToken === undefined ? undefined : await lastListed(input, input.NextToken, stream, context);
  if (!wasCreatedAt(stream, input.StreamCreationTimestamp)) throw streamNotFound(stream);
  const listing = {
    collection: streamConsumers,
    under: [stream.account, stream.region, stream.id],
    nameOf: ({ name }: StreamConsumer) => name,
  };
  const limit = Math.min(input.MaxResults ?? CONSUMERS_MAX, CONSUMERS_MAX);
  const found = await listBehind(context.store, listing, after, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && page.length < found.length;
  return {
    Consumers: page.map(describe),
    ...(more ? { NextToken: await nextToken(context, PAGE, [stream.id, last.name]) } : {}),
  };
}

async function lastListed(
  input: Validated<ListStreamConsumersInput>,
  token: string,
  stream: Stream,
  context: Context,
): Promise<string> {
  if (input.StreamCreationTimestamp !== undefined) {
    throw new ModeledError(
      "InvalidArgumentException",
      "NextToken and StreamCreationTimestamp cannot be provided together.",
    );
  }
  const [streamId, name] = await readNextToken(context, PAGE, token);
  if (streamId !== stream.id) {
    throw new ModeledError("InvalidArgumentException", "NextToken was returned for another stream.");
  }
  return String(name);
}
