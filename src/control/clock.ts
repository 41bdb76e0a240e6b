import type { Logger } from "pino";
import { advanceClock } from "../flow/index.ts";
import type { Platform } from "../services/service.ts";
import { type Collection, collection, type Store } from "../store/store.ts";
import { type Clock, ManualClock, movedClock, RealClock } from "../time/clock.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, json, parseBody } from "./answer.ts";
import { addDuration } from "./duration.ts";

/** How long one step of an advance may take to come to rest, in milliseconds of wall time (design section 8). */
export const DRAIN_TIMEOUT_MS = 30_000;
/** As far as a manual clock goes: later years have no four digits, as events and records write them. */
export const TIME_MS_MAX: number = Date.parse("9999-12-31T23:59:59.999Z");

/** Where a manual clock stands, so that a restart goes on there: one document, `now`. */
export const manualClock: Collection<{ nowMs: number }> = collection("manual_clock");

/** Moves a manual clock to where it stood when the data folder was last used. */
export async function resumeClock(clock: ManualClock, store: Store): Promise<void> {
  const kept = await store.get(manualClock, "now");
  if (kept) clock.moveTo(kept.nowMs);
}

/** Says so in the log where a manual clock has left the data folder in a time that a real one has not reached yet. */
export async function warnOfTimeAhead(clock: Clock, store: Store, log: Logger): Promise<void> {
  const kept = await store.get(manualClock, "now");
  if (kept === undefined || kept.nowMs <= clock.now()) return;
  const then = new Date(kept.nowMs).toISOString();
  log.warn(
    `The data folder was last used with a manual clock at ${then}: records keep that time until the machine's clock catches up`,
  );
}

/** `catching-up`: a real clock that was put back, to have a past played, and is moved by whoever plays it. */
export function clockMode(clock: Clock): "manual" | "real" | "catching-up" {
  if (clock instanceof ManualClock) return "manual";
  return movedClock(clock) === undefined ? "real" : "catching-up";
}

/** `GET /_trunkline/clock`: what time it is in the contact centre, and who decides it. */
export function readClock({ clock }: Platform): PlainResponse {
  return json({ now: new Date(clock.now()).toISOString(), mode: clockMode(clock) });
}

/**
 * `POST /_trunkline/clock` with `{"advance": "PT2M"}` or `{"to": "2026-12-24T18:00:00Z"}`: moves a manual clock as if the time had
 * passed, from one due timer to the next. Answers when all that follows has happened, with where the clock stands and with what
 * still runs after 30 seconds. Two callers that advance two minutes each move it by four: the second one waits for the first.
 */
export async function moveClock(platform: Platform, body: Buffer): Promise<PlainResponse> {
  const { clock, flow, store } = platform;
  if (!(clock instanceof ManualClock)) return failure(409, "The clock is real; start with --clock manual to move it");
  const request = parseBody(body);
  if ("error" in request) return failure(400, request.error);

  return oneByOne(clock, async () => {
    // Its steps are thousands of small units.
    using _held = store.hold();
    const toMs = target(request.value, clock.now());
    if (typeof toMs === "string") return failure(400, toMs);
    const { nowMs, running } = await advanceClock(flow, clock, toMs, DRAIN_TIMEOUT_MS);
    await store.commit(async (unit) => unit.put(manualClock, "now", { nowMs }));
    return json({ now: new Date(nowMs).toISOString(), running });
  });
}

/**
 * Ends the play of a past: all that is due until now happens, and the clock runs by itself from then on, whatever does not come to rest
 * meanwhile.
 */
export async function catchUp({ clock, flow, wall, store }: Platform): Promise<void> {
  if (!(clock instanceof RealClock)) return;
  await oneByOne(clock, async () => {
    using _held = store.hold();
    while (clock.isCatchingUp) {
      const { running } = await advanceClock(flow, clock, wall.now(), DRAIN_TIMEOUT_MS);
      if (running.length > 0) clock.moveTo(wall.now());
    }
  });
}

const lastMove = new WeakMap<Clock, Promise<unknown>>();

/** Runs moves of one clock one after the other. */
export function oneByOne<R>(clock: Clock, move: () => Promise<R>): Promise<R> {
  const before = lastMove.get(clock) ?? Promise.resolve();
  const turn = before.then(move, move);
  lastMove.set(clock, turn);
  return turn;
}

/** Where to, or what is wrong with the request. */
function target(request: unknown, nowMs: number): number | string {
  const { advance, to, ...others } = (typeof request === "object" && request !== null ? request : {}) as Record<
    string,
    unknown
  >;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `There is no member ${unknown}: there are advance and to`;
  if ((advance === undefined) === (to === undefined))
    return 'Give either "advance", a duration such as "PT2M", or "to", a time';
  if (to !== undefined) {
    const toMs = typeof to === "string" ? Date.parse(to) : Number.NaN;
    if (Number.isNaN(toMs)) return '"to" is not an ISO 8601 time';
    if (toMs > TIME_MS_MAX) return '"to" goes beyond the year 9999';
    return toMs < nowMs
      ? `"to" is before now, and the clock does not go back (${new Date(nowMs).toISOString()})`
      : toMs;
  }
  const toMs = typeof advance === "string" ? addDuration(nowMs, advance) : undefined;
  if (toMs === undefined) return '"advance" is not an ISO 8601 duration';
  return toMs <= TIME_MS_MAX ? toMs : '"advance" goes beyond the year 9999';
}
