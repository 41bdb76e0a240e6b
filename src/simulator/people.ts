import { derivedUuid } from "../time/ids.ts";
import { AgentAtWork, type AgentView } from "./agent-at-work.ts";
import type { Arrival } from "./arrivals.ts";
import { chanceOf } from "./chance.ts";
import { conversationOf, subjectOf } from "./conversations.ts";
import { type Agent, topicOf, type WorkingDay, workingDays } from "./roster.ts";
import { MENU } from "./set-up.ts";
import type { Happening, Stage } from "./stage.ts";
import { beginTalk, onLegAnswered, onLegGone } from "./talks.ts";
import type { Visit, Visitors } from "./visits.ts";

/** Somebody who has given up may call again, and again, but not for ever. */
const CALLS_AGAIN_MAX = 3;

/** Customers balk within so many milliseconds. */
const BALK_MS = 2_000;

/** Numbers of the simulated carrier (`docs/carrier.md`): a person who stays for an hour, one who is busy, one who is not there. */
const ANSWERS = "+12065550104";
const DOES_NOT = ["+12065550110", "+12065550115"];
const CALLBACK_ATTEMPTS = 2;
const CALLBACK_RETRY_SECONDS = 600;

/** Everybody in a play, and how they react to what happens. */
export class People implements Visitors {
  readonly #stage: Stage;
  readonly #agents = new Map<string, AgentAtWork>();
  /** By each contact that a visit has or had, as long as it is not over. */
  #adopted = 0;
  readonly #visits = new Map<string, Visit>();

  constructor(stage: Stage, agents: readonly Agent[]) {
    this.#stage = stage;
    for (const [index, agent] of agents.entries()) {
      const userId = stage.centre.userIds[index];
      if (userId === undefined) throw new Error(`There is no user for ${agent.username}`);
      const atWork = new AgentAtWork(stage, agent, userId);
      this.#agents.set(userId, atWork);
      const { seed, parameters, beginMs, endMs, offsetMs } = stage;
      for (const day of workingDays(seed, parameters, agent, beginMs + offsetMs, endMs + offsetMs)) {
        atWork.planDay(shifted(day, -offsetMs));
      }
    }
  }

