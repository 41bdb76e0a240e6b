import type { UpdateContactScheduleRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { contactTimer } from "./contact-timers.ts";
import { updateContactData } from "./contact-transitions.ts";
import { getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { expiryMs, TASK_EXPIRY_MS } from "./segment-attributes.ts";
import { requireScheduledTime } from "./start-task-contact.ts";

/** How often a task may be rescheduled. */
const RESCHEDULES_MAX = 20;

/** Moves the start of a scheduled task, and its expiry with it. */
export async function updateContactSchedule(
  input: Validated<UpdateContactScheduleRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const nowMs = context.clock.now();
  const scheduledMs = input.ScheduledTime.getTime();
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.ContactId, nowMs);
    requireScheduledTime(scheduledMs, nowMs);
    if (contact.scheduledMs === undefined || contact.state !== "INITIATED") {
      throw invalidRequest(`Contact ${contact.id} is not a scheduled task that has yet to start`);
    }
    const rescheduleCount = (contact.rescheduleCount ?? 0) + 1;
    if (rescheduleCount > RESCHEDULES_MAX) {
      throw new ModeledError("LimitExceededException", `A task can be rescheduled at most ${RESCHEDULES_MAX} times`);
    }
    const expiresMs = scheduledMs + (expiryMs(contact.segmentAttributes) ?? TASK_EXPIRY_MS);
    const changed = { ...contact, scheduledMs, rescheduleCount, expiresMs };
    const task = await updateContactData(unit, context, changed, ["ScheduledTimestamp"]);
    context.flow.schedule(unit, contactTimer("connect.scheduled-start", task, scheduledMs));
    context.flow.schedule(unit, contactTimer("connect.expiry", task, expiresMs));
  });
  return {};
}
