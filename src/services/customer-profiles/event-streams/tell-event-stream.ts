import type { Timer } from "../../../flow/index.ts";
import { type Collection, collection, type Unit } from "../../../store/store.ts";
import { appendServiceRecord, hasStream } from "../../kinesis/index.ts";
import type { Platform } from "../../service.ts";
import { domainArn, inDomain } from "../domain.ts";
import type { ProfileChange } from "../profile-change.ts";
import { type EventStream, findEventStream, putEventStream } from "./event-stream.ts";
import { healthCheckRecord, recordsOf, recordText, type StreamRecord } from "./event-stream-records.ts";

/** A record that the stream of Kinesis did not take, to be told when it does. */
interface KeptRecord extends StreamRecord {
  /** Of its domain. */
  readonly uid: string;
  readonly streamId: string;
  readonly number: number;
}

export const keptRecords: Collection<KeptRecord> = collection("profiles_kept_records");

export function keptRecordKey({ uid, streamId, number }: Pick<KeptRecord, "uid" | "streamId" | "number">): string {
  return inDomain({ uid }, streamId, number);
}

const HEALTH_CHECK = "customer-profiles.event-stream-health";

/** How often a stream that takes nothing is asked again; ours, as all times here. */
const CHECK_MS = 60_000;
/** Records are kept for so long; then the event stream stops. */
const UNHEALTHY_MS_MAX = 24 * 60 * 60 * 1000;
/** How often one that has stopped is asked. */
const STOPPED_CHECK_MS = 60 * 60 * 1000;

/** Kept records that are told, or dropped, in one unit. */
const KEPT_PER_STEP = 100;

const SUCCESS = "Success";

/**
 * Tells a change on the event stream of its domain, in the unit that makes it. What the stream of Kinesis does not take is kept, with all
 * that follows, until it takes records again: so the order of a profile's records never changes.
 */
export async function tellEventStream(unit: Unit, platform: Platform, change: ProfileChange): Promise<void> {
  let stream = await findEventStream(unit, change.domain);
  if (stream?.state !== "RUNNING") return;
  const before = stream;
  for (const record of recordsOf(platform, change)) stream = await tell(unit, platform, stream, record);
  if (stream !== before) putEventStream(unit, stream);
}

async function tell(unit: Unit, platform: Platform, stream: EventStream, record: StreamRecord): Promise<EventStream> {
  if (stream.unhealthySinceMs === undefined) {
    if (await append(unit, platform, stream, record, true)) return stream;
    // One record that is too large for it says nothing of the stream's health.
    if (await hasStream(unit, stream.uri, stream)) {
      platform.log.warn(
        { domain: stream.domainName, stream: stream.uri },
        "a record of a profile is too large for its stream",
      );
      return stream;
    }
    stream = becomeUnhealthy(unit, platform, stream);
  }
  const kept: KeptRecord = { uid: stream.uid, streamId: stream.id, number: stream.nextKept, ...record };
  unit.put(keptRecords, keptRecordKey(kept), kept);
  return { ...stream, nextKept: stream.nextKept + 1 };
}

async function append(
  unit: Unit,
  platform: Platform,
  stream: EventStream,
  record: StreamRecord,
  isRealTime: boolean,
): Promise<boolean> {
  const { uri, account, region } = stream;
  const isTaken = await appendServiceRecord(unit, platform, uri, {
    data: recordText(record, isRealTime),
    partitionKey: record.partitionKey,
  });
  const connection = { account, region, from: domainArn({ account, region, name: stream.domainName }), to: uri };
  unit.afterCommit(() => platform.flow.countPassed(connection, 1, isTaken ? "passed" : "failed"));
  return isTaken;
}

function becomeUnhealthy(unit: Unit, { clock, flow }: Platform, stream: EventStream): EventStream {
  const nowMs = clock.now();
  flow.schedule(unit, healthTimer(stream, nowMs + CHECK_MS));
  return {
    ...stream,
    unhealthySinceMs: nowMs,
    message: `The Kinesis data stream ${stream.uri} does not exist or is not active`,
  };
}

