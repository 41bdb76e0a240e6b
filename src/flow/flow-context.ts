import type { Bell } from "./bell.ts";
import type { FlowOptions } from "./flow.ts";
import type { Metrics } from "./metrics.ts";
import type { CountPassed } from "./passed.ts";
import type { FindSink } from "./sink.ts";

/** What the parts of flow share. */
export interface FlowContext extends FlowOptions {
  /** Rings when a piece of work ends: whoever waits for quiet looks again then, so that it neither polls nor misses one. */
  readonly activity: Bell;
  readonly metrics: Metrics;
  readonly countPassed: CountPassed;
  readonly findSink: FindSink;
}
