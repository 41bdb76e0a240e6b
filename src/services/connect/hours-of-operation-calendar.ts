/**
 * When hours of operation are open: a week of slots, changed by overrides on some dates, read on the clock on the wall of their
 * time zone. Pure: dates are counted in days since 1970-01-01, times in minutes since midnight, both local.
 *
 * - A slot belongs to the date it starts on. An end that is not after its start lies on the next date, so 22:00 to 06:00 spans
 *   midnight and 00:00 to 00:00 is the whole day (our choice).
 * - A `STANDARD` override ("the configured hours must supersede all other settings for that date/range") replaces all else on each
 *   of its dates, also what reaches into them from the date before; a date that it has no slot for is closed. Several are
 *   added up (our choice).
 * - On other dates `OPEN` overrides add their slots and `CLOSED` ones take theirs away; what both name is closed (our choice).
 * - A recurring override counts from its first effective date: that date's week (from Monday on), month or year is the first one
 *   (our choice).
 *
 * https://docs.aws.amazon.com/connect/latest/adminguide/hours-of-operation-overrides.html
 */
import type { HoursOfOperationOverrideConfig, OverrideType, RecurrencePattern } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { localTime } from "./local-time.ts";

/** A slot. Without a day it is meant for each date that the override falls on, without times for the whole day. */
export type Slot = Validated<HoursOfOperationOverrideConfig>;

export interface WeeklyHours {
  /** An IANA name. */
  readonly timeZone: string;
  readonly config: readonly Slot[];
}

export interface Override {
  readonly name: string;
  readonly type: OverrideType;
  /** The first and the last date, as `YYYY-MM-DD`. */
  readonly from: string;
  readonly till: string;
  readonly config: readonly Slot[];
  readonly recurrence?: Validated<RecurrencePattern> | undefined;
}

/** From a minute up to, and without, another. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const MINUTES_PER_DAY = 1_440;
const DAY_MS = 86_400_000;
const WHOLE_DAY: Span = { start: 0, end: MINUTES_PER_DAY };
const WEEKDAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"] as const;

/** Whether hours with these overrides are open at an instant. */
export function isOpen(hours: WeeklyHours, overrides: readonly Override[], instantMs: number): boolean {
  const { day, minute } = localTime(hours.timeZone, instantMs);
  return isOpenAt(plansAround(hours, overrides, day), minute);
}

/** When hours with these overrides are open on a date, in order, cut at its midnights. */
export function openSpans(hours: WeeklyHours, overrides: readonly Override[], day: number): Span[] {
  const plans = plansAround(hours, overrides, day);
  const edges = new Set([0]);
  for (const { start, end } of [...plans.today.open, ...plans.today.closed]) edges.add(start).add(end);
  for (const { start, end } of [...plans.yesterday.open, ...plans.yesterday.closed]) {
    edges.add(start - MINUTES_PER_DAY).add(end - MINUTES_PER_DAY);
  }
  const starts = [...edges].filter((edge) => edge >= 0 && edge < MINUTES_PER_DAY).sort((a, b) => a - b);

  const spans: Span[] = [];
  for (const [index, start] of starts.entries()) {
    if (!isOpenAt(plans, start)) continue;
    const end = starts[index + 1] ?? MINUTES_PER_DAY;
    const last = spans.at(-1);
    if (last?.end === start) spans[spans.length - 1] = { start: last.start, end };
    else spans.push({ start, end });
  }
  return spans;
}

/** What an override says about a date; `undefined` where it says nothing. */
export function overrideOn(override: Override, day: number): { isOpen: boolean; spans: readonly Span[] } | undefined {
  if (!fallsOn(override, day)) return undefined;
  const slots = override.config.filter(
    ({ Day }) => Day === undefined || override.recurrence?.ByMonthDay !== undefined || Day === weekdayOf(day),
  );
  const isOpen = override.type !== "CLOSED" && (slots.length > 0 || override.type === "OPEN");
  const isClosedAllDay = !isOpen && (override.type === "STANDARD" || override.config.length === 0);
  if (isClosedAllDay) return { isOpen, spans: [WHOLE_DAY] };
  return slots.length === 0 ? undefined : { isOpen, spans: slots.map(spanOf) };
}

/** The number of a date written as `YYYY-MM-DD`; `undefined` where the calendar has no such date. */
export function dayOfDate(date: string): number | undefined {
  const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
  return Number.isInteger(day) && dateOfDay(day) === date ? day : undefined;
}

