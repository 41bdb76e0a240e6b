const DURATION =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;

/**
 * The time, in milliseconds, that lies an ISO 8601 duration after another: `PT2M`, `P1DT12H`, `PT0.5S`, `P25M`.
 *
 * Years and months go by the calendar, in UTC: a month after 31 January is the last day of February. `undefined` for anything
 * that is not such a duration; NaN or more than a date can hold for one that leads beyond the end of time.
 */
export function addDuration(fromMs: number, text: string): number | undefined {
  const found = DURATION.exec(text);
  if (!found) return undefined;
  const part = (index: number) => Number(found[index] ?? 0);
  const days = part(3) * 7 + part(4);
  const exactMs = ((days * 24 + part(5)) * 60 + part(6)) * 60_000 + Math.round(part(7) * 1000);
  return addMonths(fromMs, part(1) * 12 + part(2)) + exactMs;
}

function addMonths(fromMs: number, months: number): number {
  const date = new Date(fromMs);
  const dayOfMonth = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months);
  // A day that the month does not have runs over into the next one: back to the last day before it.
  if (date.getUTCDate() !== dayOfMonth) date.setUTCDate(0);
  return date.getTime();
}
