import type {
  CreateRouteRequest,
  DeleteRouteRequest,
  GetRouteRequest,
  GetRoutesRequest,
  GetRoutesResponse,
  Route,
  UpdateRouteRequest,
} from "@aws-sdk/client-apigatewayv2";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, notFound, tooManyRequests } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { ROUTES_MAX } from "../quotas.ts";
import { partKey } from "../rest/documents.ts";
import { type HttpPartDocument, httpAuthorizers, integrations, type RouteContent, routes } from "./documents.ts";
import { changeHttpApi, getHttpApi, getHttpPart, given, listHttpParts, putHttpPart, tokenPage } from "./http-api.ts";

const WHAT = "Route";

export async function createRoute(input: Validated<CreateRouteRequest>, context: Context): Promise<Route> {
  const { ApiId, ...members } = input;
  const route: RouteContent = {
    ApiKeyRequired: false,
    AuthorizationType: "NONE",
    ...members,
    RouteId: newId(context.ids, PART_ID_LENGTH + 1),
  };
  return changeHttpApi(context, ApiId, async (unit) => {
    const all = await listHttpParts(unit, routes, ApiId);
    checkRouteCount(all.length + 1, context);
    checkKeyFree(all, route);
    await checkRoute(unit, ApiId, route);
    putHttpPart(unit, routes, ApiId, route.RouteId, route);
    return { answer: route };
  });
}

export function checkRouteCount(count: number, context: Context): void {
  const max = context.limits.value("apigateway.routes-per-api", ROUTES_MAX);
  if (count > max) throw tooManyRequests(`Maximum number of Routes for this API has been reached: ${max}`);
}

function checkKeyFree(all: readonly RouteContent[], route: RouteContent): void {
  if (all.some(({ RouteKey, RouteId }) => RouteKey === route.RouteKey && RouteId !== route.RouteId)) {
    throw conflict(`Route with key ${route.RouteKey} already exists for this API`);
  }
}

const ROUTE_KEY = /^(?:ANY|GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) (\/.*)$/;

/** `$default`, or a method and a path whose parts are texts, variables, or at the end a greedy variable. */
export function checkRouteKey(key: string): void {
  if (key === "$default") return;
  const [, path] = ROUTE_KEY.exec(key) ?? [];
  const parts = path?.slice(1).split("/") ?? [""];
  const valid = parts.every((part, index) => {
    if (/^\{[\w.:-]+\+\}$/.test(part)) return index === parts.length - 1;
    return /^(?:\{[\w.:-]+\}|[^{}\s]+)$/.test(part) || (part === "" && index === parts.length - 1);
  });
  if (path === undefined || !valid || key.length > KEY_CHARACTERS_MAX) {
    throw badRequest(
      `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`,
    );
  }
}

const KEY_CHARACTERS_MAX = 1_024;

/** What a route names must be there. */
export async function checkRoute(reader: Reader, apiId: string, route: RouteContent): Promise<void> {
  checkRouteKey(route.RouteKey);
  if (route.ApiKeyRequired) throw badRequest("ApiKeyRequired is not currently supported for HTTP APIs");
  if (route.RequestModels && Object.keys(route.RequestModels).length > 0) {
    throw badRequest("RequestModels is not currently supported for HTTP APIs");
  }
  if (route.Target !== undefined) {
    const [, id] = /^integrations\/([\w-]+)$/.exec(route.Target) ?? [];
    if (id === undefined || !(await reader.get(integrations, partKey(apiId, id)))) {
      throw badRequest(`Unable to find Integration by target ${route.Target}`);
    }
  }
  await checkAuthorization(reader, apiId, route);
}

async function checkAuthorization(reader: Reader, apiId: string, route: RouteContent): Promise<void> {
  const { AuthorizationType = "NONE", AuthorizerId } = route;
  const wanted = { JWT: "JWT", CUSTOM: "REQUEST", NONE: undefined, AWS_IAM: undefined }[AuthorizationType];
  if (wanted === undefined) {
    if (AuthorizerId) throw badRequest(`AuthorizerId cannot be given with the authorization type ${AuthorizationType}`);
    if (route.AuthorizationScopes?.length)
      throw badRequest("AuthorizationScopes are supported with the authorization type JWT only");
    return;
  }
  if (!AuthorizerId) throw badRequest(`AuthorizerId is required for the authorization type ${AuthorizationType}`);
  const found = await reader.get(httpAuthorizers, partKey(apiId, AuthorizerId));
  if (found?.part.AuthorizerType !== wanted) {
    throw badRequest(`Invalid authorizer specified: ${AuthorizerId} is no authorizer of type ${wanted}`);
  }
}

export async function getRoute(input: Validated<GetRouteRequest>, context: Context): Promise<Route> {
  return getHttpPart(context.store, context, routes, { apiId: input.ApiId, id: input.RouteId, what: WHAT });
}

export async function getRoutes(input: Validated<GetRoutesRequest>, context: Context): Promise<GetRoutesResponse> {
  await getHttpApi(context.store, context, input.ApiId);
  const nameOf = ({ part }: HttpPartDocument<RouteContent>): string => part.RouteId;
  const listing = { collection: routes, under: [input.ApiId], nameOf };
  const { items, nextToken } = await tokenPage(context, listing, input, ["GetRoutes", input.ApiId]);
  return { Items: items.map(({ part }) => part), NextToken: nextToken };
}

export async function updateRoute(input: Validated<UpdateRouteRequest>, context: Context): Promise<Route> {
  const { ApiId, RouteId, ...members } = input;
  return changeHttpApi(context, ApiId, async (unit) => {
    const before = await getRouteOf(unit, ApiId, RouteId);
    const route: RouteContent = { ...before, ...given(members) };
    // With another type of authorization the authorizer goes, where it is not named anew.
    if (members.AuthorizationType !== undefined && members.AuthorizerId === undefined && !needsAuthorizer(route)) {
      delete route.AuthorizerId;
      delete route.AuthorizationScopes;
    }
    if (route.AuthorizerId === "") delete route.AuthorizerId;
    checkKeyFree(await listHttpParts(unit, routes, ApiId), route);
    await checkRoute(unit, ApiId, route);
    putHttpPart(unit, routes, ApiId, RouteId, route);
    return { answer: route };
  });
}

function needsAuthorizer({ AuthorizationType }: RouteContent): boolean {
  return AuthorizationType === "JWT" || AuthorizationType === "CUSTOM";
}

async function getRouteOf(unit: Unit, apiId: string, id: string): Promise<RouteContent> {
  const found = await unit.get(routes, partKey(apiId, id));
  if (found === undefined) throw notFound(`Invalid ${WHAT} identifier specified`);
  return found.part;
}

export async function deleteRoute(input: Validated<DeleteRouteRequest>, context: Context): Promise<void> {
  const { ApiId, RouteId } = input;
  await changeHttpApi(context, ApiId, async (unit) => {
    await getRouteOf(unit, ApiId, RouteId);
    unit.delete(routes, partKey(ApiId, RouteId));
    return { answer: undefined };
  });
}
