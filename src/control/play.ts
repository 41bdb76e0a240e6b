import { happeningsOf, type InstanceHappenings } from "../services/connect/index.ts";
import { isJsonObject } from "../services/json-text.ts";
import type { Context } from "../services/service.ts";
import { ManualClock, movedClock } from "../time/clock.ts";
import { agentEndpoint } from "./agents.ts";
import { failure, type JsonAnswer } from "./answer.ts";
import { clockMode, DRAIN_TIMEOUT_MS, manualClock, oneByOne, TIME_MS_MAX } from "./clock.ts";
import { type ActBody, answering, bodyOf, refusing, requireMembers, textOf } from "./connect-answer.ts";
import { contactEndpoint } from "./contacts.ts";

/** Acts of one request. */
const ACTS_MAX = 10_000;

/** Something that somebody does at a time: what `POST /_trunkline/…` would do then. */
interface Act {
  readonly atMs: number;
  /** `contacts`, `contacts/CONTACT/hang-up`, `agents/USER/accept`, … */
  readonly path: readonly string[];
  readonly body: unknown;
}

interface Play {
  readonly instanceId: string;
  readonly acts: readonly Act[];
  readonly untilMs: number;
  /** The place in the instance's happenings up to which the player knows them. */
  readonly since: number | undefined;
  /** By state: ends the play so many seconds after the first thing that happens in it, to let the player react. */
  readonly stop: Readonly<Record<string, number>>;
}

/**
 * `POST /_trunkline/play/INSTANCE`: what the people of a contact centre do over some time, in one request; see
 * `docs/contact-control.md`.
 *
 * A manual clock goes from act to act as `POST /_trunkline/clock` moves it; a real one is waited for. Everything is durable, once,
 * before the answer leaves. An act that is refused is a result like any other.
 */
export async function playEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
  body: ActBody,
): Promise<JsonAnswer | undefined> {
  const [instanceId, ...rest] = path;
  if (method !== "POST" || !instanceId || rest.length > 0) return undefined;
  const input = bodyOf(body);
  if ("error" in input) return failure(400, input.error);
  return refusing(() => startPlay(context, parsePlay(instanceId, input.value)));
}

async function startPlay(context: Context, play: Play | string): Promise<JsonAnswer> {
  if (typeof play === "string") return failure(400, play);
  const { clock, store } = context;
  const perform = () => store.durably(() => answering(() => performPlay(context, play)), { atOnce: true });
  return movedClock(clock) ? oneByOne(clock, perform) : perform();
}

/**
 * The same for whoever plays in the server's own process and holds its store: what it answers may not be durable yet. Throws what is
 * wrong with the play.
 */
export function playHere(
  context: Context,
  instanceId: string,
  input: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const play = parsePlay(instanceId, input);
  if (typeof play === "string") throw new RangeError(play);
  return performPlay(context, play);
}

async function performPlay(context: Context, play: Play): Promise<unknown> {
  // Acts and steps of the clock are many small units.
  using _held = context.store.hold();
  const happenings = await happeningsOf(context, play.instanceId);
  const since = play.since ?? happenings.end;
  const results: { status: number; body: unknown }[] = [];
  const stop = new Stop(play, happenings);
  let running: readonly string[] = [];
  for (const act of play.acts) {
    if (act.atMs > context.clock.now()) running = await passTo(context, act.atMs, stop);
    if (running.length > 0 || context.clock.now() < act.atMs) break;
    results.push(await performAct(context, play.instanceId, act));
  }
  if (results.length === play.acts.length) running = await passTo(context, play.untilMs, stop);
  const nowMs = context.clock.now();
  if (context.clock instanceof ManualClock) {
    await context.store.commit(async (unit) => unit.put(manualClock, "now", { nowMs }));
  }
  const happened = happenings.from(since);
  return {
    now: new Date(nowMs).toISOString(),
    mode: clockMode(context.clock),
    results,
    happened: happened ?? [],
    // The player has to look for themselves.
    ...(happened === undefined && { missed: true }),
    next: happenings.end,
    running,
  };
}

/** When the player is to be asked: as soon as they may react to something that has happened. */
class Stop {
  readonly #seconds: Play["stop"];
  readonly #happenings: InstanceHappenings;
  #seen: number;
  #atMs = Number.POSITIVE_INFINITY;

