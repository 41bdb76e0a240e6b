import type { AgentAtWork } from "./agent-at-work.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { HOLD_LINES, TRANSFER_LINES } from "./conversation-lines.ts";
import { type Line, linesOf } from "./conversations.ts";
import type { Stage } from "./stage.ts";
import type { Transfer, Visit, Visitors } from "./visits.ts";

/** How conversations go: what is said, holds, transfers, who ends them. All of it is planned when they begin. */

/** Between two turns, in seconds. */
const GAP_SECONDS = { min: 0.3, more: 0.9 };

/** Steps of a transfer, in seconds: dialling until the agent leaves; asking; three on the line; until nobody is waited for any more. */
const COLD_SECONDS = { min: 2, more: 6 };
const CONSULT_SECONDS = { min: 10, more: 30 };
const CONFERENCE_SECONDS = { min: 8, more: 20 };
const UNANSWERED_SECONDS = 60;

/** Part of a talk before it is transferred. */
const BEFORE_TRANSFER = { min: 0.4, more: 0.5 };

/** Numbers outside that agents transfer to: persons of the simulated carrier who stay for 1 and for 10 minutes. */
const OUTSIDE = ["+12065550100", "+12065550103"] as const;

/** A task is not paused again so shortly before the shift ends, in milliseconds. */
const LAST_PAUSE_MS = 1_800_000;

/** An agent and a customer have just been connected, or somebody works on a task or an e-mail. */
export function beginTalk(stage: Stage, people: Visitors, visit: Visit, agent: AgentAtWork, atMs: number): void {
  const number = ++visit.talk;
  const talk: Talk = {
    ...{ stage, people, visit, agent, atMs },
    chance: chanceOf(stage.seed, `talk ${number}`, visit.key),
    isStill: () => visit.talk === number && !visit.isOver,
  };
  visit.transfer = undefined;
  if (visit.channel === "VOICE") beginCall(talk);
  else if (visit.channel === "CHAT") beginChat(talk);
  else beginWork(talk);
}

interface Talk {
  readonly stage: Stage;
  readonly people: Visitors;
  readonly visit: Visit;
  readonly agent: AgentAtWork;
  readonly atMs: number;
  readonly chance: Chance;
  readonly isStill: () => boolean;
}

function beginCall(talk: Talk): void {
  const { stage, visit, agent, atMs, chance, isStill } = talk;
  const { parameters, statistics } = stage;
  const talkMs = talkMsOf(stage, visit.key, visit.talk);
  const isFirst = visit.talk === 1 && !visit.isForeign;
  const isTransferred = isFirst && chance.happens(parameters["transfer-share"]);
  const part = BEFORE_TRANSFER.min + chance.uniform() * BEFORE_TRANSFER.more;
  const lengthMs = Math.round(isTransferred ? talkMs * part : talkMs);
  const holds = holdsOf(talk, lengthMs);
  for (const { fromMs, untilMs } of holds) {
    const { contactId } = visit;
    agent.plan(fromMs, "hold", { contactId }, isStill);
    agent.plan(untilMs, "resume", { contactId }, isStill);
    statistics.count("holds");
  }
  const heldMs = holds.reduce((sum, hold) => sum + hold.untilMs - hold.fromMs, 0);
  const endMs = atMs + lengthMs + heldMs;
  if (chance.happens(parameters["spoken-share"])) speak(talk, { lengthMs, holds, isTransferred });
  if (isTransferred) beginTransfer(talk, endMs);
  else endCall(talk, endMs);
}

/** How long a caller and an agent talk, in milliseconds: the same for the same seed, caller and talk. */
export function talkMsOf(
  { seed, parameters }: Pick<Stage, "seed" | "parameters">,
  key: string,
  number: number,
): number {
  const chance = chanceOf(seed, `talk time ${number}`, key);
  const mean = parameters["talk-mean"];
  if (parameters["talk-law"] === "exponential") return Math.round(chance.exponential(mean) * 1_000);
  const seconds = Math.max(chance.lognormal(mean, parameters["talk-sigma"]), parameters["talk-floor"]);
  return Math.round(seconds * 1_000);
}

