import type { Channel } from "@aws-sdk/client-connect";
import type { Unit } from "../../store/store.ts";
import { contactsOfCase } from "../cases/index.ts";
import { disconnectContact, findContactByArn } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import type { OwedAction } from "./owed-action.ts";

/** END_ASSOCIATED_TASKS: ends every task of the case that has not ended. */
export function endAssociatedTasks(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  return endContacts(unit, platform, owed, "TASK");
}

/** END_ASSOCIATED_EMAILS: the same with mails (our choice: no page says what it does). */
export function endAssociatedEmails(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  return endContacts(unit, platform, owed, "EMAIL");
}

async function endContacts(
  unit: Unit,
  platform: Platform,
  { instance, caseId = "" }: OwedAction,
  channel: Channel,
): Promise<void> {
  for (const arn of await contactsOfCase(unit, { instance, caseId })) {
    const contact = await findContactByArn(unit, instance, arn, platform.clock.now());
    if (contact?.channel !== channel || contact.state === "DISCONNECTED") continue;
    // As StopContact does.
    await disconnectContact(unit, platform, contact, "API");
  }
}
