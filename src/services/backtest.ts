/** What backtests have in common, whatever they ask: how they are run beside everything else, and how they count by time. */
import type { Span } from "./kept-log.ts";
import type { Platform } from "./service.ts";

/** Wall time between two lines of progress. */
const PROGRESS_MS = 250;

/**
 * Runs a job (`ReadingJob`) in a thread of its own. Of its lines `progress` come now and then, and `done` is the last. It ends when nobody
 * listens any more.
 */
export async function* runBacktest<Line extends object>(
  { store, wall, flow }: Pick<Platform, "store" | "wall" | "flow">,
  job: URL,
  order: unknown,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  let [toldMs, isDone] = [wall.monotonicMs(), false];
  try {
    for await (const line of store.readApart<Line>(job, order)) {
      if (signal.aborted) return;
      if ("progress" in line) {
        if (wall.monotonicMs() - toldMs < PROGRESS_MS) continue;
        toldMs = wall.monotonicMs();
      }
      isDone ||= "done" in line;
      yield line;
    }
  } finally {
    flow.metrics.count("trunkline_backtests_total", { outcome: isDone ? "done" : "cancelled" });
  }
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Counts<Name extends string> = Readonly<Record<Name, number>>;

/** Counts by name: in all, and by the hour, or by the day where it is of more than two days. */
export class Histogram<Name extends string> {
  /** In all. */
  readonly totals: Counts<Name>;
  readonly #names: readonly Name[];
  readonly #stepMs: number;
  readonly #totals: Record<Name, number>;
  readonly #steps = new Map<number, Record<Name, number>>();

  constructor(names: readonly Name[], { sinceMs, untilMs }: Pick<Span, "sinceMs" | "untilMs">) {
    this.#names = names;
    this.#stepMs = untilMs - sinceMs > 2 * DAY_MS ? DAY_MS : HOUR_MS;
    this.#totals = this.#zeros();
    this.totals = this.#totals;
  }

  count(timeMs: number, ...names: readonly Name[]): void {
    const from = timeMs - (timeMs % this.#stepMs);
    const step = this.#steps.get(from) ?? this.#zeros();
    this.#steps.set(from, step);
    for (const name of names) {
      step[name] += 1;
      this.#totals[name] += 1;
    }
  }

  steps(): readonly ({ readonly from: string } & Counts<Name>)[] {
    const steps = [...this.#steps].sort(([one], [other]) => one - other);
    return steps.map(([from, step]) => ({ from: new Date(from).toISOString(), ...step }));
  }

  #zeros(): Record<Name, number> {
    return Object.fromEntries(this.#names.map((name) => [name, 0])) as Record<Name, number>;
  }
}
