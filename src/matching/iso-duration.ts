/** A span of the calendar, forwards or backwards: what years and months are depends on the day that it is counted from. */
export interface Duration {
  readonly months: number;
  /** Of weeks, days and what is shorter; negative where the span goes backwards, as `months` is. */
  readonly ms: number;
}

const DURATION =
  /^([+-]?)P(?!$)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?!$)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * The ISO 8601 duration that a text such as `-P7D`, `P1Y6M` or `PT36H` writes, with a sign before it or none; `undefined` for anything else.
 * Fractions make none (our choice).
 */
export function parseDuration(text: string): Duration | undefined {
  const found = DURATION.exec(text);
  if (found === null) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(2)
    .map((part) => Number(part ?? 0));
  const sign = found[1] === "-" ? -1 : 1;
  const ms = (weeks * 7 + days) * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
  return { months: sign * (years * 12 + months), ms: sign * ms };
}

/** The instant that lies so far from another one, by the calendar of UTC. A month without such a day ends on its last (our choice). */
export function addDuration(instantMs: number, { months, ms }: Duration): number {
  if (months === 0) return instantMs + ms;
  const date = new Date(instantMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime() + ms;
}
