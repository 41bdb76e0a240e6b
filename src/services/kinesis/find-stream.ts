import { ModeledError } from "../../models/modeled-error.ts";
import { compositeKey, type Reader } from "../../store/store.ts";
import { policyAllows, principalOf } from "../policy/index.ts";
import type { Caller } from "../service.ts";
import {
  isExpired,
  type Shard,
  type ShardMap,
  type Stream,
  type StreamKey,
  shardId,
  streamArn,
  streamDocumentId,
  streams,
} from "./documents.ts";

/** The ways to name a stream. Where several are given they must agree. */
export interface StreamReference {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly StreamId?: string | undefined;
}

type Who = Pick<Caller, "account" | "region" | "principalArn">;

/**
 * The stream that a request names, where the caller may do `action` (an operation's name) with it.
 *
 * Throws `ResourceNotFoundException` for a stream of the caller's account that does not exist, and `AccessDeniedException` for
 * one of another account that does not exist or does not share the action.
 */
export async function findStream(
  reader: Reader,
  reference: StreamReference,
  caller: Who,
  action: string,
): Promise<Stream> {
  const key = await streamKey(reader, reference, caller);
  const stream = await reader.get(streams, streamDocumentId(key));
  if (key.account !== caller.account) assertShared(stream?.policy, { caller, action, arn: streamArn(key) });
  if (stream === undefined) throw streamNotFound(key);
  if (reference.StreamId !== undefined && reference.StreamId !== stream.id) throw disagreeing();
  return stream;
}

/** Whether an ARN names a stream of this account and Region: for services that are told to write there. */
export async function hasStream(reader: Reader, arn: string, owner: Pick<Who, "account" | "region">): Promise<boolean> {
  const [, region, account, name] = STREAM_ARN.exec(arn) ?? [];
  if (name === undefined || region !== owner.region || account !== owner.account) return false;
  return (await reader.get(streams, streamDocumentId({ account, region, name }))) !== undefined;
}

/** What a resource policy can share: https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html */
const SHAREABLE_ACTIONS = new Set([
  "DescribeStreamConsumer",
  "DescribeStream",
  "DescribeStreamSummary",
  "GetRecords",
  "GetShardIterator",
  "ListShards",
  "PutRecord",
  "PutRecords",
  "SubscribeToShard",
]);

/** What another account wants needs a policy of the resource. Throws `AccessDeniedException`, whether or not there is the resource. */
export function assertShared(
  policy: string | undefined,
  { caller, action, arn }: { readonly caller: Who; readonly action: string; readonly arn: string },
): void {
  const principal = principalOf(caller.account, caller.principalArn);
  const access = { principal, action: `kinesis:${action}`, resourceArn: arn };
  if (SHAREABLE_ACTIONS.has(action) && policyAllows(policy, access)) return;
  throw new ModeledError(
    "AccessDeniedException",
    `User: ${caller.principalArn} is not authorized to perform: kinesis:${action} on resource: ${arn} because no resource-based policy allows the kinesis:${action} action`,
  );
}

export function streamNotFound({ name, account }: StreamKey): ModeledError {
  return new ModeledError("ResourceNotFoundException", `Stream ${name} under account ${account} not found.`);
}

async function streamKey(reader: Reader, reference: StreamReference, caller: Who): Promise<StreamKey> {
  const { StreamName: name, StreamARN: arn, StreamId: id } = reference;
  if (arn !== undefined) {
    const key = parseStreamArn(arn);
    if (name !== undefined && name !== key.name) throw disagreeing();
    // A Region has its own endpoint, which knows nothing of others.
    if (key.region !== caller.region) throw streamNotFound(key);
    return key;
  }
  const { account, region } = caller;
  if (name !== undefined) return { account, region, name };
  if (id === undefined) {
    throw new ModeledError("InvalidArgumentException", "Either StreamName or StreamARN should be specified.");
  }
  const { documents } = await reader.list(streams, {
    index: "streamId",
    equals: compositeKey(account, region, id),
    limit: 1,
  });
  const [stream] = documents;
  if (stream === undefined) {
    throw new ModeledError("ResourceNotFoundException", `Stream with id ${id} under account ${account} not found.`);
  }
  return stream;
}

function disagreeing(): ModeledError {
  return new ModeledError(
    "InvalidArgumentException",
    "StreamName, StreamARN and StreamId should refer to the same stream.",
  );
}

export const STREAM_ARN: RegExp = /^arn:aws[^:]*:kinesis:([^:]+):(\d{12}):stream\/([a-zA-Z0-9_.-]{1,128})$/;

/** The model's pattern is wider than what any stream can be called; what only that lets through cannot be found. */
export function parseStreamArn(arn: string): StreamKey {
  const [, region, account, name] = STREAM_ARN.exec(arn) ?? [];
  if (region === undefined || account === undefined || name === undefined) {
    throw new ModeledError("ResourceNotFoundException", `Stream ${arn} not found.`);
  }
  return { account, region, name };
}

const SHARD_INDEX_MAX = 2 ** 31 - 1;

/** The index in a shard id. The part before the hyphen and leading zeros do not matter, as observed of the real service. */
export function shardIndexOf(id: string): number | undefined {
  const digits = /^(?:[^-]*-)?(\d{1,12})$/.exec(id)?.[1];
  return digits === undefined || Number(digits) > SHARD_INDEX_MAX ? undefined : Number(digits);
}

/** A shard that is still there; `undefined` where there is none, or it has expired. */
export function findShard(stream: Stream, { shards }: ShardMap, id: string, nowMs: number): Shard | undefined {
  const index = shardIndexOf(id);
  const shard = shards.find((candidate) => candidate.index === index);
  return shard === undefined || isExpired(stream, shard, nowMs) ? undefined : shard;
}

/** What a reader of a shard is told when it is not there. */
export function shardDoesNotExist(stream: StreamKey, id: string): ModeledError {
  const index = shardIndexOf(id);
  if (index === undefined) return couldNotFindShard(stream, id);
  return new ModeledError(
    "ResourceNotFoundException",
    `Shard ${shardId(index)} in stream ${stream.name} under account ${stream.account} does not exist`,
  );
}

/** What resharding, and whoever names something that is no shard id, is told. */
export function couldNotFindShard(stream: StreamKey, id: string): ModeledError {
  return new ModeledError(
    "ResourceNotFoundException",
    `Could not find shard ${id} in stream ${stream.name} under account ${stream.account}.`,
  );
}
