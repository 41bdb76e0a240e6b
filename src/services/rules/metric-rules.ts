/**
 * Rules on metrics: an instance that has such rules has a durable timer, at each tick of which all of them are asked of all their resources, in
 * the unit that fires the timer; where those are so many that it would take long, the tick orders a look outside of any unit. A rule acts when
 * a resource begins to meet it, and names all that do then; one that meets it no more may make it act again (our choice: nothing is documented).
 * What a rule was true of is kept, so that a restart changes nothing.
 */
import { setImmediate } from "node:timers/promises";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import {
  findInstance,
  type InstanceRef,
  instanceArn,
  instanceKey,
  type Resource,
  ResourceMetrics,
  type Rule,
  refOf,
  resourceKey,
  rules,
} from "../connect/index.ts";
import type { Limit, Platform } from "../service.ts";
import { act } from "./act.ts";
import type { Evaluation } from "./follow-analyses.ts";
import { METRICS_SUBJECT, recordInput } from "./history.ts";
import { askResources, breachesOf, type KeptLook, keptLook, metricFactsOf } from "./metric-look.ts";
import { PRINCIPAL } from "./owed-action.ts";
import type { RuleSet } from "./rule-set.ts";
import { ruleRevision } from "./rule-versions.ts";

const SOURCE = "OnMetricDataUpdate";

const TICK = "rules.metrics";
const LOOK = "metric-look/";

/** Resources under which a look is found that has let rules act. */
const FOUND_UNDER_MAX = 100;

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
  const { flow } = evaluation.platform;
  flow.onTimer(TICK, (unit, { payload }) => tick(unit, evaluation, payload as InstanceRef));
  /** One look at an instance after the other, as they were ordered. */
  const looking = new Map<string, Promise<void>>();
  flow.sink("connect", LOOK, {
    async attempt(arn, { principal, body }) {
      if (principal !== PRINCIPAL) return { code: "NO_PERMISSIONS", message: "No target of rules.", retryable: false };
      const before = looking.get(arn) ?? Promise.resolve();
      const own = before.catch(() => {}).then(() => look(evaluation, JSON.parse(body) as InstanceRef));
      looking.set(arn, own);
      try {
        await own;
      } finally {
        if (looking.get(arn) === own) looking.delete(arn);
      }
      return undefined;
    },
  });
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

  let pauses = 0;
  const pause = async (): Promise<void> => {
    pauses += 1;
    if (pauses > PAUSES_MAX) throw new TooMuch();
  };
  try {
    const looked = await ask(unit, set, { instance, nowMs, pause });
    await settleAll(unit, platform, looked);
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    await orderLook(unit, platform, instance);
  }
}

/** After so many pauses a look is too much for one unit: some milliseconds. */
const PAUSES_MAX = 4;

class TooMuch extends Error {}

/** Has an instance looked at outside of any unit. */
async function orderLook(unit: Unit, { flow, clock }: Platform, instance: InstanceRef): Promise<void> {
  const { account, region, instanceId } = instance;
  const arn = instanceArn(instance);
  const body = JSON.stringify(instance);
  const deliveryId = `${TICK}:${instanceKey(instance)}:${clock.now()}`;
  await flow.send(unit, [
    {
      targetArn: `arn:aws:connect:${region}:${account}:${LOOK}${instanceId}`,
      request: { deliveryId, body, account, principal: PRINCIPAL, sourceArn: arn },
      event: body,
      ruleArn: arn,
      // The next tick comes soon.
      retryAttemptsMax: 0,
      timeMs: clock.now(),
    },
  ]);
}

/** Reads with room for others in between, and settles in one unit what comes of it. */
async function look({ platform, sets }: Evaluation, instance: InstanceRef): Promise<void> {
  const { store, clock } = platform;
  const set = await sets.of(store, instance, SOURCE);
  const looked = await ask(store, set, { instance, nowMs: clock.now(), pause: setImmediate });
  await store.commitUnsynced((unit) => settleAll(unit, platform, looked));
}

/** What was found at a moment. */
interface Looked {
  readonly instance: InstanceRef;
  /** The rules that were asked, and the resources that each is true of, by the rule's key. */
  readonly rules: readonly Rule[];
  readonly breaches: ReadonlyMap<string, readonly Resource[]>;
  readonly kept: KeptLook | undefined;
}

async function ask(
  reader: Reader,
  set: RuleSet,
  when: { readonly instance: InstanceRef; readonly nowMs: number; readonly pause: () => Promise<void> },
): Promise<Looked> {
  // The set follows changes, also while metrics are read.
  const [facts, asking] = [metricFactsOf(set.facts()), [...set.listed()].map(({ rule }) => rule)];
  const { instance, pause } = when;
  const asked = await askResources(facts, new ResourceMetrics(reader, when), pause);
  const breaches = await breachesOf(set, asked, pause);
  return { instance, rules: asking, breaches, kept: keptLook(instance, facts, asked) };
}

async function settleAll(unit: Unit, platform: Platform, looked: Looked): Promise<void> {
  const { instance, breaches, kept } = looked;
  const acted: Record<string, string> = {};
  const found = new Set<string>();
  for (const rule of looked.rules) {
    const now = await unit.get(rules, resourceKey(rule));
    // Who has changed it meanwhile has it asked anew.
    if (now?.revision !== rule.revision || now?.status !== "PUBLISHED") continue;
    const act = await settle(unit, platform, rule, breaches.get(resourceKey(rule)) ?? []);
    if (!act) continue;
    acted[rule.id] = act.about;
    for (const { id } of act.begun) found.add(id);
  }
  if (!kept) return;
  const revision = await ruleRevision(unit, instance);
  const input = { kind: "metrics", instance, subject: METRICS_SUBJECT, revision, ...kept, acted } as const;
  await recordInput(unit, platform, input, [...found].slice(0, FOUND_UNDER_MAX));
}

/** What a rule has acted for. */
interface Acted {
  readonly about: string;
  /** The resources that it was not true of before. */
  readonly begun: readonly Resource[];
}

/** Lets a rule act where it has become true of a resource. */
async function settle(
  unit: Unit,
  platform: Platform,
  rule: Rule,
  resources: readonly Resource[],
): Promise<Acted | undefined> {
  const key = resourceKey(rule);
  const { breaching: before, acted } = (await unit.get(metricStates, key)) ?? { breaching: [], acted: 0 };
  const known = new Set(before);
  const inOrder = resources.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const begun = inOrder.filter(({ id }) => !known.has(id));
  if (begun.length === 0 && before.length === resources.length) return undefined;
  unit.put(metricStates, key, {
    key,
    breaching: inOrder.map(({ id }) => id),
    acted: begun.length > 0 ? acted + 1 : acted,
  });
  if (begun.length === 0) return undefined;
  const about = `metrics/${platform.clock.now()}/${acted + 1}`;
  await act(unit, platform, {
    rule,
    source: SOURCE,
    instance: refOf(rule),
    about,
    document: { MetricData: { Resources: inOrder.map(({ name }) => name).join(", ") } },
    resources: inOrder.map(({ arn }) => arn),
  });
  return { about, begun };
}

/** Nobody asks for metrics any more. */
async function forgetStates(unit: Unit, instance: InstanceRef): Promise<void> {
  const { documents } = await unit.list(metricStates, { prefix: instanceKey(instance, ""), limit: FORGOTTEN });
  for (const { key } of documents) unit.delete(metricStates, key);
}
