import type {
  ConnectionAuthResponseParameters,
  ConnectionHttpParameters,
  Connection as ConnectionSummary,
  CreateConnectionRequest,
  CreateConnectionResponse,
  DeauthorizeConnectionRequest,
  DeauthorizeConnectionResponse,
  DeleteConnectionRequest,
  DeleteConnectionResponse,
  DescribeConnectionRequest,
  DescribeConnectionResponse,
  ListConnectionsRequest,
  ListConnectionsResponse,
  UpdateConnectionAuthRequestParameters,
  UpdateConnectionRequest,
  UpdateConnectionResponse,
} from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Unit } from "../../../store/store.ts";
import { countUpTo } from "../../count-up-to.ts";
import { listPage } from "../../list-page.ts";
import { guardRange } from "../../range-guard.ts";
import { sealSecret } from "../../secret-box.ts";
import type { Context } from "../../service.ts";
import { invalidNextToken, limitExceeded, validationError } from "../errors.ts";
import { PAGE_SIZE } from "../limits.ts";
import { beginAuthorization } from "./authorize.ts";
import {
  type AuthParameters,
  CONNECTIONS,
  type Connection,
  connectionArn,
  connectionKey,
  getConnection,
  openAuthParameters,
} from "./connection.ts";
import { checkEndpoint } from "./endpoint.ts";

/** Connections of an account in a Region, from the service quotas. */
export const CONNECTIONS_MAX = 3_000;

export async function createConnection(
  input: Validated<CreateConnectionRequest>,
  context: Context,
): Promise<CreateConnectionResponse> {
  refusePrivate(input);
  const { account, region } = context;
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  const connection = authorized(context, input.AuthParameters, {
    account,
    region,
    name: input.Name,
    id,
    secretSuffix: context.ids.uuid().slice(0, 6),
    ...described(input),
    authorizationType: input.AuthorizationType,
    createdMs: nowMs,
    modifiedMs: nowMs,
  });

  await context.store.commit(async (unit) => {
    if (await unit.get(CONNECTIONS, connectionKey(connection))) {
      throw new ModeledError("ResourceAlreadyExistsException", `Connection ${input.Name} already exists.`);
    }
    await checkCount(unit, context);
    await write(unit, context, connection);
  });
  return changed(connection);
}

export async function describeConnection(
  input: Validated<DescribeConnectionRequest>,
  context: Context,
): Promise<DescribeConnectionResponse> {
  const connection = await getConnection(context.store, context, input.Name);
  const { account, region, name, id, secretSuffix, description, kmsKeyIdentifier } = connection;
  return {
    ...summary(connection),
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyIdentifier !== undefined && { KmsKeyIdentifier: kmsKeyIdentifier }),
    SecretArn: `arn:aws:secretsmanager:${region}:${account}:secret:events!connection/${name}/${id}-${secretSuffix}`,
    AuthParameters: connection.shown,
  };
}

