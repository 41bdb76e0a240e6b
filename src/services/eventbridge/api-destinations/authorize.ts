/**
 * Authorizes OAuth connections: a delivery to the connection's own ARN asks for a token, so that it survives restarts and holds up nothing.
 * What asked for an older set of parameters finds another `authorizationId`, and comes to nothing.
 */
import type { Message, Sink } from "../../../flow/index.ts";
import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import {
  CONNECTIONS,
  type Connection,
  connectionArn,
  connectionKey,
  findConnection,
  openAuthParameters,
} from "./connection.ts";
import { oauthToken } from "./oauth-token.ts";

/** After so many failures that might pass the connection is deauthorized (our choice). */
const FAILURES_MAX = 5;

/** Asks for a token as soon as the unit is committed. */
export async function beginAuthorization(unit: Unit, platform: Platform, connection: Connection): Promise<void> {
  const arn = connectionArn(connection);
  const message: Message = {
    targetArn: arn,
    ruleArn: arn,
    event: "",
    timeMs: platform.clock.now(),
    request: {
      deliveryId: `${arn}#${connection.authorizationId}`,
      body: connection.authorizationId,
      account: connection.account,
      principal: "events.amazonaws.com",
      sourceArn: arn,
    },
  };
  await platform.flow.send(unit, [message]);
}

export function createAuthorizationSink(platform: Platform): Sink {
  return {
    async attempt(arn, { body: authorizationId }) {
      const connection = await findConnection(platform.store, arn);
      if (connection?.authorizationId !== authorizationId || connection.state !== "AUTHORIZING") return undefined;
      const oauth = openAuthParameters(platform, connection)?.OAuthParameters;
      const token = oauth
        ? await oauthToken(platform, connection, oauth)
        : { failed: "The secrets cannot be read: the key of this installation has changed.", isFinal: true };
      const isAgain =
        "failed" in token && !token.isFinal && connection.authorizationFailures + 1 < FAILURES_MAX ? token : undefined;
      await platform.store.commit(async (unit) => {
        const current = await findConnection(unit, arn);
        if (current?.authorizationId !== authorizationId) return;
        unit.put(CONNECTIONS, connectionKey(current), after(current, token, platform.clock.now()));
      });
      return isAgain && { code: "CONNECTION_FAILURE", message: isAgain.failed, retryable: true };

      function after(current: Connection, outcome: typeof token, nowMs: number): Connection {
        if (!("failed" in outcome)) return { ...current, state: "AUTHORIZED", authorizedMs: nowMs };
        const authorizationFailures = current.authorizationFailures + 1;
        if (isAgain) return { ...current, authorizationFailures };
        return { ...current, state: "DEAUTHORIZED", stateReason: outcome.failed, authorizationFailures };
      }
    },
  };
}
