import type { PauseContactRequest, ResumeContactRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { moveAgentContact } from "./agent-transitions.ts";
import type { InstanceRef } from "./arns.ts";
import { chooseFlow, type FlowChoice } from "./contact-flows.ts";
import { changeTimeMs, resumeTask, storeContact } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts, getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { startEventFlow } from "./flow-run/start-flows.ts";
import { getInstance } from "./instances.ts";
import { routeContact } from "./routing.ts";

/** `TotalPauseCount` of a contact record is 0 to 10. */
const PAUSES_MAX = 10;

/** Pauses a task that waits or that an agent has. It is offered to nobody meanwhile, and keeps its place. */
export async function pauseContact(
  input: Validated<PauseContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const { task, named } = await getTask(unit, context, input);
    if (task.pauses?.sinceMs !== undefined) throw conflict(`Contact ${task.id} is paused already`);
    if (task.offer) throw conflict(`Contact ${task.id} is being offered to an agent`);
    if ((task.pauses?.count ?? 0) >= PAUSES_MAX) {
      throw new ModeledError("LimitExceededException", `A contact can be paused at most ${PAUSES_MAX} times`);
    }
    const atMs = changeTimeMs(context, task);
    const pauses = {
      seconds: 0,
      agentSeconds: 0,
      ...task.pauses,
      count: (task.pauses?.count ?? 0) + 1,
      sinceMs: atMs,
      lastPausedMs: atMs,
    };
    const paused = await storeContact(unit, context, { ...task, pauses, lastUpdateMs: atMs }, ["PAUSED"]);
    if (paused.agent) await moveAgentContact(unit, context, paused.agent.id, paused, "PAUSED");
    await startEventFlow(unit, context, paused, { hook: "PauseContact", named });
  });
  return {};
}

/** Goes on with a paused task. One that waits may be offered at once; it is as old as it is. */
export async function resumeContact(
  input: Validated<ResumeContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const { task, named } = await getTask(unit, context, input);
    if (task.pauses?.sinceMs === undefined) throw conflict(`Contact ${task.id} is not paused`);
    const resumed = await resumeTask(unit, context, task);
    await startEventFlow(unit, context, resumed, { hook: "ResumeContact", named });
    const current = (await unit.get(contacts, contactKey(resumed))) ?? resumed;
    if (!current.agent) await routeContact(unit, context, current);
  });
  return {};
}

/** A task that has not ended and whose time has come, and the flow that the request names. */
async function getTask(
  reader: Reader,
  context: Context,
  input: Validated<PauseContactRequest>,
): Promise<{ readonly task: Contact; readonly named: FlowChoice | undefined }> {
  const instance: InstanceRef = await getInstance(reader, context, input.InstanceId);
  const contact = await getContact(reader, instance, input.ContactId, context.clock.now());
  const named = input.ContactFlowId === undefined ? undefined : await chooseFlow(reader, instance, input.ContactFlowId);
  if (contact.channel !== "TASK") throw invalidRequest("Only tasks can be paused and resumed");
  if (contact.state === "DISCONNECTED") throw conflict(`Contact ${contact.id} has ended`);
  if (contact.state === "INITIATED") throw conflict(`Contact ${contact.id} has not started yet`);
  return { task: contact, named };
}

function conflict(message: string): ModeledError {
  return new ModeledError("ConflictException", message);
}
