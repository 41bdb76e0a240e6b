/**
 * Enhanced fan-out: a shard's records are pushed to a registered consumer as they come.
 *
 * A subscription sleeps until the shard's log grows, the stream or the consumer changes, five seconds have passed without an event,
 * its five minutes are over, a later call takes over, or the caller goes away. These times are the transport's and so on the wall
 * clock. Subscriptions live in the process that holds their connection.
 */
import type {
  SubscribeToShardEventStream,
  SubscribeToShardInput,
  SubscribeToShardOutput,
} from "@aws-sdk/client-kinesis";
import { Bell } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { perStore } from "../per-store.ts";
import type { Context } from "../service.ts";
import {
  consumerArn,
  consumerDocumentId,
  type Shard,
  type ShardMap,
  type Stream,
  type StreamConsumer,
  shardId,
  shardLog,
  streamConsumers,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { dryRunSucceeded } from "./dry-run.ts";
import { findConsumer } from "./find-resource.ts";
import { findShard, shardDoesNotExist } from "./find-stream.ts";
import { loadShards } from "./load-shards.ts";
import { CONSUMER_BYTES_PER_SECOND } from "./quotas.ts";
import { childShards, readShard, type ShardRead } from "./read-shard.ts";
import { noteRead } from "./seen-reads.ts";
import { encodeSequenceNumber } from "./sequence-number.ts";
import { sequenceOf } from "./starting-position.ts";

/** Pushes the records of a shard for up to five minutes. */
export async function subscribeToShard(
  input: Validated<SubscribeToShardInput>,
  context: Context,
): Promise<SubscribeToShardOutput> {
  const { stream, consumer } = await findConsumer(context.store, input, context, "SubscribeToShard");
  const { map } = await loadShards(context.store, stream);
  const shard = findShard(stream, map, input.ShardId, context.clock.now());
  if (shard === undefined) throw shardDoesNotExist(stream, input.ShardId);
  const { Type: type, SequenceNumber: sequenceNumber, Timestamp: timestamp } = input.StartingPosition;
  const sequence = await sequenceOf({ type, sequenceNumber, timestamp }, stream, shard, context);
  if (input.DryRun) throw dryRunSucceeded();
  const subscription = new Subscription(context, { stream, consumer, shard, sequence });
  takeOver(context, subscription);
  return { EventStream: subscription.events() };
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html */
const SUBSCRIPTION_MS = 300_000;
const TAKE_OVER_MS = 5_000;
/** "About every 5 seconds", so that a consumer can save its progress on a shard that gets no records. */
const HEARTBEAT_MS = 5_000;
/** One event carries about this much; a larger record comes alone. */
const EVENT_BYTES = 1024 * 1024;
const EVENT_RECORDS_MAX = 10_000;

/** The latest subscription of each consumer and shard. */
const latestOf = perStore(() => new Map<string, Subscription>());

function takeOver({ store, wall }: Context, subscription: Subscription): void {
  const latest = latestOf(store);
  const older = latest.get(subscription.key);
  if (older !== undefined && wall.monotonicMs() - older.startedMs < TAKE_OVER_MS) throw subscription.inUse();
  latest.set(subscription.key, subscription);
  older?.replace();
}

interface Subscribed {
  readonly stream: Stream;
  readonly consumer: StreamConsumer;
  readonly shard: Shard;
  readonly sequence: number;
}

/** What of a subscription may have changed since it began. */
interface Current {
  readonly stream: Stream;
  readonly map: ShardMap;
  readonly shard: Shard;
}

class Subscription {
  readonly key: string;
  readonly startedMs: number;
  readonly #context: Context;
  readonly #subscribed: Subscribed;
  readonly #bell = new Bell();
  #replaced = false;

  constructor(context: Context, subscribed: Subscribed) {
    this.#context = context;
    this.#subscribed = subscribed;
    this.key = `${consumerArn(subscribed.consumer)} ${subscribed.shard.index}`;
    this.startedMs = context.wall.monotonicMs();
  }

  /** A later call has taken over. */
  replace(): void {
    this.#replaced = true;
    this.#bell.ring();
  }

  inUse(): ModeledError {
    const { stream, shard, consumer } = this.#subscribed;
    return new ModeledError(
      "ResourceInUseException",
      `Another active subscription exists for this consumer: ${stream.account}:${stream.name}:${shardId(shard.index)}:${consumer.name}`,
    );
  }

  async *events(): AsyncGenerator<SubscribeToShardEventStream> {
    const { store, signal, wall } = this.#context;
    const { ring } = this.#bell;
    using _watches = this.#watch(ring);
    signal.addEventListener("abort", ring);
    let sequence = this.#subscribed.sequence;
    this.#note(sequence, true);
    try {
      let lastEventMs = this.startedMs;
      while (!this.#isOver()) {
        const rung = this.#bell.next();
        const current = await this.#current();
        const limits = { entries: EVENT_RECORDS_MAX, bytes: EVENT_BYTES };
        const read = await readShard(this.#context, current.stream, current.shard, sequence, limits);
        sequence = read.nextSequence;
        const isDue = wall.monotonicMs() - lastEventMs >= HEARTBEAT_MS;
        if (read.records.length > 0 || read.drained || isDue) {
          // Records are read as committed; nothing leaves the process before it is durable.
          await store.durable();
          if (this.#isOver()) break;
          this.#note(sequence, true);
          yield this.#event(current, read);
          lastEventMs = wall.monotonicMs();
        }
        if (read.drained) return;
        if (read.records.length > 0) await this.#pace(read.bytes);
        else await this.#sleep(rung, lastEventMs);
      }
      if (this.#replaced) throw this.inUse();
    } finally {
      signal.removeEventListener("abort", ring);
      this.#note(sequence, false);
      this.#forget();
    }
  }

  #note(next: number, isOpen: boolean): void {
    const { stream, shard, consumer } = this.#subscribed;
    const reader = consumerArn(consumer);
    noteRead(this.#context, shardLog(stream, shard.index), { kind: "SubscribeToShard", reader, next, isOpen });
  }

  /** A subscription that has ended still keeps others off for the rest of its five seconds. */
  #forget(): void {
    const { store, wall } = this.#context;
    const latest = latestOf(store);
    wall.after(this.startedMs + TAKE_OVER_MS - wall.monotonicMs(), () => {
      if (latest.get(this.key) === this) latest.delete(this.key);
    });
  }

  #watch(ring: () => void): DisposableStack {
    const { store } = this.#context;
    const { stream, consumer, shard } = this.#subscribed;
    const watches = new DisposableStack();
    watches.use(store.watchLog(shardLog(stream, shard.index), ring));
    const watchDocument = (collection: string, id: string): void => {
      watches.use(store.watchCollection(collection, (ids) => ids.includes(id) && ring()));
    };
    watchDocument(streams.name, streamDocumentId(stream));
    watchDocument(streamConsumers.name, consumerDocumentId(stream, consumer.name));
    return watches;
  }

  #isOver(): boolean {
    const { signal, wall } = this.#context;
    return this.#replaced || signal.aborted || wall.monotonicMs() - this.startedMs >= SUBSCRIPTION_MS;
  }

  async #current(): Promise<Current> {
    const { store, clock } = this.#context;
    const { consumer, shard } = this.#subscribed;
    const reference = { ConsumerARN: consumerArn(consumer) };
    const { stream } = await findConsumer(store, reference, this.#context, "SubscribeToShard");
    const { map } = await loadShards(store, stream);
    const found = findShard(stream, map, shardId(shard.index), clock.now());
    if (found === undefined) throw shardDoesNotExist(stream, shardId(shard.index));
    return { stream, map, shard: found };
  }

  /** At the end of a closed shard there is no number to continue from, but the child shards: this is how consumers know it. */
  #event({ stream, map, shard }: Current, read: ShardRead): SubscribeToShardEventStream {
    const timeMs = this.#context.clock.now();
    const { createdSeconds, index: shardIndex } = shard;
    const index = read.nextSequence - 1;
    return {
      SubscribeToShardEvent: {
        Records: [...read.records],
        MillisBehindLatest: read.millisBehindLatest,
        ...(read.drained
          ? { ContinuationSequenceNumber: undefined, ChildShards: childShards(stream, map, shard, timeMs) }
          : {
              ContinuationSequenceNumber:
                read.records.at(-1)?.SequenceNumber ??
                encodeSequenceNumber({ createdSeconds, shardIndex, index, timeMs }),
            }),
      },
    };
  }

  /** With enforced limits a consumer gets no more than 2 MiB a second. */
  async #pace(bytes: number): Promise<void> {
    const { limits, wall } = this.#context;
    if (!limits.enforced) return;
    const perSecond = limits.value("kinesis.consumer-bytes-per-second", CONSUMER_BYTES_PER_SECOND);
    const untilMs = wall.monotonicMs() + (bytes / perSecond) * 1000;
    while (!this.#isOver() && wall.monotonicMs() < untilMs) {
      const rung = this.#bell.next();
      using _timer = wall.after(untilMs - wall.monotonicMs(), this.#bell.ring);
      await rung;
    }
  }

  /** Until something happens, or the next heartbeat or the end is due. */
  async #sleep(rung: Promise<void>, lastEventMs: number): Promise<void> {
    const { wall } = this.#context;
    const wakeAtMs = Math.min(lastEventMs + HEARTBEAT_MS, this.startedMs + SUBSCRIPTION_MS);
    using _timer = wall.after(wakeAtMs - wall.monotonicMs(), this.#bell.ring);
    await rung;
  }
}
