import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBlock, parseAddress } from "./address.ts";
import { type Decimal, parseDecimal } from "./decimal.ts";
import type { Predicate, Scalar } from "./predicate.ts";
import { describe, valueText } from "./predicate-words.ts";

const is = (value: Scalar): Predicate => ({ kind: "equals", value });
const prefix = (text: string): Predicate => ({ kind: "prefix", text });
const wildcard = (...pieces: readonly string[]): Predicate => ({ kind: "wildcard", pieces });
const butNot = (values: readonly Scalar[], ...predicates: readonly Predicate[]): Predicate => ({
  kind: "anything-but",
  values: new Set(values),
  predicates,
});
const from = <T>(value: T): { readonly bottom: { readonly value: T; readonly inclusive: true } } => ({
  bottom: { value, inclusive: true },
});
const upTo = <T>(value: T): { readonly top: { readonly value: T; readonly inclusive: true } } => ({
  top: { value, inclusive: true },
});
const above = <T>(value: T): { readonly bottom: { readonly value: T; readonly inclusive: false } } => ({
  bottom: { value, inclusive: false },
});
const below = <T>(value: T): { readonly top: { readonly value: T; readonly inclusive: false } } => ({
  top: { value, inclusive: false },
});
const within = (address: string, maskBits: number): Predicate => {
  const base = parseAddress(address);
  assert.ok(base);
  return { kind: "cidr", block: addressBlock(base, maskBits) };
};
const decimal = (text: string): Decimal => {
  const parsed = parseDecimal(text);
  assert.ok(parsed);
  return parsed;
};
const words = (...predicates: readonly Predicate[]): string => describe(predicates);

test("each kind of predicate has its words", () => {
  assert.equal(words(is("CONNECTED")), 'is "CONNECTED"');
  assert.equal(words(is(5)), "is 5");
  assert.equal(words(is(null)), "is null");
  assert.equal(words({ kind: "equals-ignore-case", text: "ab" }), 'is "ab" in any case');
  assert.equal(words(prefix("arn:aws:connect")), 'begins with "arn:aws:connect"');
  assert.equal(words({ kind: "prefix", text: "ab", ignoreCase: true }), 'begins with "ab" in any case');
  assert.equal(words({ kind: "suffix", text: ".png" }), 'ends with ".png"');
  assert.equal(words(wildcard("a", "b")), 'matches "a*b"');
  assert.equal(words(wildcard("", "a", "")), 'contains "a"');
  assert.equal(words(butNot(["x"])), 'is anything but "x"');
  assert.equal(words(butNot(["x", "y"])), 'is anything but one of "x", "y"');
  assert.equal(words(butNot([], prefix("a"))), 'is anything but what begins with "a"');
  assert.equal(words({ kind: "as-text", predicate: is("5") }), 'as text is "5"');
  assert.equal(
    words({ kind: "named", name: "7", meaning: 'CUSTOMER said "refund"' }),
    'tells that CUSTOMER said "refund"',
  );
  assert.equal(words({ kind: "list-with", items: ["a", "b"] }), 'is a list with "a" and "b"');
  assert.equal(words({ kind: "exists" }), "is present");
  assert.equal(words({ kind: "absent" }), "is absent");
});

test("ranges name their bounds and whether these lie inside", () => {
  assert.equal(words({ kind: "range", ...above(5), ...upTo(10) }), "is a number above 5 and up to 10");
  assert.equal(words({ kind: "range", ...from(5), ...below(10) }), "is a number of at least 5 and below 10");
  assert.equal(words({ kind: "range", ...below(-0.5) }), "is a number below -0.5");
  assert.equal(words({ kind: "range", ...from(5), ...upTo(5) }), "is the number 5");
  assert.equal(words({ kind: "range" }), "is a number");
  const [early, late] = [Date.UTC(2026, 0, 2), Date.UTC(2026, 0, 2, 3, 4, 5, 6)];
  assert.equal(
    words({ kind: "instant-range", epoch: true, ...from(early), ...below(late) }),
    "is a time at or after 2026-01-02T00:00:00Z and before 2026-01-02T03:04:05.006Z",
  );
  assert.equal(
    words({ kind: "instant-range", epoch: true, ...above(8.64e15 + 1) }),
    "is a time after 8640000000000001",
  );
});

test("decimals are written out, unless zeros make them long", () => {
  for (const text of ["0", "5", "-12.5", "0.001", "1200", "12345678901234567890.12345", "1e-30", "-1.25e+400"]) {
    const number = text.replace("+", "");
    assert.equal(words({ kind: "decimal-range", ...above(decimal(text)) }), `is a number above ${number}`);
  }
});

test("blocks of addresses are written as people write them", () => {
  assert.equal(words(within("10.0.0.7", 24)), "is an IP address within 10.0.0.0/24");
  for (const address of ["::", "::1", "2001:db8::", "2001:db8::1:0:0:1", "fe80::a:0:0:1", "1:2:3:4:5:6:7:8"]) {
    assert.equal(words(within(address, 128)), `is the IP address ${address}`);
  }
});

test("alternatives of one kind are told together, and absence first", () => {
  assert.equal(words(is("A"), is("B")), 'is one of "A", "B"');
  assert.equal(words(is("A"), prefix("x"), is(1), prefix("y")), 'is one of "A", 1, or begins with one of "x", "y"');
  assert.equal(words(is("x"), { kind: "absent" }), 'is absent, or is "x"');
  assert.equal(words({ kind: "absent" }, { kind: "exists" }), "is absent, or is present");
});

test("what is asked of a value's text is told together too", () => {
  const asText = (predicate: Predicate): Predicate => ({ kind: "as-text", predicate });
  assert.equal(words(asText(is("5")), is("x"), asText(is("6"))), 'as text is one of "5", "6", or is "x"');
});

test("an asterisk or a backslash that stands for itself is told from the one that stands for anything", () => {
  assert.equal(words(wildcard("a*", "\\b")), `matches ${JSON.stringify("a\\**\\\\b")}`);
});

test("long texts and long lists are shortened", () => {
  assert.equal(valueText("x".repeat(60)), `"${"x".repeat(60)}"`);
  assert.equal(valueText("x".repeat(61)), `"${"x".repeat(59)}…"`);
  assert.equal(valueText(`${"x".repeat(58)}😀😀`), `"${"x".repeat(58)}…"`);
  assert.equal(words(..."abcdefg".split("").map(is)), 'is one of "a", "b", "c", "d", "e" and 2 more');
  const many = Array.from({ length: 100_000 }, (_, i) => (i % 2 ? is(`${i}`) : prefix(`${i}`)));
  assert.ok(describe(many).length < 200);
});
