import { createHash } from "node:crypto";
import { instanceKey } from "../arns.ts";
import type { Contact } from "../contacts.ts";
import { hoursOfOperations } from "../hours-of-operation.ts";
import { isOpen } from "../hours-of-operation-calendar.ts";
import { overridesOf } from "../hours-of-operation-overrides.ts";
import { findResource } from "../instance-resources.ts";
import { queues } from "../queues.ts";
import { type ActionCode, FAILS, numberParameter, type Result, type Step, textParameter } from "./step.ts";

/** Whether hours are open now: those named, else those of the working queue. An agent's own queue has none. */
export const CheckHoursOfOperation: ActionCode = {
  begin: async (step) => {
    const { unit, contact, parameters } = step;
    const named = "HoursOfOperationId" in parameters ? textParameter(step, "HoursOfOperationId") : undefined;
    const id = "HoursOfOperationId" in parameters ? named : await hoursOfWorkingQueue(step);
    const hours =
      id === undefined ? undefined : await findResource(unit, hoursOfOperations, "hoursOfOperation", contact, id);
    if (!hours) return FAILS;
    return { result: isOpen(hours, await overridesOf(unit, hours), step.nowMs) ? "True" : "False" };
  },
};

/** Compares a value with the conditions' operands. What is not there meets none. */
export const Compare: ActionCode = {
  begin: (step) => ({ result: valueIn(step.parameters.ComparisonValue) }),
};

/** A whole number from 1 to 100, each as likely as the others. It follows from the contact, so that it is the same when the unit runs again. */
export const DistributeByPercentage: ActionCode = {
  begin: (step) => {
    const random = createHash("sha256").update(step.seed).digest().readUInt32BE();
    return { result: String((random % 100) + 1) };
  },
};

/** Answers ContinueLooping so many times, then DoneLooping once, then begins anew. */
export const Loop: ActionCode = {
  begin: (step): Result => {
    const times = numberParameter(step, "LoopCount");
    if (times === undefined) return FAILS;
    const { identifier } = step.action;
    const done = new Map(Object.entries(step.frame.loops ?? {})).get(identifier) ?? 0;
    const isDone = done >= times;
    step.changeFrame({ loops: { ...step.frame.loops, [identifier]: isDone ? 0 : done + 1 } });
    return { result: isDone ? "DoneLooping" : "ContinueLooping" };
  },
};

/** What answering machine detection has found out about a call of a campaign. */
export const CheckOutboundCallStatus: ActionCode = {
  begin: ({ contact }) => ({ result: CALL_STATUSES[contact.answeringMachineDetectionStatus ?? ""] ?? "NotDetected" }),
};

const CALL_STATUSES: Readonly<Record<string, string>> = {
  HUMAN_ANSWERED: "CallAnswered",
  VOICEMAIL_BEEP: "VoicemailBeep",
  VOICEMAIL_NO_BEEP: "VoicemailNoBeep",
};

async function hoursOfWorkingQueue({ unit, contact }: Step): Promise<string | undefined> {
  const queueId = workingQueueId(contact);
  const queue = queueId === undefined ? undefined : await unit.get(queues, instanceKey(contact, queueId));
  return queue?.hoursOfOperationId;
}

/** The queue that a contact waits in, or else the one that it is to go to. */
export function workingQueueId({ queue, targetQueueId }: Contact): string | undefined {
  return queue?.id ?? targetQueueId;
}

function valueIn(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
