import type {
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Page } from "../../store/store.ts";
import { encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { eventBytes, firstVisibleMs, groupTimeKey, logEvents, timeKey } from "./events.ts";
import { compileFilterPattern } from "./filter-pattern/filter-pattern.ts";
import { LOOK_BYTES_MAX, READ_BYTES_MAX, READ_EVENTS_MAX } from "./limits.ts";
import { eventId, type LogEvent } from "./log-event.ts";
import { getNamedGroup, type LogGroup } from "./log-group.ts";
import { getStream, logStreams, streamKey } from "./log-stream.ts";
import { positionOf } from "./position.ts";

type Input = Validated<FilterLogEventsRequest>;

/** Events read at once; a page also ends at 1 MiB. */
const PAGE_EVENTS = 1_000;

/**
 * A group's events of all streams, or of some, in order of time: those that match a pattern. A call looks at 10,000 events, or
 * 10 MiB, at most, so an answer may be empty and yet have a token.
 */
export async function filterLogEvents(input: Input, context: Context): Promise<FilterLogEventsResponse> {
  const pattern = compileFilterPattern(input.filterPattern ?? "");
  const group = await getNamedGroup(context.store, input, context);
  await checkStreams(input, group, context);
  const request = [
    "FilterLogEvents",
    group.id,
    input.logStreamNames ?? [],
    input.logStreamNamePrefix ?? "",
    input.startTime ?? 0,
    input.endTime ?? "",
    input.filterPattern ?? "",
  ];
  const { descending, position } = beginning(input, request);
  const fromMs = Math.max(input.startTime ?? 0, firstVisibleMs(group, context.clock.now()));
  const isShown = streamFilter(input, group, context);
  const limit = input.limit ?? READ_EVENTS_MAX;

  const base = compositeKey(group.id, "");
  const range = {
    index: "groupTime",
    from: position !== undefined && !descending ? base + position : timeKey(group.id, fromMs),
    before:
      position !== undefined && descending
        ? base + position
        : timeKey(group.id, input.endTime ?? Number.MAX_SAFE_INTEGER),
    descending,
    limit: PAGE_EVENTS,
  };
  const found: LogEvent[] = [];
  let looked = 0;
  let lookedBytes = 0;
  let bytes = 0;
  let after: string | undefined;
  do {
    const page: Page<LogEvent> = await context.store.list(logEvents, { ...range, after });
    for (const event of page.documents) {
      looked += 1;
      lookedBytes += event.message.length;
      if (pattern.matches(event.message) && (await isShown(event))) {
        found.push(event);
        bytes += eventBytes(event.message);
      }
      const hasLooked = looked === READ_EVENTS_MAX || lookedBytes >= LOOK_BYTES_MAX;
      if (found.length === limit || bytes >= READ_BYTES_MAX || hasLooked) {
        const next = groupTimeKey(descending ? event : { ...event, sequence: event.sequence + 1 });
        return answer(found, encodePageToken(request, (descending ? "b" : "f") + next.slice(base.length)));
      }
    }
    after = page.next;
  } while (after !== undefined);
  return answer(found, undefined);
}

async function checkStreams(input: Input, group: LogGroup, context: Context): Promise<void> {
  if (input.logStreamNames === undefined) return;
  if (input.logStreamNamePrefix !== undefined) {
    throw new ModeledError(
      "InvalidParameterException",
      "LogStream name prefix and LogStream names are mutually exclusive parameters.",
    );
  }
  for (const name of input.logStreamNames) await getStream(context.store, group, name);
}

/** Where to begin, and which way: a token goes on the way that it came from. */
function beginning(input: Input, request: readonly unknown[]): { descending: boolean; position?: string } {
  if (input.nextToken === undefined) return { descending: input.startFromHead === false };
  const token = positionOf(request, input.nextToken);
  return { descending: token.startsWith("b"), position: token.slice(1) };
}

/** Whether an event's stream is asked for and still the one that the event was written to. */
function streamFilter(input: Input, group: LogGroup, context: Context): (event: LogEvent) => Promise<boolean> {
  const { logStreamNames: names, logStreamNamePrefix: prefix = "" } = input;
  const ids = new Map<string, string | undefined>();
  return async ({ streamName: name, streamId }) => {
    if ((names !== undefined && !names.includes(name)) || !name.startsWith(prefix)) return false;
    if (!ids.has(name)) {
      const stream = await context.store.get(logStreams, streamKey({ groupId: group.id, name }));
      ids.set(name, stream?.id);
    }
    return ids.get(name) === streamId;
  };
}

function answer(found: readonly LogEvent[], nextToken: string | undefined): FilterLogEventsResponse {
  return {
    events: found.map(filtered),
    // Always empty since 2020, says the API reference.
    searchedLogStreams: [],
    ...(nextToken !== undefined && { nextToken }),
  };
}

function filtered(event: LogEvent): FilteredLogEvent {
  return {
    logStreamName: event.streamName,
    timestamp: event.timestampMs,
    message: event.message,
    ingestionTime: event.ingestedMs,
    eventId: eventId(event),
  };
}