interface Hold {
  readonly fromMs: number;
  readonly untilMs: number;
}

function holdsOf({ stage, atMs, chance }: Talk, lengthMs: number): readonly Hold[] {
  const { parameters } = stage;
  if (!chance.happens(parameters["hold-share"])) return [];
  const count = 1 + chance.poisson(parameters["hold-more"]);
  const places = Array.from({ length: count }, () => 0.15 + chance.uniform() * 0.7).sort((a, b) => a - b);
  let heldMs = 0;
  return places.map((place, index) => {
    // A millisecond apart, so that no two begin at the same time.
    const fromMs = atMs + Math.round(place * lengthMs) + heldMs + index;
    const untilMs = fromMs + Math.round(chance.lognormal(parameters["hold-mean"], parameters["hold-sigma"]) * 1_000);
    heldMs += untilMs - fromMs;
    return { fromMs, untilMs };
  });
}

/** Sentences, one after the other, in what the call leaves of time without holds. */
function speak(
  { stage, visit, agent, atMs, chance, isStill }: Talk,
  call: { readonly lengthMs: number; readonly holds: readonly Hold[]; readonly isTransferred: boolean },
): void {
  const { parameters } = stage;
  const turnSeconds = parameters["turn-mean"] + GAP_SECONDS.min + GAP_SECONDS.more / 2;
  const fit = Math.floor(call.lengthMs / 1_000 / turnSeconds);
  const lines = [...linesOf(chance, visit.conversation, { agentName: agent.firstName, turns: fit, isChat: false })];
  const goodbyes: readonly Line[] = call.isTransferred
    ? [{ speaker: "AGENT", text: chance.pick(TRANSFER_LINES) }]
    : lines.slice(-3);
  const said = lines.length > fit ? [...lines.slice(0, Math.max(fit - goodbyes.length, 1)), ...goodbyes] : lines;
  const rests = [...call.holds];
  const { contactId } = visit;
  let saidMs = atMs + GAP_SECONDS.min * 1_000;
  for (const { speaker, text } of said) {
    const seconds = chance.lognormal(parameters["turn-mean"], parameters["turn-sigma"]);
    const hold = rests[0];
    if (hold && saidMs + seconds * 1_000 > hold.fromMs) {
      const ask = { speaker: "AGENT", text: chance.pick(HOLD_LINES), seconds: 2 };
      const beforeMs = Math.round(Math.max(Math.min(saidMs, hold.fromMs - 2_000), atMs));
      stage.plan({ atMs: beforeMs, isStill, act: { post: `contacts/${contactId}/say`, body: ask } });
      saidMs = hold.untilMs + 500;
      rests.shift();
    }
    const body = { speaker, text, seconds: Math.round(seconds * 10) / 10 };
    stage.plan({ atMs: Math.round(saidMs), isStill, act: { post: `contacts/${contactId}/say`, body } });
    saidMs += (seconds + GAP_SECONDS.min + chance.uniform() * GAP_SECONDS.more) * 1_000;
  }
}

/** The caller, the agent or the line ends it; whoever has no work after it takes the next one at once. */
function endCall({ stage, visit, agent, chance, isStill }: Talk, atMs: number): void {
  const { parameters } = stage;
  const { contactId } = visit;
  const draw = chance.uniform();
  if (draw < parameters["agent-ends-share"] || visit.isForeign) agent.plan(atMs, "hang-up", { contactId }, isStill);
  else {
    const body = { lineBroken: draw < parameters["agent-ends-share"] + parameters["line-breaks-share"] };
    stage.plan({ atMs, isStill, act: { post: `contacts/${contactId}/hang-up`, body } });
  }
  if (agent.workMs(contactId) === 0) agent.clears(contactId, atMs);
}

