import type { RuleState, Tag, Target } from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { BusAddress } from "./bus.ts";
import { DEFAULT_BUS } from "./bus.ts";
import { notFound } from "./errors.ts";

/** Where a rule is. */
export interface RuleAddress {
  readonly bus: BusAddress;
  readonly name: string;
}

/**
 * A rule as stored, with its targets: they are few, and whoever reads a rule to route by it sees both as of one moment.
 */
export interface BusRule extends RuleAddress {
  /** One of these two is there, or both. */
  readonly eventPattern?: string;
  readonly scheduleExpression?: string;
  readonly state: RuleState;
  readonly description?: string;
  readonly roleArn?: string;
  /** Account that made the rule. */
  readonly createdBy: string;
  readonly tags: readonly Tag[];
  /** The service that made it for itself: others leave it alone. */
  readonly managedBy?: string;
  /** In the order of their ids. */
  readonly targets: readonly Validated<Target>[];
}

export const RULES: Collection<BusRule> = collection("eventbridge_rule");

export function ruleKey({ bus, name }: RuleAddress): string {
  return compositeKey(bus.account, bus.region, bus.name, name);
}

/** What all keys of a bus's rules begin with. */
export function rulesOfBus({ account, region, name }: BusAddress): string {
  return compositeKey(account, region, name, "");
}

export function ruleArn({ bus, name }: RuleAddress): string {
  const path = bus.name === DEFAULT_BUS ? name : `${bus.name}/${name}`;
  return `arn:aws:events:${bus.region}:${bus.account}:rule/${path}`;
}

const RULE_ARN = /^arn:aws[\w-]*:events:([^:]+):(\d{12}):rule\/(?:(.+)\/)?([^/]+)$/;

/** Reads the ARN of a rule; `undefined` for every other text. */
export function parseRuleArn(arn: string): RuleAddress | undefined {
  const [, region, account, busName = DEFAULT_BUS, name] = RULE_ARN.exec(arn) ?? [];
  return region && account && name ? { bus: { account, region, name: busName }, name } : undefined;
}

/** Throws `ManagedRuleException` for a rule that a service made for itself. */
export function refuseManaged({ name, managedBy }: BusRule): void {
  if (managedBy === undefined) return;
  throw new ModeledError("ManagedRuleException", `Rule ${name} is managed by ${managedBy} and can't be modified.`);
}

export async function getRule(reader: Reader, address: RuleAddress): Promise<BusRule> {
  const rule = await reader.get(RULES, ruleKey(address));
  if (rule === undefined) throw notFound(`Rule ${address.name} does not exist on EventBus ${address.bus.name}.`);
  return rule;
}
