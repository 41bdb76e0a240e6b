import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { ModeledError } from "../../models/modeled-error.ts";
import { parseRange } from "./range.ts";

test("ranges are read as HTTP has them", () => {
  for (const [header, expected] of [
    ["bytes=0-0", [0, 0]],
    ["bytes=2-5", [2, 5]],
    ["bytes=2-", [2, 9]],
    ["bytes=9-100", [9, 9]],
    ["bytes=-3", [7, 9]],
    ["bytes=-100", [0, 9]],
    [undefined, undefined],
    ["bytes=-", undefined],
    ["bytes=5-2", undefined],
    ["bytes=0-1,3-4", undefined],
    ["bytes=a-b", undefined],
    ["items=0-1", undefined],
  ] as const) {
    const range = parseRange(header, 10);
    assert.deepEqual(range && [range.first, range.last], expected, header);
  }
});

test("what begins behind the end cannot be given", () => {
  for (const [header, size] of [
    ["bytes=10-", 10],
    ["bytes=10-12", 10],
    ["bytes=-0", 10],
    ["bytes=0-", 0],
    ["bytes=-1", 0],
  ] as const) {
    assert.throws(
      () => parseRange(header, size),
      ({ code }: ModeledError) => code === "InvalidRange",
      header,
    );
  }
});

test("a range never reaches beyond the object", () => {
  fc.assert(
    fc.property(fc.nat(20), fc.option(fc.nat(30)), fc.option(fc.nat(30)), (size, from, to) => {
      const bytes = Array.from({ length: size }, (_, at) => at);
      const header = `bytes=${from ?? ""}-${to ?? ""}`;
      const wanted = bytes.filter((at) =>
        from === null ? at >= size - Number(to) : at >= from && at <= (to ?? Number.POSITIVE_INFINITY),
      );
      const isRange = (from !== null || to !== null) && !(from !== null && to !== null && to < from);
      if (isRange && wanted.length === 0) assert.throws(() => parseRange(header, size));
      else {
        const range = parseRange(header, size);
        assert.deepEqual(range && bytes.slice(range.first, range.last + 1), isRange ? wanted : undefined);
      }
    }),
  );
});