  get live(): { readonly contacts: number; readonly agents: number } {
    const agents = [...this.#agents.values()].filter(({ isSignedIn }) => isSignedIn);
    return { contacts: new Set(this.#visits.values()).size, agents: agents.length };
  }

  get agents(): readonly AgentAtWork[] {
    return [...this.#agents.values()];
  }

  get visits(): readonly Visit[] {
    return [...new Set(this.#visits.values())];
  }

  /** Somebody is to come, for the first time or (`from`) again. */
  arrives({ key, atMs, channel }: Arrival, from?: Visit): void {
    const { seed, parameters, centre, statistics, beginMs } = this.#stage;
    const chance = chanceOf(seed, "visit", key);
    const topic = from?.topic ?? topicOf(chance.uniform(), parameters);
    const queueId = centre.queueIds[topic];
    const contactId = derivedUuid(seed, centre.instanceId, String(beginMs), key);
    const conversation = from?.conversation ?? conversationOf(seed, key, topic);
    const visit: Visit = {
      key,
      channel,
      topic,
      number: from?.number ?? numberOf(chance.below(1_000)),
      conversation,
      arrivedMs: atMs,
      callsBefore: from === undefined ? 0 : from.callsBefore + 1,
      contactId,
      contactIds: [contactId],
      isOver: false,
      isGone: false,
      isHandled: false,
      talk: 0,
      waits: 0,
      queuedMs: undefined,
      transfer: undefined,
      dialled: new Map(),
      isCalledBack: false,
    };
    const isCall = channel === "VOICE";
    const flowId = isCall ? centre.callFlowId : centre.directFlowId;
    this.#stage.plan({
      atMs,
      act: {
        post: "contacts",
        body: {
          contactId,
          channel,
          contactFlowId: flowId,
          queueId,
          attributes: { topic, queue: queueId, mood: conversation.mood },
          ...(isCall && { from: visit.number, to: SERVICE_NUMBER }),
          ...(channel === "EMAIL" && { from: conversation.details.email, to: SERVICE_MAILBOX }),
          ...(channel === "EMAIL" && { subject: subjectOf(conversation) }),
          ...(channel === "TASK" && { name: subjectOf(conversation) }),
        },
      },
      onDone: ({ status }) => {
        if (status === 400) throw new Error(`A contact could not arrive: ${status}`);
        statistics.arrived(atMs, channel);
        if (visit.callsBefore > 0) statistics.count("callers who called again");
      },
    });
    this.#visits.set(contactId, visit);
    if (isCall)
      this.#goThroughFlow(
        visit,
        chanceOf(seed, "flow", key).lognormal(parameters["flow-mean"], parameters["flow-sigma"]),
      );
  }

  /** Callers listen, and press a digit; some have heard enough then. Nothing of it is done where the flow was over at once. */
  #goThroughFlow(visit: Visit, seconds: number): void {
    const { seed, parameters } = this.#stage;
    const chance = chanceOf(seed, "menu", visit.key);
    const isStill = () => !visit.isOver && visit.queuedMs === undefined;
    const atMs = visit.arrivedMs + Math.round(seconds * 1_000);
    const { contactId } = visit;
    if (chance.happens(parameters["flow-end-share"])) {
      this.#stage.plan({ atMs, act: { post: `contacts/${contactId}/hang-up`, body: { whileWaiting: true } }, isStill });
    } else {
      const input = { text: MENU[visit.topic] };
      this.#stage.plan({ atMs, act: { post: `contacts/${contactId}/input`, body: input }, isStill });
    }
  }

  /** A visit goes on with another contact. */
  follow(visit: Visit, contactId: string): void {
    visit.contactIds.push(contactId);
    this.#visits.set(contactId, visit);
  }

  /** Everybody reacts to what has happened. */
  react(happening: Happening): void {
    const { contactId, userId, state } = happening;
    const atMs = Date.parse(happening.at);
    const isNews = state === "INITIATED" || state === "CONNECTING" || state === "INCOMING" || state === "CONNECTED";
    const visit = this.#visits.get(contactId) ?? (isNews ? this.#adopt(happening) : undefined);
    if (userId === undefined) {
      if (visit === undefined) return;
      if (state === "QUEUED") this.#queued(visit, contactId, atMs);
      else if (state === "CONNECTED_TO_AGENT") this.#connected(visit, contactId, atMs);
      else if (state === "DISCONNECTED") this.#disconnected(visit, contactId, atMs);
      return;
    }
    const agent = this.#agents.get(userId);
    if (!agent) return;
    const before = agent.has(contactId, state, atMs);
    if (state === "CONNECTING" || state === "INCOMING") {
      if (before === undefined && visit?.dialled.get(contactId) !== agent) agent.offered(happening, atMs);
    } else if (state === "ENDED") agent.works(contactId, atMs);
    else if (["MISSED", "REJECTED", "ERROR"].includes(state)) agent.seesFailure(contactId, atMs);
    else if (state === "CONNECTED" && visit && before !== "CONNECTED_ONHOLD" && before !== "PAUSED") {
      this.#talks(visit, agent, contactId, atMs);
    }
  }

  /** A contact that others made, or the server did: agents handle it, and its customer does nothing. */
  #adopt({ at, contactId, channel }: Happening): Visit {
    const { seed, parameters } = this.#stage;
    // By number: ids are the server's, and others on each.
    const key = `adopted ${this.#adopted++}`;
    const topic = topicOf(chanceOf(seed, "topic", key).uniform(), parameters);
    const visit: Visit = {
      key,
      channel,
      topic,
      number: ANSWERS,
      conversation: conversationOf(seed, key, topic),
      arrivedMs: Date.parse(at),
      callsBefore: CALLS_AGAIN_MAX,
      contactId,
      contactIds: [contactId],
      isOver: false,
      isGone: false,
      isHandled: false,
      isForeign: true,
      talk: 0,
      waits: 0,
      queuedMs: undefined,
      transfer: undefined,
      dialled: new Map(),
      isCalledBack: false,
    };
    this.#visits.set(contactId, visit);
    return visit;
  }

  #queued(visit: Visit, contactId: string, atMs: number): void {
    const isLeg = visit.transfer?.legId === contactId;
    if (contactId !== visit.contactId || isLeg || visit.isCalledBack || visit.waits > 0) return;
    this.#stage.statistics.queued(visit.arrivedMs);
    this.waits(visit, atMs);
  }

