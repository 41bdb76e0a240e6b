import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { deaggregate } from "./deaggregate.ts";

const MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  return Buffer.from([...bytes, rest]);
}

const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);

function packed(message: Uint8Array): Buffer {
  return Buffer.concat([MAGIC, message, hash("md5", message, "buffer")]);
}

interface Keyed {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

function aggregate(records: readonly Keyed[]): Buffer {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  return packed(
    Buffer.concat([
      ...keys.map((key) => field(1, Buffer.from(key))),
      ...records.map(({ partitionKey, data }) =>
        field(3, Buffer.concat([varint(8), varint(keys.indexOf(partitionKey)), field(3, data)])),
      ),
    ]),
  );
}

const keyed = fc.record({
  partitionKey: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  data: fc.uint8Array({ maxLength: 300 }),
});

test("what was packed is found again, in order", () => {
  fc.assert(
    fc.property(fc.array(keyed, { minLength: 1, maxLength: 200 }), (records) => {
      const found = deaggregate({ data: aggregate(records), partitionKey: "outer" });
      assert.deepEqual(
        found.map(({ partitionKey, data }) => ({ partitionKey, data: [...Buffer.from(data)] })),
        records.map(({ partitionKey, data }) => ({ partitionKey, data: [...data] })),
      );
    }),
  );
});

test("anything else is one record as it is", () => {
  const packedNonsense = fc.uint8Array({ maxLength: 40 }).map(packed);
  const cut = fc
    .tuple(fc.array(keyed, { minLength: 1, maxLength: 3 }), fc.nat({ max: 20 }))
    .map(([records, drop]) => aggregate(records).subarray(0, -1 - drop));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), cut), (data) => {
      assert.deepEqual(deaggregate({ data, partitionKey: "k" }), [{ data, partitionKey: "k" }]);
    }),
  );
  // Of what looks packed, nothing is ever thrown.
  fc.assert(
    fc.property(packedNonsense, (data) => {
      deaggregate({ data, partitionKey: "k" });
    }),
  );
  assert.deepEqual(deaggregate({ data: "text", partitionKey: "k" }), [{ data: "text", partitionKey: "k" }]);
});
