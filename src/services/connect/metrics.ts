import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";

/**
 * What historical metrics are made of: sums of figures, such as how many contacts were handled and for how many seconds. Whoever knows
 * of something that counts adds it once, in the unit in which it happens (`contact-figures.ts`, `agent-times.ts`), so that the sums are
 * as true, and as durable, as what they are made of, and no query reads more the more contacts there were.
 *
 * A document holds the sums of an hour, five minutes by five minutes, of all that agrees in whatever metrics are told apart by. What
 * happens changes the hour's alone. Hours that are over are summed up to days, some with each new contact (`sumDays`), so that a long
 * time is read in days; where that is still to come, it is read in hours.
 */
export interface MetricSums extends InstanceRef {
  readonly key: string;
  readonly span: MetricSpan;
  readonly startMs: number;
  readonly dimensions: MetricDimensions;
  /** By number of the part. A day is one part. */
  readonly parts: Readonly<Record<string, Figures>>;
}

/** Sums by name of the figure. `NAME:SECONDS` counts what took that long. Of `…Min` and `…Max` the least and the most is kept. Absent: 0. */
export type Figures = Readonly<Record<string, number>>;

/** Groups of the agent's hierarchy path, the topmost first. */
export const HIERARCHY_DIMENSIONS = [
  "AGENT_HIERARCHY_LEVEL_ONE",
  "AGENT_HIERARCHY_LEVEL_TWO",
  "AGENT_HIERARCHY_LEVEL_THREE",
  "AGENT_HIERARCHY_LEVEL_FOUR",
  "AGENT_HIERARCHY_LEVEL_FIVE",
] as const;

/** Those by which sums are told apart beside an agent's hierarchy path. */
const PLAIN_DIMENSIONS = [
  "QUEUE",
  "CHANNEL",
  "ROUTING_PROFILE",
  "AGENT",
  "contact/segmentAttributes/connect:Subtype",
  "INITIATION_METHOD",
  "DISCONNECT_REASON",
  "FLOW_TYPE",
  "FLOWS_RESOURCE_ID",
  "FLOWS_MODULE_RESOURCE_ID",
  "RESOURCE_PUBLISHED_TIMESTAMP",
  "FLOWS_OUTCOME_TYPE",
  "FLOWS_NEXT_RESOURCE_ID",
  "FLOWS_NEXT_RESOURCE_QUEUE_ID",
] as const;

export type MetricDimension = (typeof PLAIN_DIMENSIONS)[number] | (typeof HIERARCHY_DIMENSIONS)[number];

export const SUBTYPE: "contact/segmentAttributes/connect:Subtype" = "contact/segmentAttributes/connect:Subtype";

/** By what sums are told apart. An agent's own queue is none: historical metrics do not cover it. */
export type MetricDimensions = Readonly<Partial<Record<MetricDimension, string | undefined>>>;

/** Dimensions that sums are found by. */
export type PrimaryDimension = "QUEUE" | "ROUTING_PROFILE" | "AGENT" | "AGENT_HIERARCHY_LEVEL_ONE" | "FLOW_TYPE";

export type MetricSpan = "HOUR" | "DAY";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS: number = 24 * HOUR_MS;

const SPAN_MS: Readonly<Record<MetricSpan, number>> = { HOUR: HOUR_MS, DAY: DAY_MS };
const PART_MS: Readonly<Record<MetricSpan, number>> = { HOUR: 5 * MINUTE_MS, DAY: DAY_MS };

/** Metrics go back three months; sums are kept a little longer. */
export const KEPT_MS: number = 100 * DAY_MS;

export const metricSums: Collection<MetricSums> = collection("connect_metric_sums", {
  queue: { type: "text", value: foundBy("QUEUE") },
  profile: { type: "text", value: foundBy("ROUTING_PROFILE") },
  agent: { type: "text", value: foundBy("AGENT") },
  group: { type: "text", value: foundBy("AGENT_HIERARCHY_LEVEL_ONE") },
  flow: { type: "text", value: foundBy("FLOW_TYPE") },
  expires: { type: "integer", value: ({ startMs }) => startMs + KEPT_MS },
});

const INDEXES: Readonly<Record<PrimaryDimension, string>> = {
  QUEUE: "queue",
  ROUTING_PROFILE: "profile",
  AGENT: "agent",
  AGENT_HIERARCHY_LEVEL_ONE: "group",
  FLOW_TYPE: "flow",
};

const PRIMARY = Object.keys(INDEXES) as PrimaryDimension[];

/** Sums are read in steps. */
const READ_SIZE = 1_000;

/** Figures that something has at a time. */
export interface Addition {
  readonly timeMs: number;
  readonly figures: Figures;
}

/** How far the hours of an instance have been summed up to days. */
interface SummedDays {
  /** Sums of hours whose keys are this or less are in those of days. */
  readonly cursor: string;
  /** All hours before this one are. */
  readonly hourMs: number;
}

export const summedDays: Collection<SummedDays> = collection("connect_metric_days");

/** Documents of hours that a contact sums up: more than it can make, so that they do not become more. */
const SUMMED_PER_CONTACT = 20;

/** Adds what is of the same dimensions: each document that it lies in is written once. What no query could find is left out. */
export async function addSums(
  unit: Unit,
  instance: InstanceRef,
  dimensions: MetricDimensions,
  additions: readonly Addition[],
): Promise<void> {
  if (PRIMARY.every((dimension) => dimensions[dimension] === undefined)) return;
  const { cursor = "" } = (await unit.get(summedDays, instanceKey(instance))) ?? {};
  for (const [startMs, added] of Map.groupBy(additions, ({ timeMs }) => timeMs - (timeMs % HOUR_MS))) {
    const key = await addTo(unit, instance, { span: "HOUR", startMs, dimensions }, added);
    // The hour has been summed up already.
    if (key <= cursor) await addTo(unit, instance, dayOf(startMs, dimensions), added);
  }
}

