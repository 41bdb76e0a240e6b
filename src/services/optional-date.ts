/** A time in an answer, where there is one. */
export function optionalDate(timeMs: number | undefined): Date | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs);
}