/** The state that a new event stream begins with: its first record asks whether the stream of Kinesis takes any. */
export async function checkedAtFirst(unit: Unit, platform: Platform, stream: EventStream): Promise<EventStream> {
  const isHealthy = await append(unit, platform, stream, healthCheckRecord(platform, stream.domainName), true);
  return isHealthy ? { ...stream, message: SUCCESS } : becomeUnhealthy(unit, platform, stream);
}

/** An event stream is gone: nobody asks after it any more, and what was kept for it is dropped. */
export async function forgetEventStream(unit: Unit, { flow, clock }: Platform, stream: EventStream): Promise<void> {
  if (stream.nextKept > 0) flow.schedule(unit, healthTimer(stream, clock.now()));
}

export function checkEventStreams(platform: Platform): void {
  platform.flow.onTimer(HEALTH_CHECK, (unit, { payload }) => {
    return check(unit, platform, payload as Checked);
  });
}

/** Which event stream a timer is of. */
type Checked = Pick<EventStream, "uid" | "id">;

function healthTimer({ uid, id }: Checked, dueMs: number): Timer {
  return { id: `${HEALTH_CHECK} ${uid} ${id}`, kind: HEALTH_CHECK, dueMs, payload: { uid, id } };
}

async function check(unit: Unit, platform: Platform, checked: Checked): Promise<void> {
  const { flow, clock } = platform;
  const nowMs = clock.now();
  const stream = await findEventStream(unit, checked);
  if (stream?.id !== checked.id) {
    if ((await dropKept(unit, checked)) > 0) flow.schedule(unit, healthTimer(checked, nowMs));
    return;
  }
  if (stream.unhealthySinceMs === undefined) return;
  if (stream.state === "STOPPED" && (await dropKept(unit, stream)) > 0) {
    flow.schedule(unit, healthTimer(stream, nowMs));
    return;
  }
  if (await append(unit, platform, stream, healthCheckRecord(platform, stream.domainName), true)) {
    await goOn(unit, platform, stream);
  } else if (stream.state === "STOPPED") {
    flow.schedule(unit, healthTimer(stream, nowMs + STOPPED_CHECK_MS));
  } else if (nowMs - stream.unhealthySinceMs >= UNHEALTHY_MS_MAX) {
    putEventStream(unit, { ...stream, state: "STOPPED", stoppedSinceMs: nowMs });
    // The next step drops what was kept.
    flow.schedule(unit, healthTimer(stream, nowMs));
  } else {
    flow.schedule(unit, healthTimer(stream, nowMs + CHECK_MS));
  }
}

/** Records that were kept are told first; only when there is none left are changes told at once again. */
async function goOn(unit: Unit, platform: Platform, stream: EventStream): Promise<void> {
  const { documents } = await unit.list(keptRecords, { prefix: inDomain(stream, stream.id, ""), limit: KEPT_PER_STEP });
  for (const kept of documents) {
    await append(unit, platform, stream, kept, false);
    unit.delete(keptRecords, keptRecordKey(kept));
  }
  if (documents.length === KEPT_PER_STEP) {
    platform.flow.schedule(unit, healthTimer(stream, platform.clock.now()));
    return;
  }
  const { unhealthySinceMs, stoppedSinceMs, ...rest } = stream;
  putEventStream(unit, { ...rest, state: "RUNNING", message: SUCCESS, nextKept: 0 });
}

async function dropKept(unit: Unit, { uid, id }: Checked): Promise<number> {
  const { documents } = await unit.list(keptRecords, { prefix: inDomain({ uid }, id, ""), limit: KEPT_PER_STEP });
  for (const kept of documents) unit.delete(keptRecords, keptRecordKey(kept));
  return documents.length;
}
