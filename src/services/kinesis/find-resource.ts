import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import type { Caller, Context } from "../service.ts";
import {
  consumerDocumentId,
  type Stream,
  type StreamConsumer,
  streamConsumers,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { assertShared, findStream, parseStreamArn, STREAM_ARN } from "./find-stream.ts";

const CONSUMER_ARN = /^(arn:aws[^:]*:kinesis:[^:]+:\d{12}:stream\/[a-zA-Z0-9_.-]+)\/consumer\/([a-zA-Z0-9_.-]+):(\d+)$/;

/** What a consumer's ARN, or its stream and name, refer to. */
export interface ConsumerReference {
  readonly StreamARN?: string | undefined;
  readonly StreamId?: string | undefined;
  readonly ConsumerName?: string | undefined;
  readonly ConsumerARN?: string | undefined;
}

export interface FoundConsumer {
  readonly stream: Stream;
  readonly consumer: StreamConsumer;
}

type Who = Pick<Caller, "account" | "region" | "principalArn">;

/** The registered consumer that a request names, where the caller may do `action` with it. Throws as `findStream` does. */
export async function findConsumer(
  reader: Reader,
  reference: ConsumerReference,
  caller: Who,
  action: string,
): Promise<FoundConsumer> {
  return reference.ConsumerARN === undefined
    ? findConsumerByName(reader, reference, caller, action)
    : findConsumerByArn(reader, { ...reference, ConsumerARN: reference.ConsumerARN }, caller, action);
}

async function findConsumerByName(
  reader: Reader,
  reference: ConsumerReference,
  caller: Who,
  action: string,
): Promise<FoundConsumer> {
  const { StreamARN, StreamId, ConsumerName } = reference;
  if ((StreamARN === undefined && StreamId === undefined) || ConsumerName === undefined) {
    throw new ModeledError(
      "InvalidArgumentException",
      "Either ConsumerARN or both StreamARN and ConsumerName should be specified.",
    );
  }
  const stream = await findStream(reader, { StreamARN, StreamId }, caller, action);
  const consumer = await reader.get(streamConsumers, consumerDocumentId(stream, ConsumerName));
  if (consumer === undefined) {
    throw new ModeledError(
      "ResourceNotFoundException",
      `Consumer ${ConsumerName} under stream ${stream.name} not found under account ${stream.account}.`,
    );
  }
  return { stream, consumer };
}

async function findConsumerByArn(
  reader: Reader,
  reference: ConsumerReference & { readonly ConsumerARN: string },
  caller: Who,
  action: string,
): Promise<FoundConsumer> {
  const { ConsumerARN, StreamARN, ConsumerName, StreamId } = reference;
  const [, arnOfStream, name, createdSeconds] = CONSUMER_ARN.exec(ConsumerARN) ?? [];
  if (arnOfStream === undefined || name === undefined) throw consumerNotFound(ConsumerARN);
  const differs = (given: string | undefined, named: string): boolean => given !== undefined && given !== named;
  if (differs(StreamARN, arnOfStream) || differs(ConsumerName, name)) {
    throw new ModeledError(
      "InvalidArgumentException",
      "ConsumerARN, StreamARN and ConsumerName should refer to the same consumer.",
    );
  }

  const key = parseStreamArn(arnOfStream);
  if (key.region !== caller.region) throw consumerNotFound(ConsumerARN);
  const stream = await reader.get(streams, streamDocumentId(key));
  const consumer = stream && (await reader.get(streamConsumers, consumerDocumentId(stream, name)));
  if (key.account !== caller.account) assertShared(consumer?.policy, { caller, action, arn: ConsumerARN });
  // The ARN ends with the time of registration: one that was registered anew is another.
  const registeredSeconds = consumer && Math.floor(consumer.createdMs / 1000);
  if (!stream || !consumer || registeredSeconds !== Number(createdSeconds)) throw consumerNotFound(ConsumerARN);
  if (differs(StreamId, stream.id)) throw consumerNotFound(ConsumerARN);
  return { stream, consumer };
}

function consumerNotFound(arn: string): ModeledError {
  return new ModeledError("ResourceNotFoundException", `Consumer ${arn} not found.`);
}

/** What streams and registered consumers have in common. */
export interface TaggedResource {
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
}

export interface ResourceReference {
  readonly ResourceARN: string;
  readonly StreamId?: string | undefined;
}

/** The stream or registered consumer that an ARN names. */
export async function findResource(
  reader: Reader,
  reference: ResourceReference,
  caller: Caller,
  action: string,
): Promise<TaggedResource> {
  const { ResourceARN, StreamId } = reference;
  return ResourceARN.includes("/consumer/")
    ? (await findConsumer(reader, { ConsumerARN: ResourceARN, StreamId }, caller, action)).consumer
    : findStream(reader, { StreamARN: ResourceARN, StreamId }, caller, action);
}

/** The policy of the stream or registered consumer that an ARN names, whoever asks. */
export async function policyOf(reader: Reader, arn: string): Promise<string | undefined> {
  return (await findByArn(reader, arn))?.policy;
}

/** The tags of the stream or registered consumer that an ARN names, whoever asks. */
export async function tagsOf(reader: Reader, arn: string): Promise<Readonly<Record<string, string>> | undefined> {
  return (await findByArn(reader, arn))?.tags;
}

async function findByArn(reader: Reader, arn: string): Promise<Stream | StreamConsumer | undefined> {
  const [, consumersStream, consumerName] = CONSUMER_ARN.exec(arn) ?? [];
  const [, region, account, name] = STREAM_ARN.exec(consumersStream ?? arn) ?? [];
  if (region === undefined || account === undefined || name === undefined) return undefined;
  const stream = await reader.get(streams, streamDocumentId({ region, account, name }));
  if (stream === undefined || consumerName === undefined) return stream;
  return reader.get(streamConsumers, consumerDocumentId(stream, consumerName));
}

/** Changes the tags or the policy of the stream or registered consumer that an ARN names. */
export async function changeResource(
  context: Context,
  reference: ResourceReference,
  action: string,
  change: (resource: TaggedResource) => TaggedResource,
): Promise<void> {
  const { ResourceARN, StreamId } = reference;
  await context.store.commit(async (unit) => {
    if (ResourceARN.includes("/consumer/")) {
      const found = await findConsumer(unit, { ConsumerARN: ResourceARN, StreamId }, context, action);
      unit.put(streamConsumers, consumerDocumentId(found.stream, found.consumer.name), changed(found.consumer, change));
    } else {
      const stream = await findStream(unit, { StreamARN: ResourceARN, StreamId }, context, action);
      unit.put(streams, streamDocumentId(stream), changed(stream, change));
    }
  });
}

function changed<R extends TaggedResource>(resource: R, change: (resource: TaggedResource) => TaggedResource): R {
  const { policy, ...rest } = resource;
  return { ...rest, ...change(resource) } as R;
}
