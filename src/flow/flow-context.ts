import type { Activity } from "./activity.ts";
import type { FlowOptions } from "./flow.ts";
import type { Metrics } from "./metrics.ts";
import type { FindSink } from "./sink.ts";

/** What the parts of flow share. */
export interface FlowContext extends FlowOptions {
  readonly activity: Activity;
  readonly metrics: Metrics;
  readonly findSink: FindSink;
}
