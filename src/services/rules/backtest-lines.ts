/** What a backtest is told, and tells. */
import type { Explanation } from "../../matching/explanation.ts";
import type { ReadingStore } from "../../store/store.ts";
import type { InstanceRef, Rule } from "../connect/index.ts";
import { HISTORY_KEPT_MS, historyIsFull, INPUTS, isOpening } from "./history.ts";

/** A rule that may not exist: `id` and the like are made up then. */
export interface Backtest {
  readonly instance: InstanceRef;
  readonly rule: Rule;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** When the backtest is run. */
  readonly nowMs: number;
  /** Rules on metrics are asked so often. */
  readonly lookMs: number;
  /** So many matches are told with their explanations; all are counted. */
  readonly matchesMax: number;
}

/** One line of the answer. */
export type BacktestLine =
  | {
      readonly progress: {
        readonly read: number;
        readonly of: number;
        readonly asked: number;
        readonly matched: number;
      };
    }
  | { readonly match: BacktestMatch }
  | { readonly done: BacktestResult };

export interface BacktestMatch extends Explanation {
  /** The contact, or whatever else the rule looked at; of metrics the names of what began to meet it. */
  readonly subject: string;
  readonly time: string;
  /** Of an evaluation: which submission. */
  readonly about?: string;
  /** Of metrics: all that met the rule then, as ARNs. The explanation is that of one which had just begun to. */
  readonly resources?: readonly string[];
  /** In real time: by which turn it became true. */
  readonly turn?: { readonly id: string; readonly speaker: string; readonly beginMs: number };
}

export interface BacktestResult {
  readonly source: Rule["source"];
  readonly since: string;
  readonly until: string;
  /** How often the rule would have been asked, and been true. */
  readonly asked: number;
  readonly matched: number;
  /** By the hour, or by the day where it is of more than two days. */
  readonly histogram: readonly { readonly from: string; readonly asked: number; readonly matched: number }[];
  /** Parts of the time of which nothing is known, and why, in order. */
  readonly gaps: readonly Gap[];
  /** How it was found out, where that differs from what rules see when they are asked. */
  readonly note?: string;
}

interface Gap {
  readonly since: string;
  readonly until: string;
  readonly reason: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is counted of a backtest. */
export class Counting {
  read = 0;
  asked = 0;
  matched = 0;
  readonly #order: Backtest;
  readonly #stepMs: number;
  readonly #steps = new Map<number, { asked: number; matched: number }>();

  constructor(order: Backtest) {
    this.#order = order;
    this.#stepMs = order.untilMs - order.sinceMs > 2 * DAY_MS ? DAY_MS : HOUR_MS;
  }

  count(timeMs: number, isTrue: boolean): void {
    const from = timeMs - (timeMs % this.#stepMs);
    const step = this.#steps.get(from) ?? { asked: 0, matched: 0 };
    this.#steps.set(from, step);
    this.asked += 1;
    step.asked += 1;
    if (!isTrue) return;
    this.matched += 1;
    step.matched += 1;
  }

  result(): Omit<BacktestResult, "gaps"> {
    const { rule, sinceMs, untilMs } = this.#order;
    const steps = [...this.#steps].sort(([one], [other]) => one - other);
    return {
      source: rule.source,
      since: new Date(sinceMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      asked: this.asked,
      matched: this.matched,
      histogram: steps.map(([from, step]) => ({ from: new Date(from).toISOString(), ...step })),
    };
  }
}

/** The first part of the time that is asked for, where nothing of it is kept. */
export async function firstGap(store: ReadingStore, { sinceMs, untilMs, nowMs }: Backtest): Promise<Gap | undefined> {
  const { first } = await store.bounds(INPUTS, 0);
  const [oldest] = await store.read(INPUTS, 0, first, { entries: 1 });
  const gaps = [{ untilMs: nowMs - HISTORY_KEPT_MS, reason: "What rules looked at is kept for 7 days." }];
  if (oldest && isOpening(oldest)) {
    gaps.push({ untilMs: oldest.timeMs, reason: "What rules looked at was not kept before." });
  } else if (oldest && (await historyIsFull(store))) {
    gaps.push({ untilMs: oldest.timeMs, reason: "There was more than the 2 GiB that are kept." });
  }
  const [gap] = gaps.filter((one) => one.untilMs > sinceMs).sort((one, other) => other.untilMs - one.untilMs);
  if (!gap) return undefined;
  return gapOf(sinceMs, Math.min(gap.untilMs, untilMs), gap.reason);
}

export function gapOf(sinceMs: number, untilMs: number, reason: string): Gap {
  return { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString(), reason };
}
