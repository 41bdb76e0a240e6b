import type { AgentView } from "./agent-at-work.ts";
import { type Api, type ApiAnswer, ask } from "./api.ts";
import type { Arrival } from "./arrivals.ts";
import type { Parameters } from "./parameters.ts";
import type { People } from "./people.ts";
import type { Planned, Schedule } from "./schedule.ts";
import type { Happening } from "./stage.ts";

/** How a play goes on in time. */
export interface Pace {
  /** Simulated seconds for each second of the machine; without it as fast as the server can. It may change. */
  readonly speed: number | undefined;
  /** The server's clock runs by itself, when the play begins. */
  readonly isRealTime: boolean;
  /** Milliseconds from an arbitrary start. */
  monotonicMs(): number;
  sleep(delayMs: number): Promise<void>;
}

interface Played {
  readonly now: string;
  /** Of the server's clock. */
  readonly mode: string;
  readonly results: readonly { readonly status: number; readonly body: Readonly<Record<string, unknown>> }[];
  readonly happened: readonly Happening[];
  readonly next: number;
  readonly missed?: boolean;
  readonly running: readonly string[];
}

/** One request covers so much time at most, in milliseconds. */
const WINDOW_MS = 120_000;

/** With a real clock no longer than this, since a request lasts as long: the progress display moves. */
const REAL_WINDOW_MS = 1_000;

/** Acts of one request: mostly somebody has to react long before the last, and the rest is sent again. */
const ACTS_MAX = 24;

/** A server that does not answer is tried again after so long, for so long, in milliseconds. */
const RETRY = { everyMs: 250, forMs: 120_000 };

/**
 * Plays what is planned against the server: one request for as much time as nobody has to react in, then everybody reacts to what
 * has happened, and so on.
 */
export class Player {
  readonly #api: Api;
  readonly #instanceId: string;
  readonly #schedule: Schedule;
  readonly #people: People;
  readonly #pace: Pace;
  readonly #stop: Readonly<Record<string, number>>;
  /** Since when it goes at this speed, in both times. */
  #paced: { readonly speed: number | undefined; readonly fromMs: number; readonly sinceMs: number };
  /** Arrivals that are still to come, the first last. */
  readonly #arrivals: Arrival[];
  #since: number | undefined;
  #nowMs: number;
  #isRealTime: boolean;
  /** Requests, and acts that were done in them. */
  readonly counts: { requests: number; acts: number; refusals: number } = { requests: 0, acts: 0, refusals: 0 };

