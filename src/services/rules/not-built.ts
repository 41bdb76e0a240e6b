import type { EventSourceName, RuleAction } from "@aws-sdk/client-connect";
import { invalidRequest } from "../connect/index.ts";
import type { RuleActionType } from "./action-table.ts";
import { isBuilt } from "./sources.ts";

const BUILT_ACTIONS: readonly RuleActionType[] = [
  "ASSIGN_CONTACT_CATEGORY",
  "GENERATE_EVENTBRIDGE_EVENT",
  "CREATE_TASK",
  "SEND_NOTIFICATION",
  "SEND_IN_APP_NOTIFICATION",
  "SUBMIT_AUTO_EVALUATION",
  "CREATE_CASE",
  "UPDATE_CASE",
  "ASSIGN_SLA",
  "END_ASSOCIATED_TASKS",
  "END_ASSOCIATED_EMAILS",
];

/** Of these nothing is known here. */
export const SCHEDULE_METRICS: readonly string[] = ["AGENT_SCHEDULE_ADHERENCE", "AGENT_NON_ADHERENT_TIME"];

/**
 * Refuses to publish what would never do anything here: better than a rule that looks as if it worked. Drafts are kept, since they do
 * nothing anywhere.
 */
export function refuseUnbuilt(rule: {
  readonly source: EventSourceName;
  readonly actions: readonly Pick<RuleAction, "ActionType">[];
  readonly asksStatement: boolean;
  readonly metrics: readonly string[];
}): void {
  if (!isBuilt(rule.source)) refuse(`rules for ${rule.source} are`);
  const action = rule.actions.find(({ ActionType }) => ActionType && !BUILT_ACTIONS.includes(ActionType));
  if (action) refuse(`the action ${action.ActionType} is`);
  if (rule.source === "OnEmailAnalysisAvailable" && rule.actions.some(isCategory)) {
    refuse("categories of mails, which would show nowhere, are");
  }
  const unfed = rule.metrics.find((metric) => SCHEDULE_METRICS.includes(metric));
  if (unfed !== undefined) refuse(`schedules, which ${unfed} is made of, are`);
  if (rule.asksStatement) {
    refuse("SemanticMatch.Phrase, which needs a generative model to judge the conversation, is");
  }
}

function isCategory({ ActionType }: Pick<RuleAction, "ActionType">): boolean {
  return ActionType === "ASSIGN_CONTACT_CATEGORY";
}

function refuse(what: string): never {
  throw invalidRequest(`${what} not built in Trunkline: such a rule can be kept as a DRAFT, but not be PUBLISHED`);
}
