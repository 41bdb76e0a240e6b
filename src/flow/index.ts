export { advanceClock } from "./advance.ts";
export { type Attempt, attemptsOf } from "./attempts.ts";
export { retryDelayMs } from "./back-off.ts";
export { Bell } from "./bell.ts";
export { boundedLabels, OTHER } from "./bounded-labels.ts";
export { cursorsOf, findCursor, placeCursor, removeCursor } from "./consumer.ts";
export { createFlow } from "./create-flow.ts";
export { owedOf, SENT } from "./delivery.ts";
export type { Consumer, ConsumerOptions, Flow, FlowOptions, Timer, WokenLoop } from "./flow.ts";
export type { Message } from "./message.ts";
export type { Metrics } from "./metrics.ts";
export { type LoggedAttempt, NOT_DELIVERED, type OwedDelivery } from "./owed-deliveries.ts";
export { PASSED } from "./passed.ts";
export {
  ANSWER_CHARACTERS,
  type Sink,
  type SinkFailure,
  type SinkOutcome,
  type SinkRequest,
  type TargetAnswer,
} from "./sink.ts";
