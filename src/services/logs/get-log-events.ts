import { createHash } from "node:crypto";
import type { GetLogEventsRequest, GetLogEventsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { eventKey, firstVisibleMs, logEvents, timeKey } from "./events.ts";
import { READ_EVENTS_MAX } from "./limits.ts";
import type { LogEvent } from "./log-event.ts";
import { getNamedGroup } from "./log-group.ts";
import { getStream, type LogStream } from "./log-stream.ts";
import { invalidToken } from "./position.ts";

/*
 * A token stands for a gap between two events, named by the first event that may come behind it: `f/…` reads on from there,
 * `b/…` reads what is before. So whichever way a reader goes, it meets each event once, and at either end it is given the
 * token again that it came with.
 */

/** The place of an event in its stream. */
type Gap = Pick<LogEvent, "timestampMs" | "sequence">;

const START: Gap = { timestampMs: 0, sequence: 0 };

/** A page of a stream, in order of time: the first or last events, or those behind or before a token's place. */
export async function getLogEvents(
  input: Validated<GetLogEventsRequest>,
  context: Context,
): Promise<GetLogEventsResponse> {
  const group = await getNamedGroup(context.store, input, context);
  const stream = await getStream(context.store, group, input.logStreamName);
  const token = input.nextToken === undefined ? undefined : decodeToken(stream, input.nextToken);
  const forward = token?.forward ?? input.startFromHead ?? false;

  const fromMs = Math.max(input.startTime ?? 0, firstVisibleMs(group, context.clock.now()));
  const from = timeKey(stream.id, fromMs);
  const before = timeKey(stream.id, input.endTime ?? Number.MAX_SAFE_INTEGER);
  const gap = token && eventKey({ streamId: stream.id, ...token.gap });
  const page = await context.store.list(logEvents, {
    from: gap !== undefined && forward && gap > from ? gap : from,
    before: gap !== undefined && !forward && gap < before ? gap : before,
    descending: !forward,
    limit: input.limit ?? READ_EVENTS_MAX,
  });
  const events = forward ? page.documents : page.documents.toReversed();
  const [first] = events;
  const last = events.at(-1);
  return {
    events: events.map(({ timestampMs, message, ingestedMs }) => ({
      timestamp: timestampMs,
      message,
      ingestionTime: ingestedMs,
    })),
    nextForwardToken: encodeToken(stream, "f", last ? gapBehind(last) : (token?.gap ?? START)),
    nextBackwardToken: encodeToken(stream, "b", first ?? token?.gap ?? START),
  };
}

function gapBehind(event: LogEvent): Gap {
  return { timestampMs: event.timestampMs, sequence: event.sequence + 1 };
}

/** `f` or `b`, 56 digits as the service has them (time, sequence, check), and `s`. */
function encodeToken(stream: LogStream, direction: "f" | "b", gap: Gap): string {
  const place = digits(gap.timestampMs, 16) + digits(gap.sequence, 16);
  return `${direction}/${place}${checkDigits(stream, place)}/s`;
}

function decodeToken(stream: LogStream, token: string): { forward: boolean; gap: Gap } {
  const [, direction, timestamp, sequence, check] = /^([fb])\/(\d{16})(\d{16})(\d{24})\/s$/.exec(token) ?? [];
  const gap: Gap = { timestampMs: Number(timestamp), sequence: Number(sequence) };
  const isPlace = Number.isSafeInteger(gap.timestampMs) && Number.isSafeInteger(gap.sequence);
  if (!isPlace || check !== checkDigits(stream, `${timestamp}${sequence}`)) throw invalidToken();
  return { forward: direction === "f", gap };
}

/** Tells a token of another stream, or a damaged one. */
function checkDigits(stream: LogStream, place: string): string {
  const hash = createHash("sha256").update(`${stream.id}/${place}`).digest();
  return digits(hash.readUIntBE(0, 6), 24);
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}
