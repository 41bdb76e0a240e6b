import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { Contact } from "../contacts.ts";
import { findHookedProgram } from "./programs.ts";
import { startRun } from "./run-flow.ts";
import type { ActionTable } from "./step.ts";

/** Runs the customer queue flow of a contact that has begun to wait, unless an agent has it already. A callback's customer hears none. */
export async function startQueueFlow(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  actions: ActionTable,
): Promise<Contact> {
  if (contact.state !== "QUEUED" || contact.callback) return contact;
  const program = await findHookedProgram(unit, platform, contact, "CUSTOMER_QUEUE");
  return program ? (await startRun(unit, platform, contact, { part: "main", program, actions })).contact : contact;
}
