import { findMail, listMails, type Mail } from "../services/rules/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";

const LISTED = 100;
const LISTED_MAX = 1_000;

/**
 * `GET /_trunkline/mailbox?limit=100`: the mails that rules have sent in the caller's account and Region, the youngest first, without their
 * texts. Those that went to a mail server are not among them.
 */
export async function mailbox(context: Context, { query }: PlainRequest): Promise<PlainResponse> {
  const asked = new URLSearchParams(query).get("limit") ?? String(LISTED);
  const limit = Number(asked);
  if (!/^\d+$/.test(asked) || limit < 1 || limit > LISTED_MAX)
    return failure(400, `limit is a number from 1 to ${LISTED_MAX}`);
  const mails = await context.store.durably(() => listMails(context.store, context, limit));
  return json({ mails: mails.map((mail) => ({ ...shown(mail), text: undefined })) });
}

/** `GET /_trunkline/mailbox/ID`: one of them, with its text. */
export async function mailboxMail(context: Context, id: string): Promise<PlainResponse> {
  const mail = await context.store.durably(() => findMail(context.store, context, id));
  return mail ? json(shown(mail)) : failure(404, `There is no mail ${id}`);
}

function shown({ instance, sentMs, ...mail }: Mail): object {
  return { ...mail, instanceId: instance.instanceId, sent: new Date(sentMs).toISOString() };
}
