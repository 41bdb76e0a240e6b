import { chanceOf } from "./chance.ts";
import type { Parameters } from "./parameters.ts";

/** A contact that is to arrive. */
export interface Arrival {
  /** Names it, and the streams of chance that belong to it. */
  readonly key: string;
  readonly atMs: number;
  readonly channel: Channel;
}

export type Channel = "VOICE" | "CHAT" | "TASK" | "EMAIL";

export const CHANNELS: readonly Channel[] = ["VOICE", "CHAT", "TASK", "EMAIL"];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** When e-mails are written, and how long the backlog of the night takes to come in, in hours of the day. */
const EMAIL_HOURS = { from: 8, until: 18, backlogUntil: 8.5 };

/** The rate is constant within each of these. */
const BIN_MS = HOUR_MS / 4;

/**
 * All arrivals from one time to another, in order: for each channel a Poisson process whose rate changes over the day, by thinning.
 *
 * What arrives on a day is the same wherever the play begins.
 */
export function arrivals(seed: string, parameters: Parameters, fromMs: number, untilMs: number): readonly Arrival[] {
  const all: Arrival[] = [];
  for (let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS; dayMs < untilMs; dayMs += DAY_MS) {
    for (const channel of CHANNELS) all.push(...arrivalsOfDay(seed, parameters, dayMs, channel));
  }
  return all.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).sort((a, b) => a.atMs - b.atMs);
}

function arrivalsOfDay(seed: string, parameters: Parameters, dayMs: number, channel: Channel): Arrival[] {
  const day = new Date(dayMs).toISOString().slice(0, 10);
  const chance = chanceOf(seed, `arrivals ${channel}`, day);
  const rates = Array.from({ length: DAY_MS / BIN_MS }, (_, bin) =>
    ratePerMs(parameters, channel, (bin + 0.5) * BIN_MS),
  );
  const bursts = channel === "VOICE" || channel === "CHAT" ? burstsOf(seed, parameters, day) : [];
  const factor = dayFactor(seed, parameters, day) * (parameters["weekday-factors"][weekday(dayMs)] ?? 1);
  const burstFactor = Math.max(parameters["burst-factor"], 1);
  const bound = Math.max(...rates) * factor * (bursts.length > 0 ? burstFactor : 1);
  const found: Arrival[] = [];
  if (bound === 0) return found;
  for (let atMs = chance.exponential(1 / bound); atMs < DAY_MS; atMs += chance.exponential(1 / bound)) {
    const isBurst = bursts.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
    const rate = (rates[Math.floor(atMs / BIN_MS)] ?? 0) * factor * (isBurst ? burstFactor : 1);
    if (chance.happens(rate / bound)) {
      found.push({ key: `${channel} ${day} ${found.length}`, atMs: dayMs + Math.round(atMs), channel });
    }
  }
  return found;
}

/** At a time of day, on an average weekday. */
function ratePerMs(parameters: Parameters, channel: Channel, ofDayMs: number): number {
  const peak = (parameters.agents * parameters["peak-calls-per-agent-hour"]) / HOUR_MS;
  const curve = parameters["day-curve"];
  if (channel === "EMAIL") {
    const daily = peak * HOUR_MS * parameters["email-share"] * curve.reduce((sum, share) => sum + share, 0);
    const hour = ofDayMs / HOUR_MS;
    const { from, until, backlogUntil } = EMAIL_HOURS;
    const backlog = hour >= from && hour < backlogUntil ? parameters["email-backlog"] / (backlogUntil - from) : 0;
    const even = hour >= from && hour < until ? (1 - parameters["email-backlog"]) / (until - from) : 0;
    return (daily * (backlog + even)) / HOUR_MS;
  }
  const perCall = { VOICE: 1, CHAT: parameters["chat-share"], TASK: parameters["task-share"] }[channel];
  return peak * perCall * between(curve, ofDayMs / HOUR_MS);
}

/** The curve gives the middle of each hour; in between it is straight. */
function between(curve: readonly number[], hour: number): number {
  const before = Math.floor(hour - 0.5);
  const share = hour - 0.5 - before;
  const at = (index: number) => curve[(index + curve.length) % curve.length] ?? 0;
  return at(before) * (1 - share) + at(before + 1) * share;
}

function dayFactor(seed: string, parameters: Parameters, day: string): number {
  return chanceOf(seed, "day", day).lognormal(1, parameters["day-sigma"]);
}

/** In milliseconds of the day. Between 08:00 and 18:00. */
function burstsOf(seed: string, parameters: Parameters, day: string): readonly { fromMs: number; untilMs: number }[] {
  const chance = chanceOf(seed, "bursts", day);
  return Array.from({ length: chance.poisson(parameters["bursts-per-day"]) }, () => {
    const fromMs = (8 + chance.uniform() * 10) * HOUR_MS;
    return { fromMs, untilMs: fromMs + chance.exponential(parameters["burst-seconds"]) * 1_000 };
  });
}

/** Monday is 0. */
function weekday(dayMs: number): number {
  return (new Date(dayMs).getUTCDay() + 6) % 7;
}
