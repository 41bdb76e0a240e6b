const DURATION = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;

/**
 * Milliseconds of an ISO 8601 duration in weeks, days, hours, minutes and seconds: `PT2M`, `P1DT12H`, `PT0.5S`.
 *
 * Years and months have no fixed length and are refused; `undefined` for anything that is not such a duration.
 */
export function parseDurationMs(text: string): number | undefined {
  const found = DURATION.exec(text);
  if (!found) return undefined;
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  const ms =
    ((((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}
