import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type BusAddress, getBus } from "./bus.ts";
import { routersOf } from "./routers.ts";
import { RULES, type RuleAddress, ruleKey } from "./rule.ts";
import { writeRule } from "./rules.ts";

/** A rule that a service makes in an account for itself: the events of a source go to its one target. */
export interface ManagedRule {
  readonly bus: BusAddress;
  readonly name: string;
  readonly source: string;
  readonly targetArn: string;
  /** `app-integrations.amazonaws.com` and the like. */
  readonly managedBy: string;
}

/** Throws `ResourceNotFoundException` where there is no such bus. */
export async function putManagedRule(
  unit: Unit,
  platform: Platform,
  { bus, name, source, targetArn, managedBy }: ManagedRule,
): Promise<void> {
  await getBus(unit, bus);
  writeRule(unit, platform, {
    bus,
    name,
    eventPattern: JSON.stringify({ source: [source] }),
    state: "ENABLED",
    createdBy: bus.account,
    tags: [],
    managedBy,
    targets: [{ Id: "events", Arn: targetArn }],
  });
}

export function deleteManagedRule(unit: Unit, platform: Platform, address: RuleAddress): void {
  unit.delete(RULES, ruleKey(address));
  unit.afterCommit(() => routersOf(platform).ruleDeleted(address));
}
