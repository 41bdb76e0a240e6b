import type {
  Api,
  Cors,
  CreateApiRequest,
  DeleteApiRequest,
  DeleteCorsConfigurationRequest,
  GetApiRequest,
  GetApisRequest,
  GetApisResponse,
  UpdateApiRequest,
} from "@aws-sdk/client-apigatewayv2";
import type { Validated } from "../../../models/validated.ts";
import { type Collection, compositeKey, type Unit } from "../../../store/store.ts";
import { countUpTo } from "../../count-up-to.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context } from "../../service.ts";
import { badRequest, notBuilt, tooManyRequests } from "../errors.ts";
import { API_ID_LENGTH, newId, PART_ID_LENGTH } from "../new-id.ts";
import { HTTP_APIS_MAX } from "../quotas.ts";
import { partKey } from "../rest/documents.ts";
import { listAll } from "../rest/rest-api.ts";
import { checkTags } from "../tag-rules.ts";
import {
  type HttpApiContent,
  type HttpApiDocument,
  type HttpPartDocument,
  httpApis,
  httpAuthorizers,
  httpDeployments,
  httpStages,
  type IntegrationContent,
  integrations,
  type RouteContent,
  routes,
} from "./documents.ts";
import {
  changeHttpApi,
  deleteDeploymentOf,
  deployByItself,
  getHttpApi,
  given,
  listHttpParts,
  putHttpPart,
  tokenPage,
} from "./http-api.ts";
import { completedIntegration } from "./integrations.ts";
import { checkRouteKey } from "./routes.ts";
import { newHttpStage } from "./stages.ts";

const ROUTE_SELECTION = "$request.method $request.path";

/** Creates an HTTP API; with a target also a route to it, and a stage that deploys by itself. */
export async function createApi(input: Validated<CreateApiRequest>, context: Context): Promise<Api> {
  const { Target, RouteKey, CredentialsArn, ...members } = input;
  if (input.ProtocolType !== "HTTP") throw notBuilt("APIs of the protocol type WEBSOCKET are");
  const document = newHttpApi(context, members);
  const quick = Target === undefined ? undefined : quickParts(context, { Target, RouteKey, CredentialsArn });
  if (quick === undefined && RouteKey !== undefined) throw badRequest("Target is required with RouteKey");
  const deploymentId = newId(context.ids, PART_ID_LENGTH);
  return context.store.commit(async (unit) => {
    await checkApiCount(unit, context);
    const { ApiId } = document.api;
    unit.put(httpApis, ApiId, document);
    if (quick) {
      putHttpPart(unit, integrations, ApiId, quick.integration.IntegrationId, quick.integration);
      putHttpPart(unit, routes, ApiId, quick.route.RouteId, quick.route);
      const stage = newHttpStage(context, ApiId, { StageName: "$default", AutoDeploy: true, ApiGatewayManaged: true });
      unit.put(httpStages, partKey(ApiId, "$default"), stage);
      await deployByItself(unit, context, document, deploymentId);
    }
    return shownHttpApi(document, context);
  });
}

export function newHttpApi(
  { account, region, ids, clock }: Context,
  members: Omit<Validated<CreateApiRequest>, "Target" | "RouteKey" | "CredentialsArn">,
): HttpApiDocument {
  const api: HttpApiContent = {
    ApiKeySelectionExpression: "$request.header.x-api-key",
    DisableExecuteApiEndpoint: false,
    IpAddressType: "ipv4",
    RouteSelectionExpression: ROUTE_SELECTION,
    ...given(members),
    Name: members.Name,
    ProtocolType: "HTTP",
    ApiId: newId(ids, API_ID_LENGTH),
    Tags: members.Tags ?? {},
  };
  checkHttpApi(api);
  return { account, region, api, createdMs: clock.now(), revision: 1 };
}

function checkHttpApi(api: HttpApiContent): void {
  checkTags(api.Tags);
  // HTTP APIs accept the braces too.
  const selection = api.RouteSelectionExpression.replace(/[{}]/g, "");
  if (selection !== ROUTE_SELECTION) {
    throw badRequest(
      "Invalid route selection expression specified: HTTP APIs support $request.method $request.path only",
    );
  }
  if (api.DisableSchemaValidation) throw badRequest("DisableSchemaValidation is supported for WebSocket APIs only");
  checkCors(api.CorsConfiguration);
}

const CORS_METHODS: readonly string[] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "*"];

function checkCors(cors: Cors | undefined): void {
  const { AllowCredentials = false, AllowOrigins = [], AllowMethods = [] } = cors ?? {};
  if (AllowCredentials && AllowOrigins.includes("*")) {
    throw badRequest("Invalid CORS configuration: AllowCredentials cannot be true with the origin *");
  }
  const origin = AllowOrigins.find((one) => one !== "*" && !/^https?:\/\/\S+$/.test(one));
  if (origin !== undefined) throw badRequest(`Invalid CORS configuration: ${origin} is not an allowed origin`);
  const method = AllowMethods.find((one) => !CORS_METHODS.includes(one.toUpperCase()));
  if (method !== undefined) throw badRequest(`Invalid CORS configuration: ${method} is not an allowed method`);
}

async function checkApiCount(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  await guardRange(unit, compositeKey(account, region, "apigateway.http-apis"));
  const max = limits.value("apigateway.http-apis", HTTP_APIS_MAX);
  const counted = { collection: httpApis, index: "owner", prefix: compositeKey(account, region, "") };
  if ((await countUpTo(unit, counted, max)) >= max) {
    throw tooManyRequests(`Maximum number of APIs for this account has been reached: ${max}`);
  }
}