  constructor({ stop, since }: Play, happenings: InstanceHappenings) {
    this.#seconds = stop;
    this.#happenings = happenings;
    this.#seen = since ?? happenings.end;
  }

  get atMs(): number {
    const { end } = this.#happenings;
    if (end === this.#seen) return this.#atMs;
    for (const { at, state } of this.#happenings.from(this.#seen) ?? []) {
      const seconds = Object.hasOwn(this.#seconds, state) ? this.#seconds[state] : undefined;
      if (seconds !== undefined) this.#atMs = Math.min(this.#atMs, Date.parse(at) + seconds * 1_000);
    }
    this.#seen = end;
    return this.#atMs;
  }

  watch(listener: () => void): Disposable {
    return this.#happenings.watch(listener);
  }
}

/**
 * Lets time pass until then, until the stop where that is earlier, or until the player has gone away. What has become due by then, and all that follows from it, is
 * done. Answers with what still runs after 30 seconds.
 */
async function passTo(context: Context, toMs: number, stop: Stop): Promise<readonly string[]> {
  const { clock, flow, signal } = context;
  if (movedClock(clock) === undefined) {
    await waitUntil(context, toMs, stop);
    return [];
  }
  while (clock.now() < Math.min(toMs, stop.atMs) && !signal.aborted) {
    const moved = movedClock(clock);
    // It has caught up: the player goes on in real time.
    if (moved === undefined) break;
    if (!(await flow.drained(DRAIN_TIMEOUT_MS))) return flow.running();
    const untilMs = Math.min(toMs, stop.atMs);
    if (untilMs <= clock.now()) break;
    moved.moveTo(Math.min((await flow.nextDueMs()) ?? untilMs, untilMs));
  }
  if (movedClock(clock) === undefined) return [];
  return (await flow.drained(DRAIN_TIMEOUT_MS)) ? [] : flow.running();
}

async function waitUntil({ clock, signal }: Context, toMs: number, stop: Stop): Promise<void> {
  while (clock.now() < Math.min(toMs, stop.atMs) && !signal.aborted) {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _wake = clock.wakeAt(Math.min(toMs, stop.atMs), resolve);
    using _watch = stop.watch(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
  }
}

async function performAct(
  context: Context,
  instanceId: string,
  { path, body }: Act,
): Promise<{ status: number; body: unknown }> {
  const [room, ...rest] = path;
  const endpoint = room === "contacts" ? contactEndpoint : room === "agents" ? agentEndpoint : undefined;
  const answer = isJsonObject(body)
    ? await endpoint?.(context, "POST", [instanceId, ...rest], body)
    : failure(400, "The body is not an object");
  const { status, value } = answer ?? failure(404, `There is no act ${path.join("/")}`);
  return { status, body: value };
}

/** A play, or what is wrong with it. */
function parsePlay(instanceId: string, input: Readonly<Record<string, unknown>>): Play | string {
  requireMembers(input, "A play", ["acts", "until", "since", "stop"]);
  const { acts = [], since, stop = {} } = input;
  const untilMs = Date.parse(textOf(input, "until") ?? "");
  if (Number.isNaN(untilMs)) return "until is not an ISO 8601 time";
  if (untilMs > TIME_MS_MAX) return "until goes beyond the year 9999";
  if (since !== undefined && !Number.isSafeInteger(since)) return "since is not what an earlier play answered as next";
  if (!Array.isArray(acts) || acts.length > ACTS_MAX) return `acts is not a list of at most ${ACTS_MAX}`;
  if (!isJsonObject(stop) || !Object.values(stop).every((seconds) => typeof seconds === "number" && seconds >= 0)) {
    return "stop is not an object of seconds by state";
  }

  const parsed: Act[] = [];
  for (const [index, act] of acts.entries()) {
    const { at, post, body = {} } = isJsonObject(act) ? act : {};
    if (isJsonObject(act)) requireMembers(act, `Act ${index}`, ["at", "post", "body"]);
    const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
    if (Number.isNaN(atMs) || typeof post !== "string") return `Act ${index} has no time "at", or no path "post"`;
    if (atMs < (parsed.at(-1)?.atMs ?? 0) || atMs > untilMs) return `Act ${index} is out of order, or after until`;
    parsed.push({ atMs, path: post.split("/"), body });
  }
  return { instanceId, acts: parsed, untilMs, since: since as number | undefined, stop: stop as Play["stop"] };
}
