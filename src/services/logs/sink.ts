import type { Sink, SinkFailure, SinkOutcome, SinkRequest } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { appendEvents, eventBytes } from "./events.ts";
import { EVENT_AGE_MS_MAX, EVENT_AHEAD_MS_MAX, EVENT_BYTES_MAX } from "./limits.ts";
import { groupKey, type LogGroup, logGroups, parseGroupArn } from "./log-group.ts";
import { logStreams, newStream, streamKey } from "./log-stream.ts";

type LoggedEvent = { readonly timestampMs: number; readonly message: string };

/** Log groups as targets of rules: each rule writes to a stream of its own each day. */
export function createLogsSink(platform: Pick<Platform, "clock" | "flow">): Sink {
  return {
    async append(unit, arn, requests) {
      const named = parseGroupArn(arn);
      const group = named && (await unit.get(logGroups, groupKey(named)));
      const outcomes: SinkOutcome[] = [];
      for (const request of requests) outcomes.push(await appendOne(unit, platform, group, request));
      return outcomes;
    },
  };
}

async function appendOne(
  unit: Unit,
  platform: Pick<Platform, "clock" | "flow">,
  group: LogGroup | undefined,
  request: SinkRequest,
): Promise<SinkOutcome> {
  if (group === undefined) return refusal("NO_RESOURCE", "The specified log group does not exist.");
  if (group.account !== request.account) return refusal("NO_PERMISSIONS", "The log group belongs to another account.");
  const nowMs = platform.clock.now();
  const event = toEvent(request.body, nowMs);
  if (event.timestampMs < nowMs - EVENT_AGE_MS_MAX || event.timestampMs > nowMs + EVENT_AHEAD_MS_MAX) {
    return refusal("INVALID_PARAMETER", "The timestamp is more than 14 days old or more than 2 hours ahead.");
  }
  if (event.message === "" || eventBytes(event.message) > EVENT_BYTES_MAX) {
    return refusal("INVALID_PARAMETER", `A message must have between 1 and ${EVENT_BYTES_MAX} bytes.`);
  }
  const name = streamName(request.sourceArn, nowMs);
  const stream = await unit.get(logStreams, streamKey({ groupId: group.id, name }));
  // The id of a new one must be the same when the unit runs again.
  const id = derivedUuid(group.id, name, String(nowMs));
  await appendEvents(unit, platform, group, stream ?? newStream(group, name, id, nowMs), [event]);
  return undefined;
}

function refusal(code: string, message: string): SinkFailure {
  return { code, message, retryable: false };
}

/** A transformer for a log group makes `{"timestamp":<ms>,"message":<text>}`, which become the event; all else is the message. */
function toEvent(body: string, nowMs: number): LoggedEvent {
  const shaped = /^\s*\{\s*"(timestamp|message)"/.test(body) ? parseShaped(body) : undefined;
  return shaped ?? { timestampMs: nowMs, message: body };
}

function parseShaped(body: string): LoggedEvent | undefined {
  try {
    const { timestamp, message, ...others } = JSON.parse(body);
    const timestampMs = Number(timestamp);
    if (!Number.isSafeInteger(timestampMs) || message === undefined || Object.keys(others).length > 0) return undefined;
    return { timestampMs, message: typeof message === "string" ? message : JSON.stringify(message) };
  } catch {
    // Not JSON after all: then it is a message.
    return undefined;
  }
}

/** `<rule>/2026/11/21`: the names of streams have no colon and no asterisk. */
function streamName(sourceArn: string, nowMs: number): string {
  const rule = sourceArn
    .slice(sourceArn.lastIndexOf(":") + 1)
    .replace(/^rule\//, "")
    .replaceAll("*", "_");
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${rule}/${day}`;
}
