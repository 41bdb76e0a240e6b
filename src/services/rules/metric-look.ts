/** What rules on metrics are asked at a moment: the same when it comes and when it is looked at again. */
import {
  type Answer,
  DERIVED,
  type DerivedFact,
  derivedMember,
  type MetricFact,
} from "../../matching/rule-function/derived-fact.ts";
import { type InstanceRef, instanceArn, type Resource, type ResourceMetrics, resourceKey } from "../connect/index.ts";
import { nameOf, type RuleSet } from "./rule-set.ts";

/** A resource with the answers to all facts whose filters name it. */
export interface AskedResource {
  readonly resource: Resource;
  readonly answers: readonly (readonly [MetricFact, Answer])[];
}

interface Asking {
  readonly resource: Resource;
  readonly answers: (readonly [MetricFact, Answer])[];
}

/** Values that are read before others have room: those of an agent take some 50 µs, and one that was read for another rule nothing. */
const READ_SIZE = 50;

/** Asks for the metrics of all resources that facts name. */
export async function askResources(
  facts: readonly MetricFact[],
  metrics: ResourceMetrics,
  pause: () => Promise<void>,
): Promise<readonly AskedResource[]> {
  const asked = new Map<string, Asking>();
  let read = 0;
  for (const fact of facts) {
    for (const resource of await metrics.named(fact)) {
      const one: Asking = asked.get(resource.arn) ?? { resource, answers: [] };
      asked.set(resource.arn, one);
      one.answers.push([fact, await metrics.valueOf(fact, resource)]);
      read += 1;
      if (read % READ_SIZE === 0) await pause();
    }
  }
  return [...asked.values()];
}

export function metricFactsOf(facts: Iterable<DerivedFact>): readonly MetricFact[] {
  return [...facts].flatMap((fact) => (fact.kind === "metric" ? fact : []));
}

/** The resources that each rule is true of, by the rule's key. */
export async function breachesOf(
  set: RuleSet,
  asked: readonly AskedResource[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<string, readonly Resource[]>> {
  const breaches = new Map<string, Resource[]>();
  for (const [at, { resource, answers }] of asked.entries()) {
    for (const { rule } of set.matchDocument({ [DERIVED]: derivedMember(answers) })) {
      const key = resourceKey(rule);
      const found = breaches.get(key);
      if (found) found.push(resource);
      else breaches.set(key, [resource]);
    }
    if ((at + 1) % READ_SIZE === 0) await pause();
  }
  return breaches;
}

/** A look as history keeps it: each value once, however many rules ask for it. Resources are named by their places. */
export interface KeptLook {
  /** What follows the instance's ARN in theirs, and their names. */
  readonly resources: readonly (readonly [end: string, name: string])[];
  /** Filters, by names that are made of them, and the resources that they named. */
  readonly named: Readonly<Record<string, readonly number[]>>;
  /** Metrics, and of which resources they had which values; `null`: there was no data. */
  readonly values: Readonly<
    Record<string, readonly (readonly [resource: number, value: NonNullable<Answer> | null])[]>
  >;
}

/** Looks come each minute: one at 100 queues with six metrics takes 10 KB. */
const KEPT_MAX = 500;

/** `undefined`: there are so many that they are not kept. */
export function keptLook(
  instance: InstanceRef,
  facts: readonly MetricFact[],
  asked: readonly AskedResource[],
): KeptLook | undefined {
  if (asked.length > KEPT_MAX) return undefined;
  const named: Record<string, number[]> = Object.fromEntries(facts.map((fact) => [filterKey(fact), []]));
  const values = new Map<string, Map<number, NonNullable<Answer> | null>>();
  for (const [place, { answers }] of asked.entries()) {
    for (const [fact, answer] of answers) {
      const places = named[filterKey(fact)];
      if (places && places.at(-1) !== place) places.push(place);
      const key = valueKey(fact);
      const known = values.get(key) ?? new Map<number, NonNullable<Answer> | null>();
      values.set(key, known.set(place, answer ?? null));
    }
  }
  return {
    resources: asked.map(({ resource: { arn, name } }) => [arn.slice(instanceArn(instance).length), name]),
    named,
    values: Object.fromEntries([...values].map(([key, known]) => [key, [...known]])),
  };
}

/** The resources that facts named then, with their values. A text tells what was not looked at. */
export function lookAgain(
  instance: InstanceRef,
  facts: readonly MetricFact[],
  look: KeptLook,
): readonly AskedResource[] | string {
  const resources = look.resources.map(([end, name]) => ({ id: idOf(end), name, arn: instanceArn(instance) + end }));
  const asked = new Map<number, Asking>();
  for (const fact of facts) {
    const values = new Map<number, NonNullable<Answer> | null>(look.values[valueKey(fact)]);
    const places = placesOf(fact, look);
    if (!places) return `${fact.metric} of all that ${fact.resources.filter} names`;
    for (const place of places) {
      const [resource, value] = [resources[place], values.get(place)];
      if (!resource || value === undefined) return `${fact.metric} of ${resource?.name ?? "some resources"}`;
      const one: Asking = asked.get(place) ?? { resource, answers: [] };
      asked.set(place, one);
      one.answers.push([fact, value ?? undefined]);
    }
  }
  return [...asked.values()];
}

/** Which resources a filter named: as it was asked then, or, where it names the resources themselves, those that others asked for. */
function placesOf(fact: MetricFact, { resources, named }: KeptLook): readonly number[] | undefined {
  const places = named[filterKey(fact)];
  const { filter, ids } = fact.resources;
  if (places || DIRECT[fact.grouping] !== filter) return places;
  const byId = new Map(resources.map(([end], place) => [idOf(end), place]));
  const found = [...new Set(ids)].map((id) => byId.get(id));
  // One that is not there may not have been looked at.
  return found.every((place) => place !== undefined) ? found : undefined;
}

const DIRECT: Readonly<Record<MetricFact["grouping"], string>> = {
  QUEUE: "MetricDataFilterByQueue",
  AGENT: "MetricDataFilterByAgent",
  ROUTING_PROFILE: "MetricDataFilterByRoutingProfile",
  FLOW: "MetricDataFilterByFlow",
};

function filterKey({ grouping, resources: { filter, ids } }: MetricFact): string {
  return nameOf(JSON.stringify([grouping, filter, ...[...new Set(ids)].sort()]));
}

function idOf(end: string): string {
  return end.slice(end.lastIndexOf("/") + 1);
}

function valueKey(fact: MetricFact): string {
  const { metric, grouping, pastSeconds, thresholdSeconds, flowOutcomes, channels } = fact;
  const lists = [flowOutcomes, channels].map((list) => list && [...new Set(list)].sort());
  return JSON.stringify([metric, grouping, pastSeconds, thresholdSeconds, ...lists]);
}
