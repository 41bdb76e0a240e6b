/**
 * Everything that a simulated contact centre is like, in one place: each parameter with its default, its unit, what it means and
 * where the number comes from. `docs/simulator.md` shows this table; a JSON file (`--scenario`) or `--set NAME=VALUE` changes any of it.
 *
 * Durations that are "lognormal" are given by their mean and by the standard deviation of their logarithm (`-sigma`).
 */

interface Declared<T> {
  readonly default: T;
  readonly unit: string;
  readonly meaning: string;
  readonly source: string;
}

const NUMBERS = {
  agents: { default: 20, unit: "people", meaning: "Agents on the roster of a day", source: "our choice" },
  "shift-hours": { default: 8.5, unit: "h", meaning: "Length of a shift, breaks included", source: "our choice" },
  "sign-in-spread": {
    default: 360,
    unit: "s",
    meaning: "Agents sign in up to so long before or after their shift begins",
    source: "our choice",
  },
  "break-seconds": { default: 900, unit: "s", meaning: "Length of each of the two short breaks", source: "our choice" },
  "lunch-seconds": { default: 1800, unit: "s", meaning: "Length of the lunch break", source: "our choice" },
  "unplanned-per-hour": {
    default: 0.04,
    unit: "per agent and hour",
    meaning: "Changes to another status that no roster knows",
    source: "our choice",
  },
  "unplanned-seconds": { default: 300, unit: "s", meaning: "Their mean length (exponential)", source: "our choice" },
  "auto-accept": {
    default: 0,
    unit: "share of agents",
    meaning: "Users whose phone accepts calls at once",
    source: "our choice",
  },

  "peak-calls-per-agent-hour": {
    default: 4,
    unit: "calls",
    meaning: "Calls an hour at the busiest time of an average weekday, for each agent on the roster",
    source: "so that occupancy is about 80 % at the peak (benchmark reports: 48 to 87 %)",
  },
  "day-sigma": {
    default: 0.1,
    unit: "sigma of log",
    meaning: "How much one day differs from another: a lognormal factor with mean 1",
    source: "Brown et al., Statistical Analysis of a Telephone Call Center (2005): the shape; the number is our choice",
  },
  "bursts-per-day": {
    default: 1,
    unit: "bursts",
    meaning: "Mean number of bursts a day (Poisson): a bill run, an outage",
    source: "our choice",
  },
  "burst-factor": {
    default: 1.7,
    unit: "factor",
    meaning: "Arrivals in a burst, against the same time without",
    source: "our choice",
  },
  "burst-seconds": { default: 1200, unit: "s", meaning: "Mean length of a burst (exponential)", source: "our choice" },
  "chat-share": { default: 0.4, unit: "per call", meaning: "Chats for each call", source: "our choice" },
  "task-share": { default: 0.03, unit: "per call", meaning: "Tasks for each call", source: "our choice" },
  "email-share": {
    default: 0.05,
    unit: "per call",
    meaning: "E-mails for each call, over the day",
    source: "our choice",
  },
  "email-backlog": {
    default: 0.3,
    unit: "share of e-mails",
    meaning: "E-mails that come in the first half hour after 08:00, in place of evenly from then until 18:00",
    source: "our choice",
  },

  "flow-mean": {
    default: 35,
    unit: "s",
    meaning: "Time in the flow before the queue (lognormal)",
    source: "our choice",
  },
  "flow-sigma": { default: 0.6, unit: "sigma of log", meaning: "Its spread", source: "our choice" },
  "flow-end-share": {
    default: 0.12,
    unit: "share of calls",
    meaning: "Callers who have what they need, or hang up, in the flow",
    source: "our choice",
  },
  "balk-share": {
    default: 0.05,
    unit: "share of callers",
    meaning: "Callers who hang up within 2 s when they hear that they must wait",
    source:
      "Mandelbaum and Zeltyn, Service Engineering of Call Centers; the mean after benchmark reports: the hazard peaks right after entering the queue",
  },
  "patience-scale": {
    default: 150,
    unit: "s",
    meaning: "Patience of all other callers (Weibull): its scale",
    source: "Mandelbaum and Zeltyn, Service Engineering of Call Centers; the mean after benchmark reports",
  },
  "patience-shape": {
    default: 0.8,
    unit: "shape",
    meaning: "Its shape; 1 is exponential, and the scale then the mean",
    source: "Mandelbaum and Zeltyn, Service Engineering of Call Centers; the mean after benchmark reports",
  },
  "talk-mean": {
    default: 300,
    unit: "s",
    meaning: "Time that caller and agent talk",
    source: "industry benchmark reports (302 s)",
  },
  "talk-sigma": {
    default: 0.8,
    unit: "sigma of log",
    meaning: "Its spread, where it is lognormal",
    source: "Brown et al., Statistical Analysis of a Telephone Call Center (2005): the shape; the number is our choice",
  },
  "talk-floor": { default: 5, unit: "s", meaning: "No talk is shorter, where it is lognormal", source: "our choice" },
  "hold-share": {
    default: 0.18,
    unit: "share of calls",
    meaning: "Calls with at least one hold",
    source: "our choice",
  },
  "hold-more": { default: 0.3, unit: "holds", meaning: "Mean number of further holds (Poisson)", source: "our choice" },
  "hold-mean": {
    default: 55,
    unit: "s",
    meaning: "Length of a hold (lognormal)",
    source: "our choice; industry benchmark reports have 26 s over all calls",
  },
  "hold-sigma": { default: 0.7, unit: "sigma of log", meaning: "Its spread", source: "our choice" },
  "work-mean": { default: 45, unit: "s", meaning: "After-contact work (lognormal)", source: "our choice" },
  "work-sigma": { default: 0.9, unit: "sigma of log", meaning: "Its spread", source: "our choice" },
  "work-none-share": {
    default: 0.1,
    unit: "share of contacts",
    meaning: "Contacts that are cleared at once",
    source: "our choice",
  },
  "accept-mean": {
    default: 4.5,
    unit: "s",
    meaning: "From an offer until the agent accepts it (lognormal)",
    source: "our choice",
  },
  "accept-sigma": { default: 0.5, unit: "sigma of log", meaning: "Its spread", source: "our choice" },
  "accept-floor": {
    default: 1,
    unit: "s",
    meaning: "Nobody reacts faster. The simulator asks the server once for each such time in which somebody must react",
    source: "our choice",
  },
  "missed-share": {
    default: 0.02,
    unit: "share of offers",
    meaning: "Offers that ring until they are missed",
    source: "our choice",
  },
  "rejected-share": {
    default: 0.005,
    unit: "share of offers",
    meaning: "Offers that are rejected",
    source: "our choice",
  },
  "transfer-share": {
    default: 0.08,
    unit: "share of answered calls",
    meaning: "Calls that are transferred or consulted on",
    source: "industry benchmark reports (10 %)",
  },
  "transfer-cold": {
    default: 0.6,
    unit: "share of transfers",
    meaning: "Cold to a queue: the agent leaves before anybody takes it",
    source: "our choice",
  },
  "transfer-warm": {
    default: 0.25,
    unit: "share of transfers",
    meaning: "Warm: a conference first, then the agent leaves",
    source: "our choice",
  },
  "transfer-external": {
    default: 0.1,
    unit: "share of transfers",
    meaning:
      "To a number outside. What is left of the shares is consultation: the agent asks, and goes on with the caller",
    source: "our choice",
  },
  "callback-after": {
    default: 120,
    unit: "s",
    meaning: "Time in queue after which a callback is offered",
    source: "our choice",
  },
  "callback-share": {
    default: 0.15,
    unit: "share of callers",
    meaning: "Callers who take the offer",
    source: "our choice",
  },
  "callback-answered": {
    default: 0.8,
    unit: "share of callbacks",
    meaning: "Customers who answer when they are called back",
    source: "our choice",
  },
  "agent-ends-share": {
    default: 0.2,
    unit: "share of answered calls",
    meaning: "The agent hangs up first",
    source: "our choice",
  },
  "line-breaks-share": {
    default: 0.02,
    unit: "share of answered calls",
    meaning: "The line breaks (TELECOM_PROBLEM)",
    source: "data model of contact records: about 2 %",
  },
  "redial-share": {
    default: 0.35,
    unit: "share of abandons",
    meaning: "Callers who gave up and call again",
    source: "our choice",
  },
  "redial-mean": { default: 600, unit: "s", meaning: "After how long (exponential)", source: "our choice" },
  "repeat-share": {
    default: 0.1,
    unit: "share of handled calls",
    meaning: "Callers who call again the same day, since their matter is not settled",
    source: "industry benchmark reports: 70 to 75 % are settled with the first contact, most others call on later days",
  },
  "repeat-mean": { default: 5400, unit: "s", meaning: "After how long (exponential)", source: "our choice" },

  "chat-patience": {
    default: 180,
    unit: "s",
    meaning: "Patience of chat customers (exponential)",
    source: "our choice",
  },
  "chat-silent-share": {
    default: 0.45,
    unit: "share of abandoned chats",
    meaning: "Customers who leave without a sign: an agent gets the chat, and waits",
    source: "Castellanos, Yom-Tov, Goldberg, Silent Abandonment in Contact Centers: 30 to 67 %",
  },
  "chat-idle-timeout": {
    default: 300,
    unit: "s",
    meaning: "How long an agent waits for somebody who is not there",
    source: "our choice",
  },
  "chat-messages": {
    default: 16,
    unit: "messages",
    meaning: "Mean number of messages (geometric)",
    source: "chat benchmark reports",
  },
  "chat-gap-customer": {
    default: 25,
    unit: "s",
    meaning: "Until a customer answers (lognormal)",
    source: "chat benchmark reports: durations of about 12 min with waits",
  },
  "chat-gap-agent": {
    default: 18,
    unit: "s",
    meaning: "Until an agent answers (lognormal)",
    source: "chat benchmark reports",
  },
  "chat-gap-sigma": { default: 0.6, unit: "sigma of log", meaning: "The spread of both", source: "our choice" },
  "chats-per-agent": {
    default: 2,
    unit: "chats",
    meaning: "Chats that an agent has at a time",
    source: "chat benchmark reports: 1 to 3",
  },

  "task-mean": { default: 900, unit: "s", meaning: "Work on a task (lognormal)", source: "our choice" },
  "task-sigma": { default: 0.6, unit: "sigma of log", meaning: "Its spread", source: "our choice" },
  "task-paused-share": {
    default: 0.2,
    unit: "share of tasks",
    meaning: "Tasks that are paused once",
    source: "our choice",
  },
  "task-pause-mean": {
    default: 7200,
    unit: "s",
    meaning: "How long (exponential, but no longer than the shift)",
    source: "our choice",
  },
  "email-mean": { default: 480, unit: "s", meaning: "Work on an e-mail (lognormal)", source: "our choice" },
  "email-sigma": { default: 0.6, unit: "sigma of log", meaning: "Its spread", source: "our choice" },

  "spoken-share": {
    default: 1,
    unit: "share of conversations",
    meaning:
      "Conversations whose sentences are said. Each sentence is an act: a busy day plays several times as fast with 0",
    source: "our choice",
  },
  "turn-mean": { default: 5, unit: "s", meaning: "Length of a turn in a call (lognormal)", source: "our choice" },
  "turn-sigma": { default: 0.6, unit: "sigma of log", meaning: "Its spread", source: "our choice" },
} as const;

