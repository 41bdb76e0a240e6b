import { hash } from "node:crypto";
import type { _Record } from "@aws-sdk/client-kinesis";
import type { WokenLoop } from "../../../flow/index.ts";
import type { JsonObject } from "../../../matching/machine.ts";
import type { Unit } from "../../../store/store.ts";
import type { SourceShard, StreamSource } from "../../kinesis/index.ts";
import type { InvocationResult } from "../invoke-function.ts";
import { parseFailedItems } from "./batch-answer.ts";
import { sendFailure } from "./failure-record.ts";
import { functionsOf, type MappedFunction } from "./functions.ts";
import { afterFailure, heldUp, type Lane, lanes, movedTo } from "./lane.ts";
import { countBatch, type EventSourceMapping, type MappingSettings } from "./mapping.ts";
import { CANNOT_ASSUME_ROLE, type Current, FUNCTION_FAILED, type ReadingMapping, wakeAt } from "./reading-mapping.ts";
import { decodedContent } from "./record-filter.ts";
import { findMissingAction } from "./source-access.ts";

/** A synchronous invocation's payload: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
/** `{"Records":[]}`. */
const FRAME_BYTES = 14;
const READ_LIMITS = { entries: 500, bytes: 1024 * 1024 };

/** A record that is to be sent to the function, as it is sent. */
interface Gathered {
  readonly sequence: number;
  readonly number: string;
  readonly arrivalMs: number;
  readonly text: string;
  readonly bytes: number;
}

/** Who keeps the lanes of a mapping's stream. */
export interface LaneKeeper {
  readonly mapping: ReadingMapping;
  /** `undefined`: the stream cannot be read now. */
  readonly source: StreamSource | undefined;
  shard(index: number): SourceShard | undefined;
  /** Whether everything that came before a shard is done: the data of a partition key moves from parents to children. */
  areParentsDone(shard: SourceShard): boolean;
  /** A lane has come to its end: its shard's children may begin. */
  onDrained(): void;
}

/** Reads one lane of a shard: gathers a batch, sends it to the function, and moves on when the function has answered. */
export class ShardLane {
  readonly key: string;
  readonly shardIndex: number;
  readonly lanes: number;
  readonly loop: WokenLoop;
  isDrained: boolean;
  readonly #reader: LaneKeeper;
  readonly #lane: number;
  #watch: Disposable | undefined;
  /** Read and not sent yet, or not sent with success: records from `#from` up to `#readTo`. */
  #gathered: Gathered[] = [];
  #from = 0;
  #readTo = 0;
  #revision = 0;

  constructor(reader: LaneKeeper, key: string, lane: Lane) {
    this.#reader = reader;
    this.key = key;
    this.shardIndex = lane.shardIndex;
    this.lanes = lane.lanes;
    this.#lane = lane.lane;
    this.isDrained = lane.isDrained === true;
    const { flow } = reader.mapping.platform;
    this.loop = flow.loop(`Event source mapping ${key}`, () => this.#advance());
  }

  watch(watch: Disposable): void {
    this.#watch = watch;
  }

  async stop(): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    await this.loop.stop();
  }

