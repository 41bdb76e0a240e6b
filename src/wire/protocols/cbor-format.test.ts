import assert from "node:assert/strict";
import { test } from "node:test";
import { cbor, tag } from "@smithy/core/cbor";
import fc from "fast-check";
import { EpochMilliseconds, formatCbor, parseCbor } from "./cbor-format.ts";
import { Malformed } from "./malformed.ts";

// The SDK's own reader loses a member of the name __proto__.
const anyTree = fc.jsonValue({ maxDepth: 4 }).filter((tree) => !JSON.stringify(tree).includes('"__proto__":'));

test("the SDK's own CBOR reads what we write, and we read what it writes", () => {
  fc.assert(
    fc.property(anyTree, fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (tree, time) => {
      // JSON has no negative zero, and neither does the SDK's CBOR.
      const value = JSON.parse(JSON.stringify(tree));
      assert.deepEqual(cbor.deserialize(formatCbor(value)), value);
      assert.deepEqual(parseCbor(Buffer.from(cbor.serialize(value))), value);
      assert.deepEqual(
        parseCbor(Buffer.from(cbor.serialize(tag({ tag: 1, value: time })))),
        new EpochMilliseconds(time),
      );
      assert.deepEqual(parseCbor(formatCbor(new EpochMilliseconds(time))), new EpochMilliseconds(time));
    }),
  );
});

test("bytes come back as they were, whatever their number", () => {
  for (const length of [0, 23, 24, 255, 256, 65_535, 65_536]) {
    const bytes = Buffer.alloc(length, 7);
    assert.deepEqual(parseCbor(formatCbor(bytes)), bytes);
  }
});

/** From RFC 8949, appendix A. */
const examples: readonly (readonly [hex: string, value: unknown])[] = [
  ["1bffffffffffffffff", 18446744073709551615n],
  ["3bffffffffffffffff", -18446744073709551616n],
  ["1b000000e8d4a51000", 1000000000000],
  ["3903e7", -1000],
  ["f93e00", 1.5],
  ["f90001", 2 ** -24],
  ["f9c400", -4],
  ["fa47c35000", 100000],
  ["fb3ff199999999999a", 1.1],
  ["f7", null],
  ["5f42010243030405ff", Buffer.from([1, 2, 3, 4, 5])],
  ["7f657374726561646d696e67ff", "streaming"],
  ["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
  ["bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
];

for (const [hex, value] of examples) {
  test(`${hex} is ${typeof value === "bigint" ? value : JSON.stringify(value)}`, () => {
    assert.deepEqual(parseCbor(Buffer.from(hex, "hex")), value);
  });
}

const malformed: readonly (readonly [hex: string, why: string])[] = [
  ["", "nothing at all"],
  ["0102", "more than one item"],
  ["ff", "a break outside of an item"],
  ["61", "text that ends early"],
  ["61ff", "text that is not UTF-8"],
  ["5bffffffffffffffff", "more bytes than there are"],
  ["9b7fffffffffffffff", "a longer list than there are bytes"],
  ["a10102", "a key that is no text"],
  ["5f6161ff", "text among chunks of bytes"],
  ["5f5f4100ffff", "chunks within chunks"],
  ["9f01", "a list without an end"],
  ["1c", "a reserved argument"],
  ["f8ff", "a simple value without a meaning"],
];

for (const [hex, why] of malformed) {
  test(`${why} is malformed`, () => assert.throws(() => parseCbor(Buffer.from(hex, "hex")), Malformed));
}

test("bytes at random are a value or malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      try {
        parseCbor(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof Malformed);
      }
    }),
    { numRuns: 2000 },
  );
});

test("nesting has a bound", () => {
  assert.throws(() => parseCbor(Buffer.alloc(1_000_000, 0x81)), { message: "The request is nested too deeply." });
});
