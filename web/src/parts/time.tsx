import type { JSX } from "preact";

/**
 * A moment, as the reader's clock has it: with its date where that is not today's; the whole is in the title. Times come as ISO 8601 or as
 * seconds since 1970.
 */
export function Time({
  at,
  withDate,
}: {
  readonly at: string | number | undefined;
  readonly withDate?: boolean;
}): JSX.Element | null {
  const date = dateOf(at);
  if (!date) return null;
  const iso = date.toISOString();
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={iso} title={iso}>
      {(withDate ?? !isToday) ? shownMoment(date) : shownTime(date)}
    </time>
  );
}

/** `2026-12-01 09:30:00`, in the reader's time: whatever the order of day and month where they live. */
export function shownMoment(at: Date | string | number): string {
  const date = new Date(at);
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${year}-${twoDigits(month)}-${twoDigits(day)} ${shownTime(date)}`;
}

/** `09:30:00`. */
export function shownTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/** A duration in milliseconds in the words of a reader: `12 ms`, `3.4 s`, `2 min 5 s`, `4 h 12 min`, `3 d 2 h`. */
export function shownDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, "min", seconds % 60, "s");
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? two(hours, "h", minutes % 60, "min") : two(Math.floor(hours / 24), "d", hours % 24, "h");
}

function two(large: number, unit: string, small: number, smaller: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smaller}`;
}

function dateOf(at: string | number | undefined): Date | undefined {
  if (at === undefined || at === "") return undefined;
  const date = new Date(typeof at === "number" ? at * 1000 : at);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
