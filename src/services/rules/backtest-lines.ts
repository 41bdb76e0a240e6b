/** What a backtest is told, and tells. */
import type { Explanation } from "../../matching/explanation.ts";
import { Histogram } from "../backtest.ts";
import type { InstanceRef, Rule } from "../connect/index.ts";
import type { Gap, Span } from "../kept-log.ts";

/** A rule that may not exist: `id` and the like are made up then. */
export interface Backtest extends Span {
  readonly instance: InstanceRef;
  readonly rule: Rule;
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

/** What is counted of a backtest. */
export class Counting {
  read = 0;
  readonly #order: Backtest;
  readonly #histogram: Histogram<"asked" | "matched">;

  constructor(order: Backtest) {
    this.#order = order;
    this.#histogram = new Histogram(["asked", "matched"], order);
  }

  get totals(): { readonly asked: number; readonly matched: number } {
    return this.#histogram.totals;
  }

  count(timeMs: number, isTrue: boolean): void {
    if (isTrue) this.#histogram.count(timeMs, "asked", "matched");
    else this.#histogram.count(timeMs, "asked");
  }

  result(): Omit<BacktestResult, "gaps"> {
    const { rule, sinceMs, untilMs } = this.#order;
    return {
      source: rule.source,
      since: new Date(sinceMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      ...this.totals,
      histogram: this.#histogram.steps(),
    };
  }
}
