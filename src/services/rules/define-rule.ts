import type {
  EventSourceName,
  PreEvaluationFilters,
  RuleAction,
  RulePublishStatus,
  RuleTriggerEventSource,
} from "@aws-sdk/client-connect";
import { compileRuleFunction } from "../../matching/rule-function/compile.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import {
  getIntegrationAssociation,
  hasUseCase,
  type InstanceRef,
  instanceKey,
  invalidRequest,
  type Rule,
  rules,
} from "../connect/index.ts";
import { checkActions } from "./check-actions.ts";
import { refuseUnbuilt } from "./not-built.ts";
import { hasContact } from "./sources.ts";

/** What CreateRule and UpdateRule say of a rule in the same way. */
interface Definition {
  readonly Function: string;
  readonly Actions: readonly Validated<RuleAction>[];
  readonly PublishStatus: RulePublishStatus;
  readonly PreEvaluationFilters?: Validated<PreEvaluationFilters> | undefined;
}

/**
 * Checks what the model cannot say: drafts like published rules (our choice). Answers what the rule consists of. Throws `InvalidRequestException`
 * for the first thing that is wrong: the function, then the actions.
 */
export function checkedDefinition(
  input: Definition,
  source: EventSourceName,
): Pick<Rule, "function" | "actions" | "status" | "asksStatement"> {
  const { derivedFacts } = compileRuleFunction(input.Function, source);
  const asksStatement = derivedFacts.some(({ kind }) => kind === "statement");
  checkActions(input.Actions, source);
  checkFilters(input.PreEvaluationFilters, source);
  const metrics = derivedFacts.flatMap((fact) => (fact.kind === "metric" ? fact.metric : []));
  if (input.PublishStatus === "PUBLISHED") refuseUnbuilt({ source, actions: input.Actions, asksStatement, metrics });
  return {
    function: input.Function,
    actions: input.Actions as readonly RuleAction[],
    status: input.PublishStatus,
    ...(asksStatement && { asksStatement }),
  };
}

/** Tags of what triggered the rule: only contacts and their evaluations have any (our choice). */
function checkFilters(filters: Validated<PreEvaluationFilters> | undefined, source: EventSourceName): void {
  for (const [index, { ResourceType }] of (filters?.AndConditions ?? []).entries()) {
    const at = `PreEvaluationFilters.AndConditions[${index}]`;
    if (!hasContact(source)) throw invalidRequest(`${at}: ${source} has no contact whose tags could be asked`);
    // The SDK's types know of contacts alone.
    if (String(ResourceType) === "CONTACT_EVALUATION" && source !== "OnContactEvaluationSubmit") {
      throw invalidRequest(`${at}.ResourceType: ${source} has no evaluation whose tags could be asked`);
    }
  }
}

/** What happens outside comes through an integration association, which only these sources have. */
export const THIRD_PARTY_SOURCES: readonly EventSourceName[] = [
  "OnZendeskTicketCreate",
  "OnZendeskTicketStatusUpdate",
  "OnSalesforceCaseCreate",
];

/** Answers with the id of the association, which a source of a third party must have. */
export async function checkIntegration(
  unit: Unit,
  instance: InstanceRef,
  { EventSourceName: source, IntegrationAssociationId: id }: Validated<RuleTriggerEventSource>,
): Promise<string | undefined> {
  const at = "TriggerEventSource.IntegrationAssociationId";
  if (!THIRD_PARTY_SOURCES.includes(source)) {
    if (id !== undefined) throw invalidRequest(`${at}: ${source} has no integration`);
    return undefined;
  }
  if (id === undefined) throw invalidRequest(`${at}: is required for ${source}`);
  const { type, id: association } = await getIntegrationAssociation(unit, instance, id);
  if (type !== "EVENT") throw invalidRequest(`${at}: integration association ${id} is of type ${type}, not EVENT`);
  if (!(await hasUseCase(unit, instance, association, "RULES_EVALUATION"))) {
    throw invalidRequest(`${at}: integration association ${id} has no use case RULES_EVALUATION`);
  }
  return association;
}

/** Whether another rule of the instance has this name: names are unique over all sources. */
export async function isNameTaken(unit: Unit, instance: InstanceRef, name: string): Promise<boolean> {
  const named = await unit.list(rules, { index: "name", equals: instanceKey(instance, name), limit: 1 });
  return named.documents.length > 0;
}