const LISTS = {
  "day-curve": {
    default: [
      0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.25, 0.45, 0.8, 1, 0.95, 0.8, 0.85, 0.95, 0.9, 0.8, 0.6, 0.4, 0.3, 0.25, 0.1,
      0.1, 0.1,
    ],
    unit: "share of the peak",
    meaning: "Arrivals of each hour of the day",
    source:
      "articles on volume patterns; anonymous bank data (peak at 10:15): peaks 09:30-11:30, 13:00-14:30 and 15:30-17:30",
  },
  "weekday-factors": {
    default: [1.3, 1.05, 1, 1, 1.05, 0.65, 0.5],
    unit: "factor",
    meaning: "Arrivals of each day of the week, Monday first",
    source: "articles on volume patterns; anonymous bank data (peak at 10:15)",
  },
  "topic-shares": {
    default: [0.35, 0.25, 0.4],
    unit: "share of contacts",
    meaning: "What they are about: Billing, Orders, Support. Each has a queue",
    source: "our choice",
  },
  "team-shares": {
    default: [0.3, 0.2, 0.35, 0.15],
    unit: "share of agents",
    meaning: "Who works in which team: Front line, Billing team, All-rounders, Written. Each has a routing profile",
    source: "our choice",
  },
  "shift-starts": {
    default: [6.75, 8, 9, 10, 12.5, 22],
    unit: "hour of the day",
    meaning: "When shifts begin",
    source: "our choice",
  },
  "shift-shares": {
    default: [0.12, 0.26, 0.2, 0.14, 0.2, 0.08],
    unit: "share of agents",
    meaning: "How many agents have each of these shifts",
    source: "so that staff follows the day curve",
  },
} as const;

