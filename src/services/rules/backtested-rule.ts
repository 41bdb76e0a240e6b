import type { EventSourceName, PreEvaluationFilters } from "@aws-sdk/client-connect";
import { compileRuleFunction } from "../../matching/rule-function/compile.ts";
import type { Reader } from "../../store/store.ts";
import { type InstanceRef, instanceKey, invalidRequest, type Rule, refOf, rules } from "../connect/index.ts";
import { isJsonObject } from "../json-text.ts";
import { SOURCE_ACTIONS } from "./action-table.ts";
import { SCHEDULE_METRICS } from "./not-built.ts";
import { getRule } from "./rules.ts";
import { isBuilt } from "./sources.ts";

/** Of a rule that has not been saved. */
export const DRAFT_ID = "draft";

/**
 * The rule that is to be tried: one of the instance, by its name, id or ARN, or what CreateRule would be given, of which only event source, function
 * and filters matter; the function may be an object too.
 *
 * Throws `ResourceNotFoundException`, or `InvalidRequestException` with the place of what is wrong.
 */
export async function backtestedRule(reader: Reader, instance: InstanceRef, asked: unknown): Promise<Rule> {
  const rule = typeof asked === "string" ? await namedRule(reader, instance, asked) : draftOf(instance, asked);
  if (!isBuilt(rule.source)) {
    throw invalidRequest(`rules for ${rule.source} cannot be tried: what they look at is not kept`);
  }
  const { derivedFacts } = compileRuleFunction(rule.function, rule.source);
  const unfed = derivedFacts.find((fact) => fact.kind === "metric" && SCHEDULE_METRICS.includes(fact.metric));
  if (unfed) throw invalidRequest("metrics of schedules cannot be tried: nothing feeds them");
  if (derivedFacts.some(({ kind }) => kind === "statement")) {
    throw invalidRequest("SemanticMatch.Phrase cannot be tried: it needs a generative model to judge the conversation");
  }
  return rule;
}

async function namedRule(reader: Reader, instance: InstanceRef, name: string): Promise<Rule> {
  const named = await reader.list(rules, { index: "name", equals: instanceKey(instance, name), limit: 1 });
  return named.documents[0] ?? (await getRule(reader, instance, name));
}

function draftOf(instance: InstanceRef, asked: unknown): Rule {
  if (!isJsonObject(asked)) throw invalidRequest("rule: must be a name, or an object such as CreateRule takes");
  const { TriggerEventSource: trigger, Function: text, PreEvaluationFilters: filters, Name: name = "draft" } = asked;
  const { EventSourceName: source, IntegrationAssociationId: association } = isJsonObject(trigger) ? trigger : {};
  if (typeof source !== "string" || !Object.hasOwn(SOURCE_ACTIONS, source)) {
    throw invalidRequest("rule.TriggerEventSource.EventSourceName: must name an event source");
  }
  if (typeof text !== "string" && !isJsonObject(text)) {
    throw invalidRequest("rule.Function: must be a function's text, or the function itself");
  }
  return {
    ...refOf(instance),
    id: DRAFT_ID,
    name: String(name),
    source: source as EventSourceName,
    ...(typeof association === "string" && { integrationAssociationId: association }),
    function: typeof text === "string" ? text : JSON.stringify(text),
    actions: [],
    status: "DRAFT",
    preEvaluationFilters: checkedFilters(filters),
    tags: {},
    createdMs: 0,
    lastModifiedMs: 0,
    lastUpdatedBy: "",
  };
}

function checkedFilters(filters: unknown): PreEvaluationFilters | undefined {
  if (filters === undefined) return undefined;
  const conditions = isJsonObject(filters) ? (filters.AndConditions ?? []) : undefined;
  const isText = (value: unknown): boolean => typeof value === "string";
  if (
    Array.isArray(conditions) &&
    conditions.every((one) => isJsonObject(one) && isText(one.FilterKey) && isText(one.FilterValue))
  ) {
    return filters as PreEvaluationFilters;
  }
  throw invalidRequest("rule.PreEvaluationFilters: must hold AndConditions with FilterKey and FilterValue");
}
