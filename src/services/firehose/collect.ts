/** Gathers records into buffers, and buffers into batches: by size, and by time. */
import assert from "node:assert/strict";
import { type Consumer, placeCursor } from "../../flow/index.ts";
import type { Entry, Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import {
  type BufferKind,
  bufferKey,
  COLLECTOR,
  HOLD,
  holdLog,
  type OpenBuffer,
  openBuffers,
  type Work,
} from "./batch.ts";
import { oweBatch } from "./deliver-batch.ts";
import { type DeliveryStream, findByRef, recordsLog, refOf, type StreamRef } from "./delivery-stream.ts";
import { endStream, finishIfLast } from "./end-stream.ts";
import { DECOMPRESSED_AT_ONCE, HTTP_BODY_BYTES_MAX, HTTP_RECORDS_MAX, LAMBDA_PAYLOAD_BYTES_MAX } from "./limits.ts";
import { placeOfErrors, placeOfRecords } from "./object-place.ts";
import { processingOf } from "./processing.ts";
import { arrivedMs, type EntryKind, kindOf } from "./records.ts";

const MIB = 1024 * 1024;

/** Of a request to a function, for each record beside its data: names, an id of 56 digits, a time. */
const LAMBDA_RECORD_BYTES = 200;

const BUFFER_KINDS: readonly BufferKind[] = [
  "decompress",
  "transform",
  "deliver",
  "backup",
  "failed",
  "undecompressed",
];

export const FLUSH_TIMER = "firehose.flush";

/** The consumers that run, by the stream's id. */
const consumers = perStore(() => new Map<string, Consumer>());

/** Follows a stream's log as long as the process runs. */
export function collectRecords(platform: Platform, ref: StreamRef): void {
  const running = consumers(platform.store);
  if (running.has(ref.id)) return;
  const consumer = platform.flow.consume({
    name: COLLECTOR,
    log: recordsLog(ref),
    batchEntries: 500,
    handle: (unit, entries) => collect(unit, platform, ref, entries),
  });
  running.set(ref.id, consumer);
}

/** Everything of a deleted stream has been delivered. */
export async function onEnd(unit: Unit, platform: Platform, { id }: { readonly id: string }): Promise<void> {
  const running = consumers(platform.store);
  await endStream(unit, id, running.get(id));
  unit.afterCommit(() => running.delete(id));
}

/** Before anything is put: nothing may be trimmed that is to be delivered. */
export function openLog(unit: Unit, stream: StreamRef): void {
  const log = recordsLog(stream);
  unit.declareLog({ name: log, partitions: 1, keepMs: 0 });
  for (const consumer of [COLLECTOR, HOLD]) placeCursor(unit, { log, consumer, partition: 0, next: 1 });
}

async function collect(unit: Unit, platform: Platform, ref: StreamRef, entries: readonly Entry[]): Promise<void> {
  const stream = await findByRef(unit, ref);
  const last = entries.at(-1);
  if (stream === undefined || last === undefined) return;
  const gathering = new Gathering(unit, platform, stream);
  for (const entry of entries) await gathering.take(entry);
  await gathering.end();
  await holdLog(unit, ref, last.sequence + 1);
  if (kindOf(last) === "end") await finishIfLast(unit, platform, stream, Number(last.value));
}

/** The buffers of a stream, for one unit. */
class Gathering {
  readonly #unit: Unit;
  readonly #platform: Platform;
  readonly #stream: DeliveryStream;
  readonly #buffers = new Map<BufferKind, OpenBuffer | undefined>();
  /** Where source records go, and where those that are decompressed. */
  readonly #delivers: readonly BufferKind[];
  readonly #next: BufferKind;

  constructor(unit: Unit, platform: Platform, stream: DeliveryStream) {
    this.#unit = unit;
    this.#platform = platform;
    this.#stream = stream;
    const { destination } = stream;
    const hasBackup = destination.backupMode === "Enabled" || destination.backupMode === "AllData";
    const { lambda, decompresses } = processingOf(destination.processing);
    this.#next = lambda ? "transform" : "deliver";
    this.#delivers = [...(hasBackup ? (["backup"] as const) : []), decompresses ? "decompress" : this.#next];
  }

  async take(entry: Entry): Promise<void> {
    const kind = kindOf(entry);
    switch (kind) {
      case "source":
        for (const each of this.#delivers) await this.#add(each, kind, entry);
        return;
      case "decompressed":
        return this.#add(this.#next, kind, entry);
      case "ready":
        return this.#add("deliver", kind, entry);
      case "failed":
      case "undecompressed":
        return this.#add(kind, kind, entry);
      case "end":
        return this.#closeAll();
      default:
        return kind satisfies never;
    }
  }

  /** What has no time to wait does not. */
  async end(): Promise<void> {
    for (const [kind, buffer] of this.#buffers) {
      if (buffer === undefined) continue;
      const { seconds } = bufferLimits(this.#stream, kind);
      if (seconds === 0 || this.#stream.deletedMs !== undefined) await this.#close(buffer);
      else this.#unit.put(openBuffers, bufferKey(buffer), buffer);
    }
  }

  async #add(kind: BufferKind, takes: EntryKind, entry: Entry): Promise<void> {
    const bytes = typeof entry.value === "string" ? Buffer.byteLength(entry.value) : entry.value.length;
    // To a function go also where a record comes from, which is in its key, and names.
    const around = kind === "transform" ? LAMBDA_RECORD_BYTES + Buffer.byteLength(entry.key) : 0;
    const base64Bytes = 4 * Math.ceil(bytes / 3) + around;
    const arrived = arrivedMs(entry);
    let buffer = await this.#open(kind);
    const limits = bufferLimits(this.#stream, kind);
    // What was taken under other settings goes apart.
    if (buffer && (buffer.takes !== takes || buffer.base64Bytes + base64Bytes > limits.base64Bytes)) {
      await this.#close(buffer);
      buffer = undefined;
    }
    const grown: OpenBuffer = buffer
      ? {
          ...buffer,
          before: entry.sequence + 1,
          count: buffer.count + 1,
          bytes: buffer.bytes + bytes,
          base64Bytes: buffer.base64Bytes + base64Bytes,
          arrivedMs: Math.min(buffer.arrivedMs, arrived),
        }
      : {
          stream: refOf(this.#stream),
          kind,
          takes,
          from: entry.sequence,
          before: entry.sequence + 1,
          count: 1,
          bytes,
          base64Bytes,
          arrivedMs: arrived,
          openedMs: entry.timeMs,
        };
    this.#buffers.set(kind, grown);
    if (!buffer && limits.seconds > 0) this.#setTimer(grown, limits.seconds);
    if (grown.bytes >= limits.bytes || grown.count >= limits.records) await this.#close(grown);
  }

  async #open(kind: BufferKind): Promise<OpenBuffer | undefined> {
    if (!this.#buffers.has(kind)) {
      const key = bufferKey({ stream: this.#stream, kind });
      this.#buffers.set(kind, await this.#unit.get(openBuffers, key));
    }
    return this.#buffers.get(kind);
  }

  #setTimer(buffer: OpenBuffer, seconds: number): void {
    const { stream, kind, from, openedMs } = buffer;
    const payload: Flush = { stream, kind, from };
    const dueMs = openedMs + seconds * 1000;
    this.#platform.flow.schedule(this.#unit, { id: timerId(buffer), kind: FLUSH_TIMER, dueMs, payload });
  }

  async #close(buffer: OpenBuffer): Promise<void> {
    this.#buffers.set(buffer.kind, undefined);
    await closeBuffer(this.#unit, this.#platform, this.#stream, buffer);
  }

  async #closeAll(): Promise<void> {
    for (const kind of BUFFER_KINDS) {
      const buffer = await this.#open(kind);
      if (buffer) await this.#close(buffer);
    }
  }
}

/** Makes batches of what a stream has gathered, as its settings are: before they change. */
export async function closeBuffers(unit: Unit, platform: Platform, stream: DeliveryStream): Promise<void> {
  for (const kind of BUFFER_KINDS) {
    const buffer = await unit.get(openBuffers, bufferKey({ stream, kind }));
    if (buffer) await closeBuffer(unit, platform, stream, buffer);
  }
}

interface Flush {
  readonly stream: StreamRef;
  readonly kind: BufferKind;
  readonly from: number;
}

function timerId(buffer: Pick<OpenBuffer, "stream" | "kind">): string {
  return `${FLUSH_TIMER}:${bufferKey(buffer)}`;
}

/** A buffer is old enough. */
export async function flush(unit: Unit, platform: Platform, { stream: ref, kind, from }: Flush): Promise<void> {
  const stream = await findByRef(unit, ref);
  const buffer = await unit.get(openBuffers, bufferKey({ stream: ref, kind }));
  if (stream && buffer?.from === from) await closeBuffer(unit, platform, stream, buffer);
}

/** Makes a batch of a buffer, and owes its delivery. */
async function closeBuffer(unit: Unit, platform: Platform, stream: DeliveryStream, buffer: OpenBuffer): Promise<void> {
  const { openedMs: _, ...gathered } = buffer;
  unit.delete(openBuffers, bufferKey(buffer));
  platform.flow.cancel(unit, timerId(buffer));
  const id = derivedUuid(stream.id, buffer.kind, String(buffer.from));
  const work = workOf(stream, buffer, id);
  await oweBatch(unit, platform, { ...gathered, id, work, closedMs: platform.clock.now(), attempts: 0 });
}

function workOf(stream: DeliveryStream, buffer: OpenBuffer, id: string): Work {
  const { destination } = stream;
  const { lambda, delimiter, messagesOnly = false } = processingOf(destination.processing);
  switch (buffer.kind) {
    case "decompress":
      return { to: "decompress", messagesOnly };
    case "transform":
      // Settings change only behind `closeBuffers`.
      assert(lambda, "Records wait for a function, and the stream has none");
      return { to: "lambda", lambda };
    case "backup":
      return { to: "s3", ...placeOfRecords(stream, buffer, id, undefined) };
    case "failed":
      return { to: "s3", ...placeOfErrors(stream, "processing-failed", buffer, id) };
    case "undecompressed":
      return { to: "s3", ...placeOfErrors(stream, "decompression-failed", buffer, id) };
    case "deliver":
      if (destination.kind === "http") return { to: "http", requestId: id };
      return { to: "s3", ...placeOfRecords(stream, buffer, id, delimiter) };
    default:
      return buffer.kind satisfies never;
  }
}

interface BufferLimits {
  readonly bytes: number;
  readonly seconds: number;
  readonly records: number;
  readonly base64Bytes: number;
}

function bufferLimits({ destination }: DeliveryStream, kind: BufferKind): BufferLimits {
  const unlimited = { records: Number.POSITIVE_INFINITY, base64Bytes: Number.POSITIVE_INFINITY };
  if (kind === "decompress") return { ...unlimited, bytes: MIB, seconds: 0, records: DECOMPRESSED_AT_ONCE };
  if (kind === "transform") {
    const { lambda } = processingOf(destination.processing);
    return {
      bytes: lambda?.bufferBytes ?? 0,
      seconds: lambda?.intervalSeconds ?? 0,
      records: unlimited.records,
      base64Bytes: LAMBDA_PAYLOAD_BYTES_MAX - 1000,
    };
  }
  const isHttp = destination.kind === "http" && kind === "deliver";
  const s3 = (kind === "backup" && destination.kind === "s3" && destination.backup) || destination.s3;
  const hints = isHttp ? destination.hints : s3.BufferingHints;
  return {
    bytes: hints.SizeInMBs * MIB,
    seconds: hints.IntervalInSeconds,
    // The rest of a request is its records' names and commas.
    ...(isHttp
      ? { records: HTTP_RECORDS_MAX, base64Bytes: HTTP_BODY_BYTES_MAX - 15 * HTTP_RECORDS_MAX - 1000 }
      : unlimited),
  };
}
