/**
 * Times as Java's `DateTimeFormatter` prints them, of which prefixes may have any pattern:
 * https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/time/format/DateTimeFormatter.html
 *
 * Letters that a folder's name has no use for (week-based years, eras, periods of a day) are refused by name.
 */

/** What of a time a pattern can show. */
interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly milli: number;
  /** 1 is Monday. */
  readonly weekday: number;
  readonly dayOfYear: number;
  readonly offsetMinutes: number;
  readonly zone: string;
}

type Print = (fields: Fields) => string;

/** Compiles a pattern. Throws `RangeError`, whose message names the letter or what is wrong. */
export function compileDatePattern(pattern: string): (timeMs: number, zone: string) => string {
  const prints = [...pattern.matchAll(TOKENS)].map(([token]) => printOf(token));
  return (timeMs, zone) => {
    const fields = fieldsOf(timeMs, zone);
    return prints.map((print) => print(fields)).join("");
  };
}

/** Quoted text, a run of one letter, or anything else. A quote without an end is a token of its own. */
const TOKENS = /'(?:[^']|'')*'|'|([A-Za-z])\1*|[^A-Za-z']+/g;

function printOf(token: string): Print {
  if (token === "''") return () => "'";
  if (token === "'") throw new RangeError("Pattern ends with an incomplete string literal");
  if (token.startsWith("'")) {
    const text = token.slice(1, -1).replaceAll("''", "'");
    return () => text;
  }
  const [letter = ""] = token;
  if (!/[A-Za-z]/.test(letter)) {
    if (/[{}#[\]]/.test(token)) throw new RangeError(`Pattern includes reserved character: '${token}'`);
    return () => token;
  }
  const make = LETTERS[letter];
  if (make === undefined) throw new RangeError(`Unknown pattern letter: ${letter}`);
  const print = make(token.length);
  if (print === undefined) throw new RangeError(`Too many pattern letters: ${letter}`);
  return print;
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** By letter: what a run of so many of them prints. `undefined`: there is no such run. */
const LETTERS: Readonly<Record<string, (count: number) => Print | undefined>> = {
  y: year,
  u: year,
  M: month,
  L: month,
  Q: (count) => upTo(count, 2, ({ month: value }) => Math.ceil(value / 3)),
  d: (count) => upTo(count, 2, ({ day }) => day),
  D: (count) => upTo(count, 3, ({ dayOfYear }) => dayOfYear),
  E: weekday,
  e: (count) => (count > 2 ? weekday(count) : upTo(count, 2, ({ weekday: day }) => (day % 7) + 1)),
  a: (count) => (count === 1 ? ({ hour }) => (hour < 12 ? "AM" : "PM") : undefined),
  H: (count) => upTo(count, 2, ({ hour }) => hour),
  k: (count) => upTo(count, 2, ({ hour }) => hour || 24),
  K: (count) => upTo(count, 2, ({ hour }) => hour % 12),
  h: (count) => upTo(count, 2, ({ hour }) => hour % 12 || 12),
  m: (count) => upTo(count, 2, ({ minute }) => minute),
  s: (count) => upTo(count, 2, ({ second }) => second),
  S: (count) => (count <= 9 ? ({ milli }) => String(milli).padStart(3, "0").padEnd(9, "0").slice(0, count) : undefined),
  n: (count) => upTo(count, 9, ({ milli }) => milli * 1_000_000),
  A: (count) =>
    upTo(count, 9, ({ hour, minute, second, milli }) => ((hour * 60 + minute) * 60 + second) * 1000 + milli),
  X: (count) =>
    count <= 3
      ? (fields) => (fields.offsetMinutes === 0 ? "Z" : offset(fields, count === 3 ? ":" : "", count === 1))
      : undefined,
  x: (count) => (count <= 3 ? (fields) => offset(fields, count === 3 ? ":" : "", count === 1) : undefined),
  Z: (count) => (count <= 3 ? (fields) => offset(fields, "", false) : undefined),
  V: (count) => (count === 2 ? ({ zone }) => zone : undefined),
};

function year(count: number): Print {
  if (count === 2) return ({ year: value }) => String(value % 100).padStart(2, "0");
  return ({ year: value }) => String(value).padStart(count, "0");
}

function month(count: number): Print | undefined {
  if (count <= 2) return upTo(count, 2, ({ month: value }) => value);
  if (count > 5) return undefined;
  return ({ month: value }) => named(MONTHS[value - 1], count);
}

function weekday(count: number): Print | undefined {
  if (count > 5) return undefined;
  return ({ weekday: value }) => named(WEEKDAYS[value - 1], Math.max(3, count));
}

/** In full with four letters, its first character with five, shortened otherwise. */
function named(name: string = "", count: number): string {
  if (count === 4) return name;
  return name.slice(0, count === 5 ? 1 : 3);
}

function upTo(count: number, max: number, value: (fields: Fields) => number): Print | undefined {
  return count <= max ? (fields) => String(value(fields)).padStart(count, "0") : undefined;
}

function offset({ offsetMinutes }: Fields, colon: string, short: boolean): string {
  const minutes = Math.abs(offsetMinutes);
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return `${offsetMinutes < 0 ? "-" : "+"}${whole}${short && rest === "00" ? "" : `${colon}${rest}`}`;
}

/** Whether the time zone database has a zone of this name. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
}

const DAY_MS = 86_400_000;

function fieldsOf(timeMs: number, zone: string): Fields {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(timeMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const milli = ((timeMs % 1000) + 1000) % 1000;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second, milli);
  const dayOfYear = Math.floor((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / DAY_MS) + 1;
  const weekday = new Date(localMs).getUTCDay() || 7;
  const offsetMinutes = Math.round((localMs - timeMs) / 60_000);
  return { year, month, day, hour, minute, second, milli, weekday, dayOfYear, offsetMinutes, zone };
}
