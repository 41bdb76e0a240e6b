/**
 * AWS's cron expressions: `minute hour day-of-month month day-of-week year`, checked here strictly and handed to croner, which knows the calendar and
 * the time zones. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 *
 * Where clocks are set forward, what would come at a given time of day within the skipped hour comes as that ends; where they are set back, it comes
 * once, the first time. What comes every few minutes or hours goes on by the time that really passes.
 */
import { Cron } from "croner";

/** When an expression comes. Its times are those of a zone. */
export interface CronExpression {
  /** The first time after a moment; `undefined`: never again. Pure. */
  nextAfterMs(afterMs: number): number | undefined;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values, from `min` on. */
  readonly names?: readonly string[];
  /** Croner counts from here where AWS counts from `min`. */
  readonly cronerMin?: number;
}

const MINUTE: Field = { name: "minute", min: 0, max: 59 };
const HOUR: Field = { name: "hour", min: 0, max: 23 };
const DAY_OF_MONTH: Field = { name: "day of month", min: 1, max: 31 };
const MONTH: Field = {
  name: "month",
  min: 1,
  max: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const DAY_OF_WEEK: Field = {
  name: "day of week",
  min: 1,
  max: 7,
  names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  cronerMin: 0,
};
const YEAR: Field = { name: "year", min: 1970, max: 2199 };

/** Fields of a cron expression. */
const FIELDS = 6;

/** Parses what stands within `cron(…)`. Throws `SyntaxError`. `timezone`: an IANA name. */
export function parseCron(text: string, timezone: string): CronExpression {
  const fields = text.trim().split(/ +/);
  if (fields.length !== FIELDS) throw new SyntaxError(`cron has ${FIELDS} fields, not ${fields.length}`);
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new SyntaxError("one of day of month and day of week is ?, and the other is not");
  }
  const pattern = [
    "0",
    translate(minute, MINUTE),
    translate(hour, HOUR),
    translateDayOfMonth(dayOfMonth),
    translate(month, MONTH),
    translateDayOfWeek(dayOfWeek),
    translate(year, YEAR),
  ].join(" ");
  // Without a function it starts nothing, and it is always told the moment to go by.
  const cron = new Cron(pattern, { timezone, mode: "7-part", fixedTimeRule: "no-wildcard" });
  return { nextAfterMs: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
}

function translateDayOfMonth(text: string): string {
  if (text === "?") return "*";
  if (/^LW?$/i.test(text)) return text.toUpperCase();
  const [, day] = /^(\d+)W$/i.exec(text) ?? [];
  return day === undefined ? translate(text, DAY_OF_MONTH) : `${translate(day, DAY_OF_MONTH)}W`;
}

function translateDayOfWeek(text: string): string {
  if (text === "?") return "*";
  // Alone it is the last day of the week, Saturday; behind a day, the last such day of the month.
  if (/^L$/i.test(text)) return translate("SAT", DAY_OF_WEEK);
  const [, lastDay] = /^(\w+)L$/i.exec(text) ?? [];
  if (lastDay !== undefined) return `${translate(lastDay, DAY_OF_WEEK)}L`;
  const [, day, which] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  return day === undefined ? translate(text, DAY_OF_WEEK) : `${translate(day, DAY_OF_WEEK)}#${which}`;
}

/** `*`, or a list of values, ranges and steps. */
function translate(text: string, field: Field): string {
  if (text === "*") return text;
  return text
    .split(",")
    .map((item) => translateItem(item, field))
    .join(",");
}

const ITEM = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/;

function translateItem(item: string, field: Field): string {
  const [, star, first, last, step] = ITEM.exec(item) ?? [];
  if (star === undefined && first === undefined)
    throw new SyntaxError(`${field.name}: ${item || "nothing"} is not valid`);
  if (star !== undefined && step === undefined) throw new SyntaxError(`${field.name}: * stands alone`);
  const from = first === undefined ? field.min : fieldValue(first, field);
  if (step === undefined)
    return last === undefined ? asCroner(from, field) : range(from, fieldValue(last, field), field);
  const every = Number(step);
  if (every < 1 || every > field.max - field.min + 1) throw new SyntaxError(`${field.name}: ${item} has no such step`);
  return `${range(from, last === undefined ? field.max : fieldValue(last, field), field)}/${every}`;
}

function range(from: number, to: number, field: Field): string {
  if (to < from) throw new SyntaxError(`${field.name}: the range ${from}-${to} ends before it begins`);
  return `${asCroner(from, field)}-${asCroner(to, field)}`;
}

function asCroner(value: number, { min, cronerMin = min }: Field): string {
  return String(value - min + cronerMin);
}

function fieldValue(text: string, { name, min, max, names = [] }: Field): number {
  const named = names.indexOf(text.toUpperCase());
  const value = named >= 0 ? min + named : Number(/^\d{1,4}$/.test(text) ? text : Number.NaN);
  if (value >= min && value <= max) return value;
  throw new SyntaxError(`${name}: ${text} is not from ${min} to ${max}`);
}
