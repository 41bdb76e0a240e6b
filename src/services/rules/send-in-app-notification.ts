import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { notifyUsers } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import type { InAppNotification } from "./action-table.ts";
import { fillerOf } from "./action-texts.ts";
import { requireInAppTexts } from "./check-actions.ts";
import type { OwedAction } from "./owed-action.ts";
import { findRecipients } from "./recipients.ts";

/** SEND_IN_APP_NOTIFICATION: users see it in the languages that it has, with the values of its variables. */
export async function sendInAppNotification(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { instance, ruleId, about, action } = owed;
  const { SendInAppNotificationAction } = action as { readonly SendInAppNotificationAction?: InAppNotification };
  const { Content = {}, Recipient, Exclusion, Priority: priority = "LOW" } = SendInAppNotificationAction ?? {};
  const fill = await fillerOf(unit, owed);
  const { users, isEmptied } = await findRecipients(unit, instance, { Recipient, Exclusion, fill });
  if (users.length === 0 && !isEmptied) {
    throw new ModeledError("ResourceNotFoundException", "None of the recipients is a user of the instance");
  }
  const content = Object.fromEntries(Object.entries(Content).map(([locale, text]) => [locale, fill(text)]));
  requireInAppTexts(content, "Content");
  await notifyUsers(
    unit,
    instance,
    users.map(({ id }) => id),
    { id: derivedUuid(about, ruleId, "notification"), content, priority, nowMs: platform.clock.now() },
  );
}
