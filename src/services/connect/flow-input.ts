import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Contact } from "./contacts.ts";
import { wakeRun } from "./flow-run/start-flows.ts";

/**
 * Gives what a customer entered to their contact's flow: the keys that they pressed. `false`: the flow waits for none. Only calls ask for
 * keys: in a chat GetParticipantInput takes its error branch.
 */
export async function giveInput(unit: Unit, platform: Platform, contact: Contact, text: string): Promise<boolean> {
  return (await wakeRun(unit, platform, contact, "main", { by: "keys", text })) !== undefined;
}

/** Tells a contact's flow of something that its Wait may be waiting for. `false`: it is not. */
export async function tellFlow(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  event: "CustomerReturned" | "BotParticipantDisconnected",
): Promise<boolean> {
  return (await wakeRun(unit, platform, contact, "main", { by: "event", event })) !== undefined;
}