  /** One batch, or what it takes to find out that there is none yet. Answers whether to go on at once. */
  async #advance(): Promise<boolean> {
    const { store, clock } = this.#reader.mapping.platform;
    const shard = this.#reader.shard(this.shardIndex);
    const current = shard && (await this.#reader.mapping.current());
    const lane = current && (await store.get(lanes, this.key));
    if (!shard || !lane || lane.isDrained || lane.lanes !== this.lanes) return false;
    if (!this.#reader.areParentsDone(shard)) return false;
    if (lane.failing && lane.failing.resumeMs > clock.now()) return false;
    if (current.function === undefined) return this.#holdUp(lane, FUNCTION_FAILED);

    this.#begin(lane, current.mapping);
    const part = lane.failing?.parts[0];
    const isAtTip = await this.#gather(shard, { ...current, function: current.function }, part?.end);
    const batch = this.#batch(current.mapping, part?.end);
    const [first] = batch.records;
    if (first === undefined) return this.#rest(lane, { shard, isAtTip });

    const expired = this.#expired(current.mapping, batch.records);
    if (expired.length > 0) return this.#giveUpExpired(lane, shard, current.mapping, expired);
    const isWhole = batch.isFull || part !== undefined || (isAtTip && !shard.isOpen);
    if (!isWhole && !(await this.#isWindowOver(lane, current.mapping))) return false;
    const denied = await this.#deniedReason(current.mapping, current.function.roleArn);
    if (denied !== undefined) return this.#holdUp(lane, `PROBLEM: ${denied}`);
    return this.#send(lane, shard, current.mapping, batch.records);
  }

  /** Forgets what was gathered for another place, or by other settings. */
  #begin(lane: Lane, mapping: EventSourceMapping): void {
    if (lane.next === this.#from && mapping.revision === this.#revision) return;
    this.#gathered = [];
    this.#from = lane.next;
    this.#readTo = lane.next;
    this.#revision = mapping.revision;
  }

  /** Reads on until there is a batch. Answers whether it has come to the newest record, as far as the shard was known before. */
  async #gather(
    shard: SourceShard,
    current: Current & { readonly function: MappedFunction },
    end: number | undefined,
  ): Promise<boolean> {
    const { mapping } = current;
    const { BatchSize = 100 } = mapping.settings;
    let bytes = this.#gathered.reduce((sum, record) => sum + record.bytes, FRAME_BYTES);
    while (this.#gathered.length < BatchSize && bytes < PAYLOAD_BYTES_MAX && !this.loop.stopped) {
      if (end !== undefined && this.#readTo > end) return false;
      const read = await shard.read(this.#readTo, READ_LIMITS);
      const first = read.nextSequence - read.records.length;
      for (const [place, record] of read.records.entries()) {
        if (!this.#isOwn(record)) continue;
        const gathered = toGathered(record, first + place, shard, current);
        if (gathered === undefined) continue;
        this.#gathered.push(gathered);
        bytes += gathered.bytes;
      }
      this.#readTo = read.nextSequence;
      if (read.records.length === 0) return true;
    }
    return false;
  }

  #isOwn({ PartitionKey = "" }: _Record): boolean {
    return (
      this.lanes === 1 || Number.parseInt(hash("md5", PartitionKey, "hex").slice(0, 8), 16) % this.lanes === this.#lane
    );
  }

  /** As many of the gathered records as go to the function together. */
  #batch(
    { settings: { BatchSize = 100 } }: EventSourceMapping,
    end = Number.POSITIVE_INFINITY,
  ): { readonly records: readonly Gathered[]; readonly isFull: boolean } {
    const records: Gathered[] = [];
    let bytes = FRAME_BYTES;
    for (const record of this.#gathered) {
      if (record.sequence > end) break;
      const isTooMuch = records.length > 0 && bytes + record.bytes > PAYLOAD_BYTES_MAX;
      if (records.length === BatchSize || isTooMuch) return { records, isFull: true };
      records.push(record);
      bytes += record.bytes;
    }
    return { records, isFull: records.length === BatchSize };
  }

  /** Nothing to send: what was passed over is done. */
  async #rest(
    lane: Lane,
    { shard, isAtTip }: { readonly shard: SourceShard; readonly isAtTip: boolean },
  ): Promise<boolean> {
    const isDrained = isAtTip && !shard.isOpen && lane.failing === undefined;
    if (this.#readTo === lane.next && !isDrained) return false;
    await this.#change(lane, () => ({
      ...movedTo(lane, this.#readTo),
      ...(isDrained && { isDrained: true as const }),
    }));
    this.#from = this.#readTo;
    if (!isDrained) return !isAtTip;
    this.isDrained = true;
    this.#reader.onDrained();
    return false;
  }

  /** Records that are too old for the mapping, or out of retention by now. Times never go backwards in a shard. */
  #expired({ settings }: EventSourceMapping, records: readonly Gathered[]): readonly Gathered[] {
    const ageSeconds = settings.MaximumRecordAgeInSeconds ?? -1;
    const horizonMs = this.#reader.source?.horizonMs() ?? 0;
    const { clock } = this.#reader.mapping.platform;
    const oldestMs = ageSeconds < 0 ? horizonMs : Math.max(horizonMs, clock.now() - ageSeconds * 1000);
    return records.filter(({ arrivalMs }) => arrivalMs < oldestMs);
  }

