import assert from "node:assert/strict";
import type { RuleState } from "@aws-sdk/client-eventbridge";
import { parseEventPattern } from "../../matching/event-pattern.ts";
import type { Explanation } from "../../matching/explanation.ts";
import { type JsonObject, Machine } from "../../matching/machine.ts";
import type { Context } from "../service.ts";
import { busArn, DEFAULT_BUS, getBus, ownBusAddress } from "./bus.ts";
import { validationError } from "./errors.ts";
import { type BusRule, getRule, parseRuleArn, RULES, ruleArn, rulesOfBus } from "./rule.ts";

/** Why a rule matches an event or does not. A rule that is disabled is explained too, though it does not run. */
export interface RuleExplanation extends Explanation {
  /** Its ARN. */
  readonly rule: string;
  readonly state: RuleState;
  /** Why nothing would come of a match, where nothing would. */
  readonly note?: string;
}

export interface PatternExplanation extends Explanation {
  /** As it was given. */
  readonly pattern: string;
}

/**
 * Explains what the caller's rule `NAME` (on the default bus), `BUS/NAME` or ARN makes of an event.
 *
 * Throws `ResourceNotFoundException` for a rule or bus that is not there, `AccessDeniedException` for one of another account, and
 * `ValidationException` for an ARN that is no rule's.
 */
export async function explainRule(nameOrArn: string, event: JsonObject, context: Context): Promise<RuleExplanation> {
  const named = namedRule(nameOrArn);
  const bus = ownBusAddress(named.bus, context, "DescribeRule");
  await getBus(context.store, bus);
  const rule = await getRule(context.store, { bus, name: named.name });
  if (rule.eventPattern === undefined) {
    throw validationError(
      `Rule ${rule.name} has no pattern to explain: it runs on its schedule, ${rule.scheduleExpression}.`,
    );
  }
  const note = noteOn(rule);
  return {
    rule: ruleArn(rule),
    state: rule.state,
    ...(note !== undefined && { note }),
    ...explain(rule.eventPattern, event),
  };
}

/** What all rules of a bus make of an event. */
export interface BusExplanation {
  readonly bus: string;
  /** Those that match come first. Rules without a pattern are not asked. */
  readonly rules: readonly (RuleExplanation & { readonly name: string })[];
  readonly matched: number;
  readonly asked: number;
  /** How many more do not match than are shown. */
  readonly more?: number;
}

/** Rules that are explained of a bus; more than the quota of one. */
const EXPLAINED_MAX = 2_000;
/** Of those that do not match so many are told why. */
const UNMATCHED_TOLD_MAX = 200;

/** The same of all rules of the caller's bus, by its name or ARN, at once. Throws `ResourceNotFoundException` for a bus that is not there. */
export async function explainBus(nameOrArn: string, event: JsonObject, context: Context): Promise<BusExplanation> {
  const bus = ownBusAddress(nameOrArn, context, "ListRules");
  await getBus(context.store, bus);
  const { documents } = await context.store.list(RULES, { prefix: rulesOfBus(bus), limit: EXPLAINED_MAX });
  const all = documents.flatMap((rule) => {
    if (rule.eventPattern === undefined) return [];
    const note = noteOn(rule);
    const told = { rule: ruleArn(rule), name: rule.name, state: rule.state, ...(note !== undefined && { note }) };
    return [{ ...told, ...explain(rule.eventPattern, event) }];
  });
  const matching = all.filter(({ matched }) => matched);
  const others = all.filter(({ matched }) => !matched);
  const more = others.length - UNMATCHED_TOLD_MAX;
  return {
    bus: bus.name,
    matched: matching.length,
    asked: all.length,
    rules: [...matching, ...others.slice(0, UNMATCHED_TOLD_MAX)],
    ...(more > 0 && { more }),
  };
}

function noteOn({ state, targets }: BusRule): string | undefined {
  if (state === "DISABLED") return "The rule is DISABLED: it would not run.";
  return targets.length === 0 ? "The rule has no targets: a match would reach nobody." : undefined;
}

/** Characters of a rule's pattern, from the API model. */
const PATTERN_CHARACTERS_MAX = 4096;

/** The same for a pattern without a rule. Throws `InvalidEventPatternException`, or `ValidationException` for one that is too long. */
export function explainPattern(pattern: string, event: JsonObject): PatternExplanation {
  return { pattern, ...patternExplainer(pattern)(event) };
}

/** The same for many documents, which need not be events: the pattern is read once. */
export function patternExplainer(pattern: string): (document: JsonObject) => Explanation {
  if (pattern.length > PATTERN_CHARACTERS_MAX) {
    throw validationError(
      `The pattern is longer than the ${PATTERN_CHARACTERS_MAX} characters that a rule's may have.`,
    );
  }
  return explainer(pattern);
}

function namedRule(nameOrArn: string): { readonly bus: string; readonly name: string } {
  const address = parseRuleArn(nameOrArn);
  if (address !== undefined) return { bus: busArn(address.bus), name: address.name };
  if (nameOrArn.startsWith("arn:")) {
    throw validationError(
      `${nameOrArn} cannot be explained. What can be is a rule of EventBridge: NAME, BUS/NAME or arn:aws:events:REGION:ACCOUNT:rule/NAME.`,
    );
  }
  // A bus's name may have slashes in it, a rule's has none.
  const slash = nameOrArn.lastIndexOf("/");
  return { bus: slash < 0 ? DEFAULT_BUS : nameOrArn.slice(0, slash), name: nameOrArn.slice(slash + 1) };
}

function explain(pattern: string, event: JsonObject): Explanation {
  return explainer(pattern)(event);
}

function explainer(pattern: string): (document: JsonObject) => Explanation {
  const machine = new Machine<true>();
  machine.add(true, parseEventPattern(pattern));
  return (document) => {
    const explanation = machine.explain(true, document);
    assert(explanation !== undefined, "It was added just now");
    return explanation;
  };
}