  constructor(options: {
    readonly api: Api;
    readonly instanceId: string;
    readonly schedule: Schedule;
    readonly people: People;
    readonly arrivals: readonly Arrival[];
    readonly pace: Pace;
    readonly parameters: Parameters;
    readonly beginMs: number;
  }) {
    this.#api = options.api;
    this.#instanceId = options.instanceId;
    this.#schedule = options.schedule;
    this.#people = options.people;
    this.#arrivals = [...options.arrivals].reverse();
    this.#pace = options.pace;
    this.#stop = reactionSeconds(options.parameters);
    this.#nowMs = options.beginMs;
    this.#isRealTime = options.pace.isRealTime;
    this.#paced = { speed: options.pace.speed, fromMs: options.beginMs, sinceMs: options.pace.monotonicMs() };
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** A clock that catches up with a past is real once it has. */
  get isRealTime(): boolean {
    return this.#isRealTime;
  }

  /** Plays on until then, or until it is told to end. */
  async playUntil(endMs: number, signal: AbortSignal, onStep: () => void): Promise<void> {
    while (this.#nowMs < endMs && !signal.aborted) {
      await this.#doRequests();
      await this.#keepPace(signal);
      if (signal.aborted) return;
      await this.#step(Math.min(endMs, this.#nowMs + this.#windowMs));
      onStep();
    }
  }

  /** Does these now, whatever else is planned. */
  async doNow(acts: readonly { readonly post: string; readonly body?: object }[]): Promise<void> {
    for (let at = 0; at < acts.length; at += ACTS_MAX) {
      const batch = acts.slice(at, at + ACTS_MAX).map((act): Planned => ({ atMs: this.#nowMs, act }));
      for (const happening of (await this.#play(batch, this.#nowMs)).happened) this.#people.react(happening);
    }
  }

  /** What is due now and is no act. */
  async #doRequests(): Promise<void> {
    for (;;) {
      const entry = this.#nextDue(this.#nowMs);
      if (entry === undefined) return;
      const { planned } = entry;
      if (planned.act) {
        this.#schedule.putBack(entry);
        return;
      }
      if (planned.isStill?.() === false) continue;
      const answer: ApiAnswer = planned.request
        ? await this.#persistently(() => this.#api(planned.request as NonNullable<Planned["request"]>))
        : { status: 200, body: {} };
      planned.onDone?.(answer);
    }
  }

  async #step(untilMs: number): Promise<void> {
    let endMs = untilMs;
    const batch = [];
    while (batch.length < ACTS_MAX) {
      const entry = this.#nextDue(endMs);
      if (entry === undefined) break;
      const { planned } = entry;
      if (!planned.act) {
        // What is no act has the end of a request for its time.
        endMs = Math.max(planned.atMs, this.#nowMs);
        this.#schedule.putBack(entry);
        break;
      }
      if (planned.isStill?.() !== false) batch.push(entry);
    }
    if (batch.length === ACTS_MAX) endMs = Math.max(batch.at(-1)?.planned.atMs ?? endMs, this.#nowMs);

    const played = await this.#play(
      batch.map(({ planned }) => planned),
      endMs,
    );
    for (const entry of batch.slice(played.results.length)) this.#schedule.putBack(entry);
    this.#nowMs = Math.max(Date.parse(played.now), this.#nowMs);
    for (const [index, result] of played.results.entries()) {
      if (result.status >= 500) throw new Error(`The server failed: ${JSON.stringify(result.body)}`);
      if (result.status !== 200) this.counts.refusals++;
      batch[index]?.planned.onDone?.(result);
    }
    for (const happening of played.happened) this.#people.react(happening);
    if (played.missed) await this.#lookAround();
    if (played.running.length > 0) throw new Error(`The server does not come to rest: ${played.running.join(", ")}`);
  }

  get #windowMs(): number {
    const { speed } = this.#pace;
    if (this.#isRealTime) return REAL_WINDOW_MS;
    return speed === undefined ? WINDOW_MS : Math.min(WINDOW_MS, Math.max(speed * 250, 1));
  }

  #nextDue(untilMs: number): ReturnType<Schedule["take"]> {
    for (let next = this.#arrivals.at(-1); next && next.atMs <= untilMs; next = this.#arrivals.at(-1)) {
      this.#arrivals.pop();
      this.#people.arrives(next);
    }
    const { nextMs } = this.#schedule;
    return nextMs !== undefined && nextMs <= untilMs ? this.#schedule.take() : undefined;
  }

  async #play(batch: readonly Planned[], untilMs: number): Promise<Played> {
    let beforeMs = this.#nowMs;
    const acts = batch.map(({ atMs, act }) => {
      beforeMs = Math.max(beforeMs, atMs);
      return { at: new Date(beforeMs).toISOString(), ...act };
    });
    const body = {
      acts,
      until: new Date(Math.max(untilMs, beforeMs)).toISOString(),
      since: this.#since,
      stop: this.#stop,
    };
    const path = `/_trunkline/play/${this.#instanceId}`;
    const played: Played = await this.#persistently(() =>
      ask(this.#api, { service: "connect", method: "POST", path, body }),
    );
    this.#since = played.next;
    this.#isRealTime = played.mode === "real";
    this.counts.requests++;
    this.counts.acts += played.results.length;
    return played;
  }

  /** A server that is gone may come back, with all that it has acknowledged: then the request is made again. */
  async #persistently<R>(request: () => Promise<R>): Promise<R> {
    const giveUpMs = this.#pace.monotonicMs() + RETRY.forMs;
    for (;;) {
      try {
        return await request();
      } catch (error) {
        const isGone = (error as { code?: unknown }).code !== undefined;
        if (!isGone || this.#pace.monotonicMs() > giveUpMs) throw error;
        await this.#pace.sleep(RETRY.everyMs);
      }
    }
  }

  /** Somebody else has to tell what happened meanwhile: the agents and the contacts, as they are now. */
  async #lookAround(): Promise<void> {
    const at = new Date(this.#nowMs).toISOString();
    const get = async (path: string) => {
      const answer = await this.#persistently(() =>
        this.#api({ service: "connect", method: "GET", path: `/_trunkline/${path}` }),
      );
      return answer.status === 200 ? answer.body : undefined;
    };
    for (const agent of this.#people.agents) {
      const view: { agent: AgentView | null } | undefined = await get(`agents/${this.#instanceId}/${agent.userId}`);
      for (const happening of this.#people.differencesOf(agent, view?.agent ?? null, at)) this.#people.react(happening);
    }
    for (const visit of this.#people.visits) {
      const contact = await get(`contacts/${this.#instanceId}/${visit.contactId}`);
      const { contactId, channel } = visit;
      const state = contact?.state === "COMPLETED" ? "DISCONNECTED" : contact?.state;
      if (state !== undefined) this.#people.react({ at, contactId, channel, initiationMethod: "INBOUND", state });
    }
  }

  async #keepPace(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { speed } = this.#pace;
      if (speed !== this.#paced.speed) {
        this.#paced = { speed, fromMs: this.#nowMs, sinceMs: this.#pace.monotonicMs() };
      }
      if (speed === undefined || this.#isRealTime) return;
      const { fromMs, sinceMs } = this.#paced;
      const aheadMs = (this.#nowMs - fromMs) / speed - (this.#pace.monotonicMs() - sinceMs);
      if (aheadMs <= 0 || signal.aborted) return;
      await this.#pace.sleep(Math.min(aheadMs, 100));
    }
  }
}

/** How soon somebody may react to what, in seconds: so long the server may go on without asking. */
function reactionSeconds(parameters: Parameters): Readonly<Record<string, number>> {
  const soonest = parameters["accept-floor"];
  const talk = parameters["talk-law"] === "exponential" ? soonest : Math.max(parameters["talk-floor"], soonest);
  const work = Math.min(2, soonest);
  return {
    QUEUED: soonest,
    CONNECTING: soonest,
    INCOMING: soonest,
    CONNECTED: talk,
    ENDED: work,
    MISSED: 3,
    REJECTED: 3,
    ERROR: 3,
  };
}
