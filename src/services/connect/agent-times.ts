import type { Unit } from "../../store/store.ts";
import { getConfiguration } from "./agent-configuration.ts";
import { type Agent, type AgentState, type AgentTimes, isFailed, isWorkedOn } from "./agents.ts";
import { agentDimensions } from "./contact-figures.ts";
import { type Addition, addSums, type Figures, KEPT_MS, totalOf } from "./metrics.ts";

/**
 * How long agents did what ("Metrics definitions", administrator guide): at each moment one of the activities below, which together are
 * the time that they are online. A stretch is counted when it ends, with the agent, by the five minutes that it lies in; an hour that
 * is over goes to the sums of historical metrics with the agent's next change, and what is left when they sign out. So a change costs
 * no document more but once an hour, and whoever asks adds what agents are still at.
 */

/** In the order in which one goes before the others. */
export type Activity =
  /** In a custom status, whatever contacts there are. */
  | "nonProductiveMs"
  /** An offer failed, and they have not cleared it. */
  | "errorMs"
  /** They have a contact, after-contact work included, or dial. */
  | "onContactMs"
  /** Somebody rings. */
  | "ringingMs"
  | "idleMs";

const PART_MS = 5 * 60_000;
const HOUR_MS = 60 * 60_000;

/** Of an agent who signs in, or goes on under another routing profile or in another group. */
export function timesFrom(atMs: number): AgentTimes {
  return { countedMs: atMs, parts: {} };
}

/** Counts until now. Called before each change of an agent who is signed in, with the agent as they were. */
export async function countTimes(unit: Unit, agent: Agent, atMs: number): Promise<AgentTimes> {
  const parts = partsUntil(agent, atMs);
  const hourMs = atMs - (atMs % HOUR_MS);
  await sumTimes(
    unit,
    agent,
    parts.filter(([startMs]) => startMs < hourMs),
  );
  return { countedMs: atMs, parts: Object.fromEntries(parts.filter(([startMs]) => startMs >= hourMs)) };
}

/** Counts until now, and leaves nothing. Called before an agent signs out, or what they are told apart by changes. */
export async function closeTimes(unit: Unit, agent: Agent, atMs: number): Promise<void> {
  await sumTimes(unit, agent, partsUntil(agent, atMs));
}

/** What an agent has done until now, in a time between two marks of five minutes, that is not in the sums yet. Pure. */
export function unsummedTimes(
  agent: Agent,
  { fromMs, beforeMs, nowMs }: { readonly fromMs: number; readonly beforeMs: number; readonly nowMs: number },
): Figures {
  if (!agent.times) return {};
  const { countedMs, parts } = agent.times;
  const counted = Object.entries(parts).filter(([startMs]) => Number(startMs) >= fromMs && Number(startMs) < beforeMs);
  const stillMs = Math.min(beforeMs, nowMs) - Math.max(fromMs, countedMs);
  return totalOf([...counted.map(([, figures]) => figures), figuresFor(agent.state, stillMs)]);
}

type Part = readonly [startMs: number, figures: Figures];

/** The parts that were there, and what the agent has done since. More than sums are kept is not counted. */
function partsUntil({ times, state }: Agent, atMs: number): Part[] {
  if (!times) return [];
  const parts = new Map(Object.entries(times.parts).map(([startMs, figures]) => [Number(startMs), figures]));
  let fromMs = Math.max(times.countedMs, atMs - KEPT_MS);
  while (activityOf(state) !== undefined && fromMs < atMs) {
    const startMs = fromMs - (fromMs % PART_MS);
    const untilMs = Math.min(startMs + PART_MS, atMs);
    parts.set(startMs, totalOf([parts.get(startMs) ?? {}, figuresFor(state, untilMs - fromMs)]));
    fromMs = untilMs;
  }
  return [...parts];
}

async function sumTimes(unit: Unit, agent: Agent, parts: readonly Part[]): Promise<void> {
  if (parts.length === 0) return;
  const { hierarchy } = await getConfiguration(unit, agent, agent.state.configurationVersion);
  const dimensions = agentDimensions({ id: agent.id, profileId: agent.settings.profileId, hierarchy });
  const additions = parts.map(([timeMs, figures]): Addition => ({ timeMs, figures }));
  await addSums(unit, agent, dimensions, additions);
}

/**
 * What an agent who is in a state for a time adds to figures: their activity; and, while they have contacts whatever they do beside,
 * how long that is (`busyMs`), and how long it is for all those contacts together (`contactsMs`).
 */
function figuresFor(state: AgentState, milliseconds: number): Figures {
  const activity = activityOf(state);
  if (activity === undefined || milliseconds <= 0) return {};
  const contacts = state.contacts.filter(isWorkedOn).length;
  const busy = contacts > 0 && { busyMs: milliseconds, contactsMs: contacts * milliseconds };
  return { [activity]: milliseconds, ...busy };
}

/** `undefined`: offline. */
function activityOf({ status, contacts }: AgentState): Activity | undefined {
  if (status.type === "CUSTOM") return "nonProductiveMs";
  if (status.type !== "ROUTABLE") return undefined;
  if (contacts.some(({ state }) => isFailed(state))) return "errorMs";
  if (contacts.some(isWorkedOn)) return "onContactMs";
  return contacts.length > 0 ? "ringingMs" : "idleMs";
}
