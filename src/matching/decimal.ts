/** A decimal number of any size and precision, in the one form that equal numbers share. Zero has no digits. */
export interface Decimal {
  readonly negative: boolean;
  /** Significant digits, without zeros at either end. */
  readonly digits: string;
  /** How many digits stand before the point; negative where zeros follow it first. */
  readonly exponent: number;
}

/** Digits are needed on one side of the point at least; `parseDecimal` sees to that. Each part ends where the next begins: linear time. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/**
 * The number that a JSON number, or a text such as `-12.50` or `1.2e3`, stands for; `undefined` for anything else. Spaces, grouping of
 * digits and powers of ten with more than six digits make no number (our choice).
 *
 * A text is exact whatever its length. A JSON number has the shortest digits of the double that it was parsed to.
 */
export function parseDecimal(value: unknown): Decimal | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const [, sign, whole = "", fraction = "", power = "0"] = DECIMAL.exec(String(value)) ?? [];
  const written = whole + fraction;
  if (written === "") return undefined;
  const start = leadingZeros(written);
  const digits = written.slice(start, endOfDigits(written));
  if (digits === "") return { negative: false, digits, exponent: 0 };
  return { negative: sign === "-", digits, exponent: whole.length - start + Number(power) };
}

/** Below 0, 0 or above 0, as the first number is less than, equal to or greater than the second. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  const sign = signOf(one);
  if (sign !== signOf(other)) return sign - signOf(other);
  return sign < 0 ? compareMagnitudes(other, one) : compareMagnitudes(one, other);
}

function leadingZeros(written: string): number {
  let count = 0;
  while (written[count] === "0") count += 1;
  return count;
}

/** Where the zeros at the end begin. A loop, since `/0+$/` takes quadratic time on many zeros with something behind them. */
function endOfDigits(written: string): number {
  let end = written.length;
  while (written[end - 1] === "0") end -= 1;
  return end;
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
