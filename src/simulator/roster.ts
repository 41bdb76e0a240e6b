import { chanceOf } from "./chance.ts";
import type { Parameters } from "./parameters.ts";

/** Who works in the simulated centre, what they can, and when they are there. */

/** What the centre's callers come for; each topic has a queue. */
export const TOPICS = ["Billing", "Orders", "Support"] as const;
export type Topic = (typeof TOPICS)[number];

/** What a draw from 0 to 1 makes somebody come for. */
export function topicOf(draw: number, { "topic-shares": shares }: Parameters): Topic {
  let rest = draw * shares.reduce((sum, share) => sum + share, 0);
  for (const [index, topic] of TOPICS.entries()) {
    const share = shares[index] ?? 0;
    if (rest < share) return topic;
    rest -= share;
  }
  return TOPICS[0];
}

/** A routing profile: topics in the order of their priority, and channels. */
export interface Team {
  readonly name: string;
  readonly topics: readonly Topic[];
  readonly channels: readonly ("VOICE" | "CHAT" | "TASK" | "EMAIL")[];
}

export const TEAMS: readonly Team[] = [
  { name: "Front line", topics: ["Support", "Billing", "Orders"], channels: ["VOICE", "TASK"] },
  { name: "Billing team", topics: ["Billing", "Orders"], channels: ["VOICE", "TASK", "EMAIL"] },
  { name: "All-rounders", topics: ["Orders", "Support", "Billing"], channels: ["VOICE", "CHAT", "EMAIL"] },
  { name: "Written", topics: ["Billing", "Support", "Orders"], channels: ["CHAT", "EMAIL"] },
];

export interface Agent {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly team: Team;
  /** 1 to 5: how well they speak it. */
  readonly languages: Readonly<Record<string, number>>;
  readonly autoAccepts: boolean;
  /** Hour of the day at which their shift begins. */
  readonly shiftStart: number;
}

/** The roster: the same for the same seed, and each share filled as nearly as whole people allow. */
export function roster(seed: string, parameters: Parameters): readonly Agent[] {
  const { agents: count } = parameters;
  const teams = spread(count, parameters["team-shares"]);
  const shifts = inTurn(count, parameters["shift-shares"]);
  return teams.map((team, number) => {
    const chance = chanceOf(seed, "agent", number);
    const firstName = chance.pick(FIRST_NAMES);
    const lastName = chance.pick(LAST_NAMES);
    const second = chance.pick(["German", "French", "Spanish", "Italian", "Polish"]);
    return {
      username: `agent-${String(number + 1).padStart(3, "0")}`,
      firstName,
      lastName,
      team: TEAMS[team] as Team,
      languages: { English: 3 + chance.below(3), ...(chance.happens(0.3) && { [second]: 1 + chance.below(5) }) },
      autoAccepts: chance.happens(parameters["auto-accept"]),
      shiftStart: parameters["shift-starts"][shifts[number] ?? 0] ?? 0,
    };
  });
}

/** What an agent's working day is like: times in milliseconds. */
export interface WorkingDay {
  readonly signInMs: number;
  readonly signOutMs: number;
  readonly pauses: readonly { readonly atMs: number; readonly seconds: number; readonly status: Status }[];
}

