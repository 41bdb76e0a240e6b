import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { DAY_MS, EVENT_OVERHEAD_BYTES } from "./limits.ts";
import type { LogEvent } from "./log-event.ts";
import { groupKey, type LogGroup, logGroups } from "./log-group.ts";
import { type LogStream, logStreams, streamKey } from "./log-stream.ts";
import { countMetrics } from "./metric-filter.ts";
import { tellSubscriptions } from "./subscription-filter.ts";

/*
 * Events are documents, in the order in which they are read: by stream, time and arrival (the key), and by group, time and
 * arrival (the index). A log of the store would keep the order of arrival, but events come late, and from many streams.
 *
 * What is too old for its group's retention is left out of every read at once. A timer for the oldest deletes it later.
 */

/** What a group holds, so that nobody needs to count. Its key: the group's id. */
interface Usage {
  readonly events: number;
  readonly bytes: number;
}

export const logEvents: Collection<LogEvent> = collection<LogEvent>("logs_events", {
  groupTime: { type: "text", value: groupTimeKey },
});

export const usages: Collection<Usage> = collection<Usage>("logs_usages");

const EXPIRE = "logs.expire";
const DISCARD_STREAM = "logs.discard-stream";
const DISCARD_GROUP = "logs.discard-group";
/** Rows that one step of a clean-up deletes, so that no commit takes long. */
const STEP_ROWS = 100;

type Scheduler = Pick<Platform, "flow" | "clock">;

export function eventKey(event: Pick<LogEvent, "streamId" | "timestampMs" | "sequence">): string {
  return compositeKey(event.streamId, event.timestampMs, event.sequence);
}

export function groupTimeKey(event: LogEvent): string {
  return compositeKey(event.groupId, event.timestampMs, event.ingestedMs, event.streamId, event.sequence);
}

/** Where a time begins among the events of a stream or a group. Requests may name times that no event can have. */
export function timeKey(ownerId: string, timeMs: number): string {
  return compositeKey(ownerId, Math.min(timeMs, Number.MAX_SAFE_INTEGER));
}

export function eventBytes(message: string): number {
  return Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
}

/** The earliest time whose events a group still shows. */
export function firstVisibleMs(group: LogGroup, nowMs: number): number {
  return group.retentionDays === undefined ? 0 : Math.max(0, nowMs - group.retentionDays * DAY_MS + 1);
}

/** Appends events to a stream, tells the group's filters of them, and returns the stream as it is then. */
export async function appendEvents(
  unit: Unit,
  platform: Scheduler,
  group: LogGroup,
  stream: LogStream,
  appended: readonly { readonly timestampMs: number; readonly message: string }[],
): Promise<LogStream> {
  const ingestedMs = platform.clock.now();
  const { id: groupId } = group;
  const { id: streamId, name: streamName } = stream;
  const events = appended.map(
    ({ timestampMs, message }, index): LogEvent => ({
      groupId,
      streamId,
      streamName,
      sequence: stream.next + index,
      timestampMs,
      ingestedMs,
      message,
    }),
  );
  const times = events.map((event) => event.timestampMs);
  const firstMs = Math.min(...times);
  const changed: LogStream = {
    ...stream,
    next: stream.next + events.length,
    firstEventMs: Math.min(stream.firstEventMs ?? firstMs, firstMs),
    lastEventMs: Math.max(stream.lastEventMs ?? 0, ...times),
    lastIngestionMs: ingestedMs,
  };
  unit.put(logStreams, streamKey(stream), changed);
  for (const event of events) unit.put(logEvents, eventKey(event), event);
  await countMetrics(unit, platform, group, events);
  await tellSubscriptions(unit, platform, group, stream, events);
  const usage = (await unit.get(usages, group.id)) ?? { events: 0, bytes: 0 };
  unit.put(usages, group.id, {
    events: usage.events + events.length,
    bytes: events.reduce((sum, event) => sum + eventBytes(event.message), usage.bytes),
  });
  // A group with events and a retention has one timer, for the oldest.
  if (usage.events === 0 && group.retentionDays !== undefined) {
    scheduleExpiry(unit, platform, group, firstMs + group.retentionDays * DAY_MS);
  }
  return changed;
}

