import { boundedLabels, type Message } from "../../flow/index.ts";
import { parseEventPattern } from "../../matching/event-pattern.ts";
import { type JsonObject, Machine } from "../../matching/machine.ts";
import type { Entry, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { REPLAYS, replayKey, replayLogName, replayOfEntry } from "./archives/replay.ts";
import { type BusAddress, busLogName } from "./bus.ts";
import { type BusEvent, scheduledRule } from "./event.ts";
import { type BusRule, RULES, type RuleAddress, ruleArn, rulesOfBus } from "./rule.ts";
import { compileTarget, type MatchedEvent, type MessageFor } from "./target-message.ts";

/** Counts what came to a bus, whether a rule wants it or not. */
export const BUS_EVENTS = "trunkline_bus_events_total";

/** Sources of a bus that are told apart: whoever puts an event names its source. */
const SOURCES_MAX = 50;

/** Rules read at once when a bus's rules are first needed. */
const RULES_PER_PAGE = 1000;

/**
 * Routes the events of one bus: reads its log, finds the rules that match, and sends each target what it is to get, all in the unit that
 * moves the cursor on.
 *
 * The rules lie compiled in memory, as a view of the stored ones. It is read from the store at the first event, inside the unit, and follows
 * every commit from then on. An event is read from the log only after its commit, and whatever was committed before it has been followed
 * by then: so a rule written before an event matches it, and one deleted before does not.
 */
export class Router {
  readonly #platform: Platform;
  readonly #bus: BusAddress;
  readonly #log: string;
  readonly #sourceOf = boundedLabels(SOURCES_MAX);
  /** `undefined` until the first event. */
  #rules: CompiledRules | undefined;

  constructor(platform: Platform, bus: BusAddress) {
    this.#platform = platform;
    this.#bus = bus;
    this.#log = busLogName(bus);
  }

  /** Routes new events. */
  route(unit: Unit, entries: readonly Entry[], partition: number): Promise<void> {
    return this.#route(unit, entries, `${this.#log}#${partition}`);
  }

  /** Routes events that replays bring, each to the rules that its replay is for. */
  async routeReplayed(unit: Unit, entries: readonly Entry[], partition: number): Promise<void> {
    const filters = await this.#readFilters(unit, entries);
    const isWanted = (rule: CompiledRule, { entryKey }: MatchedEvent): boolean =>
      filters.get(replayOfEntry(entryKey))?.includes(rule.arn) ?? true;
    await this.#route(unit, entries, `${replayLogName(this.#bus)}#${partition}`, isWanted);
  }

  /** By name of the replay: the ARNs of the rules that it is for; `undefined`: all. */
  async #readFilters(unit: Unit, entries: readonly Entry[]): Promise<Map<string, readonly string[] | undefined>> {
    const { account, region } = this.#bus;
    const filters = new Map<string, readonly string[] | undefined>();
    for (const name of new Set(entries.map(({ key }) => replayOfEntry(key)))) {
      filters.set(name, (await unit.get(REPLAYS, replayKey({ account, region, name })))?.destination.FilterArns);
    }
    return filters;
  }

  async #route(
    unit: Unit,
    entries: readonly Entry[],
    source: string,
    isWanted: (rule: CompiledRule, matched: MatchedEvent) => boolean = () => true,
  ): Promise<void> {
    const rules = this.#rules ?? (await this.#readRules(unit));
    unit.afterCommit(() => this.#countEvents(entries));
    // A bus that nobody listens to costs no parsing.
    if (rules.isEmpty) return;

    const messages: Message[] = [];
    const tally = new Tally();
    for (const entry of entries) {
      const text = entry.value as string;
      const matched: MatchedEvent = {
        event: JSON.parse(text) as BusEvent,
        text,
        entryId: `${source}.${entry.sequence}`,
        entryKey: entry.key,
        timeMs: entry.timeMs,
      };
      for (const rule of rules.wanting(matched)) {
        if (isWanted(rule, matched)) addMessages(rule, matched, messages, tally);
      }
    }
    if (messages.length > 0) await this.#platform.flow.send(unit, messages);
    unit.afterCommit(() => this.#count(tally));
  }

  /** The view counts from its unit's commit on: one that is undone has read what may never come to be. */
  async #readRules(unit: Unit): Promise<CompiledRules> {
    const rules = await readRules(unit, this.#bus);
    unit.afterCommit(() => {
      this.#rules = rules;
    });
    return rules;
  }

  ruleWritten(rule: BusRule): void {
    this.#rules?.put(rule);
  }

  ruleDeleted(rule: RuleAddress): void {
    this.#rules?.delete(rule.name);
  }

  #countEvents(entries: readonly Entry[]): void {
    const { account, region, name: bus } = this.#bus;
    const counts = new Map<string, number>();
    for (const { value } of entries) {
      const source = this.#sourceOf(sourceIn(value as string));
      counts.set(source, (counts.get(source) ?? 0) + 1);
    }
    for (const [source, count] of counts) {
      this.#platform.flow.metrics.count(BUS_EVENTS, { account, region, bus, source }, count);
    }
  }

  /** CloudWatch's `MatchedEvents`; the second has no counterpart there, since the real service drops such inputs without a trace. */
  #count({ matched, dropped }: Tally): void {
    const { metrics } = this.#platform.flow;
    const { account, region, name: bus } = this.#bus;
    for (const [rule, events] of matched) {
      metrics.count("trunkline_matched_events_total", { account, region, bus, rule }, events);
    }
    for (const [rule, inputs] of dropped) {
      metrics.count("trunkline_invalid_inputs_total", { account, region, bus, rule }, inputs);
    }
  }
}

