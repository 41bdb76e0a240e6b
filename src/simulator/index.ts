import { type Api, ask, RefusedError } from "./api.ts";
import { arrivals } from "./arrivals.ts";
import type { Parameters } from "./parameters.ts";
import { People } from "./people.ts";
import { type Pace, Player } from "./player.ts";
import { roster } from "./roster.ts";
import { Schedule } from "./schedule.ts";
import { setUpCentre } from "./set-up.ts";
import type { Stage } from "./stage.ts";
import type { Statistics } from "./statistics.ts";
import { progressLine } from "./summary.ts";

/**
 * The simulator: believable traffic of a contact centre, from a seed. It knows a server's URL and nothing else of it.
 *
 * ```
 * roster, arrivals ─► people plan acts ─► player sends them ─► what happened ─► people react, and plan more
 *  (from the seed)       (a schedule)       (one request for a window of time)
 * ```
 */

export { type Api, type ApiAnswer, type ApiRequest, RefusedError } from "./api.ts";
export { arrivals } from "./arrivals.ts";
export { buildDemo, DEMO_STEPS } from "./demo/index.ts";
export { type Parameters, parseChange, ScenarioError, withChanges } from "./parameters.ts";
export { patienceOf } from "./people.ts";
export { Statistics, total } from "./statistics.ts";
export { summary } from "./summary.ts";
export { talkMsOf } from "./talks.ts";

export interface PlayOptions {
  readonly seed: string;
  readonly parameters: Parameters;
  /** The alias of the instance that is made, where `instance` names none. */
  readonly alias: string;
  readonly instance?: string | undefined;
  readonly streams: boolean;
  /** Whether the flows that are made switch analytics on. */
  readonly analysed?: boolean;
  /** The hour of the centre's day at which the play begins. A manual clock is moved there. */
  readonly beginHour: number;
  readonly hours: number;
  /** Read at each step: it may change while the play goes on. */
  readonly speed: number | undefined;
  readonly monotonicMs: () => number;
  readonly sleep: (delayMs: number) => Promise<void>;
  /** Ends the play early. */
  readonly signal: AbortSignal;
  readonly statistics: Statistics;
  /** Hears where the play is, after each step; `line` makes what a progress display shows. */
  readonly onProgress?: (nowMs: number, line: () => string, live: Live) => void;
}

/** Who is there now. */
export interface Live {
  readonly contacts: number;
  readonly agents: number;
}

/** What a play came to. */
export interface Outcome {
  readonly instanceId: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly counts: Player["counts"];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** After the last arrival everybody finishes what they have begun, for so long at most. */
const RUN_OUT_MS = 3 * HOUR_MS;

/**
 * Sets the centre up and plays it. Throws `RefusedError` where the server does not do what the simulator needs, with what to change.
 */
export async function simulate(api: Api, options: PlayOptions): Promise<Outcome> {
  const { seed, parameters, statistics, signal } = options;
  const { mode } = await readClock(api);
  const isRealTime = mode === "real";
  if (isRealTime && options.speed !== undefined && options.speed !== 1) {
    throw new RefusedError("The server's clock is real: start it with --clock manual to play faster than real time");
  }
  const agents = roster(seed, parameters);
  const centre = await setUpCentre(api, { ...options, agents });
  const { beginMs, offsetMs } = await findBegin(api, options.beginHour, mode === "manual");
  const endMs = beginMs + Math.round(options.hours * HOUR_MS);
  const schedule = new Schedule();
  const stage: Stage = {
    ...{ seed, parameters, centre, statistics, beginMs, endMs, offsetMs },
    plan: (planned) => schedule.add(planned),
  };
  const people = new People(stage, agents);
  const pace: Pace = {
    isRealTime,
    monotonicMs: options.monotonicMs,
    sleep: options.sleep,
    get speed() {
      return options.speed;
    },
  };
  const coming = arrivals(seed, parameters, beginMs + offsetMs, endMs + offsetMs);
  const player = new Player({
    ...{ api, schedule, people, pace, parameters, beginMs },
    instanceId: centre.instanceId,
    arrivals: coming.map((arrival) => ({ ...arrival, atMs: arrival.atMs - offsetMs })),
  });
  const onStep = () => {
    const line = () =>
      progressLine(player.nowMs, (player.nowMs - beginMs) / (endMs - beginMs), statistics, people.live);
    options.onProgress?.(player.nowMs, line, people.live);
  };
  await player.playUntil(endMs, signal, onStep);
  for (let atMs = player.nowMs; !player.isRealTime && people.live.contacts > 0 && atMs < endMs + RUN_OUT_MS; ) {
    atMs += 60_000;
    await player.playUntil(atMs, signal, onStep);
    if (signal.aborted) break;
  }
  await player.doNow(closing(people));
  return { instanceId: centre.instanceId, beginMs, endMs: player.nowMs, counts: player.counts };
}

/** Whoever is still there goes. */
function closing(people: People): { post: string; body?: object }[] {
  return [
    ...people.visits.map(({ contactId }) => ({ post: `contacts/${contactId}/hang-up` })),
    ...people.agents
      .filter(({ isSignedIn }) => isSignedIn)
      .map(({ userId }) => ({ post: `agents/${userId}/sign-out` })),
  ];
}

async function readClock(api: Api): Promise<{ nowMs: number; mode: string }> {
  const { now, mode } = await ask(api, { service: "connect", method: "GET", path: "/_trunkline/clock" });
  return { nowMs: Date.parse(now), mode };
}

/** When the play begins, and what is to be added to a time to have the centre's time of day. */
async function findBegin(
  api: Api,
  beginHour: number,
  isMovable: boolean,
): Promise<{ beginMs: number; offsetMs: number }> {
  const { nowMs } = await readClock(api);
  const ofDayMs = Math.round(beginHour * HOUR_MS);
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS + ofDayMs;
  if (!isMovable) return { beginMs: nowMs, offsetMs: todayMs - nowMs };
  const beginMs = todayMs >= nowMs ? todayMs : todayMs + DAY_MS;
  const to = new Date(beginMs).toISOString();
  await ask(api, { service: "connect", method: "POST", path: "/_trunkline/clock", body: { to } });
  return { beginMs, offsetMs: 0 };
}
