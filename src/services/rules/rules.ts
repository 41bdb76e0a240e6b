import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  ListRulesRequest,
  ListRulesResponse,
  RuleSearchSummary,
  RulesSearchCriteria,
  SearchRulesRequest,
  SearchRulesResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import {
  attributeMatch,
  criteriaMatch,
  getInstance,
  getResource,
  type InstanceRef,
  instanceKey,
  invalidRequest,
  type Rule,
  resourceArn,
  ruleAge,
  rules,
  searchResources,
  stringLeaf,
} from "../connect/index.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { forgetRule } from "./rule-versions.ts";

/** Rules of a page where the caller names no number (our choice). */
const PAGE_SIZE = 100;

export async function describeRule(
  input: Validated<DescribeRuleRequest>,
  context: Context,
): Promise<DescribeRuleResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const rule = await getRule(context.store, instance, input.RuleId);
  const { ActionSummaries: _, ...described } = summarize(rule);
  return { Rule: { ...described, Function: rule.function, Actions: [...rule.actions] } };
}

/** Deletes a rule. Categories that it has assigned stay. */
export async function deleteRule(
  input: Validated<DeleteRuleRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    await forgetRule(unit, await getRule(unit, instance, input.RuleId), context.clock.now());
  });
  return {};
}

/** A page of an instance's rules, the oldest first (our choice: no order is documented). */
export async function listRules(input: Validated<ListRulesRequest>, context: Context): Promise<ListRulesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { PublishStatus: status, EventSourceName: source } = input;
  const page = await listPage(
    context.store,
    {
      collection: rules,
      index: "created",
      under: [instance.account, instance.region, instance.instanceId],
      nameOf: ruleAge,
      keep: (rule) => (status ?? rule.status) === rule.status && (source ?? rule.source) === rule.source,
    },
    {
      of: ["ListRules", instanceKey(instance), status, source],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: () => invalidRequest("NextToken is not valid for this request"),
    },
  );
  return {
    RuleSummaryList: page.items.map((rule) => {
      const { Name, RuleId, RuleArn, PublishStatus, RuleCapabilityTiers, ActionSummaries, ...rest } = summarize(rule);
      const { CreatedTime, LastUpdatedTime } = rest;
      const named = { Name, RuleId, RuleArn, EventSourceName: rule.source, PublishStatus };
      return { ...named, RuleCapabilityTiers, ActionSummaries, CreatedTime, LastUpdatedTime };
    }),
    NextToken: page.nextToken,
  };
}

export async function searchRules(
  input: Validated<SearchRulesRequest>,
  context: Context,
): Promise<SearchRulesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, rules, instance, {
    operation: "SearchRules",
    input,
    match: [
      criteriaMatch<Rule, RulesSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          Name: (rule) => rule.name,
          PublishStatus: (rule) => rule.status,
          EventSourceName: (rule) => rule.source,
          RuleId: (rule) => rule.id,
          IntegrationAssociationId: (rule) => rule.integrationAssociationId,
          ActionSummaries: (rule) => rule.actions.flatMap(({ ActionType }) => ActionType ?? []),
          RuleCapabilityTiers: (rule) => tiersOf(rule),
        }),
      }),
      attributeMatch(input.SearchFilter?.AttributeFilter),
    ],
  });
  return { Rules: page.items.map(summarize), ApproximateTotalCount: page.total, NextToken: page.nextToken };
}

/** A rule of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getRule(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<Rule> {
  return getResource(reader, rules, "rule", instance, idOrArn);
}

/** What a rule is told as, everywhere. */
function summarize(rule: Rule): RuleSearchSummary {
  const tiers = tiersOf(rule);
  return {
    Name: rule.name,
    RuleId: rule.id,
    RuleArn: resourceArn("rule", rule, rule.id),
    TriggerEventSource: {
      EventSourceName: rule.source,
      IntegrationAssociationId: rule.integrationAssociationId,
    },
    ActionSummaries: rule.actions.map(({ ActionType }) => ({ ActionType })),
    RuleCapabilityTiers: tiers.length > 0 ? [...tiers] : undefined,
    PublishStatus: rule.status,
    PreEvaluationFilters: rule.preEvaluationFilters?.AndConditions?.length ? rule.preEvaluationFilters : undefined,
    CreatedTime: new Date(rule.createdMs),
    LastUpdatedTime: new Date(rule.lastModifiedMs),
    LastUpdatedBy: rule.lastUpdatedBy,
    Tags: Object.keys(rule.tags).length > 0 ? { ...rule.tags } : undefined,
  };
}

function tiersOf({ asksStatement }: Rule): readonly "GenerativeAI"[] {
  return asksStatement ? ["GenerativeAI"] : [];
}
