import assert from "node:assert/strict";
import type { RuleState } from "@aws-sdk/client-eventbridge";
import { parseEventPattern } from "../../matching/event-pattern.ts";
import type { Explanation } from "../../matching/explanation.ts";
import { type JsonObject, Machine } from "../../matching/machine.ts";
import type { Context } from "../service.ts";
import { busArn, DEFAULT_BUS, getBus, ownBusAddress } from "./bus.ts";
import { validationError } from "./errors.ts";
import { type BusRule, getRule, parseRuleArn, ruleArn } from "./rule.ts";

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

function noteOn({ state, targets }: BusRule): string | undefined {
  if (state === "DISABLED") return "The rule is DISABLED: it would not run.";
  return targets.length === 0 ? "The rule has no targets: a match would reach nobody." : undefined;
}

/** Characters of a rule's pattern, from the API model. */
const PATTERN_CHARACTERS_MAX = 4096;

/** The same for a pattern without a rule. Throws `InvalidEventPatternException`, or `ValidationException` for one that is too long. */
export function explainPattern(pattern: string, event: JsonObject): PatternExplanation {
  if (pattern.length > PATTERN_CHARACTERS_MAX) {
    throw validationError(
      `The pattern is longer than the ${PATTERN_CHARACTERS_MAX} characters that a rule's may have.`,
    );
  }
  return { pattern, ...explain(pattern, event) };
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
  const machine = new Machine<true>();
  machine.add(true, parseEventPattern(pattern));
  const explanation = machine.explain(true, event);
  assert(explanation !== undefined, "It was added just now");
  return explanation;
}
