import { createHash } from "node:crypto";
import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";

/** "The token is valid for 7 days after creation" (StartOutboundVoiceContact); our choice for the other operations. */
const TOKEN_VALID_MS = 7 * 24 * 3_600_000;

/** What a request with a client token has made. */
interface Claim {
  readonly key: string;
  readonly madeId: string;
  /** Of the rest of the request: tells a repetition from another request with the same token. */
  readonly fingerprint: string;
  readonly expiresMs: number;
}

interface TokenRequest {
  readonly scope: InstanceRef;
  readonly operation: string;
  readonly input: { ClientToken?: string | undefined };
}

export const clientTokens: Collection<Claim> = collection("connect_client_tokens", {
  expires: { type: "integer", value: (claim) => claim.expiresMs },
});

/**
 * Remembers that a request with a client token makes `madeId`. Answers what an earlier request with the same token made, if it is
 * still valid: then this one makes nothing.
 */
export async function claimClientToken(
  unit: Unit,
  request: TokenRequest,
  made: { readonly id: string; readonly nowMs: number; readonly validMs?: number },
): Promise<{ readonly madeId: string; readonly sameRequest: boolean } | undefined> {
  const { ClientToken: token, ...rest } = request.input;
  if (token === undefined) return undefined;

  const key = tokenKey(request, token);
  const fingerprint = createHash("sha256")
    .update(JSON.stringify(sorted(rest)))
    .digest("base64url");
  const earlier = await unit.get(clientTokens, key);
  if (earlier && earlier.expiresMs > made.nowMs) {
    return { madeId: earlier.madeId, sameRequest: earlier.fingerprint === fingerprint };
  }
  unit.put(clientTokens, key, {
    key,
    madeId: made.id,
    fingerprint,
    expiresMs: made.nowMs + (made.validMs ?? TOKEN_VALID_MS),
  });
  return undefined;
}

/** What a request with this token has made is gone: the next one makes it anew. */
export function forgetClientToken(unit: Unit, request: TokenRequest): void {
  const { ClientToken: token } = request.input;
  if (token !== undefined) unit.delete(clientTokens, tokenKey(request, token));
}

function tokenKey({ scope, operation }: TokenRequest, token: string): string {
  return instanceKey(scope, operation, token);
}

/**
 * The same for operations that refuse a token which came with another request before: IdempotencyException. Tokens are the
 * account's. Answers what the earlier request made.
 */
export async function claimTokenOnce(
  unit: Unit,
  { account, region, clock }: Context,
  request: {
    readonly operation: string;
    readonly input: { ClientToken?: string | undefined };
    readonly madeId: string;
  },
): Promise<string | undefined> {
  const { operation, input, madeId } = request;
  const scope = { account, region, instanceId: "" };
  const earlier = await claimClientToken(unit, { scope, operation, input }, { id: madeId, nowMs: clock.now() });
  if (earlier?.sameRequest === false) {
    throw new ModeledError("IdempotencyException", "The ClientToken belongs to a request with other parameters");
  }
  return earlier?.madeId;
}

/** The same value with the members of its objects in one order, whatever order the caller wrote them in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
