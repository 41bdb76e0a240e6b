/**
 * Records that a Kinesis Producer Library packed into one: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 *
 *     magic (4 bytes) | protobuf AggregatedRecord | its MD5 (16 bytes)
 */
import { hash } from "node:crypto";

interface KeyedData {
  readonly data: string | Uint8Array;
  readonly partitionKey: string;
}

const MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);
const MD5_BYTES = 16;

/** The records in a record; what is not aggregated, or not as it should be, is one record as it is. */
export function deaggregate(record: KeyedData): readonly KeyedData[] {
  if (typeof record.data === "string") return [record];
  const { data: bytes } = record;
  if (bytes.length < MAGIC.length + MD5_BYTES || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) return [record];
  const message = bytes.subarray(MAGIC.length, -MD5_BYTES);
  if (!hash("md5", message, "buffer").equals(bytes.subarray(-MD5_BYTES))) return [record];
  try {
    return parseAggregate(message);
  } catch (error) {
    if (error instanceof RangeError) return [record];
    throw error;
  }
}

/** `repeated string partition_key_table = 1; repeated string explicit_hash_key_table = 2; repeated Record records = 3` */
function parseAggregate(message: Uint8Array): KeyedData[] {
  const keys: string[] = [];
  const records: Uint8Array[] = [];
  for (const { field, value } of fieldsOf(message)) {
    if (typeof value === "number") continue;
    if (field === 1) keys.push(Buffer.from(value).toString());
    else if (field === 3) records.push(value);
  }
  return records.map((record) => parseRecord(record, keys));
}

/** `required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2; required bytes data = 3` */
function parseRecord(record: Uint8Array, keys: readonly string[]): KeyedData {
  let partitionKey: string | undefined;
  let data: Uint8Array | undefined;
  for (const { field, value } of fieldsOf(record)) {
    if (field === 1 && typeof value === "number") partitionKey = keys[value];
    else if (field === 3 && typeof value !== "number") data = value;
  }
  if (partitionKey === undefined || data === undefined) throw new RangeError("A record in an aggregate lacks a member");
  return { data, partitionKey };
}

interface Field {
  readonly field: number;
  readonly value: number | Uint8Array;
}

/** The fields of a protobuf message, of the two wire types that aggregates have. Throws `RangeError`. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++];
      if (byte === undefined || shift > 2 ** 49) throw new RangeError("A number without an end");
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 0) yield { field, value: varint() };
    else if (tag % 8 === 2) {
      const length = varint();
      if (at + length > message.length) throw new RangeError("A field beyond its message");
      yield { field, value: message.subarray(at, at + length) };
      at += length;
    } else throw new RangeError("A field of another type");
  }
}
