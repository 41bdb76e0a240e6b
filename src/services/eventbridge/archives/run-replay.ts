import type { Timer } from "../../../flow/index.ts";
import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type BusAddress, findBus, parseBusArn } from "../bus.ts";
import { busLog } from "../open-bus.ts";
import { routersOf } from "../routers.ts";
import {
  ARCHIVED,
  ARCHIVES,
  type ArchivedEvent,
  archivedFrom,
  archivedKey,
  archiveKey,
  isKept,
  parseArchiveArn,
} from "./archive.ts";
import { isActive, REPLAYS, type Replay, replayEntryKey, replayKey, replayLogName } from "./replay.ts";

/*
 *     STARTING ──► RUNNING ──► COMPLETED
 *         │           │   └──► FAILED (the archive or the bus is gone)
 *         └───────────┴──► CANCELLING ──► CANCELLED
 *
 * A replay is a durable timer that does a step and sets itself anew: it reads some events of the archive, in the order of their times, and
 * appends them to the bus's log of replayed events, in the unit that moves the replay on. That log is another one than that of new events, with
 * a router of its own, so that a long replay delays nobody.
 */

/** When a replay begins after it was asked for: as in the real service it is seen STARTING first. Ours, since no time is documented. */
const START_DELAY_MS = 1_000;

/** Events that one step brings. They are routed meanwhile, and others' units stand in between. */
const STEP_EVENTS = 100;

/** Bytes that one step brings, roughly; one event may have more. */
const STEP_BYTES = 256 * 1024;

const STEP = "eventbridge.replay-step";

/** Writes a replay that has a next step, and sets the timer of that. */
export function putActive(unit: Unit, platform: Platform, replay: Replay): void {
  const key = replayKey(replay);
  unit.put(REPLAYS, key, replay);
  const delayMs = replay.state === "STARTING" ? START_DELAY_MS : 0;
  platform.flow.schedule(unit, {
    id: `${STEP}/${key}`,
    kind: STEP,
    dueMs: platform.clock.now() + delayMs,
    payload: key,
  });
}

export function startReplays(platform: Platform): void {
  platform.flow.onTimer(STEP, (unit, timer) => step(unit, platform, timer));
}

/** Has a bus take what replays bring. It is kept as long as new events are, for eyes. */
export function declareReplayLog(unit: Unit, platform: Platform, bus: BusAddress): void {
  unit.declareLog({ ...busLog(bus), name: replayLogName(bus) });
  unit.afterCommit(() => routersOf(platform).runReplays(bus));
}

async function step(unit: Unit, platform: Platform, { payload }: Timer): Promise<void> {
  const replay = await unit.get(REPLAYS, String(payload));
  if (replay === undefined || !isActive(replay)) return;
  const nowMs = platform.clock.now();
  if (replay.state === "CANCELLING") return end(unit, replay, { state: "CANCELLED", endedMs: nowMs });

  const address = parseArchiveArn(replay.archiveArn);
  const archive = address && (await unit.get(ARCHIVES, archiveKey(address)));
  const bus = parseBusArn(replay.destination.Arn ?? "");
  const isThere = bus && (await findBus(unit, bus)) !== undefined;
  if (archive?.id !== replay.archiveId || !isThere) {
    const stateReason = archive?.id !== replay.archiveId ? "The archive was deleted." : "The event bus was deleted.";
    return end(unit, replay, { state: "FAILED", stateReason, endedMs: nowMs });
  }

  const page = await unit.list(ARCHIVED, {
    from: replay.behind === undefined ? archivedFrom(archive.id, replay.startMs) : `${replay.behind}\u0001`,
    // Both ends belong to it.
    before: archivedFrom(archive.id, replay.endMs + 1),
    limit: STEP_EVENTS,
  });
  const events = upToBytes(page.documents);
  for (const event of events) {
    if (!isKept(archive, event, nowMs)) continue;
    unit.append(replayLogName(bus), replayEntryKey(replay, event.eventId), replayedText(event.text, replay));
  }
  const last = events.at(-1);
  const moved: Replay = {
    ...replay,
    state: "RUNNING",
    ...(last && { behind: archivedKey(last), lastEventMs: last.timeMs }),
  };
  if (events.length < page.documents.length || page.next !== undefined) putActive(unit, platform, moved);
  else end(unit, moved, { state: "COMPLETED", endedMs: nowMs });
}

/** As many as a step may bring, one at least. */
function upToBytes(events: readonly ArchivedEvent[]): readonly ArchivedEvent[] {
  let bytes = 0;
  const end = events.findIndex(({ text }, index) => {
    bytes += text.length;
    return index > 0 && bytes > STEP_BYTES;
  });
  return end < 0 ? events : events.slice(0, end);
}

/** The same event, with who brings it behind all else. */
function replayedText(text: string, { name }: Replay): string {
  return `${text.slice(0, -1)},"replay-name":${JSON.stringify(name)}}`;
}

function end(unit: Unit, replay: Replay, how: Partial<Replay>): void {
  unit.put(REPLAYS, replayKey(replay), { ...replay, ...how });
}
