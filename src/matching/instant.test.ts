import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseInstant, parseIsoInstant } from "./instant.ts";

const NOON = Date.UTC(2024, 5, 1, 12);

const isoInstants: readonly (readonly [string, number])[] = [
  ["2024-06-01", Date.UTC(2024, 5, 1)],
  ["2024-06-01T12:00:00Z", NOON],
  ["2024-06-01T12:00:00", NOON],
  ["2024-06-01T12:00", NOON],
  ["2024-06-01 12:00:00", NOON],
  ["2024-06-01T12:00:00.5Z", NOON + 500],
  ["2024-06-01T12:00:00.0019999Z", NOON + 1],
  ["2024-06-01T14:00:00+02:00", NOON],
  ["2024-06-01T14:00:00+0200", NOON],
  ["2024-06-01 14:00:00+02", NOON],
  ["2024-06-01T06:30:00-05:30", NOON],
  ["2024-02-29", Date.UTC(2024, 1, 29)],
  ["2000-02-29", Date.UTC(2000, 1, 29)],
  ["0001-01-01T00:00:00", -62_135_596_800_000],
  ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
];

for (const [text, instant] of isoInstants) {
  test(`${text} is ${instant} ms since 1970`, () => assert.equal(parseIsoInstant(text), instant));
}

const noInstants: readonly unknown[] = [
  "2026-02-30",
  "2026-02-29",
  "1900-02-29",
  "2026-04-31",
  "2026-00-10",
  "2026-13-01",
  "2026-01-00",
  "2026-01-32",
  "2026-01-01T24:00:00Z",
  "2026-01-01T12:60:00Z",
  "2026-01-01T12:00:60Z",
  "2026-01-01T12:00:00+24:00",
  "2026-01-01T12:00:00+01:60",
  "2026-01-01T12:00:00.Z",
  "2026-01-01T12Z",
  "2026-01-01Z",
  "2026-01-01 ",
  "2026-1-1",
  "20260101",
  "+002026-01-01",
  "today",
  "",
  20260101,
  true,
  null,
];

for (const value of noInstants) {
  test(`${JSON.stringify(value)} is no instant`, () => {
    assert.equal(parseIsoInstant(value), undefined);
    assert.equal(parseInstant(value), undefined);
  });
}

test("10 digits are seconds since 1970 and 13 are milliseconds, as a number or a text", () => {
  for (const value of [1717243200, "1717243200", 1717243200000, "1717243200000"]) {
    assert.equal(parseInstant(value), NOON);
    assert.equal(parseIsoInstant(value), undefined);
  }
});

test("numbers of another form are no instants", () => {
  for (const value of [
    171724320,
    17172432000,
    1717243200.5,
    -1717243200,
    "1717243200.0",
    "-171724320",
    "+1717243200",
  ]) {
    assert.equal(parseInstant(value), undefined);
  }
});

test("what a date writes about itself is read as that date", () => {
  const anyDate = fc.date({
    min: new Date("0000-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(anyDate, (date) => assert.equal(parseInstant(date.toISOString()), date.getTime())),
    { numRuns: 1_000 },
  );
});

test("300,000 digits of a fraction or spaces take no longer than their length", { timeout: 5_000 }, () => {
  for (const text of ["0".repeat(300_000), " ".repeat(300_000)]) parseInstant(`2024-06-01T12:00:00.${text}x`);
});
