/**
 * Rules on metrics: an instance that has such rules has a durable timer, at each tick of which all of them are asked of all their resources,
 * in the unit that fires the timer. A rule acts when a resource begins to meet it, and names all that do then; one that meets it no more
 * may make it act again (our choice: nothing is documented). What a rule was true of is kept, so that a restart changes nothing.
 */
import { type Answer, DERIVED, type DerivedFact, derivedMember } from "../../matching/rule-function/derived-fact.ts";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import {
  findInstance,
  type InstanceRef,
  instanceKey,
  type Resource,
  ResourceMetrics,
  type Rule,
  refOf,
  resourceKey,
} from "../connect/index.ts";
import type { Limit, Platform } from "../service.ts";
import { act } from "./act.ts";
import type { Evaluation } from "./follow-analyses.ts";
import type { RuleSet } from "./rule-set.ts";

const SOURCE = "OnMetricDataUpdate";

const TICK = "rules.metrics";

export const METRIC_RULE_SECONDS: Limit = {
  name: "connect.metric-rule-seconds",
  default: 60,
  meaning: "Seconds between two looks of the rules on metrics at them",
  source: "our choice",
  always: true,
};

/** What a rule was true of when it was last asked. */
interface MetricState {
  /** The rule's. */
  readonly key: string;
  /** Ids of resources, in order. */
  readonly breaching: readonly string[];
  /** How often it has acted. */
  readonly acted: number;
}

const metricStates: Collection<MetricState> = collection("rules_metric_states");

/** States of rules that are gone, which are forgotten at once: more wait for the next time. */
const FORGOTTEN = 1_000;

export function evaluateMetrics(evaluation: Evaluation): void {
  evaluation.platform.flow.onTimer(TICK, (unit, { payload }) => tick(unit, evaluation, payload as InstanceRef));
}

/** What a rule on metrics needs that was written: it forgets what it was true of, and is asked at once. */
export async function metricRuleWritten(unit: Unit, platform: Platform, rule: Rule): Promise<void> {
  if (rule.source !== SOURCE) return;
  const key = resourceKey(rule);
  const state = await unit.get(metricStates, key);
  if (state) unit.put(metricStates, key, { ...state, breaching: [] });
  if (rule.status === "PUBLISHED") scheduleTick(unit, platform, refOf(rule), platform.clock.now());
}

function scheduleTick(unit: Unit, { flow }: Platform, instance: InstanceRef, dueMs: number): void {
  flow.schedule(unit, { id: `${TICK}:${instanceKey(instance)}`, kind: TICK, dueMs, payload: instance });
}

async function tick(unit: Unit, { platform, sets }: Evaluation, instance: InstanceRef): Promise<void> {
  const set = await sets.of(unit, instance, SOURCE);
  // What lay in an instance that was deleted goes in steps.
  if (set.size === 0 || !(await findInstance(unit, instance))) return forgetStates(unit, instance);
  const nowMs = platform.clock.now();
  const seconds = platform.limits.value("connect.metric-rule-seconds", METRIC_RULE_SECONDS.default);
  scheduleTick(unit, platform, instance, nowMs + Math.max(seconds, 1) * 1_000);

  const breaches = await breachesOf(set, new ResourceMetrics(unit, instance, nowMs));
  for (const { rule } of set.listed()) await settle(unit, platform, rule, breaches.get(resourceKey(rule)) ?? []);
}

/** The resources that each rule is true of, by the rule's key. */
async function breachesOf(set: RuleSet, metrics: ResourceMetrics): Promise<ReadonlyMap<string, readonly Resource[]>> {
  const asked = new Map<string, { resource: Resource; answers: (readonly [DerivedFact, Answer])[] }>();
  for (const fact of set.facts()) {
    if (fact.kind !== "metric") continue;
    for (const resource of await metrics.named(fact)) {
      const one = asked.get(resource.arn) ?? { resource, answers: [] };
      asked.set(resource.arn, one);
      one.answers.push([fact, await metrics.valueOf(fact, resource)]);
    }
  }
  const breaches = new Map<string, Resource[]>();
  for (const { resource, answers } of asked.values()) {
    for (const { rule } of set.matchDocument({ [DERIVED]: derivedMember(answers) })) {
      const key = resourceKey(rule);
      breaches.set(key, [...(breaches.get(key) ?? []), resource]);
    }
  }
  return breaches;
}

/** Lets a rule act where it has become true of a resource. */
async function settle(unit: Unit, platform: Platform, rule: Rule, resources: readonly Resource[]): Promise<void> {
  const key = resourceKey(rule);
  const { breaching: before, acted } = (await unit.get(metricStates, key)) ?? { breaching: [], acted: 0 };
  const known = new Set(before);
  const inOrder = resources.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const isNew = inOrder.some(({ id }) => !known.has(id));
  if (!isNew && before.length === resources.length) return;
  unit.put(metricStates, key, {
    key,
    breaching: inOrder.map(({ id }) => id),
    acted: isNew ? acted + 1 : acted,
  });
  if (!isNew) return;
  await act(unit, platform, {
    rule,
    source: SOURCE,
    instance: refOf(rule),
    about: `metrics/${platform.clock.now()}/${acted + 1}`,
    document: { MetricData: { Resources: inOrder.map(({ name }) => name).join(", ") } },
    resources: inOrder.map(({ arn }) => arn),
  });
}

/** Nobody asks for metrics any more. */
async function forgetStates(unit: Unit, instance: InstanceRef): Promise<void> {
  const { documents } = await unit.list(metricStates, { prefix: instanceKey(instance, ""), limit: FORGOTTEN });
  for (const { key } of documents) unit.delete(metricStates, key);
}