const TEXTS = {
  "talk-law": {
    default: "lognormal",
    values: ["lognormal", "exponential"],
    unit: "law",
    meaning: "How talk times are distributed",
    source:
      "Brown et al., Statistical Analysis of a Telephone Call Center (2005): the shape; the number is our choice: lognormal; exponential is for comparison with formulas",
  },
} as const;

type NumberName = keyof typeof NUMBERS;
type ListName = keyof typeof LISTS;
type TextName = keyof typeof TEXTS;

export type Parameters = Readonly<
  Record<NumberName, number> & Record<ListName, readonly number[]> & Record<TextName, string>
>;

const DECLARED: Readonly<Record<string, Declared<number | readonly number[] | string>>> = {
  ...NUMBERS,
  ...LISTS,
  ...TEXTS,
};

/** The defaults. */
export const DEFAULTS: Parameters = Object.fromEntries(
  Object.entries(DECLARED).map(([name, { default: value }]) => [name, value]),
) as unknown as Parameters;

/** Someone asked for a parameter that there is not, or for a value that it cannot have. The message says which. */
export class ScenarioError extends Error {
  override readonly name: string = "ScenarioError";
}

/** The defaults with some values changed: by name, as in a scenario's file. Throws `ScenarioError`. */
export function withChanges(changes: Readonly<Record<string, unknown>>, base: Parameters = DEFAULTS): Parameters {
  const checked = Object.entries(changes).map(([name, value]) => [name, checkedValue(name, value)]);
  const parameters = { ...base, ...Object.fromEntries(checked) } as Parameters;
  if (parameters["shift-starts"].length !== parameters["shift-shares"].length) {
    throw new ScenarioError("shift-starts and shift-shares differ in length");
  }
  return parameters;
}

