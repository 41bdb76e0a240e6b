import { derivedUuid } from "../../../time/ids.ts";
import { instanceKey, refOf } from "../arns.ts";
import { addAttributes, attributesOf } from "../contact-attributes.ts";
import { createCallback } from "../contact-callbacks.ts";
import { chooseFlow } from "../contact-flows.ts";
import { mergeReferences } from "../contact-references.ts";
import { contactTimer } from "../contact-timers.ts";
import { initiateContact, type NewContact } from "../contact-transitions.ts";
import { contactKey, contacts } from "../contacts.ts";
import { planOf } from "../phone-number-plan.ts";
import { queues } from "../queues.ts";
import { TASK_EXPIRY_MS } from "../segment-attributes.ts";
import { referencesParameter } from "./data.ts";
import { queueNamed } from "./queue-actions.ts";
import {
  type ActionCode,
  FAILS,
  mapParameter,
  NEXT,
  numberParameter,
  objectAt,
  type Result,
  type Step,
  textParameter,
} from "./step.ts";

/** Seconds between the attempts of a callback where the flow names none, as in the console's block. */
const RETRY_DELAY_SECONDS = 600;

/** Whom to call back: a number, which may lack its plus sign, of a country that can be called. */
export const UpdateContactCallbackNumber: ActionCode = {
  begin: (step): Result => {
    const named = textParameter(step, "CallbackNumber")?.trim() ?? "";
    const number = named.startsWith("+") ? named : `+${named}`;
    if (!/^\+[1-9]\d{6,14}$/.test(number)) return { error: "InvalidCallbackNumber" };
    if (!planOf(number)) return { error: "CallbackNumberNotDialable" };
    step.changeContact({ callbackNumber: number });
    return NEXT;
  },
};

/** Queues a callback. The flow goes on, and usually hangs up then. */
export const CreateCallbackContact: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { unit, platform, contact, parameters } = step;
    const isNamed = "QueueId" in parameters || "AgentId" in parameters;
    const workingId = contact.queue?.id ?? contact.targetQueueId;
    const working = workingId === undefined ? undefined : await unit.get(queues, instanceKey(contact, workingId));
    const queue = isNamed ? await queueNamed(step) : working;
    const number = contact.callbackNumber ?? numberOf(step);
    if (!queue || queue.status === "DISABLED" || number === undefined) return FAILS;
    const flowId = textParameter(step, "ContactFlowId");
    if ("ContactFlowId" in parameters && flowId === undefined) return FAILS;
    await createCallback(unit, platform, contact, {
      id: derivedUuid(step.seed, "callback"),
      queueId: queue.id,
      number,
      delayMs: (numberParameter(step, "InitialCallDelaySeconds") ?? 0) * 1_000,
      attempts: numberParameter(step, "MaximumConnectionAttempts") ?? 1,
      retryDelayMs: (numberParameter(step, "RetryDelaySeconds") ?? RETRY_DELAY_SECONDS) * 1_000,
      flow: flowId === undefined ? undefined : await chooseFlow(unit, contact, flowId),
      callerNumber: textParameter({ parameters: objectAt(parameters, "CallerId") }, "Number"),
    });
    // It names the callback as its next contact.
    step.contactIs((await unit.get(contacts, contactKey(contact))) ?? contact);
    return NEXT;
  },
};

/** Creates a task that is related to the contact. Its flow begins in a unit of its own. */
export const CreateTask: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { unit, platform, contact, nowMs, parameters } = step;
    const flowId = textParameter(step, "ContactFlowId");
    const name = textParameter(step, "Name");
    // Task templates cannot be created, so none can say which flow to run.
    if (flowId === undefined || name === undefined) return FAILS;
    const scheduledMs = scheduledTime(step);
    if (scheduledMs === null) return FAILS;
    const id = derivedUuid(step.seed, "task");
    const created: NewContact = {
      ...refOf(contact),
      id,
      channel: "TASK",
      initiationMethod: "API",
      relatedContactId: contact.id,
      associationId: contact.associationId,
      ...(await chooseFlow(unit, contact, flowId)),
      name,
      description: textParameter(step, "Description"),
      references: mergeReferences(undefined, referencesParameter({ parameters })),
      segmentAttributes: { "connect:Subtype": { ValueString: "connect:Task" } },
      tags: {},
      initiationMs: nowMs,
      scheduledMs,
      expiresMs: (scheduledMs ?? nowMs) + TASK_EXPIRY_MS,
    };
    await addAttributes(unit, created, { ...(await attributesOf(unit, contact)), ...mapParameter(step, "Attributes") });
    const task = await initiateContact(unit, platform, created);
    platform.flow.schedule(unit, contactTimer("connect.scheduled-start", task, scheduledMs ?? nowMs));
    step.changeProgress({ taskId: id });
    return NEXT;
  },
};

/** The caller's own number, where it is one. */
function numberOf({ contact }: Step): string | undefined {
  const { customerEndpoint: endpoint } = contact;
  return endpoint?.type === "TELEPHONE_NUMBER" ? endpoint.address : undefined;
}

/** "6 days". */
const DELAY_SECONDS_MAX = 518_400;

/** When a task is to start; `null`: at no time that there is, or not ahead. */
function scheduledTime(step: Step): number | undefined | null {
  const { ScheduledTime: named } = step.parameters;
  if (named !== undefined) {
    const timeMs = typeof named === "number" ? named * 1_000 : Date.parse(String(named));
    return timeMs >= step.nowMs && timeMs <= step.nowMs + DELAY_SECONDS_MAX * 1_000 ? timeMs : null;
  }
  if (!("DelaySeconds" in step.parameters)) return undefined;
  const seconds = numberParameter(step, "DelaySeconds");
  return seconds !== undefined && seconds >= 1 && seconds <= DELAY_SECONDS_MAX ? step.nowMs + seconds * 1_000 : null;
}
