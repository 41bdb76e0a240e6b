import type { JsonObject } from "../../../matching/machine.ts";
import type { ConnectorProfile } from "../connector-profile.ts";
import type { Access, Grant, SourceClient } from "./source-client.ts";

/** Before its end a token is not used any more: the call may take a while, and clocks differ. */
const MARGIN_MS = 30_000;

interface KnownGrant extends Grant {
  /** In wall time. Absent: the vendor does not say; it is used until it is refused. */
  readonly expiresMs?: number | undefined;
}

/** In memory alone: a token is asked for anew after each start. */
const known = new WeakMap<ConnectorProfile, KnownGrant>();

/** Access by tokens that `ask` gets: one at a time for a profile, as long as it lasts. */
export function tokenAccess(profile: ConnectorProfile, ask: (client: SourceClient) => Promise<KnownGrant>): Access {
  const fresh = async (client: SourceClient): Promise<KnownGrant> => {
    const grant = await ask(client);
    known.set(profile, grant);
    return grant;
  };
  return {
    async current(client) {
      const grant = known.get(profile);
      const isGood = grant && (grant.expiresMs === undefined || client.wall.now() < grant.expiresMs - MARGIN_MS);
      return isGood ? grant : fresh(client);
    },
    async renewed(client, refused) {
      const grant = known.get(profile);
      // Another run has got one meanwhile.
      return grant && grant !== refused ? grant : fresh(client);
    },
  };
}

/** A source that is always shown the same. */
export function fixedAccess(authorization: string): Access {
  return { current: async () => ({ authorization }) };
}

/** As basic authentication has it. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

export interface TokenAnswer {
  readonly grant: KnownGrant;
  /** All that was answered. */
  readonly said: JsonObject;
}

/**
 * Asks for a token as OAuth 2.0 has it: a form is posted, and JSON comes back. `as`: some vendors want JSON. Throws `SourceError`.
 * https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export async function askForToken(
  client: SourceClient,
  url: URL,
  form: Readonly<Record<string, string | undefined>>,
  as: "form" | "JSON" = "form",
): Promise<TokenAnswer> {
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const answer = await client.callForToken({
    method: "POST",
    url,
    headers: { "content-type": as === "JSON" ? "application/json" : "application/x-www-form-urlencoded" },
    body: as === "JSON" ? JSON.stringify(Object.fromEntries(given)) : new URLSearchParams(given).toString(),
  });
  return tokenOf(client, answer);
}

/** Reads the answer of who gives tokens. Throws `SourceError`. */
export function tokenOf(client: SourceClient, said: JsonObject): TokenAnswer {
  const { access_token: token, expires_in: expiresIn } = said;
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw client.error("AUTH", "The answer to the request for a token has none");
  }
  const seconds = Number(expiresIn);
  const lastsMs = seconds > 0 ? seconds * 1000 : undefined;
  return {
    said,
    grant: {
      authorization: `Bearer ${token}`,
      expiresMs: lastsMs === undefined ? undefined : client.wall.now() + lastsMs,
    },
  };
}
