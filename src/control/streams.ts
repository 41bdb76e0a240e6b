import { listReadersOf } from "../services/firehose/index.ts";
import {
  type LookedStream,
  type LookFrom,
  listStreamLooks,
  lookIntoStream,
  peekShard,
  type ReaderPlace,
  type ShardLook,
  type StreamLook,
} from "../services/kinesis/index.ts";
import { listStreamMappings } from "../services/lambda/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, type JsonAnswer, json } from "./answer.ts";
import { refusing } from "./connect-answer.ts";
import { invalid, listingQuery } from "./listing-query.ts";
import { readContent } from "./record-content.ts";

/** Of a record, in a list. */
const CONTENT_BYTES = 4 * 1024;
/** Of a record that is looked at by itself, decompressed. */
const WHOLE_BYTES = 8 * 1024 * 1024;
/** What one look reads. */
const LOOK_BYTES = 4 * 1024 * 1024;
const LOOK_RECORDS_MAX = 200;

/**
 * The caller's Kinesis streams, for eyes: nobody's place is moved, nothing counts as a read.
 *
 * - `GET streams?limit=&after=`: with what each holds.
 * - `GET streams/NAME`: its shards, and who reads it, how far each has come and how far it is behind.
 * - `GET streams/NAME/records?shard=ID&from=oldest|last|TIME&at=NUMBER&behind=NUMBER&limit=`: records of a shard, decoded.
 * - `GET streams/NAME/record?shard=ID&at=NUMBER`: one of them, whole.
 */
export async function streamEndpoint(
  context: Context,
  method: string,
  [name, what, ...rest]: readonly string[],
  _body: Buffer,
  query: URLSearchParams,
): Promise<PlainResponse | undefined> {
  if (rest.length > 0 || method !== "GET") return undefined;
  return refusing<JsonAnswer | undefined>(() =>
    context.store.durably(async () => {
      if (name === undefined) return listStreams(context, query);
      if (what === undefined) return describeStream(context, name);
      if (what === "records") return listRecords(context, name, query);
      if (what === "record") return describeRecord(context, name, query);
      return undefined;
    }),
  );
}

async function listStreams(context: Context, query: URLSearchParams): Promise<JsonAnswer> {
  const asked = listingQuery(query, ["streams", context.account, context.region], []);
  const { streams, next } = await listStreamLooks(context, context, { limit: asked.limit, after: asked.after });
  return json({
    time: timeOf(context.clock.now()),
    streams: streams.map(shownStream),
    ...(next !== undefined && { next: asked.nextOf(next) }),
  });
}

async function describeStream(context: Context, name: string): Promise<JsonAnswer> {
  const { account, region } = context;
  const looked = await lookIntoStream(context, { account, region, name });
  if (!looked) return noStream(context, name);
  return json({
    time: timeOf(context.clock.now()),
    ...shownStream(looked.stream),
    shards: looked.shards.map(shownShard),
    consumers: await listConsumers(context, looked),
  });
}

/** Somebody who reads a stream. */
interface Consumer {
  readonly kind: "registered" | "function" | "delivery stream" | "GetRecords" | "service";
  readonly name: string;
  readonly arn?: string;
  /** Of an event source mapping. */
  readonly uuid?: string;
  /** What else is known of how it is. */
  readonly state?: string;
  readonly lastRead?: string;
  readonly shards: readonly ReaderPlace[];
}

async function listConsumers(context: Context, looked: LookedStream): Promise<readonly Consumer[]> {
  const { arn: streamArn } = looked.stream;
  const [mappings, deliveryStreams] = await Promise.all([
    listStreamMappings(context.store, context, streamArn),
    listReadersOf(context, streamArn),
  ]);
  const registered = looked.consumers.map(({ name, arn }): Consumer => {
    const reads = looked.seen.filter(({ kind, reader }) => kind === "SubscribeToShard" && reader === arn);
    const isOpen = reads.some((read) => read.isOpen);
    return { kind: "registered", name, arn, state: isOpen ? "subscribed" : "not subscribed", ...lastOf(reads) };
  });
  const functions = await Promise.all(
    mappings.map(async ({ uuid, functionArn: arn, isEnabled, lastResult, lanes }): Promise<Consumer> => {
      const own = lanes.filter(({ streamId }) => streamId === looked.streamId);
      const places = await Promise.all(own.map(({ shardIndex, next }) => looked.placeAt(shardIndex, next)));
      const failing = own.filter((lane) => lane.failing !== undefined).length;
      const state = [isEnabled ? "enabled" : "disabled", lastResult, failing > 0 ? `${failing} held up` : undefined];
      return {
        kind: "function",
        name: arn.split(":").slice(6).join(":"),
        arn,
        uuid,
        state: state.filter(Boolean).join(", "),
        shards: farthestBehind(places.filter((place) => place !== undefined)),
      };
    }),
  );
  const kept = Map.groupBy(looked.kept, ({ name }) => name);
  const places = (name: string): readonly ReaderPlace[] => (kept.get(name) ?? []).map(({ place }) => place);
  const firehose = deliveryStreams.map(
    ({ name, arn, reader }): Consumer => ({ kind: "delivery stream", name, arn, shards: places(reader) }),
  );
  const known = new Set(deliveryStreams.map(({ reader }) => reader));
  const services = [...kept.keys()].filter((name) => !known.has(name));
  const callers = Map.groupBy(
    looked.seen.filter(({ kind }) => kind === "GetRecords"),
    ({ reader }) => reader,
  );
  return [
    ...registered,
    ...functions,
    ...firehose,
    ...services.map((name): Consumer => ({ kind: "service", name, shards: places(name) })),
    ...[...callers].map(
      ([arn, reads]): Consumer => ({ kind: "GetRecords", name: arn.split(":").at(-1) ?? arn, arn, ...lastOf(reads) }),
    ),
  ];
}

