/**
 * Reads times by patterns of Java's SimpleDateFormat, which `SourceLastUpdatedTimestampFormat` has.
 *
 * As in Java a number may have more digits than its letters, unless another number follows at once; blanks before a part are skipped; what follows
 * behind the pattern does not matter. Otherwise than in Java (our choice) a day or a time that does not exist is not read, a time without a
 * zone is in UTC, two digits of a year are of 1970 to 2069, names are English, and more than three digits of `S` are a fraction of a second.
 * Eras, week years, weeks and numbers of weekdays are not built.
 *
 * https://docs.oracle.com/javase/8/docs/api/java/text/SimpleDateFormat.html
 */

/** The instant that a text stands for, in milliseconds since 1970; `undefined` for a text that the pattern does not read. */
export type ParseDate = (text: string) => number | undefined;

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** What the parts of a text say. Absent: as Java has it, the beginning of 1970. */
interface Parts {
  year?: number;
  /** From 0. */
  month?: number;
  day?: number;
  dayOfYear?: number;
  /** Of the day. */
  hour?: number;
  /** Of half a day. */
  hourOfHalf?: number;
  isAfternoon?: boolean;
  minute?: number;
  second?: number;
  millisecond?: number;
  /** East of UTC. */
  offsetMinutes?: number;
}

/** Reads one part at a place, and answers where it ends; `undefined` where it cannot. */
type Read = (text: string, from: number, parts: Parts) => number | undefined;

const TOKENS = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']/gy;

/** Compiles a pattern; the text of the error that it throws says what is wrong with it. */
export function compileDatePattern(pattern: string): ParseDate {
  const tokens = tokensOf(pattern);
  const reads = tokens.map((token, place) => readFor(token, tokens[place + 1]));
  return (text) => {
    const parts: Parts = {};
    let at = 0;
    for (const read of reads) {
      const end = read(text, at, parts);
      if (end === undefined) return undefined;
      at = end;
    }
    return instantOf(parts);
  };
}

interface Token {
  /** Absent: the text itself is expected. */
  readonly letter?: string;
  readonly text: string;
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of pattern.matchAll(TOKENS)) {
    const [text, quoted, letter] = match;
    end = match.index + text.length;
    if (letter !== undefined) tokens.push({ letter, text });
    else tokens.push({ text: quoted === undefined ? text : quoted === "" ? "'" : quoted.replaceAll("''", "'") });
  }
  if (end < pattern.length) throw new Error("a quotation mark is not closed");
  return tokens;
}

function readFor({ letter, text }: Token, next: Token | undefined): Read {
  if (letter === undefined) return (input, from) => (input.startsWith(text, from) ? from + text.length : undefined);
  const read = LETTERS.get(letter);
  if (read === undefined) throw new Error(`the letter ${letter} is not built`);
  const isFollowedByNumber = next?.letter !== undefined && NUMBERS.test(next.text);
  return afterBlanks(read({ count: text.length, digitsMax: isFollowedByNumber ? text.length : DIGITS_MAX }));
}

const DIGITS_MAX = 9;
/** Parts that are written as numbers. */
const NUMBERS = /^(?:[yDdHkKhmsS]+|[ML]{1,2})$/;

function afterBlanks(read: Read): Read {
  return (text, from, parts) => {
    let at = from;
    while (text[at] === " " || text[at] === "\t") at += 1;
    return read(text, at, parts);
  };
}

interface Shape {
  /** How often the letter stands. */
  readonly count: number;
  readonly digitsMax: number;
}

const LETTERS: ReadonlyMap<string, (shape: Shape) => Read> = new Map([
  ["y", (shape: Shape): Read => number(shape, 0, 999_999_999, setYear)],
  ["M", month],
  ["L", month],
  ["d", (shape: Shape): Read => number(shape, 1, 31, (parts, value) => Object.assign(parts, { day: value }))],
  ["D", (shape: Shape): Read => number(shape, 1, 366, (parts, value) => Object.assign(parts, { dayOfYear: value }))],
  ["H", (shape: Shape): Read => number(shape, 0, 23, (parts, value) => Object.assign(parts, { hour: value }))],
  ["k", (shape: Shape): Read => number(shape, 1, 24, (parts, value) => Object.assign(parts, { hour: value % 24 }))],
  ["K", (shape: Shape): Read => number(shape, 0, 11, (parts, value) => Object.assign(parts, { hourOfHalf: value }))],
  [
    "h",
    (shape: Shape): Read => number(shape, 1, 12, (parts, value) => Object.assign(parts, { hourOfHalf: value % 12 })),
  ],
  ["m", (shape: Shape): Read => number(shape, 0, 59, (parts, value) => Object.assign(parts, { minute: value }))],
  ["s", (shape: Shape): Read => number(shape, 0, 59, (parts, value) => Object.assign(parts, { second: value }))],
  ["S", (shape: Shape): Read => number(shape, 0, 999_999_999, setFraction)],
  ["a", (): Read => word(["am", "pm"], (parts, index) => Object.assign(parts, { isAfternoon: index === 1 }))],
  ["E", (): Read => word([...DAYS, ...DAYS.map((day) => day.slice(0, 3))], () => {})],
  ["z", (): Read => zone],
  ["Z", (): Read => zone],
  ["X", (): Read => zone],
]);

