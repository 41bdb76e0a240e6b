/**
 * Connections: how a call of an API destination proves who it is.
 *
 *     BASIC, API_KEY                          OAUTH_CLIENT_CREDENTIALS
 *
 *     CreateConnection ─► AUTHORIZED          CreateConnection ─► AUTHORIZING ─► AUTHORIZED      (authorize.ts asks for a token)
 *                                                                      └──────► DEAUTHORIZED   with a StateReason
 *
 *     DeauthorizeConnection ─► DEAUTHORIZED, without any secret; UpdateConnection begins again
 */
import type {
  ConnectionAuthorizationType,
  ConnectionAuthResponseParameters,
  CreateConnectionAuthRequestParameters,
} from "@aws-sdk/client-eventbridge";
import type { Validated } from "../../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../../store/store.ts";
import { openSecret } from "../../secret-box.ts";
import type { Caller, Platform } from "../../service.ts";
import { notFound } from "../errors.ts";

export interface ConnectionAddress {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

/** What authorizes, as it was given: only ever stored sealed. */
export type AuthParameters = Validated<CreateConnectionAuthRequestParameters>;

export interface Connection extends ConnectionAddress {
  /** The last part of its ARN: a connection that is created anew under a name is another one. */
  readonly id: string;
  /** What Secrets Manager would put behind the name of its secret. */
  readonly secretSuffix: string;
  readonly description?: string;
  readonly kmsKeyIdentifier?: string;
  readonly authorizationType: ConnectionAuthorizationType;
  readonly state: "AUTHORIZED" | "AUTHORIZING" | "DEAUTHORIZED";
  readonly stateReason?: string;
  /** What may be shown of what authorizes. */
  readonly shown: ConnectionAuthResponseParameters;
  /** `AuthParameters` as JSON, sealed. Absent once it is deauthorized. */
  readonly sealed?: string;
  /** Names what authorizes now: a token of an older one is good for nothing. */
  readonly authorizationId: string;
  /** How often a token was asked for in vain while AUTHORIZING. */
  readonly authorizationFailures: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly authorizedMs?: number;
}

export const CONNECTIONS: Collection<Connection> = collection("eventbridge_connection");

export function connectionKey({ account, region, name }: ConnectionAddress): string {
  return compositeKey(account, region, name);
}

export function connectionArn({ account, region, name, id }: Connection): string {
  return `arn:aws:events:${region}:${account}:connection/${name}/${id}`;
}

const CONNECTION_ARN = /^arn:aws[\w-]*:events:([^:]+):(\d{12}):connection\/([^/]+)\/([^/]+)$/;

/** The connection of an ARN; `undefined` where there is none. */
export async function findConnection(reader: Reader, arn: string): Promise<Connection | undefined> {
  const [, region, account, name, id] = CONNECTION_ARN.exec(arn) ?? [];
  if (!region || !account || !name) return undefined;
  const connection = await reader.get(CONNECTIONS, connectionKey({ account, region, name }));
  return connection?.id === id ? connection : undefined;
}

export async function getConnection(reader: Reader, caller: Caller, name: string): Promise<Connection> {
  const { account, region } = caller;
  const connection = await reader.get(CONNECTIONS, connectionKey({ account, region, name }));
  if (connection === undefined) throw noSuchConnection(name);
  return connection;
}

export function noSuchConnection(name: string): Error {
  return notFound(`Failed to describe the connection(s). Connection '${name}' does not exist.`);
}

/** What authorizes; `undefined` where nothing does, or where the key that it was sealed with is gone. */
export function openAuthParameters(platform: Platform, connection: Connection): AuthParameters | undefined {
  const { sealed, id } = connection;
  const text = sealed === undefined ? undefined : openSecret(platform, id, sealed);
  return text === undefined ? undefined : JSON.parse(text);
}
