import type { Channel } from "@aws-sdk/client-connect";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, refOf } from "./arns.ts";
import type { Attributes } from "./contact-attributes.ts";
import type { Analytics, Contact } from "./contacts.ts";

/**
 * What happens in conversations that are analysed, in the order in which it happened, appended by the changes themselves: what Contact
 * Lens follows. One contact's entries lie in one partition.
 */
export const CONVERSATIONS = "connect.conversations";

/** Long enough for an analysis that was down; a reader that is behind keeps what it needs anyway. */
const KEEP_MS = 24 * 60 * 60_000;
const KEEP_BYTES = 256 * 1024 * 1024;

export interface ConversationContact extends InstanceRef {
  readonly id: string;
  readonly channel: Channel;
}

export type ConversationEntry = ConversationStep & { readonly contact: ConversationContact };

type ConversationStep =
  /** Its flow has switched analysis on, or has set it otherwise, or it continues a contact that had it: before any agent. */
  | { readonly kind: "prepared"; readonly atMs: number; readonly analytics: Analytics }
  | {
      /** The first agent joins: it is analysed from now on, by what is set now. */
      readonly kind: "began";
      readonly atMs: number;
      readonly analytics: Analytics;
      /** Names of those who take part, where they are known. */
      readonly names: readonly string[];
      /** Rules read these once. */
      readonly attributes: Attributes;
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly kind: "said"; readonly turn: SaidTurn }
  | { readonly kind: "ended"; readonly atMs: number }
  /** The contact is over too: there is no after-contact work any more. */
  | { readonly kind: "completed" };

export interface SaidTurn {
  readonly id: string;
  readonly type: "MESSAGE" | "EVENT" | "ATTACHMENT";
  readonly speaker: string;
  readonly participantId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly content: string;
  readonly contentType: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly attachmentId?: string | undefined;
}

export async function declareConversations({ store }: Platform): Promise<void> {
  if (await store.findLog(CONVERSATIONS)) return;
  await store.commit(async (unit) => unit.declareLog({ name: CONVERSATIONS, keepMs: KEEP_MS, keepBytes: KEEP_BYTES }));
}

/** Tells how a contact will be analysed that no agent has joined yet. */
export function prepareAnalysis(unit: Unit, contact: Contact): void {
  const { analytics, agent, lastUpdateMs } = contact;
  if (analytics && !agent) tellConversation(unit, contact, { kind: "prepared", atMs: lastUpdateMs, analytics });
}

/** Appends to the log, where the contact is analysed. */
export function tellConversation(unit: Unit, contact: Contact, entry: ConversationStep): void {
  if (!contact.analytics?.Enabled) return;
  const told = { contact: { ...refOf(contact), id: contact.id, channel: contact.channel }, ...entry };
  unit.append(CONVERSATIONS, contact.id, JSON.stringify(told));
}
