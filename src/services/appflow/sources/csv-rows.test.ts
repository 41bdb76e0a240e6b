import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvRows, wholeRowsEnd } from "./csv-rows.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const cell = fc.oneof(fc.string({ unit: fc.constantFrom(...'a,"\n\rü😀 ') }), fc.constant("null"));
const table = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 });

test("rows are what was written, whatever stands in them", async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const text = rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
      assert.deepEqual(await csvRows(Buffer.from(text), ["", "null"]), rows);
    }),
    { numRuns: 50 },
  );
});

test("a text that is cut anywhere is read whole in two pieces, the first up to its last whole row", async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.nat(400), async (rows, cut) => {
      const bytes = Buffer.from(rows.map((row) => `${row.map(quoted).join(",")}\n`).join(""));
      const end = wholeRowsEnd(bytes.subarray(0, cut));
      assert.ok(end <= cut);
      const pieces = [bytes.subarray(0, end), bytes.subarray(end)];
      const read = await Promise.all(pieces.map((piece) => csvRows(piece, [])));
      assert.deepEqual(read.flat(), rows);
    }),
    { numRuns: 50 },
  );
});

test("no value is one without quotes alone, and what is no CSV is told with its place", async () => {
  assert.deepEqual(await csvRows(Buffer.from('a,b\n,""\nnull,"null"\n'), ["", "null"]), [
    ["a", "b"],
    [null, ""],
    [null, "null"],
  ]);
  await assert.rejects(csvRows(Buffer.from("a,b\n1\n"), []), /^Error: row 2 has 1 values, and the first one 2$/);
  await assert.rejects(csvRows(Buffer.from('a,b\n"1,2\n'), []), /[Qq]uote/);
});
