/**
 * What participants of chats prove themselves by, in place of a signature: texts that only this store has made. A participant token is
 * good for a connection as long as the participant is in the chat; a connection gives a connection token for everything else, and a URL
 * for a socket. How long these are good is a matter of the transport, and so goes by the machine's clock.
 */

import { openToken, sealToken, type TokenScope } from "../sealed-token.ts";
import type { Platform } from "../service.ts";
import type { ChatRef } from "./chats.ts";

/** Whom a token is of. */
export interface Bearer extends ChatRef {
  readonly participantId: string;
}

export type TokenKind = "participant" | "connection" | "socket" | "upload" | "download";

/** Seals a token. `expiresMs` on the machine's clock; `attachmentId`: the one thing that it is good for. */
export async function sealBearer(
  platform: Platform,
  kind: TokenKind,
  bearer: Bearer,
  { expiresMs, attachmentId }: { readonly expiresMs?: number; readonly attachmentId?: string } = {},
): Promise<string> {
  const { account, region, instanceId, chatId, participantId } = bearer;
  const fields = [account, region, instanceId, chatId, participantId, expiresMs ?? null, attachmentId ?? null];
  return sealToken(scopeOf(platform), kindOf(kind), fields);
}

/** Whose token it is; `undefined` for one that is not ours, of another kind, or no longer good. */
export async function openBearer(
  platform: Platform,
  kind: TokenKind,
  token: string,
): Promise<(Bearer & { readonly attachmentId: string | undefined }) | undefined> {
  const opened = await openToken(scopeOf(platform), kindOf(kind), token);
  if (!opened) return undefined;
  const [account, region, instanceId, chatId, participantId, expiresMs, attachmentId] = opened.fields;
  if (typeof expiresMs === "number" && expiresMs <= platform.wall.now()) return undefined;
  return {
    account: String(account),
    region: String(region),
    instanceId: String(instanceId),
    chatId: String(chatId),
    participantId: String(participantId),
    attachmentId: typeof attachmentId === "string" ? attachmentId : undefined,
  };
}

function kindOf(kind: TokenKind): string {
  return `connect-${kind}`;
}

/** The account is known only once the token is open, so one key is for all of them. */
function scopeOf({ store, clock, ids }: Platform): TokenScope {
  return { store, clock, ids, account: "", region: "" };
}
