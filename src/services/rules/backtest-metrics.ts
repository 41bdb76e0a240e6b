/**
 * Backtest of a rule on metrics: at which looks it would have acted. What only asks for trailing metrics is computed from the sums that historical
 * metrics are made of, which are kept for months; whatever else from what published rules looked at.
 */
import { setImmediate } from "node:timers/promises";
import type { MetricFact } from "../../matching/rule-function/derived-fact.ts";
import type { ReadingStore } from "../../store/store.ts";
import { instanceKey, ResourceMetrics, resourceKey, SUMS_KEPT_MS } from "../connect/index.ts";
import { gapIn, gapOf } from "../kept-log.ts";
import { type Backtest, type BacktestLine, type BacktestResult, Counting } from "./backtest-lines.ts";
import { explainRule } from "./explain-rule.ts";
import { entriesFrom, INPUTS, inputOf, METRICS_SUBJECT, RULE_INPUTS } from "./history.ts";
import { type AskedResource, askResources, breachesOf, lookAgain, metricFactsOf } from "./metric-look.ts";
import { ofResource } from "./replay.ts";
import { RuleSet } from "./rule-set.ts";

/** A moment of the past. */
interface PastLook {
  readonly timeMs: number;
  /** A text says what is not known of it. */
  readonly asked: readonly AskedResource[] | string;
}

/** Sums are of five minutes. */
const STEP_MS = 5 * 60_000;

const NOTE =
  "Computed for every five minutes, from the sums that historical metrics are made of, of those resources that its filters name now.";

export async function* backtestMetrics(store: ReadingStore, order: Backtest): AsyncGenerator<BacktestLine> {
  const { rule, matchesMax } = order;
  const set = new RuleSet();
  set.add(rule);
  const facts = metricFactsOf(set.facts());
  const isOfSums = facts.every(({ pastSeconds }) => pastSeconds !== undefined);
  const counting = new Counting(order);
  const gaps = new Gaps(order);
  let [told, of, breaching] = [0, isOfSums ? stepsOf(order) : await looksOf(store, order), new Set<string>()];
  for await (const { timeMs, asked } of isOfSums ? sums(store, order, facts) : looks(store, order, facts)) {
    counting.read += 1;
    gaps.looked(timeMs, typeof asked === "string" ? asked : undefined);
    if (typeof asked !== "string") {
      const now = (await breachesOf(set, asked, setImmediate)).get(resourceKey(rule)) ?? [];
      const begun = now.filter(({ arn }) => !breaching.has(arn));
      breaching = new Set(now.map(({ arn }) => arn));
      counting.count(timeMs, begun.length > 0);
      const first = asked.find(({ resource }) => resource.arn === begun[0]?.arn);
      if (first && told < matchesMax) {
        told += 1;
        yield {
          match: {
            subject: begun.map(({ name }) => name).join(", "),
            time: new Date(timeMs).toISOString(),
            resources: now.map(({ arn }) => arn),
            ...explainRule(rule, ofResource(first), new Map()),
          },
        };
      }
    }
    of = Math.max(of, counting.read);
    yield { progress: { read: counting.read, of, ...counting.totals } };
  }
  if (isOfSums) {
    const keptMs = order.nowMs - SUMS_KEPT_MS;
    const reason = "Sums of metrics are kept for 100 days.";
    const old = order.sinceMs < keptMs ? [gapOf(order.sinceMs, Math.min(keptMs, order.untilMs), reason)] : [];
    yield { done: { ...counting.result(), gaps: old, note: NOTE } };
    return;
  }
  const gap = await gapIn(store, RULE_INPUTS, order);
  yield { done: { ...counting.result(), gaps: [...(gap ? [gap] : []), ...gaps.found(gap && Date.parse(gap.until))] } };
}