/**
 * The source of an event, without parsing it: a bus that nobody listens to costs no parsing. It stands before everything that could hold the
 * same text but its detail type, where the quotes would be escaped.
 */
function sourceIn(text: string): string {
  const [, source = '""'] = SOURCE.exec(text) ?? [];
  return JSON.parse(source) as string;
}

const SOURCE = /(?<!\\)"source":("(?:[^"\\]|\\.)*")/;

/** The rules of a bus that are enabled, ready to be asked. */
class CompiledRules {
  readonly #machine = new Machine<string>();
  readonly #rules = new Map<string, CompiledRule>();

  get isEmpty(): boolean {
    return this.#rules.size === 0;
  }

  put(rule: BusRule): void {
    this.delete(rule.name);
    if (rule.state === "DISABLED") return;
    if (rule.eventPattern !== undefined) this.#machine.add(rule.name, parseEventPattern(rule.eventPattern));
    this.#rules.set(rule.name, {
      name: rule.name,
      arn: ruleArn(rule),
      targets: rule.targets.map((target) => compileTarget(rule, target)),
    });
  }

  delete(name: string): void {
    this.#machine.remove(name);
    this.#rules.delete(name);
  }

  /** Those whose pattern an event matches, and the one whose schedule it comes from. */
  wanting({ event, entryKey }: MatchedEvent): readonly CompiledRule[] {
    const names = this.#machine.match(event as unknown as JsonObject);
    const scheduled = scheduledRule(entryKey);
    const all = scheduled === undefined ? names : new Set([...names, scheduled]);
    return [...all].flatMap((name) => this.#rules.get(name) ?? []);
  }
}

interface CompiledRule {
  readonly name: string;
  readonly arn: string;
  readonly targets: readonly MessageFor[];
}

/** What happened in a unit, by rule: counted once it has committed, since the unit may run again. */
class Tally {
  readonly matched = new Map<string, number>();
  readonly dropped = new Map<string, number>();

  count(which: "matched" | "dropped", rule: string): void {
    this[which].set(rule, (this[which].get(rule) ?? 0) + 1);
  }
}

async function readRules(unit: Unit, bus: BusAddress): Promise<CompiledRules> {
  const rules = new CompiledRules();
  let after: string | undefined;
  do {
    const page = await unit.list(RULES, { prefix: rulesOfBus(bus), limit: RULES_PER_PAGE, after });
    for (const rule of page.documents) rules.put(rule);
    after = page.next;
  } while (after !== undefined);
  return rules;
}

function addMessages(rule: CompiledRule, matched: MatchedEvent, messages: Message[], tally: Tally): void {
  tally.count("matched", rule.name);
  for (const messageFor of rule.targets) {
    const message = messageFor(matched);
    if (message === undefined) tally.count("dropped", rule.name);
    else messages.push(message);
  }
}
