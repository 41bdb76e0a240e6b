import { BoundedMap } from "../bounded-map.ts";
import { invalidParameter } from "./errors.ts";

const DAY_MS = 86_400_000;

/** Making a formatter takes far longer than using it. There are some 600 names of zones, in any mixture of cases. */
const FORMATTERS_MAX = 1_000;
const formatters = new BoundedMap<string, Intl.DateTimeFormat>(FORMATTERS_MAX);

export interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

/** What the clock on the wall shows: the date in days since 1970-01-01, and the minute of that day. */
export function localTime(timeZone: string, instantMs: number): LocalTime {
  const formatter = formatters.get(timeZone) ?? newFormatter(timeZone);
  const parts = Object.fromEntries(formatter.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
  return { day: Date.UTC(year, month - 1, day) / DAY_MS, minute: hour * 60 + minute };
}

function newFormatter(timeZone: string): Intl.DateTimeFormat {
  const numeric = "numeric";
  const formatter = new Intl.DateTimeFormat("en", {
    timeZone,
    hourCycle: "h23",
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric },
  });
  formatters.set(timeZone, formatter);
  return formatter;
}

/** Throws where the time zone is no IANA name. Intl takes offsets (`+01:00`) too, which are none. */
export function requireTimeZone(timeZone: string): void {
  if (/^[A-Za-z]/.test(timeZone)) {
    try {
      new Intl.DateTimeFormat("en", { timeZone });
      return;
    } catch {
      // Intl throws a RangeError for a name that it does not know; the caller is told below.
    }
  }
  throw invalidParameter(`TimeZone ${timeZone} is not valid`);
}
