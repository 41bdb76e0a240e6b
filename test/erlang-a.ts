/**
 * The Erlang-A model: Poisson arrivals, exponential patience and handle times, n agents, first come first served. Its formulas
 * (contact-streams, section 8.3; Mandelbaum and Zeltyn), and the same queue played customer by customer: two oracles for what a
 * server's routing does.
 */

export interface Queue {
  readonly callsPerHour: number;
  readonly handleSeconds: number;
  readonly agents: number;
  readonly patienceSeconds: number;
}

/** In steady state. */
export interface Figures {
  readonly waitShare: number;
  readonly abandonShare: number;
  /** Mean wait of all customers, in seconds. */
  readonly waitSeconds: number;
  readonly queueLength: number;
  readonly occupancy: number;
  /** Answered within 20 s, of all. */
  readonly answeredInTime: number;
}

export const IN_TIME_SECONDS = 20;

/** The rows of the table, the figures as they are printed there. */
export const TABLE: readonly (readonly [Queue, Figures])[] = [
  row(100, 240, 7, 120, [0.4327, 0.1543, 18.51, 0.5142, 0.8055, 0.6549]),
  row(100, 240, 8, 120, [0.3066, 0.0968, 11.61, 0.3226, 0.7527, 0.7691]),
  row(60, 360, 6, 180, [0.4813, 0.1869, 33.65, 0.5608, 0.8131, 0.5773]),
  row(240, 300, 20, 90, [0.3946, 0.1144, 10.29, 0.6861, 0.8856, 0.7363]),
  row(30, 600, 6, 300, [0.3363, 0.1218, 36.55, 0.3046, 0.7318, 0.6937]),
];

function row(
  callsPerHour: number,
  handleSeconds: number,
  agents: number,
  patienceSeconds: number,
  [waitShare = 0, abandonShare = 0, waitSeconds = 0, queueLength = 0, occupancy = 0, answeredInTime = 0]: number[],
): readonly [Queue, Figures] {
  const figures = { waitShare, abandonShare, waitSeconds, queueLength, occupancy, answeredInTime };
  return [{ callsPerHour, handleSeconds, agents, patienceSeconds }, figures];
}

/** States beyond this many customers have no weight that shows. */
const STATES = 200;

/** The formulas: the stationary distribution of a birth-and-death chain, and what follows from it. */
export function byFormula({ callsPerHour, handleSeconds, agents, patienceSeconds }: Queue): Figures {
  const [lambda, mu, theta] = [callsPerHour / 3_600, 1 / handleSeconds, 1 / patienceSeconds];
  const weights = [1];
  for (let k = 0; k < STATES; k++) {
    const rate = Math.min(k + 1, agents) * mu + Math.max(k + 1 - agents, 0) * theta;
    weights.push(((weights[k] ?? 0) * lambda) / rate);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (of: (k: number) => number) => weights.reduce((sum, weight, k) => sum + (weight / total) * of(k), 0);
  const queueLength = mean((k) => Math.max(k - agents, 0));
  const waitSeconds = queueLength / lambda;
  return {
    waitShare: mean((k) => (k >= agents ? 1 : 0)),
    abandonShare: theta * waitSeconds,
    waitSeconds,
    queueLength,
    occupancy: mean((k) => Math.min(k, agents)) / agents,
    answeredInTime: mean((k) =>
      k < agents ? 1 : servedInTime({ rate: agents * mu, theta, ahead: k - agents, seconds: IN_TIME_SECONDS }),
    ),
  };
}

/**
 * That a customer with so many before them is served in time, and does not give up before: the customers before them, and they
 * themselves, leave one by one, by service or by losing patience. Uniformisation of that chain.
 */
function servedInTime(of: {
  readonly rate: number;
  readonly theta: number;
  readonly ahead: number;
  readonly seconds: number;
}): number {
  const { rate, theta, ahead, seconds } = of;
  // With j before them: the next service takes one away at `rate`, and each of them gives up at `theta`; they themselves too.
  const fastest = rate + (ahead + 1) * theta;
  let states: number[] = Array.from({ length: ahead + 1 }, (_, j) => (j === ahead ? 1 : 0));
  let [served, answer, poisson, sumOfPoisson] = [0, 0, Math.exp(-fastest * seconds), 0];
  for (let step = 0; step < 100_000 && sumOfPoisson < 1 - 1e-12; step++) {
    answer += poisson * served;
    sumOfPoisson += poisson;
    const next = states.map(() => 0);
    for (const [j, share] of states.entries()) {
      const [service, othersGiveUp, givesUp] = [rate / fastest, (j * theta) / fastest, theta / fastest];
      if (j === 0) served += share * service;
      else next[j - 1] = (next[j - 1] ?? 0) + share * (service + othersGiveUp);
      next[j] = (next[j] ?? 0) + share * (1 - service - othersGiveUp - givesUp);
    }
    states = next;
    poisson *= (fastest * seconds) / (step + 1);
  }
  return answer;
}

/** A customer, in milliseconds: when they come, how long they would wait, and how long they would talk. */
export interface Customer {
  readonly atMs: number;
  readonly patienceMs: number;
  readonly talkMs: number;
}

/** What became of a customer. */
export interface Served {
  readonly waitMs: number;
  readonly isAnswered: boolean;
  readonly talkMs: number;
}

/** The queue, customer by customer: whoever came first gets the agent who is free first, unless they have given up by then. */
export function play(customers: readonly Customer[], agents: number): readonly Served[] {
  const freeMs = Array.from({ length: agents }, () => 0);
  return customers.map(({ atMs, patienceMs, talkMs }) => {
    const first = freeMs.indexOf(Math.min(...freeMs));
    const beginMs = Math.max(atMs, freeMs[first] ?? 0);
    if (beginMs - atMs >= patienceMs) return { waitMs: patienceMs, isAnswered: false, talkMs: 0 };
    freeMs[first] = beginMs + talkMs;
    return { waitMs: beginMs - atMs, isAnswered: true, talkMs };
  });
}

/** What a run of customers amounts to. */
export function measured(served: readonly Served[], of: { readonly spanMs: number; readonly agents: number }): Figures {
  const share = (isCounted: (one: Served) => boolean) => served.filter(isCounted).length / served.length;
  const waitedMs = served.reduce((sum, { waitMs }) => sum + waitMs, 0);
  return {
    waitShare: share(({ waitMs }) => waitMs > 0),
    abandonShare: share(({ isAnswered }) => !isAnswered),
    waitSeconds: waitedMs / served.length / 1_000,
    queueLength: waitedMs / of.spanMs,
    occupancy: served.reduce((sum, { talkMs }) => sum + talkMs, 0) / of.agents / of.spanMs,
    answeredInTime: share(({ isAnswered, waitMs }) => isAnswered && waitMs < IN_TIME_SECONDS * 1_000),
  };
}
