/** Dead letters of rules: which queues get them, and how one is owed anew to the target that it was for. */
import type { Unit } from "../../store/store.ts";
import { compositeKey, type Reader } from "../../store/store.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Caller, Platform } from "../service.ts";
import type { BusEvent } from "./event.ts";
import { parseRuleArn, RULES, ruleArn, ruleKey } from "./rule.ts";
import { compileTarget } from "./target-message.ts";

const RULES_PER_READ = 500;

/** A target that has a dead-letter queue. */
export interface DeadLetterTarget {
  readonly ruleArn: string;
  readonly targetId: string;
  readonly targetArn: string;
  readonly queueArn: string;
}

export async function listDeadLetterTargets(
  reader: Reader,
  { account, region }: Pick<Caller, "account" | "region">,
): Promise<readonly DeadLetterTarget[]> {
  const found: DeadLetterTarget[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(RULES, { prefix: compositeKey(account, region, ""), limit: RULES_PER_READ, after });
    for (const rule of page.documents) {
      for (const { Id, Arn, DeadLetterConfig } of rule.targets) {
        const queueArn = DeadLetterConfig?.Arn;
        if (queueArn !== undefined) found.push({ ruleArn: ruleArn(rule), targetId: Id, targetArn: Arn, queueArn });
      }
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** A dead letter, by what its attributes and its body say. */
export interface RuleDeadLetter {
  /** Tells it from every other one. */
  readonly id: string;
  readonly ruleArn: string;
  readonly targetArn: string;
  /** The event as it was. */
  readonly event: string;
  /** The queue that it lies in. */
  readonly queueArn: string;
}

/**
 * Owes an event anew to its target, shaped as the rule says by now, with all attempts that the target has. Answers why that cannot be, or
 * `undefined`.
 */
export async function redriveToTarget(
  unit: Unit,
  platform: Pick<Platform, "flow" | "clock">,
  owner: Pick<Caller, "account" | "region">,
  letter: RuleDeadLetter,
): Promise<string | undefined> {
  const address = parseRuleArn(letter.ruleArn);
  if (address?.bus.account !== owner.account || address.bus.region !== owner.region) {
    return `RULE_ARN ${letter.ruleArn} names no rule of this account and Region`;
  }
  const rule = await unit.get(RULES, ruleKey(address));
  if (!rule) return `Rule ${letter.ruleArn} does not exist any more`;
  const targets = rule.targets.filter(({ Arn }) => Arn === letter.targetArn);
  const target = targets.find(({ DeadLetterConfig }) => DeadLetterConfig?.Arn === letter.queueArn) ?? targets[0];
  if (!target) return `Rule ${rule.name} has no target ${letter.targetArn} any more`;
  const event = parseJsonObject(letter.event);
  if (!event) return "The message holds no event";
  const message = compileTarget(
    rule,
    target,
  )({
    event: event as unknown as BusEvent,
    text: letter.event,
    entryId: `redrive/${letter.id}`,
    entryKey: "",
    timeMs: platform.clock.now(),
  });
  if (!message) return `What target ${target.Id} is to get of the event comes to nothing`;
  await platform.flow.send(unit, [message]);
  return undefined;
}
