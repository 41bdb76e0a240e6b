import { type Chance, chanceOf } from "./chance.ts";
import type { Agent, WorkingDay } from "./roster.ts";
import type { Happening, Stage } from "./stage.ts";

/** An agent as the server shows them. */
export interface AgentView {
  readonly isSignedIn: boolean;
  readonly status: { readonly name: string };
  readonly contacts: readonly {
    readonly id: string;
    readonly channel: Happening["channel"];
    readonly initiationMethod: string;
    readonly initialContactId?: string;
    readonly state: string;
  }[];
}

/** Agents are ready for contacts so long after they have signed in, in seconds. */
const READY_SECONDS = { min: 5, more: 35 };

/** They look at an offer that failed for so long before they clear it, in seconds. */
const FAILURE_SECONDS = { min: 3, more: 9 };

/** An agent in a play: their day, and what they do with what is offered to them. */
export class AgentAtWork {
  readonly agent: Agent;
  readonly userId: string;
  isSignedIn = false;
  readonly #stage: Stage;
  /** Which of their contacts, in order, have after-contact work. */
  readonly #works = new Map<string, number>();
  #worked = 0;
  readonly #chance: Chance;
  /** The state of each contact that they have. */
  readonly #contacts = new Map<string, string>();
  #shiftEndsMs = 0;
  /** Available, on a break, or on their way home. */
  #status: "Available" | "away" | "leaving" = "away";
  /** A break, in milliseconds, that begins when the last contact is cleared. */
  #breakMs: number | undefined;
  /** Counts the breaks; the return from an earlier one is void. */
  #breaks = 0;
  #since: { readonly atMs: number; readonly mode: "busyMs" | "freeMs" | undefined } = { atMs: 0, mode: undefined };

  constructor(stage: Stage, agent: Agent, userId: string) {
    this.#stage = stage;
    this.agent = agent;
    this.userId = userId;
    this.#chance = chanceOf(stage.seed, "at work", agent.username);
  }

  get firstName(): string {
    return this.agent.firstName;
  }

  get shiftEndsMs(): number {
    return this.#shiftEndsMs;
  }

  get contactIds(): readonly string[] {
    return [...this.#contacts.keys()];
  }

  stateOf(contactId: string): string | undefined {
    return this.#contacts.get(contactId);
  }

  /** Signs in, is there, has breaks, and goes. A play that begins in the middle of a shift finds them coming. */
  planDay(day: WorkingDay): void {
    const { beginMs, centre } = this.#stage;
    const signInMs = Math.max(day.signInMs, beginMs);
    const chance = chanceOf(this.#stage.seed, `ready ${signInMs}`, this.agent.username);
    const readySeconds = READY_SECONDS.min + chance.uniform() * READY_SECONDS.more;
    const readyMs = day.signInMs >= beginMs ? signInMs + Math.round(readySeconds * 1_000) : signInMs;
    const isIn = () => {
      this.isSignedIn = true;
      this.#shiftEndsMs = day.signOutMs;
      this.#status = "away";
    };
    // Refused: they are there already, since an earlier answer was lost.
    this.plan(signInMs, "sign-in", {}, () => !this.isSignedIn, isIn, isIn);
    this.#return(readyMs, () => true);
    for (const { atMs, seconds, status } of day.pauses) {
      if (atMs <= readyMs) continue;
      const isStill = () => this.isSignedIn && this.#status === "Available" && this.#breakMs === undefined;
      this.#choose(atMs, centre.statusIds[status], isStill, (isFree) => this.#goAway(atMs, seconds * 1_000, isFree));
    }
    const isStill = () => this.isSignedIn && this.#status !== "leaving";
    this.#choose(day.signOutMs, centre.statusIds.Offline, isStill, (isFree) => {
      this.#count(day.signOutMs);
      this.#status = "leaving";
      if (isFree) this.#leave(day.signOutMs);
    });
  }

