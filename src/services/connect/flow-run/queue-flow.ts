import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type Contact, isAgentFirst } from "../contacts.ts";
import { findHookedProgram } from "./programs.ts";
import { startRun } from "./run-flow.ts";
import type { ActionTable } from "./step.ts";

/** Runs the customer queue flow of a contact that has begun to wait, unless an agent has it already. The customer of an agent-first callback is on no line yet. */
export async function startQueueFlow(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  actions: ActionTable,
): Promise<Contact> {
  if (contact.state !== "QUEUED" || isAgentFirst(contact)) return contact;
  const program = await findHookedProgram(unit, platform, contact, "CUSTOMER_QUEUE");
  return program ? (await startRun(unit, platform, contact, { part: "main", program, actions })).contact : contact;
}