/** Sums up some hours that are over. Called with each new contact. */
export async function sumDays(unit: Unit, instance: InstanceRef, nowMs: number): Promise<void> {
  const hourMs = nowMs - (nowMs % HOUR_MS);
  const summed = await unit.get(summedDays, instanceKey(instance));
  if (summed && summed.hourMs >= hourMs) return;
  const before = instanceKey(instance, "HOUR", hourMs);
  const from = summed?.cursor ?? instanceKey(instance, "HOUR", "");
  const { documents, next } = await unit.list(metricSums, { from, before, limit: SUMMED_PER_CONTACT });
  for (const { key, startMs, dimensions, parts } of documents) {
    if (key === summed?.cursor) continue;
    const figures = totalOf(Object.values(parts));
    await addTo(unit, instance, dayOf(startMs, dimensions), [{ timeMs: startMs, figures }]);
  }
  const last = next === undefined ? undefined : documents.at(-1);
  unit.put(
    summedDays,
    instanceKey(instance),
    last ? { cursor: last.key, hourMs: last.startMs } : { cursor: before, hourMs },
  );
}

type Place = Pick<MetricSums, "span" | "startMs" | "dimensions">;

function dayOf(timeMs: number, dimensions: MetricDimensions): Place {
  return { span: "DAY", startMs: timeMs - (timeMs % DAY_MS), dimensions };
}

/** Answers the key of the document. */
async function addTo(
  unit: Unit,
  instance: InstanceRef,
  { span, startMs, dimensions }: Place,
  added: readonly Addition[],
): Promise<string> {
  const key = sumsKey(instance, span, startMs, dimensions);
  const parts: Record<string, Figures> = { ...(await unit.get(metricSums, key))?.parts };
  for (const { timeMs, figures } of added) {
    const part = String(Math.floor((timeMs - startMs) / PART_MS[span]));
    parts[part] = totalOf([parts[part] ?? {}, figures]);
  }
  unit.put(metricSums, key, { ...refOf(instance), key, span, startMs, dimensions, parts });
  return key;
}

/** The sum, or the least or the most, of each figure. */
export function totalOf(all: readonly Figures[]): Figures {
  const total: Record<string, number> = {};
  for (const figures of all) {
    for (const name of Object.keys(figures)) {
      const value = figures[name] as number;
      const before = total[name];
      if (name.endsWith("Min")) total[name] = before === undefined || value < before ? value : before;
      else if (name.endsWith("Max")) total[name] = before === undefined || value > before ? value : before;
      else if (value !== 0) total[name] = (before ?? 0) + value;
    }
  }
  return total;
}

/** What was summed up in a stretch of time: five minutes or a day. */
export interface MetricPart {
  readonly startMs: number;
  readonly dimensions: MetricDimensions;
  readonly figures: Figures;
}

interface Range {
  readonly span: MetricSpan;
  readonly fromMs: number;
  readonly beforeMs: number;
}

/** The parts that begin at a time or later, and before another; of days also hours that have not been summed up. */
export async function readSums(
  reader: Reader,
  instance: InstanceRef,
  by: { readonly dimension: PrimaryDimension; readonly id: string },
  range: Range,
): Promise<MetricPart[]> {
  if (range.span === "HOUR") return readParts(reader, instance, by, range);
  for (;;) {
    const summed = await reader.get(summedDays, instanceKey(instance));
    const { cursor = "", hourMs = 0 } = summed ?? {};
    const hours = { ...range, span: "HOUR", fromMs: Math.max(range.fromMs, hourMs) } as const;
    const parts = [
      ...(await readParts(reader, instance, by, range)),
      ...(await readParts(reader, instance, by, hours, cursor)),
    ];
    // Else hours have become days between the two, and were read twice or not at all.
    if ((await reader.get(summedDays, instanceKey(instance)))?.cursor === summed?.cursor) return parts;
  }
}

/** Of documents whose key is beyond a cursor. */
async function readParts(
  reader: Reader,
  instance: InstanceRef,
  by: { readonly dimension: PrimaryDimension; readonly id: string },
  { span, fromMs, beforeMs }: Range,
  cursor: string = "",
): Promise<MetricPart[]> {
  const found: MetricPart[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(metricSums, {
      index: INDEXES[by.dimension],
      from: instanceKey(instance, by.id, span, fromMs - (fromMs % SPAN_MS[span])),
      before: instanceKey(instance, by.id, span, beforeMs),
      limit: READ_SIZE,
      after,
    });
    for (const { key, startMs: spanMs, dimensions, parts } of page.documents) {
      if (key <= cursor) continue;
      for (const [part, figures] of Object.entries(parts)) {
        const startMs = spanMs + Number(part) * PART_MS[span];
        if (startMs >= fromMs && startMs < beforeMs) found.push({ startMs, dimensions, figures });
      }
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** Of a hierarchy path the last group tells all. */
function sumsKey(instance: InstanceRef, span: MetricSpan, startMs: number, dimensions: MetricDimensions): string {
  const group = HIERARCHY_DIMENSIONS.findLast((level) => dimensions[level] !== undefined);
  const columns = PLAIN_DIMENSIONS.map((dimension) => dimensions[dimension] ?? "");
  return instanceKey(instance, span, startMs, ...columns, group === undefined ? "" : (dimensions[group] ?? ""));
}

function foundBy(dimension: PrimaryDimension): (sums: MetricSums) => string | undefined {
  return (sums) => {
    const id = sums.dimensions[dimension];
    return id === undefined ? undefined : instanceKey(sums, id, sums.span, sums.startMs);
  };
}
