/**
 * How every benchmark here measures: the sides run in turn for some rounds, in reversed order every other round, and what is
 * printed are medians with their spread, and ratios of medians. These machines are noisy; a difference within the spread is noise.
 */

/** One side's figures by name, from one round: requests a second, latencies, … */
export type Figures = Readonly<Record<string, number>>;

export interface Side {
  readonly name: string;
  /** Runs the side once and answers with its figures. */
  readonly run: () => Promise<Figures>;
}

export const ROUNDS: number = Number(process.env.BENCH_ROUNDS ?? 3);
export const SECONDS: number = Number(process.env.BENCH_SECONDS ?? 4);

/** Runs all sides for `ROUNDS` rounds and answers with the figures of every round by side. */
export async function rounds(sides: readonly Side[]): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const all = new Map<string, Figures[]>(sides.map((side) => [side.name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
      // Minutes may pass until the table: whoever waits sees that it goes on.
      console.error(`  round ${round + 1} of ${ROUNDS}: ${side.name}`);
      all.get(side.name)?.push(await side.run());
    }
  }
  return all;
}

/** The median of a figure over the rounds of a side. */
export function median(figures: readonly Figures[] | undefined, name: string): number {
  const values = (figures ?? []).map((figure) => figure[name] ?? Number.NaN).sort((a, b) => a - b);
  return values[values.length >> 1] ?? Number.NaN;
}

/** `median (min … max)` of a figure. */
export function spread(figures: readonly Figures[] | undefined, name: string, digits = 0): string {
  const values = (figures ?? []).map((figure) => figure[name] ?? Number.NaN);
  const text = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: digits });
  return `${text(median(figures, name))} (${text(Math.min(...values))} … ${text(Math.max(...values))})`;
}

/** A percentile of a sorted or unsorted list; `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints a table whose first row is its head. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  console.log(`\n${title}`);
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}

/** One line that holds a ratio against its budget. */
export function printBudget(what: string, value: number, limit: { atLeast?: number; atMost?: number }): void {
  const met =
    limit.atLeast !== undefined ? value >= limit.atLeast : value <= (limit.atMost ?? Number.POSITIVE_INFINITY);
  const bound = limit.atLeast !== undefined ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
  console.log(`  ${met ? "met   " : "MISSED"}  ${what}: ${value.toFixed(2)} (budget ${bound})`);
}
