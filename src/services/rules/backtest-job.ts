/**
 * Backtest: a rule over what rules have looked at, without acting. It reads the log of inputs once, from a moment on and as far as it went when
 * the backtest began, in small pieces, apart from everybody else.
 */
import type { Entry, ReadingStore } from "../../store/store.ts";
import { instanceKey, type Rule } from "../connect/index.ts";
import type { AnalysedTurn } from "../contact-lens/index.ts";
import { gapIn, keptEntries } from "../kept-log.ts";
import { type Backtest, type BacktestLine, type BacktestMatch, Counting } from "./backtest-lines.ts";
import { backtestMetrics } from "./backtest-metrics.ts";
import { explainRule } from "./explain-rule.ts";
import { type ConversationInput, INPUTS, inputOf, RULE_INPUTS, type RuleInput } from "./history.ts";
import { mailTexts } from "./mail-texts.ts";
import { AFTERWARDS, afterContact, hearAgain, heardTurns, isFor, type Moment, onDocument, unheard } from "./replay.ts";
import { RuleSet } from "./rule-set.ts";

/** Entries between two lines of progress: a conversation takes a fraction of a millisecond. */
const READ_SIZE = 16;
/** Conversations that are over and whose after-contact work is not. */
const OPEN_MAX = 100_000;

export function job(store: ReadingStore, order: Backtest): AsyncGenerator<BacktestLine> {
  return order.rule.source === "OnMetricDataUpdate" ? backtestMetrics(store, order) : backtestInputs(store, order);
}

async function* backtestInputs(store: ReadingStore, order: Backtest): AsyncGenerator<BacktestLine> {
  const counting = new Counting(order);
  let told = 0;
  const gap = await gapIn(store, RULE_INPUTS, order);
  const asking = new Asking(store, order);
  for await (const { entries, partition, read, of } of keptEntries(store, INPUTS, order, READ_SIZE)) {
    for (const entry of entries) {
      const answer = await asking.ask(entry, partition);
      if (!answer) continue;
      counting.count(entry.timeMs, answer.isTrue);
      if (!answer.isTrue || told >= order.matchesMax) continue;
      told += 1;
      yield { match: matchOf(order.rule, answer, entry.timeMs) };
    }
    yield { progress: { read, of, ...counting.totals } };
  }
  yield { done: { ...counting.result(), gaps: gap ? [gap] : [] } };
}

/** What a rule made of an input. */
interface Answer {
  readonly input: RuleInput;
  readonly isTrue: boolean;
  readonly moment: Moment;
  readonly turns: ReadonlyMap<string, AnalysedTurn["turn"]>;
}

/** Asks one rule of inputs, in their order. */
class Asking {
  readonly #store: ReadingStore;
  readonly #order: Backtest;
  readonly #set = new RuleSet();
  readonly #awaitsWork: boolean;
  /** Where the conversations lie whose after-contact work goes on, by their contacts. */
  readonly #open = new Map<string, { readonly partition: number; readonly sequence: number }>();

  constructor(store: ReadingStore, order: Backtest) {
    this.#store = store;
    this.#order = order;
    this.#awaitsWork = this.#set.add(order.rule).awaitsWork;
  }

  /** `undefined`: it is nothing that the rule looks at. */
  async ask(entry: Entry, partition: number): Promise<Answer | undefined> {
    const input = inputOf(entry);
    if (!input || instanceKey(input.instance) !== instanceKey(this.#order.instance)) return undefined;
    const { source, id, integrationAssociationId } = this.#order.rule;
    switch (input.kind) {
      case "document": {
        // A draft may leave open where its events come from.
        const listening = { id, integrationAssociationId: integrationAssociationId ?? input.associationId };
        if (input.source !== source || !isFor(listening, input)) return undefined;
        return this.#answer(input, onDocument(this.#set, input.document, await mailTexts(this.#store, input)));
      }
      case "conversation": {
        const channel = input.analysis.conversation.channel;
        if (source === REAL_TIME[channel]) return this.#hear(input);
        if (!AFTERWARDS[channel].some((one) => one === source)) return undefined;
        if (!this.#awaitsWork) return this.#answer(input, afterContact(this.#set, input), input);
        if (this.#open.size < OPEN_MAX) this.#open.set(input.subject, { partition, sequence: entry.sequence });
        return undefined;
      }
      // Those have a backtest of their own.
      case "metrics":
        return undefined;
      case "work": {
        const place = this.#awaitsWork ? this.#open.get(input.subject) : undefined;
        if (!place) return undefined;
        this.#open.delete(input.subject);
        const { partition: at, sequence } = place;
        const [kept] = await this.#store.read(INPUTS, at, sequence, { entries: 1 });
        const conversation = kept && inputOf(kept);
        // Trimmed meanwhile.
        if (conversation?.kind !== "conversation") return undefined;
        return this.#answer(input, afterContact(this.#set, conversation, input), conversation);
      }
    }
  }

  #hear(input: ConversationInput): Answer | undefined {
    if (!input.live) return undefined;
    const turns = turnsOf(input);
    let live = unheard(input.live);
    let last: Moment | undefined;
    for (const { turn } of heardTurns(input, input.live)) {
      const heard = hearAgain(this.#set, live, turn);
      if (heard.matched.length > 0) return { input, isTrue: true, moment: heard.moment, turns };
      ({ live, moment: last } = heard);
    }
    return last && { input, isTrue: false, moment: last, turns };
  }

  #answer(input: RuleInput, moment: Moment, conversation?: ConversationInput): Answer {
    const isTrue = this.#set.match(moment.document, moment.found.keys(), moment.answerTo).length > 0;
    return { input, isTrue, moment, turns: conversation ? turnsOf(conversation) : new Map() };
  }
}

const REAL_TIME = { VOICE: "OnRealTimeCallAnalysisAvailable", CHAT: "OnRealTimeChatAnalysisAvailable" } as const;

function turnsOf({ analysis }: ConversationInput): Answer["turns"] {
  return new Map(analysis.turns.map(({ turn }) => [turn.id, turn]));
}

function matchOf(rule: Rule, { input, moment, turns }: Answer, timeMs: number): BacktestMatch {
  const { turn } = moment;
  return {
    subject: input.subject,
    time: new Date(timeMs).toISOString(),
    ...(input.kind === "document" && input.about !== input.subject && { about: input.about }),
    ...(turn && { turn: { id: turn.id, speaker: turn.participant.role, beginMs: turn.beginMs } }),
    ...explainRule(rule, moment, turns),
  };
}