  /** A batch that is not full waits for its window to pass, from its first record on. */
  async #isWindowOver(lane: Lane, { settings }: EventSourceMapping): Promise<boolean> {
    const windowMs = (settings.MaximumBatchingWindowInSeconds ?? 0) * 1000;
    if (windowMs === 0) return true;
    const { platform, key } = this.#reader.mapping;
    const nowMs = platform.clock.now();
    if (lane.windowEndMs !== undefined) return nowMs >= lane.windowEndMs;
    const windowEndMs = nowMs + windowMs;
    await platform.store.commitUnsynced(async (unit) => {
      const stored = await unit.get(lanes, this.key);
      if (stored === undefined) return;
      unit.put(lanes, this.key, { ...stored, windowEndMs });
      wakeAt(unit, platform, { mapping: key, part: this.key }, windowEndMs);
    });
    return false;
  }

  /** Why the function's role may not read the stream any more. */
  async #deniedReason(mapping: EventSourceMapping, roleArn: string): Promise<string | undefined> {
    const { platform } = this.#reader.mapping;
    const caller = await functionsOf(platform.store).actAs(platform, mapping, roleArn);
    if (caller === undefined) return CANNOT_ASSUME_ROLE;
    return (await findMissingAction(platform, mapping, caller, this.#reader.source?.policy))?.message;
  }

  async #send(
    lane: Lane,
    shard: SourceShard,
    mapping: EventSourceMapping,
    records: readonly Gathered[],
  ): Promise<boolean> {
    const { platform, signal } = this.#reader.mapping;
    const payload = payloadOf(records);
    // Nothing leaves the process before what it rests on is durable.
    await platform.store.durable();
    const result = await functionsOf(platform.store).invoke(platform, {
      functionArn: mapping.functionArn,
      payload,
      by: { sourceAccount: mapping.account },
      signal,
    });
    // We are being stopped, and go on with this batch at the next start.
    if ("timedOut" in result) return false;
    countBatch(platform, mapping, records.length, result);

    const end = lastOf(records).sequence;
    const outcome = outcomeOf(result, mapping.settings, records);
    if (outcome === "taken") {
      await this.#moveOn(lane, end + 1, "OK");
      return true;
    }
    // What comes before the first failure is done; the rest is a batch of its own that has failed.
    const failed = records.filter(({ sequence }) => sequence >= outcome.from);
    const hasMoved = failed.length < records.length;
    const bisect = mapping.settings.BisectBatchOnFunctionError === true;
    const middle = failed.length > 1 ? failed[Math.ceil(failed.length / 2) - 1] : undefined;
    const next = afterFailure(
      hasMoved ? movedTo(lane, outcome.from) : lane,
      { end, middle: middle?.sequence, how: hasMoved && bisect ? "split" : outcome.how },
      { bisect, retryAttemptsMax: mapping.settings.MaximumRetryAttempts ?? -1 },
      platform.clock.now(),
    );
    if (next === undefined) {
      await this.#giveUp(lane, shard, mapping, failed, { condition: "RetryAttemptsExhausted", result });
      return true;
    }
    await this.#change(lane, () => next, FUNCTION_FAILED);
    return (next.failing?.resumeMs ?? 0) <= platform.clock.now();
  }

  async #moveOn(lane: Lane, behind: number, result: string): Promise<void> {
    const next = this.#nextBehind(behind);
    await this.#change(lane, () => movedTo(lane, next), result);
    this.#gathered = this.#gathered.filter(({ sequence }) => sequence >= next);
    this.#from = next;
  }

  /** What was passed over behind a batch is done with it, up to the next record that is to be sent. */
  #nextBehind(sequence: number): number {
    return this.#gathered.find((record) => record.sequence >= sequence)?.sequence ?? Math.max(this.#readTo, sequence);
  }

  async #giveUpExpired(
    lane: Lane,
    shard: SourceShard,
    mapping: EventSourceMapping,
    records: readonly Gathered[],
  ): Promise<boolean> {
    await this.#giveUp(lane, shard, mapping, records, { condition: "MaximumRecordAgeExceeded" });
    return true;
  }

  async #giveUp(
    lane: Lane,
    shard: SourceShard,
    mapping: EventSourceMapping,
    records: readonly Gathered[],
    why: {
      readonly condition: "RetryAttemptsExhausted" | "MaximumRecordAgeExceeded";
      readonly result?: InvocationResult;
    },
  ): Promise<void> {
    const { platform } = this.#reader.mapping;
    const next = this.#nextBehind(lastOf(records).sequence + 1);
    const [first] = records;
    if (first === undefined) return;
    const attempts = (lane.failing?.parts[0]?.attempts ?? 0) + (why.result === undefined ? 0 : 1);
    const answered = why.result !== undefined && "answer" in why.result ? why.result : undefined;
    await this.#change(
      lane,
      () => movedTo(lane, next),
      FUNCTION_FAILED,
      (unit) =>
        sendFailure(unit, platform, mapping, {
          condition: why.condition,
          shardId: shard.id,
          firstNumber: first.number,
          lastNumber: lastOf(records).number,
          firstArrivalMs: first.arrivalMs,
          lastArrivalMs: lastOf(records).arrivalMs,
          count: records.length,
          attempts,
          ...(answered && {
            response: {
              requestId: answered.requestId,
              executedVersion: answered.executedVersion,
              functionError: answered.functionError ?? "Unhandled",
            },
          }),
          payload: payloadOf(records),
        }),
    );
    this.#gathered = this.#gathered.filter(({ sequence }) => sequence >= next);
    this.#from = next;
  }

  /** The function cannot be asked at all: the same batch again later. */
  async #holdUp(lane: Lane, result: string): Promise<boolean> {
    const { platform } = this.#reader.mapping;
    await this.#change(lane, () => heldUp(lane, platform.clock.now()), result);
    return false;
  }

  /** Writes the lane anew, where nobody has changed it meanwhile and its mapping is still there, and sees that it is woken when it is to be tried again. */
  async #change(
    lane: Lane,
    change: () => Lane,
    result?: string,
    more: (unit: Unit) => Promise<void> = async () => {},
  ): Promise<void> {
    const { mapping } = this.#reader;
    const { platform } = mapping;
    const changed = change();
    await platform.store.commitUnsynced(async (unit) => {
      const stored = await unit.get(lanes, this.key);
      if (stored?.next !== lane.next || stored.lanes !== lane.lanes || !(await mapping.isThere(unit))) return;
      unit.put(lanes, this.key, changed);
      if (result !== undefined) await mapping.tell(unit, result);
      const resumeMs = changed.failing?.resumeMs ?? 0;
      if (resumeMs > platform.clock.now()) wakeAt(unit, platform, { mapping: mapping.key, part: this.key }, resumeMs);
      await more(unit);
    });
  }
}

