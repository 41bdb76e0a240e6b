import type {
  InputLogEvent,
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { appendEvents, eventBytes, firstVisibleMs } from "./events.ts";
import { BATCH_BYTES_MAX, BATCH_SPAN_MS_MAX, EVENT_AGE_MS_MAX, EVENT_AHEAD_MS_MAX, EVENT_BYTES_MAX } from "./limits.ts";
import { getGroup, type LogGroup } from "./log-group.ts";
import { getStream, sequenceToken } from "./log-stream.ts";

/** Events in one commit: a batch may hold 10,000, which would keep all other writers waiting. */
const COMMIT_EVENTS = 500;

/**
 * Appends a batch of events, in order of time, to a stream. Those that are too old or too far ahead are left out and told of
 * by index; all others are kept.
 */
export async function putLogEvents(
  input: Validated<PutLogEventsRequest>,
  context: Context,
): Promise<PutLogEventsResponse> {
  checkBatch(input.logEvents);
  const group = await getGroup(context.store, input.logGroupName, context);
  let stream = await getStream(context.store, group, input.logStreamName);

  const rejected = rejectedEvents(input.logEvents, group, context.clock.now());
  const accepted = input.logEvents
    .slice(
      Math.max(rejected.tooOldLogEventEndIndex ?? 0, rejected.expiredLogEventEndIndex ?? 0),
      rejected.tooNewLogEventStartIndex,
    )
    .map((event) => ({ timestampMs: event.timestamp, message: event.message }));
  for (let begin = 0; begin < accepted.length; begin += COMMIT_EVENTS) {
    stream = await context.store.commit(async (unit) => {
      const currentGroup = await getGroup(unit, input.logGroupName, context);
      const currentStream = await getStream(unit, currentGroup, input.logStreamName);
      return appendEvents(unit, context, currentGroup, currentStream, accepted.slice(begin, begin + COMMIT_EVENTS));
    });
  }
  return {
    nextSequenceToken: sequenceToken(stream),
    ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
  };
}

type Event = Validated<InputLogEvent>;

function checkBatch(events: readonly Event[]): void {
  const sizes = events.map((event) => eventBytes(event.message));
  const tooLarge = sizes.find((bytes) => bytes > EVENT_BYTES_MAX);
  if (tooLarge !== undefined) {
    throw invalid(`Log event too large: ${tooLarge} bytes exceeds limit of ${EVENT_BYTES_MAX}`);
  }
  const batchBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (batchBytes > BATCH_BYTES_MAX) {
    throw invalid(`Upload too large: ${batchBytes} bytes exceeds limit of ${BATCH_BYTES_MAX}`);
  }
  if (events.some((event, index) => event.timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
  }
  const spanMs = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  if (spanMs > BATCH_SPAN_MS_MAX) {
    throw invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}

/** Which events at the two ends of a batch are not taken. End indexes are exclusive, the start index is inclusive. */
function rejectedEvents(events: readonly Event[], group: LogGroup, nowMs: number): RejectedLogEventsInfo {
  const countBefore = (ms: number): number => events.filter((event) => event.timestamp < ms).length;
  const tooOld = countBefore(nowMs - EVENT_AGE_MS_MAX);
  const expired = countBefore(firstVisibleMs(group, nowMs));
  const notTooNew = countBefore(nowMs + EVENT_AHEAD_MS_MAX + 1);
  return {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
    ...(notTooNew < events.length && { tooNewLogEventStartIndex: notTooNew }),
  };
}
