import type { StartTaskContactRequest, StartTaskContactResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { addAttributes } from "./contact-attributes.ts";
import { chooseFlow, type FlowChoice } from "./contact-flows.ts";
import { linkContact } from "./contact-links.ts";
import { mergeReferences } from "./contact-references.ts";
import { contactTimer } from "./contact-timers.ts";
import { connectToSystem, initiateContact, type NewContact } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts } from "./contacts.ts";
import { invalidParameter, invalidRequest, notFound } from "./errors.ts";
import { startContactFlow } from "./flow-run/start-flows.ts";
import { getInstance } from "./instances.ts";
import { requireAgreedValues } from "./predefined-attributes.ts";
import { flowToRun, getQuickConnect } from "./quick-connects.ts";
import { countReaches, quotaReached } from "./quotas.ts";
import { expiryMs, mergeSegmentAttributes, TASK_EXPIRY_MS } from "./segment-attributes.ts";

/** "12 task contacts can be created that share the same PreviousContactId." */
const TASKS_PER_PREVIOUS_CONTACT = 12;

/** The quota page. The model says 6 days, and is older. */
const SCHEDULED_AHEAD_DAYS_MAX = 90;
const DAY_MS = 24 * 3_600_000;

/** Creates a task. Its flow starts now, or at its scheduled time. */
export async function startTaskContact(
  input: Validated<StartTaskContactRequest>,
  context: Context,
): Promise<StartTaskContactResponse> {
  const id = context.ids.uuid();
  const nowMs = context.clock.now();
  checkRequest(input, nowMs);

  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: instance, operation: "StartTaskContact", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) return { ContactId: earlier.madeId };

    await startTask(unit, context, instance, { input, id, nowMs });
    return { ContactId: id };
  });
}

/** What a task is made of: a request to StartTaskContact, whose instance and client token others look after. */
export type TaskInput = Omit<Validated<StartTaskContactRequest>, "InstanceId" | "ClientToken">;

/** The same in somebody else's unit, for the rules of the instance. Throws what StartTaskContact answers, before anything of the task is there. */
export async function startTask(
  unit: Unit,
  platform: Platform,
  instance: InstanceRef,
  { input, id, nowMs }: { readonly input: TaskInput; readonly id: string; readonly nowMs: number },
): Promise<void> {
  const flow = await flowOf(unit, instance, input);
  const links = await linkContact(unit, instance, input, { id, nowMs });
  await requireQuotas(unit, platform, instance, links.previous);

  await requireAgreedValues(unit, instance, input.SegmentAttributes);
  const subtype = { "connect:Subtype": { ValueString: "connect:Task" } };
  const segmentAttributes = mergeSegmentAttributes(subtype, input.SegmentAttributes);
  const startMs = input.ScheduledTime?.getTime() ?? nowMs;
  const contact: NewContact = {
    ...refOf(instance),
    id,
    channel: "TASK",
    initiationMethod: "API",
    ...links.ids,
    ...flow,
    name: input.Name,
    description: input.Description,
    references: mergeReferences(undefined, input.References),
    segmentAttributes,
    tags: {},
    initiationMs: nowMs,
    scheduledMs: input.ScheduledTime?.getTime(),
    expiresMs: startMs + (expiryMs(segmentAttributes) ?? TASK_EXPIRY_MS),
  };
  await addAttributes(unit, contact, { ...links.copiedAttributes, ...input.Attributes });
  const task = await initiateContact(unit, platform, contact);
  if (startMs > nowMs) platform.flow.schedule(unit, contactTimer("connect.scheduled-start", task, startMs));
  else await startScheduled(unit, platform, task);
}

/** Runs the flow of a task whose time has come, or of a callback that has one. */
export async function startScheduled(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const ready = contact.callback ? contact : await connectToSystem(unit, platform, contact);
  await startContactFlow(unit, platform, ready);
}

export function requireScheduledTime(scheduledMs: number, nowMs: number): void {
  const aheadMs = scheduledMs - nowMs;
  if (!(aheadMs >= 0 && aheadMs <= SCHEDULED_AHEAD_DAYS_MAX * DAY_MS)) {
    throw invalidParameter(`ScheduledTime must lie within ${SCHEDULED_AHEAD_DAYS_MAX} days, and not in the past`);
  }
}

/** What can be said of a request without looking anything up. */
function checkRequest(input: Validated<StartTaskContactRequest>, nowMs: number): void {
  const ways = [input.ContactFlowId, input.QuickConnectId, input.TaskTemplateId];
  if (ways.filter((way) => way !== undefined).length !== 1) {
    throw invalidRequest("Exactly one of ContactFlowId, QuickConnectId and TaskTemplateId must be specified");
  }
  if (input.PreviousContactId !== undefined && input.RelatedContactId !== undefined) {
    throw invalidRequest("PreviousContactId and RelatedContactId cannot both be specified");
  }
  if (input.ScheduledTime) requireScheduledTime(input.ScheduledTime.getTime(), nowMs);
  if (input.Attachments) throw invalidRequest("The instance has no storage for attachments");
}

/** Task templates cannot be created yet, so whatever id is given names none. */
async function flowOf(
  unit: Unit,
  instance: InstanceRef,
  input: TaskInput,
): Promise<FlowChoice & Pick<Contact, "targetQueueId">> {
  if (input.QuickConnectId !== undefined) {
    const { destination } = await getQuickConnect(unit, instance, input.QuickConnectId);
    if (destination.type === "PHONE_NUMBER") {
      throw invalidRequest(`Quick connect ${input.QuickConnectId} leads to a telephone number, not to a flow`);
    }
    return flowToRun(destination);
  }
  if (input.TaskTemplateId !== undefined) throw notFound(`Task template ${input.TaskTemplateId} does not exist`);
  return chooseFlow(unit, instance, input.ContactFlowId ?? "");
}

async function requireQuotas(
  unit: Unit,
  { limits }: Platform,
  instance: InstanceRef,
  previous: Contact | undefined,
): Promise<void> {
  const tasks = { collection: contacts, index: "open", prefix: instanceKey(instance, "TASK", "") };
  if (await quotaReached(unit, limits, "connect.concurrent-tasks-per-instance", tasks)) {
    throw new ModeledError("ServiceQuotaExceededException", "The quota of active tasks per instance is used up");
  }
  if (!previous) return;

  // How many continue it decides, so it is guarded by the contact that they continue.
  unit.put(contacts, contactKey(previous), previous);
  const siblings = { collection: contacts, index: "previous", prefix: instanceKey(instance, previous.id, "TASK", "") };
  if (await countReaches(unit, siblings, TASKS_PER_PREVIOUS_CONTACT)) {
    throw new ModeledError(
      "ServiceQuotaExceededException",
      `There are ${TASKS_PER_PREVIOUS_CONTACT} tasks already that reference contact ${previous.id}`,
    );
  }
}
