import type { UpdateRuleRequest } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { getInstance, invalidRequest } from "../connect/index.ts";
import type { Context } from "../service.ts";
import { checkNamed } from "./check-named.ts";
import { checkedDefinition, checkIntegration, isNameTaken, THIRD_PARTY_SOURCES } from "./define-rule.ts";
import { metricRuleWritten } from "./metric-rules.ts";
import { nameConflict, refusingNameConflict } from "./name-conflict.ts";
import { putRule } from "./rule-versions.ts";
import { getRule } from "./rules.ts";

/** Replaces what a rule consists of. Its event source and its tags stay; without `PreEvaluationFilters` so do those. */
export async function updateRule(
  input: Validated<UpdateRuleRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const rule = await getRule(unit, instance, input.RuleId);
    // Elsewhere the name is the category, which contacts have by then.
    if (input.Name !== rule.name && !THIRD_PARTY_SOURCES.includes(rule.source)) {
      throw invalidRequest(`Name: a rule for ${rule.source} cannot be renamed`);
    }
    // A draft may outlive its integration; published it would never act.
    if (input.PublishStatus === "PUBLISHED") {
      const { source: EventSourceName, integrationAssociationId: IntegrationAssociationId } = rule;
      await checkIntegration(unit, instance, { EventSourceName, IntegrationAssociationId });
    }
    const { asksStatement: _, ...kept } = rule;
    const changed = {
      ...kept,
      ...checkedDefinition(input, rule.source),
      name: input.Name,
      preEvaluationFilters: input.PreEvaluationFilters ?? rule.preEvaluationFilters,
      lastModifiedMs: context.clock.now(),
      lastUpdatedBy: context.principalArn,
    };
    await checkNamed(unit, instance, input.Actions);
    if (changed.name !== rule.name && (await isNameTaken(unit, instance, changed.name))) {
      throw nameConflict(changed.name);
    }
    await putRule(unit, changed, context.clock.now());
    await metricRuleWritten(unit, context, changed);
  });
  await refusingNameConflict(input.Name, commit);
  return {};
}