export async function listConnections(
  input: Validated<ListConnectionsRequest>,
  context: Context,
): Promise<ListConnectionsResponse> {
  const { account, region } = context;
  const { NamePrefix, ConnectionState } = input;
  const page = await listPage(
    context.store,
    {
      collection: CONNECTIONS,
      under: [account, region],
      prefix: NamePrefix,
      nameOf: ({ name }) => name,
      keep: ({ state }) => ConnectionState === undefined || state === ConnectionState,
    },
    {
      of: [account, region, "ListConnections", NamePrefix, ConnectionState],
      token: input.NextToken,
      limit: input.Limit ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { Connections: page.items.map(summary), ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

/** What is given changes and the rest stays; new parameters of an OAuth connection are authorized anew. */
export async function updateConnection(
  input: Validated<UpdateConnectionRequest>,
  context: Context,
): Promise<UpdateConnectionResponse> {
  refusePrivate(input);
  // Sealing gives another text each time, which a unit must not. What is sealed is settled by what is read again in the unit.
  const before = await getConnection(context.store, context, input.Name);
  const base = { ...before, ...described(input), modifiedMs: context.clock.now() };
  const { AuthorizationType: type = before.authorizationType, AuthParameters: given } = input;
  const updated =
    given === undefined && type === before.authorizationType
      ? base
      : authorized(context, merged(openAuthParameters(context, before), given ?? {}), {
          ...base,
          authorizationType: type,
        });

  await context.store.commit(async (unit) => {
    const current = await getConnection(unit, context, input.Name);
    if (current.id !== before.id || current.modifiedMs !== before.modifiedMs) throw changedMeanwhile(input.Name);
    // A token that has come meanwhile authorizes what it was asked for.
    if (updated.authorizationId === current.authorizationId) {
      unit.put(CONNECTIONS, connectionKey(current), { ...current, ...described(input), modifiedMs: base.modifiedMs });
    } else {
      await write(unit, context, updated);
    }
  });
  return changed(updated);
}

/** Its secrets are gone with it. Destinations that use it become inactive. */
export async function deleteConnection(
  input: Validated<DeleteConnectionRequest>,
  context: Context,
): Promise<DeleteConnectionResponse> {
  const connection = await context.store.commit(async (unit) => {
    const found = await getConnection(unit, context, input.Name);
    unit.delete(CONNECTIONS, connectionKey(found));
    return found;
  });
  return { ...changed(connection), ConnectionState: "DELETING" };
}

/** Takes all of its secrets from a connection. The answer is that of the real service, which takes some seconds for it. */
export async function deauthorizeConnection(
  input: Validated<DeauthorizeConnectionRequest>,
  context: Context,
): Promise<DeauthorizeConnectionResponse> {
  const authorizationId = context.ids.uuid();
  const modifiedMs = context.clock.now();
  const connection = await context.store.commit(async (unit) => {
    const { sealed, stateReason, shown, ...kept } = await getConnection(unit, context, input.Name);
    const { name } = kept;
    const deauthorized: Connection = { ...kept, shown: {}, state: "DEAUTHORIZED", authorizationId, modifiedMs };
    unit.put(CONNECTIONS, connectionKey({ ...context, name }), deauthorized);
    return deauthorized;
  });
  return { ...changed(connection), ConnectionState: "DEAUTHORIZING" };
}

async function write(unit: Unit, context: Context, connection: Connection): Promise<void> {
  unit.put(CONNECTIONS, connectionKey(connection), connection);
  if (connection.state === "AUTHORIZING") await beginAuthorization(unit, context, connection);
}

type Unauthorized = Omit<Connection, "state" | "shown" | "authorizationId" | "authorizationFailures" | "sealed">;

/** A connection with what authorizes it. Throws `ValidationException` where that is not what its type needs. */
function authorized(context: Context, parameters: UpdateParameters, connection: Unauthorized): Connection {
  const complete = checkedParameters(parameters, connection.authorizationType);
  const { stateReason, authorizedMs, ...rest } = connection as Connection;
  const isAtOnce = connection.authorizationType !== "OAUTH_CLIENT_CREDENTIALS";
  return {
    ...rest,
    shown: withoutSecrets(complete),
    sealed: sealSecret(context, connection.id, JSON.stringify(complete)),
    state: isAtOnce ? "AUTHORIZED" : "AUTHORIZING",
    authorizationId: context.ids.uuid(),
    authorizationFailures: 0,
    ...(isAtOnce ? { authorizedMs: connection.modifiedMs } : authorizedMs !== undefined && { authorizedMs }),
  };
}

type UpdateParameters = Validated<UpdateConnectionAuthRequestParameters>;

/** Members that are given replace those that were; lists of further parameters are replaced as a whole. */
function merged(before: AuthParameters | undefined, given: UpdateParameters): UpdateParameters {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: apiKey, OAuthParameters: oauth } = given;
  const { InvocationHttpParameters = before?.InvocationHttpParameters } = given;
  const client = { ...before?.OAuthParameters?.ClientParameters, ...oauth?.ClientParameters };
  const wasOAuth = before?.OAuthParameters;
  return {
    ...((basic ?? before?.BasicAuthParameters) && {
      BasicAuthParameters: { ...before?.BasicAuthParameters, ...basic },
    }),
    ...((apiKey ?? before?.ApiKeyAuthParameters) && {
      ApiKeyAuthParameters: { ...before?.ApiKeyAuthParameters, ...apiKey },
    }),
    ...((oauth ?? wasOAuth) && { OAuthParameters: { ...wasOAuth, ...oauth, ClientParameters: client } }),
    ...(InvocationHttpParameters && { InvocationHttpParameters }),
  };
}

/** What a connection of this type goes by, and nothing else. */
function checkedParameters(given: UpdateParameters, type: string): AuthParameters {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: apiKey, OAuthParameters: oauth } = given;
  const further = given.InvocationHttpParameters && { InvocationHttpParameters: given.InvocationHttpParameters };
  if (type === "BASIC" && basic?.Username !== undefined && basic.Password !== undefined) {
    return { BasicAuthParameters: { Username: basic.Username, Password: basic.Password }, ...further };
  }
  if (type === "API_KEY" && apiKey?.ApiKeyName !== undefined && apiKey.ApiKeyValue !== undefined) {
    const { ApiKeyName, ApiKeyValue } = apiKey;
    return { ApiKeyAuthParameters: { ApiKeyName, ApiKeyValue }, ...further };
  }
  const { ClientID, ClientSecret } = oauth?.ClientParameters ?? {};
  const { AuthorizationEndpoint, HttpMethod, OAuthHttpParameters } = oauth ?? {};
  if (type === "OAUTH_CLIENT_CREDENTIALS" && ClientID !== undefined && ClientSecret !== undefined) {
    if (AuthorizationEndpoint !== undefined && HttpMethod !== undefined) {
      checkEndpoint(AuthorizationEndpoint, "AuthorizationEndpoint");
      const http = OAuthHttpParameters && { OAuthHttpParameters };
      const ClientParameters = { ClientID, ClientSecret };
      return { OAuthParameters: { ClientParameters, AuthorizationEndpoint, HttpMethod, ...http }, ...further };
    }
  }
  throw validationError(`Parameter AuthParameters is not valid. Reason: It does not have what ${type} needs.`);
}

/** Values that the caller calls secret are left out, and so is what always is one. */
function withoutSecrets(parameters: AuthParameters): ConnectionAuthResponseParameters {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: apiKey, OAuthParameters: oauth } = parameters;
  const http = parameters.InvocationHttpParameters;
  return {
    ...(basic && { BasicAuthParameters: { Username: basic.Username } }),
    ...(apiKey && { ApiKeyAuthParameters: { ApiKeyName: apiKey.ApiKeyName } }),
    ...(oauth && {
      OAuthParameters: {
        ClientParameters: { ClientID: oauth.ClientParameters.ClientID },
        AuthorizationEndpoint: oauth.AuthorizationEndpoint,
        HttpMethod: oauth.HttpMethod,
        ...(oauth.OAuthHttpParameters && { OAuthHttpParameters: shownHttp(oauth.OAuthHttpParameters) }),
      },
    }),
    ...(http && { InvocationHttpParameters: shownHttp(http) }),
  };
}

interface Parameter {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
  readonly IsValueSecret?: boolean | undefined;
}

function shownHttp(http: Validated<ConnectionHttpParameters>): ConnectionHttpParameters {
  const shown = (parameters: readonly Parameter[]) =>
    parameters.map(({ Key, Value, IsValueSecret = false }) => ({
      Key: Key ?? "",
      IsValueSecret,
      ...(!IsValueSecret && Value !== undefined && { Value }),
    }));
  const { HeaderParameters, QueryStringParameters, BodyParameters } = http;
  return {
    ...(HeaderParameters && { HeaderParameters: shown(HeaderParameters) }),
    ...(QueryStringParameters && { QueryStringParameters: shown(QueryStringParameters) }),
    ...(BodyParameters && { BodyParameters: shown(BodyParameters) }),
  };
}

function described(input: {
  readonly Description?: string | undefined;
  readonly KmsKeyIdentifier?: string | undefined;
}) {
  return {
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.KmsKeyIdentifier !== undefined && { kmsKeyIdentifier: input.KmsKeyIdentifier }),
  };
}