export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

interface Plan {
  /** A STANDARD override replaces the hours of this date. */
  readonly isReplaced: boolean;
  /** Spans of slots that start on this date. They may reach into the next. */
  readonly open: readonly Span[];
  readonly closed: readonly Span[];
}

interface Plans {
  readonly today: Plan;
  readonly yesterday: Plan;
}

function plansAround(hours: WeeklyHours, overrides: readonly Override[], day: number): Plans {
  return { today: planOf(hours, overrides, day), yesterday: planOf(hours, overrides, day - 1) };
}

function planOf(hours: WeeklyHours, overrides: readonly Override[], day: number): Plan {
  const standing: Span[] = [];
  const opened: Span[] = [];
  const closed: Span[] = [];
  let isReplaced = false;
  for (const override of overrides) {
    const said = overrideOn(override, day);
    if (!said) continue;
    if (override.type === "STANDARD") {
      isReplaced = true;
      if (said.isOpen) standing.push(...said.spans);
    } else {
      (said.isOpen ? opened : closed).push(...said.spans);
    }
  }
  if (isReplaced) return { isReplaced, open: standing, closed: [] };

  const usual = hours.config.filter(({ Day }) => Day === weekdayOf(day)).map(spanOf);
  return { isReplaced, open: [...usual, ...opened], closed };
}

function isOpenAt({ today, yesterday }: Plans, minute: number): boolean {
  const late = minute + MINUTES_PER_DAY;
  if (today.isReplaced) {
    return covers(today.open, minute) || (yesterday.isReplaced && covers(yesterday.open, late));
  }
  const isClosed = covers(today.closed, minute) || covers(yesterday.closed, late);
  return !isClosed && (covers(today.open, minute) || covers(yesterday.open, late));
}

function covers(spans: readonly Span[], minute: number): boolean {
  return spans.some(({ start, end }) => start <= minute && minute < end);
}

function spanOf({ StartTime, EndTime }: Slot): Span {
  const start = StartTime ? StartTime.Hours * 60 + StartTime.Minutes : 0;
  const end = EndTime ? EndTime.Hours * 60 + EndTime.Minutes : 0;
  return { start, end: end <= start ? end + MINUTES_PER_DAY : end };
}

function fallsOn({ from, till, recurrence }: Override, day: number): boolean {
  const date = dateOfDay(day);
  if (date < from || date > till) return false;
  return recurrence === undefined || recursOn(recurrence, from, date);
}

function recursOn(pattern: Validated<RecurrencePattern>, from: string, date: string): boolean {
  const first = partsOf(from);
  const then = partsOf(date);
  const months = (then.year - first.year) * 12 + then.month - first.month;
  switch (pattern.Frequency) {
    case "WEEKLY":
      return (then.week - first.week) % pattern.Interval === 0;
    case "MONTHLY":
      return months % pattern.Interval === 0 && isDayOfMonth(pattern, then);
    case "YEARLY":
      return (
        (then.year - first.year) % pattern.Interval === 0 &&
        pattern.ByMonth?.[0] === then.month &&
        isDayOfMonth(pattern, then)
      );
  }
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
  /** Counted from Monday to Sunday. */
  readonly week: number;
}

function partsOf(date: string): DateParts {
  const [year = 0, month = 0, dayOfMonth = 0] = date.split("-").map(Number);
  // 1970-01-01 was a Thursday: the third day of its week.
  const week = Math.floor((Date.UTC(year, month - 1, dayOfMonth) / DAY_MS + 3) / 7);
  return { year, month, dayOfMonth, week };
}

/** -1 is the last day of the month, or the last of its weekday. The weekday itself stands in the slots. */
function isDayOfMonth(pattern: Validated<RecurrencePattern>, { year, month, dayOfMonth }: DateParts): boolean {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const [wantedDay] = pattern.ByMonthDay ?? [];
  if (wantedDay !== undefined) return dayOfMonth === (wantedDay === -1 ? length : wantedDay);

  const [occurrence] = pattern.ByWeekdayOccurrence ?? [];
  return occurrence === -1 ? dayOfMonth + 7 > length : Math.ceil(dayOfMonth / 7) === occurrence;
}

function weekdayOf(day: number): (typeof WEEKDAYS)[number] | undefined {
  return WEEKDAYS[new Date(day * DAY_MS).getUTCDay()];
}
