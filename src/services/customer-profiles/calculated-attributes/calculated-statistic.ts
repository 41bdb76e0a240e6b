import type { Statistic, Threshold } from "@aws-sdk/client-customer-profiles";
import type { DaysRange } from "../../../matching/profile-segment.ts";
import { add, compare, divide, type ExactNumber, exactNumber, numberText, ZERO } from "./exact-number.ts";

/** What one object says of a calculated attribute. */
export interface Contribution {
  /** What the object's time says, or when it was ingested. */
  readonly timeMs: number;
  readonly value: string;
}

/** What the newest model has, and the SDK's own type may lack. */
export type StatisticName = Statistic | "RECENT_OCCURRENCES";

/** Which contributions count, and what becomes of them. */
export interface Calculation {
  readonly statistic: StatisticName;
  /** Absent: whenever they are. */
  readonly range?: DaysRange | undefined;
  /** Only so many of the newest. */
  readonly objectCount?: number | undefined;
  readonly threshold?: Threshold | undefined;
}

export interface CalculatedResult {
  readonly value?: string;
  /** Of the newest object that counts. */
  readonly lastMs?: number;
}

export const DAY_MS = 86_400_000;

/** Longest `Value` of the API's shape. */
const VALUE_CHARACTERS_MAX = 255;

/** Values of RECENT_OCCURRENCES where no count is given: the most that one may be. */
const RECENT_MAX = 100;

/**
 * What a calculated attribute is at a moment. No object counts: there is no value, but a count of 0.
 *
 * `contributions` in the order of their times, the oldest first.
 */
export function calculate(
  contributions: readonly Contribution[],
  { statistic, range, objectCount, threshold }: Calculation,
  nowMs: number,
): CalculatedResult {
  const inRange = range ? contributions.filter(({ timeMs }) => isWithin(timeMs, range, nowMs)) : contributions;
  const counted = objectCount === undefined ? inRange : inRange.slice(-objectCount);
  const found = statisticOf(statistic, counted);
  const value = found === undefined ? undefined : shortened(found);
  const last = counted.at(-1);
  return {
    ...(value !== undefined && { value: threshold ? String(isBeyond(value, threshold)) : value }),
    ...(last && { lastMs: last.timeMs }),
  };
}

function isWithin(timeMs: number, { start, end }: DaysRange, nowMs: number): boolean {
  return timeMs >= nowMs - start * DAY_MS && timeMs <= nowMs - end * DAY_MS;
}

function statisticOf(statistic: StatisticName, counted: readonly Contribution[]): string | undefined {
  switch (statistic) {
    case "COUNT":
      return String(counted.length);
    case "FIRST_OCCURRENCE":
      return counted[0]?.value;
    case "LAST_OCCURRENCE":
      return counted.at(-1)?.value;
    case "MAX_OCCURRENCE":
      return mostFrequent(counted);
    case "RECENT_OCCURRENCES":
      return recent(counted);
    case "SUM":
    case "AVERAGE":
    case "MINIMUM":
    case "MAXIMUM": {
      const result = numericStatistic(statistic, numbersOf(counted));
      return result && numberText(result);
    }
  }
}

/** What is no number is skipped. */
function numbersOf(counted: readonly Contribution[]): readonly ExactNumber[] {
  return counted.flatMap(({ value }) => exactNumber(value) ?? []);
}

function numericStatistic(
  statistic: "SUM" | "AVERAGE" | "MINIMUM" | "MAXIMUM",
  numbers: readonly ExactNumber[],
): ExactNumber | undefined {
  const [first, ...others] = numbers;
  if (first === undefined) return undefined;
  switch (statistic) {
    case "MINIMUM":
      return others.reduce((least, number) => (compare(number, least) < 0 ? number : least), first);
    case "MAXIMUM":
      return others.reduce((most, number) => (compare(number, most) > 0 ? number : most), first);
    default: {
      const sum = numbers.reduce(add, ZERO);
      return statistic === "SUM" ? sum : divide(sum, { units: BigInt(numbers.length), scale: 0 });
    }
  }
}

/** Of those that are equally frequent the one that occurred last (our choice). */
function mostFrequent(counted: readonly Contribution[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { value } of counted) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: string | undefined;
  for (const { value } of counted.toReversed()) {
    if (best === undefined || (counts.get(value) ?? 0) > (counts.get(best) ?? 0)) best = value;
  }
  return best;
}

/** The newest values as the text of a JSON array, the newest first; as many as have room (our choice). */
function recent(counted: readonly Contribution[]): string | undefined {
  if (counted.length === 0) return undefined;
  const values: string[] = [];
  for (const { value } of counted.slice(-RECENT_MAX).toReversed()) {
    if (JSON.stringify([...values, value]).length > VALUE_CHARACTERS_MAX) break;
    values.push(value);
  }
  return JSON.stringify(values);
}

/** As much of a value as is ever shown: whole characters. */
export function shortened(value: string): string {
  return value.length <= VALUE_CHARACTERS_MAX
    ? value
    : value.slice(0, VALUE_CHARACTERS_MAX).replace(/[\ud800-\udbff]$/, "");
}

/** Numbers are compared as numbers; what is none is only equal or not. */
function isBeyond(value: string, { Operator, Value = "" }: Threshold): boolean {
  const [one, other] = [exactNumber(value), exactNumber(Value)];
  const order = one && other && compare(one, other);
  switch (Operator) {
    case "EQUAL_TO":
      return order === undefined ? value === Value : order === 0;
    case "NOT_EQUAL_TO":
      return order === undefined ? value !== Value : order !== 0;
    case "GREATER_THAN":
      return order !== undefined && order > 0;
    case "LESS_THAN":
      return order !== undefined && order < 0;
    default:
      return false;
  }
}
