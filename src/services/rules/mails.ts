/**
 * Mails that rules send. Where a mail server is configured each is a delivery to it; else it is put into a mailbox that `trunkline mailbox`
 * shows, in the unit in which it is sent.
 */
import type { SinkFailure } from "../../flow/index.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { InstanceRef } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { findAct, recordAct } from "./history.ts";
import { sendMail } from "./mail-server.ts";
import { type Attempted, PRINCIPAL } from "./owed-action.ts";

export interface Mail {
  readonly id: string;
  readonly instance: InstanceRef;
  /** One address. */
  readonly to: string;
  readonly userId: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly ruleName: string;
  readonly contactId?: string;
  readonly sentMs: number;
}

/** A mail with the part of the action that it is. */
export interface OwedMail {
  readonly mail: Mail;
  readonly attempted: Attempted;
}

/** The youngest come last. */
const mailbox: Collection<Mail> = collection("rules_mailbox", {
  sent: {
    type: "text",
    value: ({ instance, sentMs, id }) => compositeKey(instance.account, instance.region, sentMs, id),
  },
  expires: { type: "integer", value: ({ sentMs }) => sentMs + KEPT_MS },
});

const KEPT_MS = 7 * 24 * 60 * 60_000;
/** Old mails that one which arrives takes with it. */
const SWEPT = 10;

const NOT_OURS = { code: "NO_PERMISSIONS", message: "No target of rules.", retryable: false };

export function deliverMails(platform: Platform): void {
  const { mailServer, flow, log } = platform;
  flow.sink(
    "connect",
    "rule-mail/",
    mailServer
      ? {
          async attempt(_arn, { principal, body }, signal) {
            if (principal !== PRINCIPAL) return NOT_OURS;
            const { mail, attempted } = JSON.parse(body) as OwedMail;
            const failure = await sendMail(mailServer, mail, signal);
            if (failure) log.warn({ code: failure.code, error: failure.message }, "The mail server took no mail");
            await recordAttempt(platform, attempted, failure);
            return failure;
          },
        }
      : {
          async append(unit, _arn, requests) {
            for (const { principal, body } of requests) {
              if (principal !== PRINCIPAL) continue;
              const { mail } = JSON.parse(body) as OwedMail;
              const range = { index: "expires", before: platform.clock.now(), limit: SWEPT };
              for (const { id } of (await unit.list(mailbox, range)).documents) unit.delete(mailbox, id);
              unit.put(mailbox, mail.id, mail);
            }
            return requests.map(({ principal }) => (principal === PRINCIPAL ? undefined : NOT_OURS));
          },
        },
  );
}

/** Keeps that a mail is held back, and that it was sent after all. One that fails is told of by whoever gives it up. */
async function recordAttempt(
  platform: Platform,
  attempted: Attempted,
  failure: SinkFailure | undefined,
): Promise<void> {
  const isHeldBack = failure?.retryable === true;
  const wasHeldBack = failure === undefined && (await findAct(platform.store, attempted))?.outcome === "held-back";
  if (!isHeldBack && !wasHeldBack) return;
  await platform.store.commit((unit) =>
    recordAct(unit, platform, attempted, isHeldBack ? "held-back" : "done", failure),
  );
}

/** The mails of an account in a Region, the youngest first. */
export async function listMails(
  reader: Reader,
  { account, region }: Pick<InstanceRef, "account" | "region">,
  limit: number,
): Promise<readonly Mail[]> {
  const range = { index: "sent", prefix: compositeKey(account, region, ""), descending: true };
  const found: Mail[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(mailbox, { ...range, limit: limit - found.length, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined && found.length < limit);
  return found;
}

export async function findMail(
  reader: Reader,
  { account, region }: Pick<InstanceRef, "account" | "region">,
  id: string,
): Promise<Mail | undefined> {
  const mail = await reader.get(mailbox, id);
  return mail?.instance.account === account && mail.instance.region === region ? mail : undefined;
}
