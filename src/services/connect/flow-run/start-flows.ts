import type { Unit } from "../../../store/store.ts";
import { derivedUuid } from "../../../time/ids.ts";
import type { Platform } from "../../service.ts";
import { passChatOn } from "../chat-participants.ts";
import type { FlowChoice } from "../contact-flows.ts";
import { continueInNewContact, initiateLeg, type NewLeg } from "../contact-transfers.ts";
import { disconnectContact, takeLine } from "../contact-transitions.ts";
import type { Contact } from "../contacts.ts";
import { enqueueContact } from "../routing.ts";
import { ACTIONS } from "./actions.ts";
import { ACTIONS_ANYWHERE } from "./actions-anywhere.ts";
import { endRuns, type FlowPart } from "./flow-runs.ts";
import { defaultFlowId, findFlowProgram, findHookedProgram } from "./programs.ts";
import { startQueueFlow } from "./queue-flow.ts";
import { continueRun, type Ran, startRun } from "./run-flow.ts";
import type { ActionCode, ActionTable, Wake } from "./step.ts";

/** Where flows begin, for everybody else in this service. Each answers with the contact as it is then. */

/** Runs a contact's own flow: the one that was chosen for it, or else the instance's default. Without one that can run it ends. */
export async function startContactFlow(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  const id = contact.flowId ?? (await defaultFlowId(unit, platform, contact, "CONTACT_FLOW"));
  const version = contact.flowVersion;
  const program = id === undefined ? undefined : await findFlowProgram(unit, contact, { id, version });
  if (!program) return disconnectContact(unit, platform, contact, "CONTACT_FLOW_DISCONNECT");
  return (await startRun(unit, platform, contact, { part: "main", program, actions: ACTIONS })).contact;
}

/** Puts a contact that was transferred into a queue, where the customer hears the queue's flow. */
export async function enqueueTransferred(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  queueId: string,
): Promise<Contact> {
  return startQueueFlow(unit, platform, await enqueueContact(unit, platform, contact, queueId), ACTIONS);
}

/** Ends a contact; one that continues it begins to wait in its working queue. */
export async function moveToQueue(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  to: NewLeg & { readonly targetQueueId: string },
): Promise<Contact> {
  const leg = await continueInNewContact(unit, platform, contact, to);
  return enqueueTransferred(unit, platform, leg, to.targetQueueId);
}

/** Ends a contact; one that continues it begins its flow. */
export async function moveToFlow(unit: Unit, platform: Platform, contact: Contact, to: NewLeg): Promise<Contact> {
  return startContactFlow(unit, platform, await continueInNewContact(unit, platform, contact, to));
}

/** The customer is put on hold: the hold flow begins, anew each time. */
export async function startHoldFlow(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  const program = await findHookedProgram(unit, platform, contact, "CUSTOMER_HOLD");
  if (!program) return contact;
  return (await startRun(unit, platform, contact, { part: "hold", program, actions: ACTIONS_ANYWHERE })).contact;
}

export async function endHoldFlow(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  await endRuns(unit, platform, contact, { outcome: "ENDED_FLOW_EXECUTION", parts: ["hold"] });
}

/**
 * An agent has ended a contact. Where a disconnect flow was set for the customer who remains, it runs in a contact of its own, which
 * continues the one that has ended. `undefined`: none was set, or it cannot run.
 */
export async function startDisconnectFlow(
  unit: Unit,
  platform: Platform,
  ended: Contact,
): Promise<Contact | undefined> {
  const flowId = ended.hooks?.CustomerRemaining;
  const program = flowId === undefined ? undefined : await findFlowProgram(unit, ended, { id: flowId });
  if (!program) {
    await passChatOn(unit, platform, ended, undefined);
    return undefined;
  }
  const id = derivedUuid(ended.id, "disconnect flow");
  const remaining = await initiateLeg(unit, platform, ended, { id, initiationMethod: "DISCONNECT", flowId });
  takeLine(unit, platform, remaining);
  await passChatOn(unit, platform, ended, remaining);
  return startContactFlow(unit, platform, remaining);
}

/**
 * Runs the flow of a pause or a resumption: the one that the request names, else the one that the task's flow has set. It plays beside
 * whatever the task is in: it may end the task or go on with it, and cannot queue it. It ends the flow of an earlier pause or resumption that is still running.
 */
export async function startEventFlow(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  event: { readonly hook: "PauseContact" | "ResumeContact"; readonly named: FlowChoice | undefined },
): Promise<void> {
  const hooked = contact.hooks?.[event.hook];
  const { flowId: id, flowVersion: version } = event.named ?? { flowId: hooked };
  const program = id === undefined ? undefined : await findFlowProgram(unit, contact, { id, version });
  if (!program) return;
  await endRuns(unit, platform, contact, { outcome: "ENDED_FLOW_EXECUTION", parts: ["event"] });
  await startRun(unit, platform, contact, { part: "event", program, actions: EVENT_ACTIONS });
}

const EVENT_ACTIONS: ActionTable = {
  ...ACTIONS_ANYWHERE,
  DisconnectParticipant: ACTIONS.DisconnectParticipant as ActionCode,
  ResumeContact: ACTIONS.ResumeContact as ActionCode,
};

/** Goes on with a run that waits. `undefined`: nothing waits for this. */
export async function wakeRun(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  part: FlowPart,
  wake: Wake,
): Promise<Ran | undefined> {
  const actions = part === "main" ? ACTIONS : part === "event" ? EVENT_ACTIONS : ACTIONS_ANYWHERE;
  return continueRun(unit, platform, contact, { part, wake, actions });
}
