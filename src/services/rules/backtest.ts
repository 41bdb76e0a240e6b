import type { Context } from "../service.ts";
import type { Backtest, BacktestLine } from "./backtest-lines.ts";
import { METRIC_RULE_SECONDS } from "./metric-rules.ts";

const JOB = new URL("./backtest-job.ts", import.meta.url);

/** Wall time between two lines of progress. */
const PROGRESS_MS = 250;

/** Runs a backtest beside everything else. It ends when nobody listens any more. */
export async function* backtest(
  { store, wall, flow, limits }: Context,
  order: Omit<Backtest, "lookMs">,
  signal: AbortSignal,
): AsyncGenerator<BacktestLine> {
  const lookSeconds = limits.value(METRIC_RULE_SECONDS.name, METRIC_RULE_SECONDS.default);
  let [toldMs, isDone] = [wall.monotonicMs(), false];
  try {
    for await (const line of store.readApart<BacktestLine>(JOB, {
      ...order,
      lookMs: Math.max(lookSeconds, 1) * 1_000,
    })) {
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
