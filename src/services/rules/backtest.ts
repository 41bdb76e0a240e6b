import { runBacktest } from "../backtest.ts";
import type { Context } from "../service.ts";
import type { Backtest, BacktestLine } from "./backtest-lines.ts";
import { METRIC_RULE_SECONDS } from "./metric-rules.ts";

const JOB = new URL("./backtest-job.ts", import.meta.url);

/** Runs a backtest beside everything else. It ends when nobody listens any more. */
export function backtest(
  context: Context,
  order: Omit<Backtest, "lookMs">,
  signal: AbortSignal,
): AsyncGenerator<BacktestLine> {
  const lookSeconds = context.limits.value(METRIC_RULE_SECONDS.name, METRIC_RULE_SECONDS.default);
  return runBacktest<BacktestLine>(context, JOB, { ...order, lookMs: Math.max(lookSeconds, 1) * 1_000 }, signal);
}