/** The agent dials a second leg, while the customer is on hold. */
function beginTransfer(talk: Talk, atMs: number): void {
  const { stage, people, visit, agent, chance, isStill } = talk;
  const { parameters, statistics, centre } = stage;
  const [cold, warm, external] = [
    parameters["transfer-cold"],
    parameters["transfer-warm"],
    parameters["transfer-external"],
  ];
  const draw = chance.uniform();
  const kind: Transfer["kind"] =
    draw < cold ? "cold" : draw < cold + warm ? "warm" : draw < cold + warm + external ? "external" : "consultation";
  const to =
    kind === "external" ? { number: chance.pick(OUTSIDE) } : { queueId: chance.pick(Object.values(centre.queueIds)) };
  const { contactId } = visit;
  const transfer: Transfer = { kind, agent, legId: undefined, isAnswered: false, other: undefined };
  const begins = () => {
    // Before it is asked for: the leg may be answered in the same breath.
    const isHere = isStill();
    if (isHere) visit.transfer = transfer;
    return isHere;
  };
  agent.plan(
    atMs,
    "transfer",
    { contactId, to },
    begins,
    ({ contactId: legId }) => {
      transfer.legId = String(legId);
      people.follow(visit, transfer.legId);
      visit.dialled.set(transfer.legId, agent);
      statistics.count(`transfers: ${kind}`);
      if (kind === "cold") leaveSoon(talk, transfer, atMs + secondsMs(chance, COLD_SECONDS));
      else giveUpLater(talk, transfer, atMs + UNANSWERED_SECONDS * 1_000);
      // Refused, it leaves the two where they are: they end the call.
    },
    () => endCall(talk, atMs + 1_000),
  );
}

/** The customer is left to the second leg, on which somebody answers, or has answered. */
function leaveSoon(talk: Talk, transfer: Transfer, atMs: number): void {
  const { stage, people, visit, agent, isStill } = talk;
  const { contactId } = visit;
  agent.plan(
    atMs,
    "leave",
    { contactId },
    () => isStill() && visit.transfer === transfer,
    () => {
      if (transfer.kind === "external") return;
      const { legId, other } = transfer;
      if (legId === undefined) return;
      visit.contactId = legId;
      if (other) beginTalk(stage, people, visit, other, atMs);
      else {
        visit.talk++;
        people.waits(visit, atMs);
      }
      // The second leg is gone: back to the customer.
    },
    () => {
      agent.plan(atMs + 500, "resume", { contactId }, isStill);
      endCall(talk, atMs + 20_000);
    },
  );
}

/** Nobody answers: back to the customer, and on with the talk. */
function giveUpLater(talk: Talk, transfer: Transfer, atMs: number): void {
  const { visit, agent, isStill } = talk;
  const { contactId } = visit;
  const isUnanswered = () => isStill() && visit.transfer === transfer && !transfer.isAnswered;
  agent.plan(atMs, "hang-up", { contactId: transfer.legId }, isUnanswered);
  agent.plan(atMs + 500, "resume", { contactId }, isUnanswered);
  endCall({ ...talk, isStill: isUnanswered }, atMs + 20_000);
}

/** Somebody has answered on the second leg of a transfer. */
export function onLegAnswered(stage: Stage, people: Visitors, visit: Visit, atMs: number): void {
  const { transfer } = visit;
  if (!transfer || transfer.kind === "cold") return;
  const number = visit.talk;
  const { agent } = transfer;
  transfer.isAnswered = true;
  const chance = chanceOf(stage.seed, `transfer ${number}`, visit.key);
  const talk: Talk = {
    ...{ stage, people, visit, agent, atMs, chance },
    isStill: () => visit.talk === number && !visit.isOver,
  };
  const isStill = () => talk.isStill() && visit.transfer === transfer;
  const askedMs = atMs + secondsMs(chance, CONSULT_SECONDS);
  const { contactId } = visit;
  if (transfer.kind === "consultation") {
    agent.plan(askedMs, "hang-up", { contactId: transfer.legId }, isStill);
    agent.plan(askedMs + 500, "resume", { contactId }, isStill);
    endCall({ ...talk, isStill }, askedMs + 30_000 + secondsMs(chance, CONFERENCE_SECONDS));
    return;
  }
  if (transfer.kind === "warm") agent.plan(askedMs, "join", { contactId }, isStill);
  leaveSoon(talk, transfer, askedMs + secondsMs(chance, CONFERENCE_SECONDS));
}

