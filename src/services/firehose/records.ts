/** Entries of a delivery stream's log. Their keys say what they are. */
import { setImmediate } from "node:timers/promises";
import type { Appended, Entry, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type DeliveryStream, recordsLog } from "./delivery-stream.ts";

/**
 * `source`: as it was put. `decompressed`: what was in it. `ready`: as a function has given it back. `failed`, `undecompressed`: a line that tells
 * of a record that a function failed on, or that could not be decompressed. `end`: the stream is deleted, and nothing is put after it.
 */
export type EntryKind = "source" | "decompressed" | "ready" | "failed" | "undecompressed" | "end";

const KINDS: Readonly<Record<string, EntryKind>> = {
  u: "decompressed",
  r: "ready",
  f: "failed",
  d: "undecompressed",
  e: "end",
};

/** Where a record of a Kinesis stream was, as a function is told. */
export interface KinesisMetadata {
  readonly shardId: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly subsequenceNumber: number;
  readonly approximateArrivalTimestamp: number;
}

export function kindOf({ key }: Pick<Entry, "key">): EntryKind {
  return KINDS[key.charAt(0)] ?? "source";
}

/** When the record arrived that an entry is or comes from. */
export function arrivedMs({ key, timeMs }: Entry): number {
  return key.startsWith("r") || key.startsWith("u") ? Number(key.slice(1)) : timeMs;
}

/** Of a record that was read from a Kinesis stream. */
export function kinesisMetadataOf({ key }: Entry): KinesisMetadata | undefined {
  return key.startsWith("k") ? JSON.parse(key.slice(1)) : undefined;
}

type Log = Pick<DeliveryStream, "account" | "region" | "id">;

export function appendSource(unit: Unit, stream: Log, data: Uint8Array | string, from?: KinesisMetadata): Appended {
  return unit.append(recordsLog(stream), from ? `k${JSON.stringify(from)}` : "", data);
}

export function appendReady(unit: Unit, stream: Log, data: Uint8Array, arrived: number): void {
  unit.append(recordsLog(stream), `r${arrived}`, data);
}

export function appendDecompressed(unit: Unit, stream: Log, data: Uint8Array, arrived: number): void {
  unit.append(recordsLog(stream), `u${arrived}`, data);
}

export function appendUndecompressed(unit: Unit, stream: Log, line: string): void {
  unit.append(recordsLog(stream), "d", line);
}

export function appendFailed(unit: Unit, stream: Log, line: string): void {
  unit.append(recordsLog(stream), "f", line);
}

export function appendEnd(unit: Unit, stream: Log, number: number): void {
  unit.append(recordsLog(stream), "e", String(number));
}

export function bytesOf({ value }: Pick<Entry, "value">): Buffer {
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** 56 digits, as those of Kinesis: an answer's `RecordId`, and what a function is told. */
export function recordId({ timeMs, sequence }: Pick<Entry, "timeMs" | "sequence">): string {
  return `49${String(timeMs).padStart(22, "0")}${String(sequence).padStart(32, "0")}`;
}

/** One read of the store: what is read in one go holds up everybody else. */
const READ = { entries: 250, bytes: 256 * 1024 };

/** What of a log belongs together. */
export interface LogRange {
  readonly from: number;
  readonly before: number;
  readonly takes: EntryKind;
}

/** The entries of a range, in order. Ends early where the signal says so. */
export async function* readRange(
  { store }: Pick<Platform, "store">,
  stream: Log,
  { from, before, takes }: LogRange,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  const log = recordsLog(stream);
  for (let next = from; next < before; ) {
    signal.throwIfAborted();
    const entries = await store.read(log, 0, next, { ...READ, entries: Math.min(READ.entries, before - next) });
    const last = entries.at(-1);
    if (last === undefined) throw new Error(`Records of ${log} from ${next} to ${before} are not there`);
    for (const entry of entries) if (kindOf(entry) === takes) yield entry;
    next = last.sequence + 1;
    await setImmediate();
  }
}
