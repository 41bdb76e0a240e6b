import type { Scalar } from "./predicate.ts";

/** A decimal number of any size and precision, in the one form that equal numbers share. Zero has no digits. */
export interface Decimal {
  readonly negative: boolean;
  /** Significant digits, without zeros at either end. */
  readonly digits: string;
  /** How many digits stand before the point; negative where zeros follow it first. */
  readonly exponent: number;
}

const DECIMAL = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?\s*$/;

/** The number that a JSON number or its text stands for; `undefined` for anything else. */
export function parseDecimal(value: Scalar): Decimal | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const found = DECIMAL.exec(String(value));
  const [, sign, whole = "", fraction = "", power = "0"] = found ?? [];
  const written = whole + fraction;
  if (written === "") return undefined;
  const leadingZeros = /^0*/.exec(written)?.[0].length ?? 0;
  const digits = written.slice(leadingZeros).replace(/0+$/, "");
  if (digits === "") return { negative: false, digits, exponent: 0 };
  return { negative: sign === "-", digits, exponent: whole.length - leadingZeros + Number(power) };
}

/** Below 0, 0 or above 0, as the first number is less than, equal to or greater than the second. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  const sign = signOf(one);
  if (sign !== signOf(other)) return sign - signOf(other);
  return sign * compareMagnitudes(one, other);
}

function signOf({ digits, negative }: Decimal): number {
  if (digits === "") return 0;
  return negative ? -1 : 1;
}

function compareMagnitudes(one: Decimal, other: Decimal): number {
  if (one.exponent !== other.exponent) return one.exponent - other.exponent;
  if (one.digits === other.digits) return 0;
  return one.digits < other.digits ? -1 : 1;
}
