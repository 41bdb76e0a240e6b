import { boundedLabels, OTHER } from "./bounded-labels.ts";
import type { Metrics } from "./metrics.ts";

/** What went over connections beside the messages that are sent to targets: the map shows it between its two ends. */
export const PASSED = "trunkline_passed_total";

/** Connections that are told apart; some 200 bytes each. */
const CONNECTIONS_MAX = 5_000;

/** One connection of an account in a Region, by whatever the map calls its ends. */
interface Connection {
  readonly account: string;
  readonly region: string;
  readonly from: string;
  readonly to: string;
}

/** Counts what goes over connections. Within a unit it is called after the commit. */
export type CountPassed = (connection: Connection, by?: number, outcome?: "passed" | "failed") => void;

export function createCountPassed(metrics: Metrics): CountPassed {
  const known = boundedLabels(CONNECTIONS_MAX);
  metrics.describe(
    PASSED,
    "What went over connections beside deliveries, by their ends: records, batches, looks of rules.",
  );
  return ({ account, region, from, to }, by = 1, outcome = "passed") => {
    const ends = known(`${from} ${to}`) === OTHER ? { from: OTHER, to: OTHER } : { from, to };
    metrics.count(PASSED, { account, region, ...ends, outcome }, by);
  };
}