  /** A contact has another state with them now; answers with the one before. */
  has(contactId: string, state: string, atMs: number): string | undefined {
    const before = this.#contacts.get(contactId);
    this.#count(atMs);
    if (state === "CLEARED") {
      this.#contacts.delete(contactId);
      this.#works.delete(contactId);
    } else this.#contacts.set(contactId, state);
    this.#count(atMs);
    if (this.#contacts.size === 0) this.#isFree(atMs);
    return before;
  }

  /** They accept, decline, or do not see it. */
  offered({ contactId }: Happening, atMs: number): void {
    const { parameters, statistics } = this.#stage;
    if (this.agent.autoAccepts) return;
    const draw = this.#chance.uniform();
    const seconds = this.#chance.lognormal(parameters["accept-mean"], parameters["accept-sigma"]);
    const whenMs = atMs + Math.round(Math.max(seconds, parameters["accept-floor"]) * 1_000);
    const isStill = () => ["CONNECTING", "INCOMING"].includes(this.#contacts.get(contactId) ?? "");
    if (draw < parameters["missed-share"]) statistics.count("offers that agents missed");
    else if (draw < parameters["missed-share"] + parameters["rejected-share"]) {
      statistics.count("offers that agents rejected");
      this.plan(whenMs, "reject", { contactId }, isStill);
    } else this.plan(whenMs, "accept", { contactId }, isStill);
  }

  /** After-contact work, and then the next one. Who has none has planned so with the end of the talk. */
  works(contactId: string, atMs: number): void {
    this.clears(contactId, atMs + this.workMs(contactId));
  }

  /** How long they work after a contact, in milliseconds: the same, whenever it is asked for. */
  workMs(contactId: string): number {
    const { seed, parameters } = this.#stage;
    // By number: ids are the server's, and others on each.
    const number = this.#works.get(contactId) ?? this.#worked++;
    this.#works.set(contactId, number);
    const chance = chanceOf(seed, `work ${number}`, this.agent.username);
    if (chance.happens(parameters["work-none-share"])) return 0;
    return Math.round(chance.lognormal(parameters["work-mean"], parameters["work-sigma"]) * 1_000);
  }

  seesFailure(contactId: string, atMs: number): void {
    const seconds = FAILURE_SECONDS.min + this.#chance.uniform() * FAILURE_SECONDS.more;
    this.clears(contactId, atMs + Math.round(seconds * 1_000));
  }

  clears(contactId: string, atMs: number): void {
    this.plan(atMs, "clear", { contactId }, () => this.#contacts.has(contactId));
  }

  /** One of their acts (`docs/contact-control.md`). */
  plan(
    atMs: number,
    act: string,
    body: object,
    isStill: () => boolean,
    then: (body: Readonly<Record<string, unknown>>) => void = () => {},
    refused: () => void = () => {},
  ): void {
    this.#stage.plan({
      atMs,
      isStill,
      act: { post: `agents/${this.userId}/${act}`, body },
      onDone: ({ status, body: answer }) => {
        if (status === 200) then(answer);
        else refused();
      },
    });
  }

  /** Time until now was spent in the mode before; from now on in the present one. */
  #count(atMs: number): void {
    const { mode, atMs: sinceMs } = this.#since;
    if (mode !== undefined) this.#stage.statistics.worked(mode, sinceMs, atMs);
    const isFree = this.isSignedIn && this.#status === "Available" && this.#breakMs === undefined;
    this.#since = { atMs, mode: this.#contacts.size > 0 ? "busyMs" : isFree ? "freeMs" : undefined };
  }

  /** `then` hears whether the status is theirs at once: who has contacts takes it with the last of them. */
  #choose(
    atMs: number,
    agentStatusId: string | undefined,
    isStill: () => boolean,
    then: (isFree: boolean) => void,
  ): void {
    this.plan(atMs, "status", { agentStatusId }, isStill, ({ agent }) =>
      then((agent as AgentView).contacts.length === 0),
    );
  }

  #goAway(atMs: number, breakMs: number, isFree: boolean): void {
    this.#count(atMs);
    this.#breakMs = breakMs;
    if (isFree) this.#isFree(atMs);
    this.#count(atMs);
  }

  /** Nothing is left to do: a break begins, or they go home. */
  #isFree(atMs: number): void {
    if (this.#status === "leaving") this.#leave(atMs);
    else if (this.#breakMs !== undefined && this.#status === "Available") {
      this.#status = "away";
      this.#comeBack(atMs + this.#breakMs);
      this.#breakMs = undefined;
    }
  }

  #comeBack(atMs: number): void {
    const number = ++this.#breaks;
    this.#return(atMs, () => this.isSignedIn && this.#status === "away" && this.#breaks === number);
  }

  #return(atMs: number, isStill: () => boolean): void {
    this.#choose(atMs, this.#stage.centre.statusIds.Available, isStill, () => {
      this.#count(atMs);
      this.#status = "Available";
      this.#count(atMs);
    });
  }

  #leave(atMs: number): void {
    const isStill = () => this.isSignedIn && this.#contacts.size === 0;
    const isOut = () => {
      this.isSignedIn = false;
    };
    this.plan(atMs, "sign-out", {}, isStill, isOut, isOut);
  }
}
