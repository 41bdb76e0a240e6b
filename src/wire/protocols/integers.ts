export const INTEGER_BITS: Readonly<Record<"integer" | "long", number>> = { integer: 32, long: 64 };

/** Whether a signed integer of that many bits can hold the number. */
export function integerFits(value: number, bits: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);
}
