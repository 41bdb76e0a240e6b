import { type Collection, collection, type Unit } from "../../store/store.ts";
import { inDomain } from "./domain.ts";
import type { Template } from "./template.ts";

/** That a template, which is not deleted, applies a case rule. */
export interface RuleUse {
  readonly domainId: string;
  readonly caseRuleId: string;
  readonly templateId: string;
}

export const ruleUses: Collection<RuleUse> = collection("cases_rule_uses");

export function ruleUseKey({ domainId, caseRuleId, templateId }: RuleUse): string {
  return inDomain({ domainId }, caseRuleId, templateId);
}

/** A template that applies a case rule. */
export async function findRuleUse(
  unit: Unit,
  { domainId, id }: { readonly domainId: string; readonly id: string },
): Promise<RuleUse | undefined> {
  const { documents } = await unit.list(ruleUses, { prefix: inDomain({ domainId }, id, ""), limit: 1 });
  return documents[0];
}

/** Writes down which rules a template applies, now that it has changed. */
export function putRuleUses(unit: Unit, before: Template | undefined, after: Template): void {
  for (const use of usesOf(before)) unit.delete(ruleUses, ruleUseKey(use));
  for (const use of usesOf(after)) unit.put(ruleUses, ruleUseKey(use), use);
}

function usesOf(template: Template | undefined): readonly RuleUse[] {
  if (!template || template.isDeleted) return [];
  const { domainId, id: templateId, rules } = template;
  return rules.map(({ caseRuleId }) => ({ domainId, caseRuleId, templateId }));
}
