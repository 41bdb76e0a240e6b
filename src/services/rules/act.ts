/**
 * What a rule does beside assigning its category, in the unit in which it was found to be true. Actions follow one another in the rule's
 * order, and one that fails is told of and stops no other.
 */

import { loadModel } from "../../models/catalog.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { contactQueueArn, getInstance, instanceArn, type Rule, resourceArn, startTask } from "../connect/index.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import { requireRoom } from "./check-actions.ts";
import type { BuiltSource } from "./not-built.ts";
import type { Occurrence } from "./occurrence.ts";
import { withVariables } from "./variables.ts";

type Action = Rule["actions"][number];

export async function act(unit: Unit, platform: Platform, occurrence: Occurrence): Promise<void> {
  for (const action of occurrence.rule.actions) {
    try {
      await perform(unit, platform, occurrence, action);
    } catch (error) {
      // What is refused was refused before it has changed anything.
      if (!(error instanceof ModeledError)) throw error;
      await tellFailure(unit, platform, occurrence, action, error);
    }
  }
}

async function perform(unit: Unit, platform: Platform, occurrence: Occurrence, action: Action): Promise<void> {
  if (action.EventBridgeAction) return tellMatch(unit, platform, occurrence, action.EventBridgeAction.Name ?? "");
  if (action.TaskAction) return createTask(unit, platform, occurrence, action.TaskAction);
}

const DETAIL_TYPES: Readonly<Partial<Record<BuiltSource, string>>> = {
  OnPostCallAnalysisAvailable: "Contact Lens Post Call Rules Matched",
  OnRealTimeCallAnalysisAvailable: "Contact Lens Realtime Rules Matched",
  OnRealTimeChatAnalysisAvailable: "Contact Lens Realtime Chat Rules Matched",
  OnPostChatAnalysisAvailable: "Contact Lens Post Chat Rules Matched",
  OnContactEvaluationSubmit: "Contact Lens Evaluation Rules Matched",
};

/** GENERATE_EVENTBRIDGE_EVENT. Members without a value are left out (our choice). */
async function tellMatch(unit: Unit, platform: Platform, occurrence: Occurrence, actionName: string): Promise<void> {
  const { rule, source, instance, about, contact, evaluation, resources = [] } = occurrence;
  const detailType = DETAIL_TYPES[source];
  if (detailType === undefined) throw new Error(`A rule for ${source} tells no event`);
  const { agent, queue } = contact ?? {};
  await putEvent(unit, platform, occurrence, {
    detailType,
    id: derivedUuid(about, rule.id, "event"),
    resources,
    detail: {
      version: "1.0",
      ruleName: rule.name,
      actionName,
      instanceArn: instanceArn(instance),
      ...(contact && { contactArn: resourceArn("contact", instance, contact.id) }),
      ...(agent && { agentArn: resourceArn("user", instance, agent.id) }),
      ...(contact && queue && { queueArn: contactQueueArn(contact, queue) }),
      // Ours: what this event says of evaluations is not documented.
      ...(evaluation && {
        evaluationArn: resourceArn("contactEvaluation", instance, evaluation.id),
        evaluationFormArn: resourceArn("evaluationForm", instance, evaluation.formId),
      }),
    },
  });
}

/** The model's. */
const NAME_CHARACTERS_MAX = 512;
const DESCRIPTION_CHARACTERS_MAX = 4_096;

/** CREATE_TASK: a task that continues the contact, if there is one, whose attributes it shares by that. */
async function createTask(
  unit: Unit,
  platform: Platform,
  { rule, source, instance, about, contact, document }: Occurrence,
  { Name = "", Description, ContactFlowId, References = {} }: NonNullable<Action["TaskAction"]>,
): Promise<void> {
  const instanceUrl = await instanceUrlOf(unit, instance);
  const values = { ...document, RuleName: rule.name, InstanceUrl: instanceUrl };
  const fill = (text: string): string => withVariables(text, source, values);
  const page = pageOf(source, contact);
  const references = {
    ...(page !== undefined && { taskRef: { Type: "URL" as const, Value: `${instanceUrl}${page}` } }),
    ...Object.fromEntries(
      Object.entries(References).map(([name, reference]) => [
        name,
        { ...reference, Value: fill(reference.Value ?? "") },
      ]),
    ),
  };
  requireRoom(references, "References");
  await startTask(unit, platform, instance, {
    id: derivedUuid(about, rule.id, "task"),
    nowMs: platform.clock.now(),
    input: {
      ...(contact && { PreviousContactId: contact.id }),
      ContactFlowId,
      Name: fill(Name).slice(0, NAME_CHARACTERS_MAX),
      ...(Description !== undefined && { Description: fill(Description).slice(0, DESCRIPTION_CHARACTERS_MAX) }),
      References: references,
    },
  });
}

/** Where people see what the rule is about (our choice of paths: there are no such pages here). */
function pageOf(source: BuiltSource, contact: Occurrence["contact"]): string | undefined {
  if (source === "OnRealTimeCallAnalysisAvailable") return "/real-time-metrics";
  return contact && `/contact-trace-records/details/${contact.id}`;
}

async function instanceUrlOf(unit: Unit, instance: Occurrence["instance"]): Promise<string> {
  const { alias, instanceId } = await getInstance(unit, instance, instance.instanceId);
  return `https://${alias ?? instanceId}.my.connect.aws`;
}

const TRIGGER_EVENTS: Readonly<Record<BuiltSource, string>> = {
  OnPostCallAnalysisAvailable: "POST_CALL",
  OnRealTimeCallAnalysisAvailable: "REAL_TIME_CALL",
  OnRealTimeChatAnalysisAvailable: "REAL_TIME_CHAT",
  OnPostChatAnalysisAvailable: "POST_CHAT",
  OnContactEvaluationSubmit: "CONTACT_EVALUATION",
};

async function tellFailure(
  unit: Unit,
  platform: Platform,
  occurrence: Occurrence,
  { ActionType: actionType }: Action,
  { code, message }: ModeledError,
): Promise<void> {
  const { rule, source, instance, about } = occurrence;
  const id = derivedUuid(about, rule.id, "failed", actionType ?? "");
  await putEvent(unit, platform, occurrence, {
    detailType: "Amazon Connect Rules Action Execution Failed",
    id,
    detail: {
      ruleId: rule.id,
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
        // It failed for what it asks: it would fail again.
        retryable: false,
      }),
    },
  });
}

function statusOf(code: string): number | undefined {
  const shape = loadModel("connect").shapes[code];
  return shape?.type === "structure" ? shape.exception?.status : undefined;
}

async function putEvent(
  unit: Unit,
  platform: Platform,
  { instance, contact, about }: Occurrence,
  {
    resources = [],
    ...event
  }: {
    readonly detailType: string;
    readonly id: string;
    readonly detail: object;
    readonly resources?: readonly string[];
  },
): Promise<void> {
  const { account, region } = instance;
  await putServiceEvent(unit, platform, {
    account,
    region,
    source: "aws.connect",
    resources: [instanceArn(instance), ...resources],
    timeMs: platform.clock.now(),
    // Events of one contact stay in order.
    key: contact?.id ?? about,
    ...event,
  });
}
