import type { Reader } from "../../store/store.ts";
import { getConfiguration } from "./agent-configuration.ts";
import { unsummedTimes } from "./agent-times.ts";
import { type Agent, findAgent, listSignedIn } from "./agents.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { agentDimensions } from "./contact-figures.ts";
import type { Interval } from "./metric-intervals.ts";
import { DAY_MS, type MetricPart, type MetricSpan, type PrimaryDimension, readSums } from "./metrics.ts";

/** What historical metrics of some intervals are made of: sums, and what agents are still at. */

const PART_MS = 5 * 60_000;

/** Of whom, or what, figures are looked for. */
export interface Found {
  readonly dimension: PrimaryDimension;
  readonly id: string;
}

/** Figures of these intervals, of parts of a day or five minutes. A time is taken in the five minutes that begin in it (our choice). */
export async function summedParts(
  reader: Reader,
  instance: InstanceRef,
  found: readonly Found[],
  intervals: readonly Interval[],
): Promise<MetricPart[]> {
  const ranges = rangesOf(intervals);
  const parts: MetricPart[] = [];
  for (const by of found) {
    for (const range of ranges) parts.push(...(await readSums(reader, instance, by, range)));
  }
  return parts;
}

/** What agents who are signed in did in these intervals that is not in the sums yet. */
export async function unsummedParts(
  reader: Reader,
  instance: InstanceRef,
  found: readonly Found[],
  { intervals, nowMs }: { readonly intervals: readonly Interval[]; readonly nowMs: number },
): Promise<MetricPart[]> {
  const parts: MetricPart[] = [];
  for (const agent of await agentsOf(reader, instance, found)) {
    const { hierarchy } = await getConfiguration(reader, agent, agent.state.configurationVersion);
    const dimensions = agentDimensions({ id: agent.id, profileId: agent.settings.profileId, hierarchy });
    for (const { startMs, endMs } of intervals) {
      const fromMs = Math.ceil(startMs / PART_MS) * PART_MS;
      const beforeMs = Math.ceil(endMs / PART_MS) * PART_MS;
      const figures = unsummedTimes(agent, { fromMs, beforeMs, nowMs });
      if (Object.keys(figures).length > 0) parts.push({ startMs: fromMs, dimensions, figures });
    }
  }
  return parts;
}

async function agentsOf(reader: Reader, instance: InstanceRef, found: readonly Found[]): Promise<Agent[]> {
  if (found.some(({ dimension }) => dimension === "AGENT_HIERARCHY_LEVEL_ONE")) {
    return listSignedIn(reader, instanceKey(instance, ""));
  }
  const agents: Agent[] = [];
  for (const { dimension, id } of found) {
    if (dimension === "ROUTING_PROFILE") agents.push(...(await listSignedIn(reader, instanceKey(instance, id, ""))));
    const agent = dimension === "AGENT" ? await findAgent(reader, instance, id) : undefined;
    if (agent?.isSignedIn) agents.push(agent);
  }
  return agents;
}

interface Range {
  readonly span: MetricSpan;
  readonly fromMs: number;
  readonly beforeMs: number;
}

/** What is read for these intervals: the whole days (of UTC) of each in days, the rest in five minutes. */
function rangesOf(intervals: readonly Interval[]): readonly Range[] {
  const ranges: Range[] = [];
  const add = (span: MetricSpan, fromMs: number, beforeMs: number) => {
    const last = ranges.at(-1);
    if (fromMs >= beforeMs) return;
    if (last?.span === span && last.beforeMs === fromMs) ranges[ranges.length - 1] = { ...last, beforeMs };
    else ranges.push({ span, fromMs, beforeMs });
  };
  for (const { startMs, endMs } of intervals) {
    const firstDayMs = Math.min(Math.ceil(startMs / DAY_MS) * DAY_MS, endMs);
    const lastDayMs = Math.max(Math.floor(endMs / DAY_MS) * DAY_MS, firstDayMs);
    add("HOUR", startMs, firstDayMs);
    add("DAY", firstDayMs, lastDayMs);
    add("HOUR", lastDayMs, endMs);
  }
  return ranges;
}
