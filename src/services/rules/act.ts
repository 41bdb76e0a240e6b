/**
 * What a rule does beside assigning its category, in the unit in which it was found to be true. Actions follow one another in the rule's
 * order, and one that fails is told of and stops no other.
 */

import type { JsonObject } from "../../matching/machine.ts";
import { loadModel } from "../../models/catalog.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import {
  type Contact,
  contactQueueArn,
  getInstance,
  instanceArn,
  type Rule,
  resourceArn,
  startTask,
} from "../connect/index.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import { requireRoom } from "./check-actions.ts";
import type { BuiltSource } from "./not-built.ts";
import { withVariables } from "./variables.ts";

/** A rule was found to be true of a contact. */
export interface Occurrence {
  readonly rule: Rule;
  readonly source: BuiltSource;
  readonly contact: Contact;
  /** The fact document: what variables in texts stand for. */
  readonly document: JsonObject;
}

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

const DETAIL_TYPES: Readonly<Record<BuiltSource, string>> = {
  OnPostCallAnalysisAvailable: "Contact Lens Post Call Rules Matched",
  OnRealTimeCallAnalysisAvailable: "Contact Lens Realtime Rules Matched",
  OnRealTimeChatAnalysisAvailable: "Contact Lens Realtime Chat Rules Matched",
  OnPostChatAnalysisAvailable: "Contact Lens Post Chat Rules Matched",
};

/** GENERATE_EVENTBRIDGE_EVENT. Members without a value are left out (our choice). */
async function tellMatch(
  unit: Unit,
  platform: Platform,
  { rule, source, contact }: Occurrence,
  actionName: string,
): Promise<void> {
  const { agent, queue } = contact;
  await putEvent(unit, platform, contact, {
    detailType: DETAIL_TYPES[source],
    id: derivedUuid(contact.id, rule.id, "event"),
    detail: {
      version: "1.0",
      ruleName: rule.name,
      actionName,
      instanceArn: instanceArn(contact),
      contactArn: resourceArn("contact", contact, contact.id),
      ...(agent && { agentArn: resourceArn("user", contact, agent.id) }),
      ...(queue && { queueArn: contactQueueArn(contact, queue) }),
    },
  });
}

/** The model's. */
const NAME_CHARACTERS_MAX = 512;
const DESCRIPTION_CHARACTERS_MAX = 4_096;

/** CREATE_TASK: a task that continues the contact, whose attributes it shares by that. */
async function createTask(
  unit: Unit,
  platform: Platform,
  { rule, source, contact, document }: Occurrence,
  { Name = "", Description, ContactFlowId, References = {} }: NonNullable<Action["TaskAction"]>,
): Promise<void> {
  const instanceUrl = await instanceUrlOf(unit, contact);
  const values = { ...document, RuleName: rule.name, InstanceUrl: instanceUrl };
  const fill = (text: string): string => withVariables(text, source, values);
  const references = {
    taskRef: { Type: "URL" as const, Value: `${instanceUrl}${pageOf(source, contact)}` },
    ...Object.fromEntries(
      Object.entries(References).map(([name, reference]) => [
        name,
        { ...reference, Value: fill(reference.Value ?? "") },
      ]),
    ),
  };
  requireRoom(references, "References");
  await startTask(unit, platform, contact, {
    id: derivedUuid(contact.id, rule.id, "task"),
    nowMs: platform.clock.now(),
    input: {
      PreviousContactId: contact.id,
      ContactFlowId,
      Name: fill(Name).slice(0, NAME_CHARACTERS_MAX),
      ...(Description !== undefined && { Description: fill(Description).slice(0, DESCRIPTION_CHARACTERS_MAX) }),
      References: references,
    },
  });
}

/** Where people see the contact (our choice of paths: there are no such pages here). */
function pageOf(source: BuiltSource, { id }: Contact): string {
  return source === "OnRealTimeCallAnalysisAvailable" ? "/real-time-metrics" : `/contact-trace-records/details/${id}`;
}

async function instanceUrlOf(unit: Unit, contact: Contact): Promise<string> {
  const { alias, instanceId } = await getInstance(unit, contact, contact.instanceId);
  return `https://${alias ?? instanceId}.my.connect.aws`;
}

const TRIGGER_EVENTS: Readonly<Record<BuiltSource, string>> = {
  OnPostCallAnalysisAvailable: "POST_CALL",
  OnRealTimeCallAnalysisAvailable: "REAL_TIME_CALL",
  OnRealTimeChatAnalysisAvailable: "REAL_TIME_CHAT",
  OnPostChatAnalysisAvailable: "POST_CHAT",
};

async function tellFailure(
  unit: Unit,
  platform: Platform,
  { rule, source, contact }: Occurrence,
  { ActionType: actionType }: Action,
  { code, message }: ModeledError,
): Promise<void> {
  const id = derivedUuid(contact.id, rule.id, "failed", actionType ?? "");
  await putEvent(unit, platform, contact, {
    detailType: "Amazon Connect Rules Action Execution Failed",
    id,
    detail: {
      ruleId: rule.id,
      actionType,
      triggerEvent: TRIGGER_EVENTS[source],
      instanceArn: instanceArn(contact),
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
  contact: Contact,
  event: { readonly detailType: string; readonly id: string; readonly detail: object },
): Promise<void> {
  const { account, region, id: key } = contact;
  const [source, timeMs] = ["aws.connect", platform.clock.now()];
  await putServiceEvent(unit, platform, {
    account,
    region,
    source,
    resources: [instanceArn(contact)],
    timeMs,
    key,
    ...event,
  });
}
