const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `1.2 MB`: thousands, as the limits of the services count them. */
export function shownBytes(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}
