import { parseDecimal } from "../../../matching/decimal.ts";

/** A decimal number, exactly: `units` divided by 10 to the power of `scale`, which is at least 0. */
export interface ExactNumber {
  readonly units: bigint;
  readonly scale: number;
}

/** Digits on either side of the point beyond which a number is none here: sums of such would grow without bound. */
const DIGITS_MAX = 100;

/** Digits behind the point of a quotient (our choice); the last is rounded, a half away from zero. */
const QUOTIENT_SCALE = 10;

export const ZERO: ExactNumber = { units: 0n, scale: 0 };

/** The number that a JSON number or a text writes; `undefined` for anything else, and for what has more than 100 digits on a side. */
export function exactNumber(value: unknown): ExactNumber | undefined {
  const decimal = parseDecimal(value);
  if (decimal === undefined) return undefined;
  const { negative, digits, exponent } = decimal;
  if (digits === "") return ZERO;
  const scale = Math.max(digits.length - exponent, 0);
  if (exponent > DIGITS_MAX || scale > DIGITS_MAX) return undefined;
  const size = BigInt(digits) * 10n ** BigInt(Math.max(exponent - digits.length, 0));
  return { units: negative ? -size : size, scale };
}

export function add(one: ExactNumber, other: ExactNumber): ExactNumber {
  const scale = Math.max(one.scale, other.scale);
  return { units: unitsAt(one, scale) + unitsAt(other, scale), scale };
}

export function subtract(one: ExactNumber, other: ExactNumber): ExactNumber {
  return add(one, { ...other, units: -other.units });
}

export function multiply(one: ExactNumber, other: ExactNumber): ExactNumber {
  return { units: one.units * other.units, scale: one.scale + other.scale };
}

/** `undefined` by zero. */
export function divide(one: ExactNumber, other: ExactNumber): ExactNumber | undefined {
  if (other.units === 0n) return undefined;
  const isNegative = one.units < 0n !== other.units < 0n;
  const dividend = size(one.units) * 10n ** BigInt(other.scale + QUOTIENT_SCALE);
  const divisor = size(other.units) * 10n ** BigInt(one.scale);
  const rounded = (2n * dividend + divisor) / (2n * divisor);
  return { units: isNegative ? -rounded : rounded, scale: QUOTIENT_SCALE };
}

/** Below 0, 0 or above 0. */
export function compare(one: ExactNumber, other: ExactNumber): number {
  const { units } = subtract(one, other);
  return units < 0n ? -1 : Number(units > 0n);
}

/** `-12.5`: without zeros that say nothing. */
export function numberText({ units, scale }: ExactNumber): string {
  const digits = size(units)
    .toString()
    .padStart(scale + 1, "0");
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  const text = `${digits.slice(0, digits.length - scale)}${scale > 0 && fraction !== "" ? `.${fraction}` : ""}`;
  return units < 0n ? `-${text}` : text;
}

function unitsAt({ units, scale }: ExactNumber, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - scale);
}

function size(units: bigint): bigint {
  return units < 0n ? -units : units;
}
