import { parseEventPattern } from "../../matching/event-pattern.ts";
import { type JsonObject, Machine } from "../../matching/machine.ts";
import type { Reader } from "../../store/store.ts";
import type { BusAddress } from "./bus.ts";
import { RULES, ruleArn, rulesOfBus } from "./rule.ts";

interface MatchedRule {
  readonly name: string;
  readonly arn: string;
  readonly targets: readonly { readonly Id: string; readonly Arn: string }[];
}

/** Rules that are looked at: as many as a bus may have. */
const RULES_MAX = 300;

/** The rules of a bus, as they are now, that match each of some events. Those that are disabled match nothing. */
export async function matchedRules(
  reader: Reader,
  bus: BusAddress,
  events: readonly JsonObject[],
): Promise<readonly (readonly MatchedRule[])[]> {
  const machine = new Machine<string>();
  const rules = new Map<string, MatchedRule>();
  let after: string | undefined;
  do {
    const page = await reader.list(RULES, { prefix: rulesOfBus(bus), limit: RULES_MAX, after });
    for (const rule of page.documents) {
      if (rule.state === "DISABLED" || rule.eventPattern === undefined) continue;
      machine.add(rule.name, parseEventPattern(rule.eventPattern));
      const targets = rule.targets.map(({ Id, Arn }) => ({ Id, Arn }));
      rules.set(rule.name, { name: rule.name, arn: ruleArn(rule), targets });
    }
    after = page.next;
  } while (after !== undefined && rules.size < RULES_MAX);
  return events.map((event) => [...machine.match(event)].sort().flatMap((name) => rules.get(name) ?? []));
}
