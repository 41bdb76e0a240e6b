import { Malformed } from "./malformed.ts";

export type TimestampFormat = "iso8601" | "rfc822" | "unixTimestamp";

/** The years 1 to 9999: what all three forms can say. */
const TIMESTAMP_MS_MIN = Date.parse("0001-01-01T00:00:00Z");
const TIMESTAMP_MS_MAX = Date.parse("9999-12-31T23:59:59.999Z");

const iso8601 = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/;
const httpDate =
  /^[A-Z][a-z]{2}, (\d{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) \d{2}:\d{2}:\d{2}(?:\.\d{1,3})? GMT$/;
const decimalNumber = /^-?\d{1,15}(?:\.\d{1,9})?$/;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A timestamp in any of the three forms, whichever the model declares: SDKs differ, and a timestamp that can be read has one
 * meaning. Throws `Malformed` for dates that do not exist.
 */
export function parseTimestamp(text: string): Date {
  const iso = iso8601.exec(text);
  if (iso && dayExists(Number(iso[1]), Number(iso[2]), Number(iso[3]))) return timestampOf(Date.parse(text), text);
  const http = httpDate.exec(text);
  if (http && dayExists(Number(http[3]), months.indexOf(String(http[2])) + 1, Number(http[1]))) {
    return timestampOf(Date.parse(text), text);
  }
  return timestampOf(decimalNumber.test(text) ? Number(text) * 1000 : Number.NaN, text);
}

/** Milliseconds since the epoch as a date. `shown` is the client's own spelling. */
export function timestampOf(milliseconds: number, shown: unknown): Date {
  const rounded = Math.round(milliseconds);
  if (!(rounded >= TIMESTAMP_MS_MIN && rounded <= TIMESTAMP_MS_MAX)) {
    throw new Malformed("wrong-type", `${String(shown).slice(0, 64)} can not be converted to milliseconds since epoch`);
  }
  return new Date(rounded);
}

/** Text of a timestamp; `unixTimestamp` is seconds with a fraction where there is one. */
export function formatTimestamp(date: Date, format: TimestampFormat): string {
  switch (format) {
    case "iso8601":
      return date.toISOString();
    case "rfc822":
      return date.toUTCString();
    case "unixTimestamp":
      return String(date.getTime() / 1000);
  }
}

/** `Date.parse` takes February 30 for March 2. */
function dayExists(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day >= 1 && day <= lastDay;
}
