import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { instanceKey, quotaOf } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { fillerOf } from "./action-texts.ts";
import type { Mail, OwedMail } from "./mails.ts";
import { attemptedOf, type OwedAction, owe } from "./owed-action.ts";
import { findRecipients } from "./recipients.ts";

/** The model's. */
const SUBJECT_CHARACTERS_MAX = 200;

/** SEND_NOTIFICATION: a mail for each user, each a delivery of its own. Without a subject it has the rule's name (our choice). */
export async function sendNotification(unit: Unit, platform: Platform, owed: OwedAction): Promise<void> {
  const { Subject = owed.ruleName, Content = "", Recipient, Exclusion } = owed.action.SendNotificationAction ?? {};
  const fill = await fillerOf(unit, owed);
  const { users, isEmptied } = await findRecipients(unit, owed.instance, { Recipient, Exclusion, fill });
  const mails = users.flatMap((user): readonly Mail[] => {
    const to = user.identity.SecondaryEmail || user.identity.Email;
    if (!to) return [];
    return [
      {
        id: derivedUuid(owed.about, owed.ruleId, "mail", user.id),
        instance: owed.instance,
        to,
        userId: user.id,
        subject: oneLine(fill(Subject)).slice(0, SUBJECT_CHARACTERS_MAX),
        text: fill(Content),
        ruleName: owed.ruleName,
        ...(owed.contactId !== undefined && { contactId: owed.contactId }),
        sentMs: platform.clock.now(),
      },
    ];
  });
  if (mails.length === 0) {
    if (isEmptied) return;
    throw new ModeledError("ResourceNotFoundException", "None of the recipients is a user with an e-mail address");
  }
  await count(unit, platform, owed, mails.length);
  for (const mail of mails) {
    const attempted = { ...attemptedOf(owed), part: mail.to };
    const body: OwedMail = { mail, attempted };
    await owe(unit, platform, ["rule-mail"], { id: mail.id, body, attempted });
  }
}

/** A subject is one line: what a value holds cannot begin another header. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** Mails of an instance since a moment, where quotas hold. */
interface MailCount {
  readonly fromMs: number;
  readonly mails: number;
}

const mailCounts: Collection<MailCount> = collection("rules_mail_counts");

const DAY_MS = 24 * 60 * 60_000;

/** "At most 500 mails a day per instance, then the instance is blocked for 24 hours" (administrator guide). */
async function count(unit: Unit, { limits, clock }: Platform, { instance }: OwedAction, mails: number): Promise<void> {
  const allowed = quotaOf(limits, "connect.rule-mails-per-instance-and-day");
  if (allowed === undefined) return;
  const [key, nowMs] = [instanceKey(instance), clock.now()];
  const kept = await unit.get(mailCounts, key);
  const before = kept && nowMs < kept.fromMs + DAY_MS ? kept : { fromMs: nowMs, mails: 0 };
  const after = before.mails + mails;
  if (after > allowed) {
    const message = `The instance may send ${allowed} mails of rules a day, and is blocked for 24 hours`;
    throw new ModeledError("ServiceQuotaExceededException", message);
  }
  // The block lasts for 24 hours from the last mail that was sent.
  unit.put(mailCounts, key, { fromMs: after === allowed ? nowMs : before.fromMs, mails: after });
}
