export { advanceClock } from "./advance.ts";
export { retryDelayMs } from "./back-off.ts";
export { Bell } from "./bell.ts";
export { findCursor, placeCursor, removeCursor } from "./consumer.ts";
export { createFlow } from "./create-flow.ts";
export type { Consumer, ConsumerOptions, Flow, FlowOptions, Message, Timer, WokenLoop } from "./flow.ts";
export type { Metrics } from "./metrics.ts";
export type { Sink, SinkFailure, SinkOutcome, SinkRequest } from "./sink.ts";