/** The integration and the route of an API that is made from a target. */
function quickParts(
  context: Context,
  {
    Target,
    RouteKey = "$default",
    CredentialsArn,
  }: { Target: string; RouteKey?: string | undefined; CredentialsArn?: string | undefined },
): { integration: IntegrationContent; route: RouteContent } {
  checkRouteKey(RouteKey);
  const isUrl = /^https?:\/\//i.test(Target);
  const integration = completedIntegration({
    IntegrationId: newId(context.ids, PART_ID_LENGTH + 1),
    IntegrationType: isUrl ? "HTTP_PROXY" : "AWS_PROXY",
    IntegrationUri: Target,
    PayloadFormatVersion: isUrl ? "1.0" : "2.0",
    ...(isUrl && { IntegrationMethod: "ANY" }),
    ...(CredentialsArn !== undefined && { CredentialsArn }),
    ApiGatewayManaged: true,
  });
  const route: RouteContent = {
    RouteId: newId(context.ids, PART_ID_LENGTH + 1),
    RouteKey,
    Target: `integrations/${integration.IntegrationId}`,
    ApiKeyRequired: false,
    AuthorizationType: "NONE",
    ApiGatewayManaged: true,
  };
  return { integration, route };
}

/** By a path of ours, which every client reaches; a host of its own, as the real service gives out, wants a resolver that knows it. */
export function shownHttpApi({ api, createdMs }: HttpApiDocument, { endpoint }: Pick<Context, "endpoint">): Api {
  const ApiEndpoint = `${endpoint}/_aws/execute-api/${api.ApiId}`;
  return { ...api, ApiEndpoint, CreatedDate: new Date(createdMs) };
}

export async function getApi(input: Validated<GetApiRequest>, context: Context): Promise<Api> {
  return shownHttpApi(await getHttpApi(context.store, context, input.ApiId), context);
}

export async function getApis(input: Validated<GetApisRequest>, context: Context): Promise<GetApisResponse> {
  const { account, region } = context;
  const listing = {
    collection: httpApis,
    index: "owner",
    under: [account, region],
    nameOf: ({ api }: HttpApiDocument) => api.ApiId,
  };
  const { items, nextToken } = await tokenPage(context, listing, input, ["GetApis"]);
  return { Items: items.map((item) => shownHttpApi(item, context)), NextToken: nextToken };
}

export async function updateApi(input: Validated<UpdateApiRequest>, context: Context): Promise<Api> {
  const { ApiId, Target, RouteKey, CredentialsArn, ...members } = input;
  return changeHttpApi(context, ApiId, async (unit, before) => {
    const document = { ...before, api: { ...before.api, ...given(members) } };
    checkHttpApi(document.api);
    if (Target !== undefined || CredentialsArn !== undefined) {
      const managed = (await listHttpParts(unit, integrations, ApiId)).find((one) => one.ApiGatewayManaged);
      if (managed === undefined) throw badRequest("Target can be changed only of an API that was created with one");
      const changed = {
        ...managed,
        ...(Target !== undefined && { IntegrationUri: Target }),
        ...given({ CredentialsArn }),
      };
      putHttpPart(unit, integrations, ApiId, managed.IntegrationId, completedIntegration(changed));
    }
    if (RouteKey !== undefined) {
      checkRouteKey(RouteKey);
      const managed = (await listHttpParts(unit, routes, ApiId)).find((one) => one.ApiGatewayManaged);
      if (managed === undefined)
        throw badRequest("RouteKey can be changed only of an API that was created with a target");
      putHttpPart(unit, routes, ApiId, managed.RouteId, { ...managed, RouteKey });
    }
    return { answer: shownHttpApi(document, context), api: document };
  });
}

export async function deleteCorsConfiguration(
  input: Validated<DeleteCorsConfigurationRequest>,
  context: Context,
): Promise<void> {
  await changeHttpApi(context, input.ApiId, async (_, before) => {
    const { CorsConfiguration: __, ...api } = before.api;
    return { answer: undefined, api: { ...before, api } };
  });
}

export async function deleteApi(input: Validated<DeleteApiRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const { ApiId } = (await getHttpApi(unit, context, input.ApiId)).api;
    unit.delete(httpApis, ApiId);
    for (const { stage } of await listAll(unit, httpStages, ApiId)) {
      unit.delete(httpStages, partKey(ApiId, stage.StageName));
    }
    for (const { deployment } of await listAll(unit, httpDeployments, ApiId)) {
      deleteDeploymentOf(unit, ApiId, deployment.DeploymentId);
    }
    await deleteHttpParts(unit, ApiId);
  });
}

/** Deletes routes, integrations and authorizers. */
export async function deleteHttpParts(unit: Unit, apiId: string): Promise<void> {
  const remove = async <T>(parts: Collection<HttpPartDocument<T>>, idOf: (part: T) => string): Promise<void> => {
    for (const part of await listHttpParts(unit, parts, apiId)) unit.delete(parts, partKey(apiId, idOf(part)));
  };
  await remove(routes, ({ RouteId }) => RouteId);
  await remove(integrations, ({ IntegrationId }) => IntegrationId);
  await remove(httpAuthorizers, ({ AuthorizerId }) => AuthorizerId);
}