  /** A customer begins to wait, for the first time or in a transfer: how long, and what they do then. */
  waits(visit: Visit, atMs: number): void {
    const { seed, parameters, statistics } = this.#stage;
    visit.queuedMs = atMs;
    const wait = ++visit.waits;
    const { contactId } = visit;
    const isStill = () =>
      visit.waits === wait && !visit.isOver && visit.contactId === contactId && visit.queuedMs !== undefined;
    if (visit.isForeign || visit.channel === "TASK" || visit.channel === "EMAIL") return;

    const chance = chanceOf(seed, "patience", `${visit.key} ${wait}`);
    if (visit.channel === "CHAT") {
      const patienceMs = Math.round(chance.exponential(parameters["chat-patience"]) * 1_000);
      if (chance.happens(parameters["chat-silent-share"])) {
        const onDone = () => {
          visit.isGone = true;
          statistics.count("chats whose customer left without a sign");
        };
        this.#stage.plan({ atMs: atMs + patienceMs, isStill, onDone });
      } else this.#hangUp(visit, atMs + patienceMs, isStill);
      return;
    }
    const patienceMs = patienceOf(this.#stage, visit.key, wait);
    this.#hangUp(visit, atMs + patienceMs, isStill);
    const offeredMs = parameters["callback-after"] * 1_000;
    if (wait === 1 && patienceMs > offeredMs && chance.happens(parameters["callback-share"])) {
      this.#stage.plan({
        atMs: atMs + offeredMs,
        isStill,
        act: {
          post: `contacts/${contactId}/callback`,
          body: {
            number: chance.happens(parameters["callback-answered"]) ? ANSWERS : chance.pick(DOES_NOT),
            attempts: CALLBACK_ATTEMPTS,
            retryDelaySeconds: CALLBACK_RETRY_SECONDS,
          },
        },
        onDone: ({ status, body }) => {
          if (status !== 200) return;
          visit.isCalledBack = true;
          visit.contactId = String(body.contactId);
          this.follow(visit, visit.contactId);
          statistics.count("callbacks");
        },
      });
    }
  }

  #hangUp(visit: Visit, atMs: number, isStill: () => boolean): void {
    const body = { whileWaiting: true };
    this.#stage.plan({ atMs, isStill, act: { post: `contacts/${visit.contactId}/hang-up`, body } });
  }

  #connected(visit: Visit, contactId: string, atMs: number): void {
    if (contactId !== visit.contactId || visit.queuedMs === undefined) return;
    if (!visit.isHandled && !visit.isCalledBack) {
      this.#stage.statistics.answered(visit.arrivedMs, atMs - visit.queuedMs);
    }
    visit.isHandled = true;
    visit.queuedMs = undefined;
  }

  #talks(visit: Visit, agent: AgentAtWork, contactId: string, atMs: number): void {
    const { transfer } = visit;
    if (visit.dialled.get(contactId) === agent) {
      if (transfer?.legId === contactId) onLegAnswered(this.#stage, this, visit, atMs);
    } else if (visit.contactId === contactId) beginTalk(this.#stage, this, visit, agent, atMs);
    // Whoever answers on a leg waits until the customer comes.
    else if (transfer?.legId === contactId) transfer.other = agent;
  }

  #disconnected(visit: Visit, contactId: string, atMs: number): void {
    if (contactId !== visit.contactId) {
      if (visit.transfer?.legId === contactId) onLegGone(visit);
      return;
    }
    const { seed, parameters, statistics, endMs } = this.#stage;
    visit.isOver = true;
    if (!visit.isHandled && !visit.isCalledBack) {
      if (visit.queuedMs === undefined) statistics.count("calls that ended in the flow");
      else statistics.abandoned(visit.arrivedMs, atMs - visit.queuedMs);
    }
    const wasWaiting = visit.queuedMs !== undefined && !visit.isHandled;
    for (const id of visit.contactIds) this.#visits.delete(id);
    if (visit.channel !== "VOICE" || visit.callsBefore >= CALLS_AGAIN_MAX || (!wasWaiting && !visit.isHandled)) return;
    const [share, mean] = wasWaiting
      ? [parameters["redial-share"], parameters["redial-mean"]]
      : [parameters["repeat-share"], parameters["repeat-mean"]];
    const chance = chanceOf(seed, "again", visit.key);
    if (!chance.happens(share)) return;
    const againMs = atMs + 5_000 + Math.round(chance.exponential(mean) * 1_000);
    if (againMs < endMs) this.arrives({ key: `${visit.key}+`, atMs: againMs, channel: visit.channel }, visit);
  }

  /** What is true of an agent, where happenings were missed: as the server shows them. */
  *differencesOf(agent: AgentAtWork, view: AgentView | null, at: string): Generator<Happening> {
    const held = new Map((view?.contacts ?? []).map((contact) => [contact.id, contact]));
    for (const { id: contactId, channel, initiationMethod, state, initialContactId } of held.values()) {
      const visit = this.#visits.get(initialContactId ?? contactId);
      const { transfer } = visit ?? {};
      if (visit && transfer?.agent === agent && transfer.legId === undefined && contactId !== visit.contactId) {
        transfer.legId = contactId;
        this.follow(visit, contactId);
        visit.dialled.set(contactId, agent);
      }
      if (agent.stateOf(contactId) !== state) {
        yield { at, contactId, channel, initiationMethod, state, userId: agent.userId };
      }
    }
    for (const contactId of agent.contactIds) {
      if (held.has(contactId)) continue;
      yield { at, contactId, channel: "VOICE", initiationMethod: "INBOUND", state: "CLEARED", userId: agent.userId };
    }
  }
}

/** How long a caller waits, in milliseconds: the same for the same seed, caller and wait. */
export function patienceOf(
  { seed, parameters }: Pick<Stage, "seed" | "parameters">,
  key: string,
  wait: number,
): number {
  const chance = chanceOf(seed, "patience of callers", `${key} ${wait}`);
  if (chance.happens(parameters["balk-share"])) return Math.round(chance.uniform() * BALK_MS);
  return Math.round(chance.weibull(parameters["patience-scale"], parameters["patience-shape"]) * 1_000);
}

function shifted({ signInMs, signOutMs, pauses }: WorkingDay, byMs: number): WorkingDay {
  return {
    signInMs: signInMs + byMs,
    signOutMs: signOutMs + byMs,
    pauses: pauses.map((pause) => ({ ...pause, atMs: pause.atMs + byMs })),
  };
}

const SERVICE_NUMBER = "+442079460100";
const SERVICE_MAILBOX = "help@northwind.example.com";

/** Of the numbers that Ofcom has set aside for drama. */
function numberOf(draw: number): string {
  return `+447700900${String(draw).padStart(3, "0")}`;
}
