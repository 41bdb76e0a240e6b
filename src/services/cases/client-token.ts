import { createHash } from "node:crypto";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import { type DomainRef, inDomain } from "./domain.ts";
import { conflict } from "./errors.ts";

/** The case that a request with a client token has created. */
export interface ClientToken {
  readonly domainId: string;
  readonly token: string;
  readonly caseId: string;
  /** Of the rest of the request: tells a repetition from another request with the same token. */
  readonly fingerprint: string;
  readonly expiresMs: number;
}

export const clientTokens: Collection<ClientToken> = collection("cases_client_tokens", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

export function clientTokenKey({ domainId, token }: Pick<ClientToken, "domainId" | "token">): string {
  return inDomain({ domainId }, token);
}

/** Our choice. */
const VALID_MS = 24 * 3_600_000;
/** What is over goes with one in 16 that come, by the chance of their ids: more than comes. */
const SWEEPING = "0";
const SWEPT = 32;

interface Claim {
  readonly token: string | undefined;
  /** All else of the request. */
  readonly request: object;
  readonly caseId: string;
  readonly nowMs: number;
}

/**
 * Remembers that a request with a client token creates a case. Answers the case that an earlier request with the token has created, if that is
 * less than a day ago. Throws `ConflictException` where that was another request.
 */
export async function claimToken(
  unit: Unit,
  { domainId }: Pick<DomainRef, "domainId">,
  { token, request, caseId, nowMs }: Claim,
): Promise<string | undefined> {
  if (token === undefined) return undefined;
  const key = clientTokenKey({ domainId, token });
  const fingerprint = createHash("sha256")
    .update(JSON.stringify(sorted(request)))
    .digest("base64url");
  const earlier = await unit.get(clientTokens, key);
  if (earlier && earlier.expiresMs > nowMs) {
    if (earlier.fingerprint !== fingerprint) {
      throw conflict("clientToken: it was sent with another request in the last 24 hours");
    }
    return earlier.caseId;
  }
  if (caseId.endsWith(SWEEPING)) await sweepExpired(unit, nowMs);
  unit.put(clientTokens, key, { domainId, token, caseId, fingerprint, expiresMs: nowMs + VALID_MS });
  return undefined;
}

async function sweepExpired(unit: Unit, nowMs: number): Promise<void> {
  const expired = await unit.list(clientTokens, { index: "expires", before: nowMs + 1, limit: SWEPT });
  for (const old of expired.documents) unit.delete(clientTokens, clientTokenKey(old));
}

/** The same value with the members of its objects in one order, whatever order the caller wrote them in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
