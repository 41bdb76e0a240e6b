import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeSequenceNumber, encodeEndingSequenceNumber, encodeSequenceNumber } from "./sequence-number.ts";

test("a sequence number has the documented layout", () => {
  const number = { createdSeconds: 1763697600, shardIndex: 3, index: 5, timeMs: 1763697700_000 };
  // The reference's check value has 0 where real numbers repeat the last digit of the shard index.
  const checkValue = "49669165640266203204446800974923875599410588845774733362";
  assert.equal(BigInt(checkValue).toString(16), "20691fe3c000000000000000005000691fe424000000032");
  assert.deepEqual(decodeSequenceNumber(checkValue), number);
  assert.equal(BigInt(encodeSequenceNumber(number)).toString(16), "20691fe3c030000000000000005000691fe424000000032");
  assert.equal(encodeSequenceNumber({ ...number, shardIndex: 0 }).length, 56);
});

const anyNumber = fc.record(
  {
    createdSeconds: fc.integer({ min: 1_600_000_000, max: 4_000_000_000 }),
    shardIndex: fc.nat(2 ** 31 - 1),
    index: fc.nat(Number.MAX_SAFE_INTEGER),
    timeMs: fc.integer({ min: 1_600_000_000, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
  },
  { noNullPrototype: true },
);

test("what is encoded decodes to the same", () => {
  fc.assert(
    fc.property(anyNumber, (number) => {
      assert.deepEqual(decodeSequenceNumber(encodeSequenceNumber(number)), number);
    }),
  );
});

test("numbers of a shard rise with the index, whatever the record time, and stay below the end of the shard", () => {
  fc.assert(
    fc.property(anyNumber, anyNumber, ({ createdSeconds, shardIndex, index, timeMs }, { timeMs: laterMs }) => {
      const first = BigInt(encodeSequenceNumber({ createdSeconds, shardIndex, index, timeMs }));
      const second = BigInt(encodeSequenceNumber({ createdSeconds, shardIndex, index: index + 1, timeMs: laterMs }));
      const end = BigInt(encodeEndingSequenceNumber({ createdSeconds, shardIndex, timeMs }));
      assert(first < second);
      assert(second < end);
    }),
  );
});

test("other numbers are not sequence numbers", () => {
  for (const text of ["0", "1", "49669165640266203204446800974923875599410588845774733363", "9".repeat(129)]) {
    assert.equal(decodeSequenceNumber(text), undefined);
  }
});

test("the end of a shard lies behind every record", () => {
  const end = encodeEndingSequenceNumber({ createdSeconds: 1763697600, shardIndex: 0, timeMs: 1763697700_000 });
  assert.equal(decodeSequenceNumber(end)?.index, Number.POSITIVE_INFINITY);
});
