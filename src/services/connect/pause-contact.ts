import type { PauseContactRequest, ResumeContactRequest } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { moveAgentContact } from "./agent-transitions.ts";
import type { InstanceRef } from "./arns.ts";
import { getRunnableFlow } from "./contact-flows.ts";
import { changeTimeMs, endedPause, storeContact } from "./contact-transitions.ts";
import { type Contact, getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
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
    const task = await getTask(unit, context, input);
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
  });
  return {};
}

/** Goes on with a paused task. One that waits may be offered at once; it is as old as it is. */
export async function resumeContact(
  input: Validated<ResumeContactRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const task = await getTask(unit, context, input);
    if (task.pauses?.sinceMs === undefined) throw conflict(`Contact ${task.id} is not paused`);
    const atMs = changeTimeMs(context, task);
    const changed: Contact = { ...task, pauses: endedPause(task, atMs), lastUpdateMs: atMs };
    const resumed = await storeContact(unit, context, changed, ["RESUMED"]);
    if (resumed.agent) await moveAgentContact(unit, context, resumed.agent.id, resumed, "CONNECTED");
    else await routeContact(unit, context, resumed);
  });
  return {};
}

/** A task that has not ended and whose time has come. The flow that a request names does not run, but must be there. */
async function getTask(reader: Reader, context: Context, input: Validated<PauseContactRequest>): Promise<Contact> {
  const instance: InstanceRef = await getInstance(reader, context, input.InstanceId);
  const contact = await getContact(reader, instance, input.ContactId, context.clock.now());
  if (input.ContactFlowId !== undefined) await getRunnableFlow(reader, instance, input.ContactFlowId);
  if (contact.channel !== "TASK") throw invalidRequest("Only tasks can be paused and resumed");
  if (contact.state === "DISCONNECTED") throw conflict(`Contact ${contact.id} has ended`);
  if (contact.state === "INITIATED") throw conflict(`Contact ${contact.id} has not started yet`);
  return contact;
}

function conflict(message: string): ModeledError {
  return new ModeledError("ConflictException", message);
}