async function* sums(store: ReadingStore, order: Backtest, facts: readonly MetricFact[]): AsyncGenerator<PastLook> {
  const { instance, nowMs, untilMs } = order;
  for (let timeMs = firstStep(order); timeMs < Math.min(untilMs, nowMs + 1); timeMs += STEP_MS) {
    const metrics = new ResourceMetrics(store, { instance, nowMs, atMs: timeMs });
    yield { timeMs, asked: await askResources(facts, metrics, setImmediate) };
  }
}

function firstStep({ sinceMs, nowMs }: Backtest): number {
  return Math.ceil(Math.max(sinceMs, nowMs - SUMS_KEPT_MS) / STEP_MS) * STEP_MS;
}

function stepsOf(order: Backtest): number {
  return Math.ceil((Math.min(order.untilMs, order.nowMs) - firstStep(order)) / STEP_MS);
}

async function* looks(store: ReadingStore, order: Backtest, facts: readonly MetricFact[]): AsyncGenerator<PastLook> {
  const { instance, sinceMs, untilMs } = order;
  const partitions = (await store.findLog(INPUTS))?.partitions ?? 0;
  for (let partition = 0; partition < partitions; partition++) {
    for await (const entry of entriesFrom(store, partition, sinceMs)) {
      if (entry.timeMs >= untilMs) break;
      const input = entry.key === METRICS_SUBJECT ? inputOf(entry) : undefined;
      if (input?.kind !== "metrics" || instanceKey(input.instance) !== instanceKey(instance)) continue;
      yield { timeMs: entry.timeMs, asked: lookAgain(instance, facts, input) };
    }
  }
}

/** At most: in between lies what others looked at. */
async function looksOf(store: ReadingStore, { sinceMs, untilMs, nowMs, lookMs }: Backtest): Promise<number> {
  const { next } = await store.bounds(INPUTS, 0);
  const from = await store.sequenceAt(INPUTS, 0, sinceMs);
  return Math.min(next - from, Math.ceil((Math.min(untilMs, nowMs) - sinceMs) / lookMs));
}

/** Looks that are so many times later than the next one is due have not been. */
const MISSED = 3;
const GAPS_MAX = 100;

const NO_LOOK = "No look is kept: no rule on metrics was published, or rules looked at more than 500 resources.";

/** Where looks are missing, and where they did not look at what the rule asks for. */
class Gaps {
  readonly #order: Backtest;
  #atMs: number;
  #unknown: { readonly what: string; readonly sinceMs: number; untilMs: number } | undefined;
  readonly #found: { readonly sinceMs: number; readonly untilMs: number; readonly reason: string }[] = [];

  constructor(order: Backtest) {
    this.#order = order;
    this.#atMs = order.sinceMs;
  }

  looked(timeMs: number, unknown: string | undefined): void {
    this.#passed(timeMs);
    if (this.#unknown && this.#unknown.what !== unknown) this.#close(timeMs);
    if (unknown !== undefined) this.#unknown ??= { what: unknown, sinceMs: timeMs, untilMs: timeMs };
    this.#atMs = timeMs;
  }

  /** `knownFromMs`: what lies before is a gap already. */
  found(knownFromMs: number = 0): BacktestResult["gaps"] {
    const endMs = Math.min(this.#order.untilMs, this.#order.nowMs);
    this.#passed(endMs);
    this.#close(endMs);
    return this.#found
      .filter(({ untilMs }) => untilMs > knownFromMs)
      .map(({ sinceMs, untilMs, reason }) => gapOf(Math.max(sinceMs, knownFromMs), untilMs, reason));
  }

  #passed(timeMs: number): void {
    if (timeMs - this.#atMs <= MISSED * this.#order.lookMs) return;
    this.#close(this.#atMs);
    this.#add(this.#atMs, timeMs, NO_LOOK);
  }

  #close(untilMs: number): void {
    if (this.#unknown) this.#add(this.#unknown.sinceMs, untilMs, `No published rule looked at ${this.#unknown.what}.`);
    this.#unknown = undefined;
  }

  #add(sinceMs: number, untilMs: number, reason: string): void {
    if (this.#found.length < GAPS_MAX) this.#found.push({ sinceMs, untilMs, reason });
  }
}