/** `NAME=VALUE`; a list's values are separated by commas. Throws `ScenarioError`. */
export function parseChange(text: string): readonly [name: string, value: unknown] {
  const [, name, value] = /^([a-z-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new ScenarioError(`${text} is not NAME=VALUE`);
  if (Object.hasOwn(LISTS, name)) return [name, value.split(",").map(Number)];
  return [name, Object.hasOwn(TEXTS, name) ? value : Number(value)];
}

const LIST_LENGTHS: Readonly<Record<string, number>> = {
  "day-curve": 24,
  "weekday-factors": 7,
  "topic-shares": 3,
  "team-shares": 4,
};

function checkedValue(name: string, value: unknown): unknown {
  if (Object.hasOwn(NUMBERS, name)) {
    if (!isCount(value)) throw new ScenarioError(`${name} is a number of at least 0`);
    if (DECLARED[name]?.unit.startsWith("share") && value > 1) throw new ScenarioError(`${name} is a share: 0 to 1`);
    return value;
  }
  if (Object.hasOwn(LISTS, name)) {
    const length = LIST_LENGTHS[name];
    if (!Array.isArray(value) || value.length === 0 || !value.every(isCount)) {
      throw new ScenarioError(`${name} is a list of numbers of at least 0`);
    }
    if (length !== undefined && value.length !== length) throw new ScenarioError(`${name} has ${length} numbers`);
    return value;
  }
  if (Object.hasOwn(TEXTS, name)) {
    const { values } = TEXTS[name as TextName];
    if (!values.some((known) => known === value)) throw new ScenarioError(`${name} is one of ${values.join(", ")}`);
    return value;
  }
  throw new ScenarioError(`There is no parameter ${name}; docs/simulator.md lists them`);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** The table of `docs/simulator.md`. */
export function parameterTable(): string {
  const rows = Object.entries(DECLARED).map(([name, { default: value, unit, meaning, source }]) => {
    const shown = Array.isArray(value) ? value.join(", ") : String(value);
    return `| \`${name}\` | ${shown} | ${unit} | ${meaning} | ${source} |`;
  });
  return ["| parameter | default | unit | meaning | source |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}
