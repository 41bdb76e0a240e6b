const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)?)?$/;
const EPOCH = /^(?:\d{10}|\d{13})$/;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** The calendar repeats every 400 years; `Date.UTC` takes the years 0 to 99 for those of the last century. */
const CALENDAR_YEARS = 400;
const CALENDAR_MS = 146_097 * 24 * HOUR_MS;

/**
 * The instant, in milliseconds since 1970, that an ISO 8601 date (`2026-01-31`) or date-time (`2026-01-31T09:30:00.125+01:00`) stands for:
 * UTC where no offset is given, midnight where no time is. `undefined` for anything else, also for a day that is in no calendar and a
 * time that is on no clock (our choice: 24:00 and leap seconds are not either). What is finer than a millisecond is cut off (our choice).
 */
export function parseIsoInstant(value: unknown): number | undefined {
  const found = typeof value === "string" ? ISO.exec(value) : null;
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const [fraction = "", sign = "+", offsetHours = "0", offsetMinutes = "0"] = found.slice(7);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;

  const millisecond = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const local = Date.UTC(year + CALENDAR_YEARS, month - 1, day, hour, minute, second, millisecond) - CALENDAR_MS;
  const offset = Number(offsetHours) * HOUR_MS + Number(offsetMinutes) * MINUTE_MS;
  return sign === "-" ? local + offset : local - offset;
}

/** An ISO instant, or a number of 10 digits (seconds since 1970) or 13 digits (milliseconds), as a JSON number or its text. */
export function parseInstant(value: unknown): number | undefined {
  if ((typeof value === "number" || typeof value === "string") && EPOCH.test(String(value))) {
    return String(value).length === 10 ? Number(value) * 1000 : Number(value);
  }
  return parseIsoInstant(value);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