/** What became of a batch: taken, or failed from a log sequence on. */
type Outcome = "taken" | { readonly from: number; readonly how: "failed" | "throttled" };

function outcomeOf(
  result: Exclude<InvocationResult, { timedOut: true }>,
  settings: MappingSettings,
  records: readonly Gathered[],
): Outcome {
  const first = records[0]?.sequence ?? 0;
  if ("refused" in result) {
    // Smaller batches may fit; anything else that keeps a function from being invoked passes, or is mended by somebody.
    const isTooLarge = result.refused.code === "RequestTooLargeException";
    return { from: first, how: isTooLarge ? "failed" : "throttled" };
  }
  if (result.functionError !== undefined) return { from: first, how: "failed" };
  if (!settings.FunctionResponseTypes?.includes("ReportBatchItemFailures")) return "taken";
  const bySequenceNumber = new Map(records.map(({ number, sequence }) => [number, sequence]));
  const failed = parseFailedItems(result.answer, (identifier) => bySequenceNumber.has(identifier));
  if (failed === "all") return { from: first, how: "failed" };
  if (failed.size === 0) return "taken";
  const from = Math.min(...[...failed].map((identifier) => bySequenceNumber.get(identifier) as number));
  return { from, how: "failed" };
}

function payloadOf(records: readonly Gathered[]): string {
  return `{"Records":[${records.map(({ text }) => text).join(",")}]}`;
}

function lastOf(records: readonly Gathered[]): Gathered {
  return records[records.length - 1] as Gathered;
}

/** `undefined`: it does not pass the mapping's filter. */
function toGathered(
  record: _Record,
  sequence: number,
  shard: SourceShard,
  { mapping, filter, function: target }: Current & { readonly function: MappedFunction },
): Gathered | undefined {
  const number = String(record.SequenceNumber);
  const arrivalMs = record.ApproximateArrivalTimestamp?.getTime() ?? 0;
  const content = Buffer.from(record.Data ?? []);
  const kinesis = {
    kinesisSchemaVersion: "1.0",
    partitionKey: record.PartitionKey ?? "",
    sequenceNumber: number,
    data: content.toString("base64"),
    approximateArrivalTimestamp: arrivalMs / 1000,
  };
  const about = {
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shard.id}:${number}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: target.roleArn,
    awsRegion: mapping.region,
    eventSourceARN: mapping.sourceArn,
  };
  if (mapping.settings.FilterCriteria?.Filters?.length) {
    const document = { ...about, ...kinesis, data: decodedContent(content.toString()) };
    if (!filter(document as JsonObject)) return undefined;
  }
  const text = JSON.stringify({ kinesis, ...about });
  return { sequence, number, arrivalMs, text, bytes: Buffer.byteLength(text) + 1 };
}