/** Has a group looked at when its oldest event may be past its retention. */
export function scheduleExpiry(unit: Unit, platform: Scheduler, group: LogGroup, dueMs: number): void {
  platform.flow.schedule(unit, { id: `${EXPIRE}/${group.id}`, kind: EXPIRE, dueMs, payload: groupKey(group) });
}

/** Gives up a stream's events, which nothing shows any more; they are deleted in small steps. */
export function discardStream(unit: Unit, platform: Scheduler, stream: LogStream): void {
  const payload: DiscardedStream = { streamId: stream.id, groupId: stream.groupId };
  const id = `${DISCARD_STREAM}/${stream.id}`;
  platform.flow.schedule(unit, { id, kind: DISCARD_STREAM, dueMs: platform.clock.now(), payload });
}

/** Gives up all that was in a group. */
export function discardGroup(unit: Unit, platform: Scheduler, group: Pick<LogGroup, "id">): void {
  platform.flow.cancel(unit, `${EXPIRE}/${group.id}`);
  const id = `${DISCARD_GROUP}/${group.id}`;
  platform.flow.schedule(unit, { id, kind: DISCARD_GROUP, dueMs: platform.clock.now(), payload: group.id });
}

interface DiscardedStream {
  readonly streamId: string;
  readonly groupId: string;
}

/** Declares the clean-ups: of events past their retention, and of deleted streams and groups. */
export function registerEventTimers(platform: Platform): void {
  platform.flow.onTimer(EXPIRE, (unit, timer) => expire(unit, platform, String(timer.payload)));
  platform.flow.onTimer(DISCARD_STREAM, async (unit, timer) => {
    const { streamId, groupId } = timer.payload as DiscardedStream;
    const page = await unit.list(logEvents, { prefix: compositeKey(streamId, ""), limit: STEP_ROWS });
    await deleteEvents(unit, groupId, page.documents);
    if (page.next !== undefined) platform.flow.schedule(unit, { ...timer, dueMs: platform.clock.now() });
  });
  platform.flow.onTimer(DISCARD_GROUP, async (unit, timer) => {
    const groupId = String(timer.payload);
    const step = { prefix: compositeKey(groupId, ""), limit: STEP_ROWS };
    const streams = await unit.list(logStreams, step);
    const events = await unit.list(logEvents, { ...step, index: "groupTime" });
    for (const stream of streams.documents) unit.delete(logStreams, streamKey(stream));
    for (const event of events.documents) unit.delete(logEvents, eventKey(event));
    unit.delete(usages, groupId);
    if (streams.next !== undefined || events.next !== undefined) discardGroup(unit, platform, { id: groupId });
  });
}

async function expire(unit: Unit, platform: Scheduler, key: string): Promise<void> {
  const group = await unit.get(logGroups, key);
  if (group?.retentionDays === undefined) return;

  const nowMs = platform.clock.now();
  const expired = await unit.list(logEvents, {
    index: "groupTime",
    from: timeKey(group.id, 0),
    before: timeKey(group.id, firstVisibleMs(group, nowMs)),
    limit: STEP_ROWS,
  });
  await deleteEvents(unit, group.id, expired.documents);
  if (expired.next !== undefined) return scheduleExpiry(unit, platform, group, nowMs);

  const page = await unit.list(logEvents, { index: "groupTime", prefix: compositeKey(group.id, ""), limit: 1 });
  const [oldest] = page.documents;
  // Nobody sees what waits to be deleted, so a day's worth goes together.
  if (oldest) scheduleExpiry(unit, platform, group, oldest.timestampMs + (group.retentionDays + 1) * DAY_MS);
}

async function deleteEvents(unit: Unit, groupId: string, events: readonly LogEvent[]): Promise<void> {
  for (const event of events) unit.delete(logEvents, eventKey(event));
  const usage = await unit.get(usages, groupId);
  // Without one the group is gone as well.
  if (usage === undefined) return;
  unit.put(usages, groupId, {
    events: usage.events - events.length,
    bytes: events.reduce((bytes, event) => bytes - eventBytes(event.message), usage.bytes),
  });
}