/** Agent statuses of the centre, beside Available and Offline. */
export const STATUSES = ["Break", "Lunch", "Meeting"] as const;
export type Status = (typeof STATUSES)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The shift that begins on a day (midnight, UTC), with its breaks and what nobody planned. */
export function workingDay(seed: string, parameters: Parameters, agent: Agent, dayMs: number): WorkingDay {
  const chance = chanceOf(seed, `shift ${new Date(dayMs).toISOString()}`, agent.username);
  const lateMs = (2 * chance.uniform() - 1) * parameters["sign-in-spread"] * 1_000;
  const beginMs = Math.round(dayMs + agent.shiftStart * HOUR_MS);
  const endMs = Math.round(beginMs + parameters["shift-hours"] * HOUR_MS);
  const planned = [
    { share: 0.25, seconds: parameters["break-seconds"], status: "Break" },
    { share: 0.5, seconds: parameters["lunch-seconds"], status: "Lunch" },
    { share: 0.75, seconds: parameters["break-seconds"], status: "Break" },
  ] as const;
  const pauses: { atMs: number; seconds: number; status: Status }[] = planned
    .filter(({ seconds }) => seconds > 0)
    .map(({ share, seconds, status }) => ({
      atMs: Math.round(beginMs + (endMs - beginMs) * (share + (chance.uniform() - 0.5) * 0.15)),
      seconds,
      status,
    }));
  const meanGapMs = HOUR_MS / parameters["unplanned-per-hour"];
  for (let atMs = beginMs + chance.exponential(meanGapMs); atMs < endMs - HOUR_MS / 4; ) {
    const seconds = 30 + chance.exponential(parameters["unplanned-seconds"]);
    pauses.push({ atMs: Math.round(atMs), seconds: Math.round(seconds), status: "Meeting" });
    atMs += seconds * 1_000 + chance.exponential(meanGapMs);
  }
  return { signInMs: Math.round(beginMs + lateMs), signOutMs: endMs, pauses: pauses.sort((a, b) => a.atMs - b.atMs) };
}

/** Shifts that an agent has between two times, the one of the evening before included. None begins before the one before it is over. */
export function workingDays(
  seed: string,
  parameters: Parameters,
  agent: Agent,
  fromMs: number,
  untilMs: number,
): readonly WorkingDay[] {
  const days: WorkingDay[] = [];
  for (let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS - DAY_MS; dayMs < untilMs; dayMs += DAY_MS) {
    const day = workingDay(seed, parameters, agent, dayMs);
    if (day.signInMs >= (days.at(-1)?.signOutMs ?? 0)) days.push(day);
  }
  return days.filter(({ signInMs, signOutMs }) => signOutMs > fromMs && signInMs < untilMs);
}

/** Numbers of the shares, as often as each share wants, in their order (the largest remainders are rounded up). */
function spread(count: number, shares: readonly number[]): readonly number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const exact = shares.map((share) => (share / total) * count);
  const whole = exact.map(Math.floor);
  const byRemainder = exact.map((value, index) => ({ index, rest: value - Math.floor(value) }));
  byRemainder.sort((a, b) => b.rest - a.rest);
  for (const { index } of byRemainder.slice(0, count - whole.reduce((sum, value) => sum + value, 0))) {
    whole[index] = (whole[index] ?? 0) + 1;
  }
  return whole.flatMap((times, index) => Array.from({ length: times }, () => index));
}

/** The same in another order: each number as often as its share wants among any that follow each other, so that teams have all shifts. */
function inTurn(count: number, shares: readonly number[]): readonly number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const given = shares.map(() => 0);
  return Array.from({ length: count }, (_, turn) => {
    const owed = shares.map((share, index) => (share / total) * (turn + 1) - (given[index] ?? 0));
    const next = owed.indexOf(Math.max(...owed));
    given[next] = (given[next] ?? 0) + 1;
    return next;
  });
}

const FIRST_NAMES = [
  "Ada",
  "Ben",
  "Chloe",
  "Dario",
  "Elif",
  "Femi",
  "Grace",
  "Hugo",
  "Ines",
  "Jonas",
  "Kemi",
  "Lena",
  "Mateo",
  "Nora",
  "Oskar",
  "Priya",
  "Quinn",
  "Rosa",
  "Sami",
  "Tess",
  "Umar",
  "Vera",
  "Wren",
  "Yara",
  "Zoe",
];
const LAST_NAMES = [
  "Abbott",
  "Brandt",
  "Castillo",
  "Duarte",
  "Eriksen",
  "Farah",
  "Gallo",
  "Hughes",
  "Ito",
  "Jansen",
  "Kaya",
  "Lindgren",
  "Moreau",
  "Novak",
  "Okafor",
  "Petrov",
  "Quist",
  "Rossi",
  "Silva",
  "Turner",
  "Usman",
  "Vogel",
  "Walsh",
  "Yilmaz",
  "Ziegler",
];
