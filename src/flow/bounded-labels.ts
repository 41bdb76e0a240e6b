/** What stands for all values beyond the bound. */
export const OTHER = "other";

/**
 * Bounds how many values a label of a counter has, where others choose them: the first `most` are told apart, the rest are counted together.
 */
export function boundedLabels(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most) return OTHER;
    known.add(value);
    return value;
  };
}