/** The second leg is over before the customer was on it. What is to come then has been planned already. */
export function onLegGone(visit: Visit): void {
  if (visit.transfer && visit.transfer.kind !== "external") visit.transfer.legId = undefined;
}

/** Messages to and fro. */
function beginChat(talk: Talk): void {
  const { stage, visit, agent, atMs, chance, isStill } = talk;
  const { parameters } = stage;
  const { contactId } = visit;
  const isSpoken = chance.happens(parameters["spoken-share"]);
  const say = ({ speaker, text }: Line, saidMs: number) => {
    if (isSpoken)
      stage.plan({ atMs: saidMs, isStill, act: { post: `contacts/${contactId}/say`, body: { speaker, text } } });
  };
  const count = chance.geometric(parameters["chat-messages"]);
  const lines = linesOf(chance, visit.conversation, { agentName: agent.firstName, turns: count, isChat: true });
  const gapMs = (speaker: Line["speaker"]) => {
    const mean = parameters[speaker === "AGENT" ? "chat-gap-agent" : "chat-gap-customer"];
    return Math.round(chance.lognormal(mean, parameters["chat-gap-sigma"]) * 1_000);
  };
  let saidMs = atMs + Math.round(gapMs("AGENT") / 3);
  if (visit.isGone || visit.isForeign) {
    if (lines[0]) say(lines[0], saidMs);
    agent.plan(atMs + parameters["chat-idle-timeout"] * 1_000, "hang-up", { contactId }, isStill);
    return;
  }
  const said = lines.length > count ? [...lines.slice(0, Math.max(count - 2, 1)), ...lines.slice(-2)] : lines;
  for (const line of said) {
    say(line, saidMs);
    saidMs += gapMs(line.speaker === "AGENT" ? "CUSTOMER" : "AGENT");
  }
  if (chance.happens(parameters["agent-ends-share"])) agent.plan(saidMs, "hang-up", { contactId }, isStill);
  else stage.plan({ atMs: saidMs, isStill, act: { post: `contacts/${contactId}/hang-up` } });
}

/** A task or an e-mail: work, perhaps with a pause, and done. */
function beginWork(talk: Talk): void {
  const { stage, visit, agent, atMs, chance, isStill } = talk;
  const { parameters, centre, statistics } = stage;
  const { contactId } = visit;
  const isTask = visit.channel === "TASK";
  const [mean, sigma] = isTask
    ? [parameters["task-mean"], parameters["task-sigma"]]
    : [parameters["email-mean"], parameters["email-sigma"]];
  const workMs = Math.round(chance.lognormal(mean, sigma) * 1_000);
  let pausedMs = 0;
  const pauseAtMs = atMs + Math.round(workMs * chance.uniform());
  if (isTask && chance.happens(parameters["task-paused-share"])) {
    const wantedMs = Math.round(chance.exponential(parameters["task-pause-mean"]) * 1_000);
    pausedMs = Math.max(Math.min(wantedMs, agent.shiftEndsMs - LAST_PAUSE_MS - pauseAtMs), 0);
  }
  if (pausedMs > 1_000) {
    statistics.count("tasks that were paused");
    for (const [operation, whenMs] of [
      ["pause", pauseAtMs],
      ["resume", pauseAtMs + pausedMs],
    ] as const) {
      const body = { ContactId: contactId, InstanceId: centre.instanceId };
      stage.plan({
        atMs: whenMs,
        isStill,
        request: { service: "connect", method: "POST", path: `/contact/${operation}`, body },
      });
    }
  } else pausedMs = 0;
  const endMs = atMs + workMs + pausedMs;
  agent.plan(endMs, "hang-up", { contactId }, isStill);
  agent.clears(contactId, endMs);
}

function secondsMs(chance: Chance, { min, more }: { readonly min: number; readonly more: number }): number {
  return Math.round((min + chance.uniform() * more) * 1_000);
}
