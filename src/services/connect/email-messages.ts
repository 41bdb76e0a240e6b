/** What mails say, kept beside their contacts; and what the operations that make mail contacts have in common. */
import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { contactKey, contacts, retainedUntilMs } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { quotaReached } from "./quotas.ts";

interface EmailMessage {
  readonly subject: string;
  readonly body: string;
  readonly contentType: string;
}

interface StoredMessage extends EmailMessage {
  readonly key: string;
  readonly expiresMs: number;
}

/** By contact. Kept as long as the contact. */
export const emailMessages: Collection<StoredMessage> = collection("connect_email_messages", {
  expires: { type: "integer", value: (message) => message.expiresMs },
});

const CONTENT_TYPES = ["text/plain", "text/html"];

export function checkMessage(raw: {
  readonly Subject: string;
  readonly Body: string;
  readonly ContentType: string;
}): EmailMessage {
  const { Subject: subject, Body: body, ContentType: contentType } = raw;
  // A charset may follow.
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!CONTENT_TYPES.includes(type)) throw invalidRequest(`ContentType must be one of ${CONTENT_TYPES.join(", ")}`);
  return { subject, body, contentType };
}

export function keepEmailMessage(
  unit: Unit,
  contact: InstanceRef & { readonly id: string; readonly initiationMs: number },
  message: EmailMessage,
): void {
  const key = contactKey(contact);
  unit.put(emailMessages, key, { ...message, key, expiresMs: retainedUntilMs(contact.initiationMs) });
}

/** Removes the subject of a mail, which may be personal data. */
export async function forgetSubject(unit: Unit, contact: InstanceRef & { readonly id: string }): Promise<void> {
  const stored = await unit.get(emailMessages, contactKey(contact));
  if (stored) unit.put(emailMessages, stored.key, { ...stored, subject: "" });
}

export async function findEmailMessage(
  reader: Reader,
  contact: InstanceRef & { readonly id: string },
): Promise<EmailMessage | undefined> {
  const stored = await reader.get(emailMessages, contactKey(contact));
  return stored && { subject: stored.subject, body: stored.body, contentType: stored.contentType };
}

export async function requireEmailQuota(unit: Unit, context: Context, instance: InstanceRef): Promise<void> {
  const open = { collection: contacts, index: "open", prefix: instanceKey(instance, "EMAIL", "") };
  if (await quotaReached(unit, context.limits, "connect.concurrent-emails-per-instance", open)) {
    throw new ModeledError("ServiceQuotaExceededException", "The quota of active e-mails per instance is used up");
  }
}

/** The contact that an earlier request with the same client token made. */
export async function claimEmailToken(
  unit: Unit,
  scope: InstanceRef,
  operation: string,
  input: { readonly ClientToken?: string | undefined },
  made: { readonly id: string; readonly nowMs: number },
): Promise<string | undefined> {
  const earlier = await claimClientToken(unit, { scope, operation, input }, made);
  if (earlier && !earlier.sameRequest) {
    throw new ModeledError("IdempotencyException", "ClientToken came with another request");
  }
  return earlier?.madeId;
}
