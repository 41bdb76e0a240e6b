import type { CreateRuleRequest, CreateRuleResponse, EventSourceName } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import {
  claimClientToken,
  forgetClientToken,
  getInstance,
  type InstanceRef,
  instanceKey,
  type Quota,
  quotaReached,
  type Rule,
  refOf,
  resourceArn,
  rules,
} from "../connect/index.ts";
import type { Context } from "../service.ts";
import { checkNamed } from "./check-named.ts";
import { checkedDefinition, checkIntegration, isNameTaken } from "./define-rule.ts";
import { metricRuleWritten } from "./metric-rules.ts";
import { nameConflict, refusingNameConflict } from "./name-conflict.ts";
import { putRule } from "./rule-versions.ts";

const HOUR_MS = 3_600_000;
const TOKEN_VALID_MS = 24 * HOUR_MS;

/** Creates a rule. From the moment it is published it looks at what happens then, never at what has happened before. */
export async function createRule(input: Validated<CreateRuleRequest>, context: Context): Promise<CreateRuleResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  const commit = context.store.commit(async (unit): Promise<CreateRuleResponse> => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const earlier = await findMade(unit, instance, input, { id, nowMs });
    if (earlier !== undefined) return { RuleArn: resourceArn("rule", instance, earlier), RuleId: earlier };

    const { EventSourceName: source } = input.TriggerEventSource;
    const integrationAssociationId = await checkIntegration(unit, instance, input.TriggerEventSource);
    const rule: Rule = {
      ...refOf(instance),
      id,
      name: input.Name,
      source,
      integrationAssociationId,
      ...checkedDefinition(input, source),
      preEvaluationFilters: input.PreEvaluationFilters,
      tags: input.Tags ?? {},
      createdMs: nowMs,
      lastModifiedMs: nowMs,
      lastUpdatedBy: context.principalArn,
    };
    await checkNamed(unit, instance, input.Actions);
    if (await isNameTaken(unit, instance, rule.name)) throw nameConflict(rule.name);
    await requireQuotas(unit, context, rule);
    await putRule(unit, rule, nowMs);
    await metricRuleWritten(unit, context, rule);
    return { RuleArn: resourceArn("rule", instance, id), RuleId: id };
  });
  return refusingNameConflict(input.Name, commit);
}

/** The rule that an earlier request with the same token has made. The token of a rule that was deleted is forgotten. */
async function findMade(
  unit: Unit,
  instance: InstanceRef,
  input: Validated<CreateRuleRequest>,
  made: { readonly id: string; readonly nowMs: number },
): Promise<string | undefined> {
  const request = { scope: instance, operation: "CreateRule", input };
  const claim = { ...made, validMs: TOKEN_VALID_MS };
  let earlier = await claimClientToken(unit, request, claim);
  if (earlier && !(await unit.get(rules, instanceKey(instance, earlier.madeId)))) {
    forgetClientToken(unit, request);
    earlier = await claimClientToken(unit, request, claim);
  }
  if (earlier?.sameRequest === false) {
    throw new ModeledError("ResourceConflictException", "The ClientToken belongs to a request with other parameters");
  }
  return earlier?.madeId;
}

/** Drafts count too (our choice). */
async function requireQuotas(unit: Unit, context: Context, rule: Rule): Promise<void> {
  const prefix = instanceKey(rule, rule.source, "");
  const ofSource = rule.source === "OnMetricDataUpdate" ? METRIC_RULES : SOURCE_RULES;
  if (await quotaReached(unit, context.limits, ofSource, { collection: rules, index: "source", prefix })) {
    throw quotaExceeded(`The quota of rules for ${rule.source} is used up`);
  }
  const natural = rule.asksStatement && NATURAL_LANGUAGE_RULES[rule.source];
  if (
    natural &&
    (await quotaReached(unit, context.limits, natural, { collection: rules, index: "statements", prefix }))
  ) {
    throw quotaExceeded(`The quota of rules for ${rule.source} with a natural-language condition is used up`);
  }
}

const SOURCE_RULES: Quota = "connect.rules-per-instance-and-event-source";
const METRIC_RULES: Quota = "connect.metric-rules-per-instance";
const NATURAL_LANGUAGE_RULES: Readonly<Partial<Record<EventSourceName, Quota>>> = {
  OnPostCallAnalysisAvailable: "connect.natural-language-rules-per-instance-and-event-source",
  OnPostChatAnalysisAvailable: "connect.natural-language-rules-per-instance-and-event-source",
  OnEmailAnalysisAvailable: "connect.natural-language-email-rules-per-instance",
};

function quotaExceeded(message: string): ModeledError {
  return new ModeledError("ServiceQuotaExceededException", message);
}