function lastOf(reads: LookedStream["seen"]): Pick<Consumer, "shards" | "lastRead"> {
  const lastMs = Math.max(...reads.map(({ atMs }) => atMs));
  return { shards: reads.map(({ place }) => place), ...(reads.length > 0 && { lastRead: timeOf(lastMs) }) };
}

/** A shard may be read in several lanes: of each shard the one that is most behind. */
function farthestBehind(places: readonly ReaderPlace[]): readonly ReaderPlace[] {
  const byShard = Map.groupBy(places, ({ shardId }) => shardId);
  return [...byShard.values()].map((some) => some.reduce((most, one) => (one.behind > most.behind ? one : most)));
}

async function listRecords(context: Context, name: string, query: URLSearchParams): Promise<JsonAnswer> {
  const asked = listingQuery(query, [], ["shard", "from", "at", "behind"]);
  const shard = asked.text("shard");
  if (shard === undefined) throw invalid("shard names the shard that is to be read: shardId-000000000000");
  const entries = Math.min(asked.limit, LOOK_RECORDS_MAX);
  const read = await peek(context, name, shard, fromOf(asked, entries), { entries, bytes: LOOK_BYTES });
  if (!read) return noStream(context, name, shard);
  return json({
    records: await Promise.all(
      read.records.map(async ({ SequenceNumber, PartitionKey, ApproximateArrivalTimestamp, EncryptionType, Data }) => ({
        sequenceNumber: SequenceNumber,
        ...(PartitionKey !== undefined && { partitionKey: PartitionKey }),
        arrived: ApproximateArrivalTimestamp?.toISOString(),
        ...(EncryptionType !== undefined && { encryption: EncryptionType }),
        ...(await readContent(Data ?? new Uint8Array(), CONTENT_BYTES)),
      })),
    ),
    ...(read.lastNumber !== undefined && { last: read.lastNumber }),
    millisBehindLatest: read.millisBehindLatest,
    isDrained: read.drained,
  });
}

async function describeRecord(context: Context, name: string, query: URLSearchParams): Promise<JsonAnswer> {
  const asked = listingQuery(query, [], ["shard", "at"]);
  const [shard, number] = [asked.text("shard"), asked.text("at")];
  if (shard === undefined || number === undefined) throw invalid("Give the shard and, with at, the sequence number");
  const read = await peek(context, name, shard, { at: "number", number }, { entries: 1, bytes: LOOK_BYTES });
  const [record] = read?.records ?? [];
  if (record?.SequenceNumber !== number) return failure(404, `There is no record ${number} in ${shard} of ${name}`);
  const data = Buffer.from(record.Data ?? []);
  return json({
    sequenceNumber: number,
    partitionKey: record.PartitionKey,
    arrived: record.ApproximateArrivalTimestamp?.toISOString(),
    ...(await readContent(data, WHOLE_BYTES)),
    data: data.toString("base64"),
  });
}

function peek(
  context: Context,
  name: string,
  shard: string,
  from: LookFrom,
  limits: { entries: number; bytes: number },
) {
  const { account, region } = context;
  return peekShard(context, { account, region, name }, shard, from, limits);
}

function fromOf(asked: ReturnType<typeof listingQuery>, entries: number): LookFrom {
  const [from, at, behind] = [asked.text("from"), asked.text("at"), asked.text("behind")];
  if ([from, at, behind].filter(Boolean).length > 1) throw invalid("Give one of from, at and behind");
  if (at !== undefined) return { at: "number", number: at };
  if (behind !== undefined) return { at: "after", number: behind };
  if (from === undefined || from === "oldest") return { at: "oldest" };
  if (from === "last") return { at: "last", records: entries };
  return { at: "time", timeMs: asked.timeMs("from") ?? 0 };
}

function noStream({ region }: Context, name: string, shard?: string): JsonAnswer {
  const what = shard === undefined ? `stream ${name}` : `stream ${name} with a shard ${shard}, or no such place in it,`;
  return failure(404, `There is no ${what} in ${region}`);
}

function shownStream({ createdMs, ...stream }: StreamLook): object {
  return { ...stream, created: timeOf(createdMs) };
}

function shownShard({ openedMs, closedMs, newestMs, index: _, ...shard }: ShardLook): object {
  return {
    ...shard,
    opened: timeOf(openedMs),
    ...(closedMs !== undefined && { closed: timeOf(closedMs) }),
    ...(newestMs !== undefined && { newest: timeOf(newestMs) }),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