function month(shape: Shape): Read {
  if (shape.count <= 2) return number(shape, 1, 12, (parts, value) => Object.assign(parts, { month: value - 1 }));
  return word([...MONTHS, ...MONTHS.map((name) => name.slice(0, 3))], (parts, index) =>
    Object.assign(parts, { month: index % MONTHS.length }),
  );
}

function number(
  { digitsMax, count }: Shape,
  min: number,
  max: number,
  set: (parts: Parts, value: number, digits: number, count: number) => void,
): Read {
  return (text, from, parts) => {
    let end = from;
    while (end < from + digitsMax && isDigit(text[end])) end += 1;
    const value = Number(text.slice(from, end));
    if (end === from || value < min || value > max) return undefined;
    set(parts, value, end - from, count);
    return end;
  };
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

/** "For parsing with the abbreviated year pattern, SimpleDateFormat must interpret the abbreviated year relative to some century." */
function setYear(parts: Parts, value: number, digits: number, count: number): void {
  const isAbbreviated = count <= 2 && digits === 2;
  parts.year = isAbbreviated ? value + (value < 70 ? 2000 : 1900) : value;
}

function setFraction(parts: Parts, value: number, digits: number): void {
  parts.millisecond = digits <= 3 ? value : Math.floor(value / 10 ** (digits - 3));
}

/** The longest of some names that stands there, in whatever case. */
function word(names: readonly string[], set: (parts: Parts, index: number) => void): Read {
  return (text, from, parts) => {
    const here = text.slice(from, from + 9).toLowerCase();
    const index = names.findIndex((name) => here.startsWith(name));
    if (index < 0) return undefined;
    set(parts, index);
    return from + (names[index]?.length ?? 0);
  };
}

const ZONE = /(?:GMT|UTC|UT)?([+-])(\d{1,2})(?::?(\d{2}))?|Z|GMT|UTC|UT|([ECMP])([SD])T/iy;
/** Hours east of UTC in winter. */
const AMERICAN_ZONES: Readonly<Record<string, number>> = { E: -5, C: -6, M: -7, P: -8 };

/** `Z`, `UTC`, `+01`, `+0100`, `+01:00`, `GMT+01:00`, and the abbreviations of the United States. */
const zone: Read = (text, from, parts) => {
  ZONE.lastIndex = from;
  const [found, sign, hours = "0", minutes = "0", place, season] = ZONE.exec(text) ?? [];
  if (found === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const isSummer = season?.toUpperCase() === "D";
  const american = place && ((AMERICAN_ZONES[place.toUpperCase()] ?? 0) + (isSummer ? 1 : 0)) * 60;
  const offset = Number(hours) * 60 + Number(minutes);
  parts.offsetMinutes = american || (sign === "-" ? -offset : offset);
  return from + found.length;
};

function instantOf(parts: Parts): number | undefined {
  const { year = 1970, month = 0, day = 1, dayOfYear, minute = 0, second = 0, millisecond = 0 } = parts;
  const hour = parts.hour ?? (parts.hourOfHalf ?? 0) + (parts.isAfternoon ? 12 : 0);
  const date = new Date(0);
  if (dayOfYear === undefined) date.setUTCFullYear(year, month, day);
  else date.setUTCFullYear(year, 0, dayOfYear);
  const exists = dayOfYear === undefined ? date.getUTCMonth() === month : date.getUTCFullYear() === year;
  date.setUTCHours(hour, minute - (parts.offsetMinutes ?? 0), second, millisecond);
  const timeMs = date.getTime();
  return exists && !Number.isNaN(timeMs) ? timeMs : undefined;
}
