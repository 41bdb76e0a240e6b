/** What rules tell on the default bus: that they matched, and that an action failed. */
import type { SinkFailure } from "../../flow/index.ts";
import { loadModel } from "../../models/catalog.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { instanceArn, resourceArn } from "../connect/index.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import { type Attempted, type OwedAction, subjectOf } from "./owed-action.ts";
import type { BuiltSource } from "./sources.ts";

const DETAIL_TYPES: Readonly<Partial<Record<BuiltSource, string>>> = {
  OnPostCallAnalysisAvailable: "Contact Lens Post Call Rules Matched",
  OnRealTimeCallAnalysisAvailable: "Contact Lens Realtime Rules Matched",
  OnRealTimeChatAnalysisAvailable: "Contact Lens Realtime Chat Rules Matched",
  OnPostChatAnalysisAvailable: "Contact Lens Post Chat Rules Matched",
  OnAfterCallWorkAvailable: "Contact Lens After Call Work Rules Matched",
  OnAfterChatWorkAvailable: "Contact Lens After Chat Work Rules Matched",
  OnEmailAnalysisAvailable: "Contact Lens Email Rules Matched",
  OnContactEvaluationSubmit: "Contact Lens Evaluation Rules Matched",
  OnMetricDataUpdate: "Metrics Rules Matched",
};

/** GENERATE_EVENTBRIDGE_EVENT. Members without a value are left out (our choice). */
export async function tellMatch(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { instance, ruleId, ruleName, source, about, contact, evaluation, resources, action } = owed;
  const detailType = DETAIL_TYPES[source];
  if (detailType === undefined) throw new Error(`A rule for ${source} tells no event`);
  await putEvent(unit, platform, owed, {
    detailType,
    id: derivedUuid(about, ruleId, "event"),
    resources,
    detail: {
      version: "1.0",
      ruleName,
      actionName: action.EventBridgeAction?.Name ?? "",
      instanceArn: instanceArn(instance),
      ...(contact && { contactArn: resourceArn("contact", instance, contact.id) }),
      ...(contact?.agentArn && { agentArn: contact.agentArn }),
      ...(contact?.queueArn && { queueArn: contact.queueArn }),
      // Ours: what this event says of evaluations is not documented.
      ...(evaluation && {
        evaluationArn: resourceArn("contactEvaluation", instance, evaluation.id),
        evaluationFormArn: resourceArn("evaluationForm", instance, evaluation.formId),
      }),
    },
  });
}

const TRIGGER_EVENTS: Readonly<Record<BuiltSource, string>> = {
  OnPostCallAnalysisAvailable: "POST_CALL",
  OnRealTimeCallAnalysisAvailable: "REAL_TIME_CALL",
  OnRealTimeChatAnalysisAvailable: "REAL_TIME_CHAT",
  OnPostChatAnalysisAvailable: "POST_CHAT",
  OnAfterCallWorkAvailable: "POST_CALL",
  OnAfterChatWorkAvailable: "POST_CHAT",
  OnEmailAnalysisAvailable: "EMAIL",
  OnContactEvaluationSubmit: "CONTACT_EVALUATION",
  OnMetricDataUpdate: "METRIC_DATA",
  OnZendeskTicketCreate: "THIRD_PARTY",
  OnZendeskTicketStatusUpdate: "THIRD_PARTY",
  OnSalesforceCaseCreate: "THIRD_PARTY",
  OnCaseCreate: "CASE",
  OnCaseUpdate: "CASE",
  OnSlaBreach: "SLA_BREACH",
};

/** `failure.retryable`: it was tried again in vain; else it failed for what it asks. */
export async function tellFailure(
  unit: Unit,
  platform: Platform,
  attempted: Attempted,
  failure: SinkFailure,
): Promise<void> {
  const { instance, ruleId, source, about, actionType, part = "" } = attempted;
  const { code, message, retryable } = failure;
  if (actionType === "SUBMIT_AUTO_EVALUATION") await tellFailedEvaluation(unit, platform, attempted, failure);
  const id = derivedUuid(about, ruleId, "failed", actionType, part);
  await putEvent(unit, platform, attempted, {
    detailType: "Amazon Connect Rules Action Execution Failed",
    id,
    detail: {
      ruleId,
      actionType,
      triggerEvent: TRIGGER_EVENTS[source],
      instanceArn: instanceArn(instance),
      reasonCode: code,
      error: message,
      additionalInfo: JSON.stringify({
        message,
        code,
        statusCode: statusOf(code),
        time: new Date(platform.clock.now()).toISOString(),
        requestId: derivedUuid(id, "request"),
        retryable,
      }),
    },
  });
}

/** The event's name is documented, what it says is our choice. */
async function tellFailedEvaluation(
  unit: Unit,
  platform: Platform,
  attempted: Attempted,
  { code, message }: SinkFailure,
): Promise<void> {
  const { instance, ruleId, about, contactId, part = "" } = attempted;
  await putEvent(unit, platform, attempted, {
    detailType: "Contact Lens Automated Evaluation Submission Failed",
    id: derivedUuid(about, ruleId, "evaluation failed", part),
    detail: {
      version: "1.0",
      instanceArn: instanceArn(instance),
      ...(contactId && { contactArn: resourceArn("contact", instance, contactId) }),
      evaluationFormArn: resourceArn("evaluationForm", instance, part),
      ruleArn: resourceArn("rule", instance, ruleId),
      reasonCode: code,
      error: message,
    },
  });
}

/** Actions fail with errors of Connect or, on cases, of Cases. */
function statusOf(code: string): number | undefined {
  for (const model of ["connect", "connectcases"]) {
    const shape = loadModel(model).shapes[code];
    if (shape?.type === "structure" && shape.exception) return shape.exception.status;
  }
  return undefined;
}

interface RuleEvent {
  readonly detailType: string;
  readonly id: string;
  readonly detail: object;
  readonly resources?: readonly string[];
}

async function putEvent(
  unit: Unit,
  platform: Platform,
  attempted: Attempted,
  { resources = [], ...event }: RuleEvent,
): Promise<void> {
  const { instance } = attempted;
  const { account, region } = instance;
  await putServiceEvent(unit, platform, {
    account,
    region,
    source: "aws.connect",
    resources: [instanceArn(instance), ...resources],
    timeMs: platform.clock.now(),
    // Events of one contact stay in order.
    key: subjectOf(attempted),
    ...event,
  });
}