/** Private APIs are reached through VPC Lattice, which there is none of here; any address that this machine reaches needs no such thing. */
function refusePrivate(input: Validated<UpdateConnectionRequest>): void {
  if (!input.InvocationConnectivityParameters && !input.AuthParameters?.ConnectivityParameters) return;
  throw validationError("Connectivity through a resource configuration is not built in Trunkline.");
}

function changedMeanwhile(name: string): Error {
  return new ModeledError("ConcurrentModificationException", `Connection ${name} was changed meanwhile.`);
}

async function checkCount(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  const prefix = compositeKey(account, region, "");
  await guardRange(unit, compositeKey(account, region, "eventbridge connections"));
  const most = limits.value("events.connections", CONNECTIONS_MAX);
  if ((await countUpTo(unit, { collection: CONNECTIONS, prefix }, most)) >= most) throw limitExceeded();
}

function changed(connection: Connection): UpdateConnectionResponse {
  const { state, createdMs, modifiedMs, authorizedMs } = connection;
  return {
    ConnectionArn: connectionArn(connection),
    ConnectionState: state,
    CreationTime: new Date(createdMs),
    LastModifiedTime: new Date(modifiedMs),
    ...(authorizedMs !== undefined && { LastAuthorizedTime: new Date(authorizedMs) }),
  };
}

function summary(connection: Connection): ConnectionSummary {
  const { name, stateReason, authorizationType } = connection;
  return {
    ...changed(connection),
    Name: name,
    ...(stateReason !== undefined && { StateReason: stateReason }),
    AuthorizationType: authorizationType,
  };
}
