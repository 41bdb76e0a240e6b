import { type Chance, chanceOf } from "./chance.ts";
import {
  AGENT_CLOSINGS,
  AGENT_GREETINGS,
  AGENT_SOOTHES,
  CHAT_GREETINGS,
  CUSTOMER_CLOSINGS,
  CUSTOMER_FEELS,
  CUSTOMER_OPENINGS,
  IDENTIFICATION,
  type Mood,
  PROBLEMS,
  type Problem,
  SMALL_TALK,
} from "./conversation-lines.ts";
import type { Topic } from "./roster.ts";

/** Something that is said. */
export interface Line {
  readonly speaker: "CUSTOMER" | "AGENT";
  readonly text: string;
}

/** What a conversation is about, and with whom. */
export interface Conversation {
  readonly topic: Topic;
  readonly mood: Mood;
  readonly problem: Problem;
  readonly isSettled: boolean;
  /** What stands for `{name}` and its like. */
  readonly details: Readonly<Record<string, string>>;
}

/** Moods by how often callers have them. */
const MOODS: readonly Mood[] = [
  "calm",
  "calm",
  "calm",
  "calm",
  "friendly",
  "friendly",
  "worried",
  "worried",
  "confused",
  "angry",
  "angry",
];

/** Who calls, why, and how they feel about it. The same for the same seed and contact. */
export function conversationOf(seed: string, key: string, topic: Topic): Conversation {
  const chance = chanceOf(seed, "conversation", key);
  return {
    topic,
    mood: chance.pick(MOODS),
    problem: chance.pick(PROBLEMS[topic]),
    isSettled: chance.happens(0.72),
    details: details(chance),
  };
}

/**
 * At least `turns` lines, the last of them goodbyes: an opening, who it is, the matter, what follows from it, the end. How the
 * customer feels changes on the way: sentiment is a Markov chain that mostly stays as it is.
 */
export function linesOf(
  chance: Chance,
  conversation: Conversation,
  { agentName, turns, isChat }: { readonly agentName: string; readonly turns: number; readonly isChat: boolean },
): readonly Line[] {
  const { problem, details, isSettled } = conversation;
  const lines: Line[] = [];
  const say = (speaker: Line["speaker"], text: string) =>
    lines.push({ speaker, text: filled(text, { ...details, agent: agentName }) });
  const both = (agent: string, customer: string) => {
    say("AGENT", agent);
    say("CUSTOMER", customer);
  };
  let { mood } = conversation;

  both(chance.pick(isChat ? CHAT_GREETINGS : AGENT_GREETINGS), chance.pick(CUSTOMER_OPENINGS[mood]));
  both(chance.pick(AGENT_SOOTHES[mood]), chance.pick(problem.said));
  for (const [question, answer] of some(chance, IDENTIFICATION, 1 + chance.below(3))) both(question, answer);
  const endings = 5;
  let number = 0;
  while (lines.length < turns - endings) {
    const kind = chance.uniform();
    const turn = number++;
    if (kind < 0.3) both(chance.pick(problem.questions), chance.pick(problem.answers));
    else if (kind < 0.55) both(chance.pick(AGENT_SOOTHES[mood]), chance.pick(problem.details));
    else if (kind < 0.8) both(chance.pick(problem.questions), chance.pick(CUSTOMER_FEELS[mood]));
    else if (kind < 0.9 && mood !== "angry") {
      const [customer, agent] = chance.pick(SMALL_TALK);
      both(chance.pick(AGENT_SOOTHES[mood]), customer);
      both(agent, chance.pick(CUSTOMER_FEELS[mood]));
    } else both(chance.pick(problem.setbacks), chance.pick(CUSTOMER_FEELS[mood === "friendly" ? "calm" : mood]));
    if (turn > 0) mood = nextMood(chance, mood, isSettled);
  }
  both(chance.pick(isSettled ? problem.solutions : problem.setbacks), chance.pick(CUSTOMER_FEELS[mood]));
  both(AGENT_CLOSINGS[0], chance.pick(CUSTOMER_CLOSINGS[mood]));
  say("AGENT", chance.pick(AGENT_CLOSINGS.slice(1)));
  return lines;
}

/** What is written in an e-mail or a task: its subject. */
export function subjectOf({ problem, details }: Conversation): string {
  return `${problem.title} (${details.order})`;
}

/** Mostly as before; who is helped calms down, who is not may lose their temper. */
function nextMood(chance: Chance, mood: Mood, isSettled: boolean): Mood {
  if (chance.happens(0.8)) return mood;
  if (isSettled) return chance.happens(0.6) ? "calm" : "friendly";
  return chance.happens(0.5) ? "angry" : "worried";
}

function filled(text: string, details: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => details[name] ?? whole);
}

function some<T>(chance: Chance, from: readonly T[], count: number): readonly T[] {
  const rest = [...from];
  return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(chance.below(rest.length), 1)[0] as T);
}

/** Numbers of Ofcom's and the North American plan's fiction ranges, and of card networks' test cards. */
const PHONES = ["07700 900", "+1 206 555 01", "020 7946 0"] as const;
const CARDS = ["4111 1111 1111 1111", "5555 5555 5555 4444", "4242 4242 4242 4242", "3782 822463 10005"] as const;
const NAMES = [
  "Emma Thompson",
  "Luca Bianchi",
  "Sofia Marques",
  "Oliver Grant",
  "Fatima Rahman",
  "Jan Kowalski",
  "Mei Tanaka",
  "David Osei",
  "Hannah Schneider",
  "Carlos Vega",
  "Aoife Byrne",
  "Noah Williams",
] as const;
const STREETS = [
  "Mill Lane",
  "Station Road",
  "Chestnut Avenue",
  "Harbour Street",
  "Kings Road",
  "Orchard Close",
] as const;
const TOWNS = ["Brighton BN1 4GH", "Leeds LS6 2AB", "Bristol BS8 1TH", "York YO24 1AB", "Exeter EX4 3SR"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

function details(chance: Chance): Record<string, string> {
  const digits = (count: number) => Array.from({ length: count }, () => chance.below(10)).join("");
  const name = chance.pick(NAMES);
  const card = chance.pick(CARDS);
  const prefix = chance.pick(PHONES);
  const phone = `${prefix}${digits(prefix.startsWith("+1") ? 2 : 3)}`;
  const month = chance.pick(MONTHS);
  return {
    name,
    email: `${name.toLowerCase().replace(" ", ".")}@example.com`,
    phone,
    phoneEnd: phone.slice(-2),
    card,
    cardEnd: card.slice(-4),
    expiry: `${String(1 + chance.below(12)).padStart(2, "0")}/${28 + chance.below(5)}`,
    cvc: digits(3),
    birthday: `${1 + chance.below(28)} ${chance.pick(MONTHS)} ${1945 + chance.below(60)}`,
    address: `${1 + chance.below(180)} ${chance.pick(STREETS)}, ${chance.pick(TOWNS)}`,
    account: `NW-${digits(6)}`,
    order: `A${digits(7)}`,
    serial: `SN${digits(8)}`,
    code: `E${10 + chance.below(80)}`,
    amount: `£${5 + chance.below(180)}.${chance.pick(["00", "50", "99"])}`,
    date: `${1 + chance.below(28)} ${month}`,
    month,
    weekday: chance.pick(WEEKDAYS),
    daytime: "day",
  };
}
