import type { Authorizer, Cors, Integration, Route, RouteSettings } from "@aws-sdk/client-apigatewayv2";
import { decideAccess } from "../../iam/index.ts";
import { isJsonObject, parseJsonObject } from "../../json-text.ts";
import type { Platform } from "../../service.ts";
import type { DeployedHttpApi, FoundStage } from "../deployed-api.ts";
import { holdLimits } from "./api-keys.ts";
import { verifiedCaller } from "./authorize.ts";
import {
  type ApiAnswer,
  type ApiRequest,
  type Call,
  contextMap,
  GatewayError,
  type GatewayResponseKind,
  headerOf,
  methodArn,
  type Pairs,
  queryOf,
} from "./call.ts";
import { executionLog } from "./execution-log.ts";
import { eventV1, eventV2 } from "./http-event.ts";
import { applyMappings } from "./http-mapping.ts";
import { integrateService } from "./http-services.ts";
import { targetUrl } from "./integrate.ts";
import { verifyJwt } from "./jwt-authorizer.ts";
import { authorizeByFunction } from "./lambda-authorizer.ts";
import { callFunction, functionOfUri } from "./lambda-calls.ts";
import { answeredOr, mergedHeaders } from "./lambda-integration.ts";
import { OutsideError, sendOutside, withoutHopByHop } from "./outside.ts";
import { PathRouter } from "./path-router.ts";
import { conditionsOf } from "./policy-decision.ts";
import { checkHeaders, type Finished, finished, newCall, readBody, remapped } from "./rest-call.ts";
import { toValue } from "./velocity/values.ts";

export type HttpStage = Extract<FoundStage, { kind: "HTTP" }>;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const TIMEOUT_MS_MAX = 30_000;

/** Answers a call to a stage of an HTTP API. */
export async function callHttpApi(platform: Platform, request: ApiRequest, found: HttpStage): Promise<Finished> {
  const startedMs = platform.wall.monotonicMs();
  const { deployed, stage } = found;
  const log = executionLog(request.requestId, { level: "OFF", traces: false, nowMs: () => platform.clock.now() });
  const call = newCall(platform, request, found, { variables: stage.StageVariables ?? {}, binaryMediaTypes: [], log });
  const answer = await orRefusal(call, () => answerCall(call, deployed, stage));
  const allowed = corsHeaders(deployed.api.CorsConfiguration, request);
  const others = answer.headers.filter(([name]) => allowed.length === 0 || !name.startsWith("access-control-"));
  const ended = finished(call, {
    ...answer,
    headers: [...others, ...allowed, ["apigw-requestid", String(call.context.get("extendedRequestId"))]],
  });
  return { call, answer: ended, durationMs: platform.wall.monotonicMs() - startedMs };
}

async function answerCall(call: Call, deployed: DeployedHttpApi, stage: HttpStage["stage"]): Promise<ApiAnswer> {
  const { request, platform } = call;
  checkHeaders(request.headers);
  call.body = await readBody(request);
  const route = findRoute(deployed, request.method, request.path === "" ? "/" : request.path);
  // The API itself answers a browser that asks first, unless a route of it does.
  const isPreflight =
    request.method === "OPTIONS" && headerOf(request.headers, "access-control-request-method") !== undefined;
  if (isPreflight && deployed.api.CorsConfiguration && route?.route.RouteKey?.startsWith("OPTIONS ") !== true) {
    return { status: 204, headers: [], body: Buffer.alloc(0) };
  }
  if (!route) throw new GatewayError("RESOURCE_NOT_FOUND");
  call.pathParameters = route.pathParameters;
  const routeKey = route.route.RouteKey ?? "$default";
  call.context.set("routeKey", routeKey);
  call.context.set("resourcePath", routeKey);
  await platform.store.durable();
  await authorizeRoute(call, deployed, route.route, routeKey);
  const settings: RouteSettings = { ...stage.DefaultRouteSettings, ...stage.RouteSettings?.[routeKey] };
  await holdLimits(call, {
    plan: undefined,
    settings: {
      throttlingRateLimit: settings.ThrottlingRateLimit,
      throttlingBurstLimit: settings.ThrottlingBurstLimit,
    },
    methodName: routeKey,
  });
  const integrationId = /^integrations\/(.+)$/.exec(route.route.Target ?? "")?.[1];
  const integration = deployed.integrations.find((one) => one.IntegrationId === integrationId);
  if (!integration) throw new GatewayError("API_CONFIGURATION_ERROR");
  return remapped(await integrate(call, integration, routeKey));
}

interface FoundRoute {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const routers = new WeakMap<DeployedHttpApi, PathRouter<Route>>();

function findRoute(deployed: DeployedHttpApi, method: string, path: string): FoundRoute | undefined {
  let router = routers.get(deployed);
  if (!router) {
    const byPath = Map.groupBy(
      deployed.routes.filter(({ RouteKey }) => RouteKey?.includes(" ")),
      ({ RouteKey = "" }) => RouteKey.slice(RouteKey.indexOf(" ") + 1),
    );
    const methodOf = ({ RouteKey = "" }: Route): string => RouteKey.slice(0, RouteKey.indexOf(" "));
    router = new PathRouter(
      [...byPath].map(([at, routes]) => ({
        path: at,
        methods: Object.fromEntries(routes.map((one) => [methodOf(one), one])),
      })),
    );
    routers.set(deployed, router);
  }
  const found = router.find(method, path);
  if (found) return { route: found.found, pathParameters: found.pathParameters };
  const fallback = deployed.routes.find(({ RouteKey }) => RouteKey === "$default");
  return fallback && { route: fallback, pathParameters: {} };
}

/** What HTTP APIs say, which is less than REST APIs do and cannot be customised. */
async function orRefusal(call: Call, run: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OutsideError) return refusal(503, "Service Unavailable");
    if (!(error instanceof GatewayError)) throw error;
    contextMap(call.context, "error").set("message", error.message);
    contextMap(call.context, "error").set("responseType", error.kind);
    const [status, message] = REFUSALS[error.kind] ?? [500, "Internal Server Error"];
    const challenge: Pairs = error instanceof Unauthorized ? [["www-authenticate", error.challenge]] : [];
    return refusal(status, message, challenge);
  }
}

const REFUSALS: Readonly<Partial<Record<GatewayResponseKind, readonly [number, string]>>> = {
  BAD_REQUEST_PARAMETERS: [400, "Bad Request"],
  RESOURCE_NOT_FOUND: [404, "Not Found"],
  UNAUTHORIZED: [401, "Unauthorized"],
  ACCESS_DENIED: [403, "Forbidden"],
  MISSING_AUTHENTICATION_TOKEN: [403, "Forbidden"],
  INVALID_SIGNATURE: [403, "Forbidden"],
  EXPIRED_TOKEN: [403, "Forbidden"],
  THROTTLED: [429, "Too Many Requests"],
  REQUEST_TOO_LARGE: [413, "Request Entity Too Large"],
  INTEGRATION_FAILURE: [503, "Service Unavailable"],
  INTEGRATION_TIMEOUT: [503, "Service Unavailable"],
};

function refusal(status: number, message: string, headers: Pairs = []): ApiAnswer {
  return {
    status,
    headers: [["content-type", "application/json"], ...headers],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

class Unauthorized extends GatewayError {
  readonly challenge: string;

  constructor(challenge: string) {
    super("UNAUTHORIZED");
    this.challenge = challenge;
  }
}

async function authorizeRoute(call: Call, deployed: DeployedHttpApi, route: Route, routeKey: string): Promise<void> {
  const authorizer = deployed.authorizers.find(({ AuthorizerId }) => AuthorizerId === route.AuthorizerId);
  switch (route.AuthorizationType ?? "NONE") {
    case "NONE":
      return;
    case "AWS_IAM":
      return authorizeBySignature(call);
    case "JWT":
      if (!authorizer) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
      return authorizeByJwt(call, authorizer, route.AuthorizationScopes ?? []);
    case "CUSTOM":
      if (!authorizer) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
      return authorizeByLambda(call, authorizer, routeKey);
    default:
      throw new GatewayError("API_CONFIGURATION_ERROR");
  }
}

async function authorizeBySignature(call: Call): Promise<void> {
  const caller = await verifiedCaller(call);
  const decision = await decideAccess(call.platform, {
    caller,
    action: "execute-api:Invoke",
    resourceArn: methodArn(call.stage, call.stageName, call.request.method, call.request.path),
    resourceAccount: call.stage.account,
    conditions: conditionsOf(call),
  });
  if (!decision.allowed) throw new GatewayError("ACCESS_DENIED", decision.message);
  const iam = {
    accessKey: caller.accessKeyId,
    accountId: caller.account,
    callerId: caller.account,
    userArn: caller.principalArn,
    userId: caller.account,
  };
  contextMap(call.context, "authorizerV2").set("iam", toValue(iam));
  contextMap(call.context, "identity").set("userArn", caller.principalArn);
}

async function authorizeByJwt(
  call: Call,
  { IdentitySource, JwtConfiguration }: Authorizer,
  scopes: readonly string[],
): Promise<void> {
  const token = identityOf(call, IdentitySource?.[0] ?? "$request.header.Authorization")?.replace(/^Bearer\s+/i, "");
  if (!token) throw new Unauthorized("Bearer");
  const outcome = await verifyJwt(call, token, {
    issuer: JwtConfiguration?.Issuer ?? "",
    audience: JwtConfiguration?.Audience ?? [],
  });
  if ("refused" in outcome)
    throw new Unauthorized(`Bearer scope="" error="invalid_token" error_description="${outcome.refused}"`);
  if (scopes.length > 0 && !scopes.some((scope) => outcome.scopes?.includes(scope)))
    throw new GatewayError("ACCESS_DENIED");
  // Functions are told all claims as texts.
  const claims = Object.fromEntries(Object.entries(outcome.claims).map(([name, value]) => [name, claimText(value)]));
  const jwt = new Map([
    ["claims", toValue(claims)],
    ["scopes", toValue(outcome.scopes ?? undefined)],
  ]);
  contextMap(call.context, "authorizerV2").set("jwt", jwt);
  contextMap(call.context, "authorizer").set("claims", toValue(claims));
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(String).join(" ")}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

async function authorizeByLambda(call: Call, authorizer: Authorizer, routeKey: string): Promise<void> {
  const arn = methodArn(call.stage, call.stageName, call.request.method, call.request.path);
  const isV2 = authorizer.AuthorizerPayloadFormatVersion !== "1.0";
  await authorizeByFunction(
    call,
    {
      id: authorizer.AuthorizerId ?? "",
      kind: "REQUEST",
      uri: authorizer.AuthorizerUri ?? "",
      credentials: authorizer.AuthorizerCredentialsArn,
      identitySources: (authorizer.IdentitySource ?? []).map((source) =>
        source.replace(/^\$request\./, "method.request.").replace(/^\$/, ""),
      ),
      validationExpression: undefined,
      resultTtlSeconds: authorizer.AuthorizerResultTtlInSeconds ?? 0,
      isSimple: authorizer.EnableSimpleResponses ?? false,
      event: (identity) =>
        isV2
          ? {
              ...eventV2(call, routeKey),
              type: "REQUEST",
              routeArn: arn,
              identitySource: identity.length === 0 ? null : identity,
            }
          : {
              ...eventV1(call, routeKey, call.request.path),
              type: "REQUEST",
              methodArn: arn,
              identitySource: identity.join(","),
              authorizationToken: identity.join(","),
            },
    },
    arn,
  );
  contextMap(call.context, "authorizerV2").set("lambda", new Map(contextMap(call.context, "authorizer")));
}

function identityOf(call: Call, source: string): string | undefined {
  const [, place, name = ""] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  return place === "querystring" ? queryOf(call.query, name) : headerOf(call.headers, name);
}

async function integrate(call: Call, integration: Integration, routeKey: string): Promise<ApiAnswer> {
  if (integration.IntegrationType === "HTTP_PROXY") return integrateHttp(call, integration);
  if (integration.IntegrationType !== "AWS_PROXY") throw new GatewayError("API_CONFIGURATION_ERROR");
  const answer = integration.IntegrationSubtype
    ? await integrateService(call, integration)
    : await integrateLambda(call, integration, routeKey);
  return withResponseMappings(call, integration, answer);
}

async function integrateHttp(call: Call, integration: Integration): Promise<ApiAnswer> {
  const { wall } = call.platform;
  const asked = applyMappings(
    integration.RequestParameters,
    {
      headers: call.headers.filter(([name]) => name.toLowerCase() !== "host"),
      query: call.query,
      path: undefined,
      status: undefined,
    },
    call,
  );
  const uri =
    asked.path === undefined
      ? (integration.IntegrationUri ?? "")
      : withPath(integration.IntegrationUri ?? "", asked.path);
  const wanted = integration.IntegrationMethod ?? "ANY";
  const answer = await sendOutside(wall, {
    method: wanted === "ANY" ? call.request.method : wanted,
    url: targetUrl(call, withStageVariables(uri, call), call.pathParameters, asked.query),
    headers: asked.headers,
    body: call.body,
    timeoutMs: timeoutOf(integration),
    signal: call.request.signal,
  });
  call.context.set("integrationStatus", answer.status);
  const headers = withoutHopByHop(answer.headers)
    .filter(([name]) => name.toLowerCase() !== "content-length")
    .map(([name, value]) => [name.toLowerCase(), value] as const);
  return withResponseMappings(call, integration, { status: answer.status, headers, body: answer.body });
}

function timeoutOf({ TimeoutInMillis }: Integration): number {
  return Math.min(TimeoutInMillis ?? TIMEOUT_MS_MAX, TIMEOUT_MS_MAX);
}

function withStageVariables(text: string, { stageVariables }: Call): string {
  return text.replace(/\$\{stageVariables\.([\w-]+)\}/g, (_all, name: string) => stageVariables[name] ?? "");
}

function withPath(uri: string, path: string): string {
  if (!URL.canParse(uri)) return uri;
  const url = new URL(uri);
  url.pathname = path;
  return url.href;
}

/** Mappings are for one status each. */
function withResponseMappings(call: Call, { ResponseParameters }: Integration, answer: ApiAnswer): ApiAnswer {
  const mappings = ResponseParameters?.[String(answer.status)];
  if (!mappings) return answer;
  const changed = applyMappings(
    mappings,
    { headers: answer.headers, query: [], path: undefined, status: answer.status },
    call,
    answer,
  );
  return {
    status: changed.status ?? answer.status,
    headers: changed.headers.map(([name, value]) => [name.toLowerCase(), value]),
    body: answer.body,
  };
}

async function integrateLambda(call: Call, integration: Integration, routeKey: string): Promise<ApiAnswer> {
  const uri = withStageVariables(integration.IntegrationUri ?? "", call);
  const functionArn = functionOfUri(uri) ?? (/^arn:[\w-]+:lambda:/.test(uri) ? uri : undefined);
  if (functionArn === undefined) throw new GatewayError("API_CONFIGURATION_ERROR");
  const isV1 = integration.PayloadFormatVersion === "1.0";
  const event = isV1 ? eventV1(call, routeKey, call.request.wholePath) : eventV2(call, routeKey);
  const path = routeKey === "$default" ? "/$default" : (routeKey.split(" ")[1] ?? "/");
  const answered = await callFunction(call, {
    functionArn,
    payload: JSON.stringify(event),
    credentials: integration.CredentialsArn,
    sourceArn:
      routeKey === "$default"
        ? `arn:aws:execute-api:${call.stage.region}:${call.stage.account}:${call.stage.apiId}/${call.stageName}/$default`
        : methodArn(call.stage, call.stageName, routeKey.split(" ")[0] === "ANY" ? "*" : call.request.method, path),
    timeoutMs: timeoutOf(integration),
  });
  const { answer, ...rest } = answeredOr(call, answered, functionArn);
  if (rest.functionError !== undefined) throw new GatewayError("API_CONFIGURATION_ERROR");
  return isV1 ? answerV1(answer) : answerV2(answer);
}

/** Throws `GatewayError` for what has no status. */
function answerV1(text: string): ApiAnswer {
  const answer = parseJsonObject(text);
  if (!answer || answer.statusCode === undefined) throw new GatewayError("API_CONFIGURATION_ERROR");
  return structured(answer);
}

/** What has no status is the body of a 200. */
function answerV2(text: string): ApiAnswer {
  const answer = parseJsonObject(text);
  if (answer?.statusCode !== undefined) return structured(answer);
  return { status: 200, headers: [["content-type", "application/json"]], body: Buffer.from(text) };
}

function structured({
  statusCode,
  headers,
  multiValueHeaders,
  cookies,
  body,
  isBase64Encoded,
}: Readonly<Record<string, unknown>>): ApiAnswer {
  const status = Number(statusCode);
  const isMap = (value: unknown): boolean => value === undefined || value === null || isJsonObject(value);
  if (!Number.isInteger(status) || status < 100 || status > 599 || !isMap(headers) || !isMap(multiValueHeaders)) {
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  if (body !== undefined && body !== null && typeof body !== "string")
    throw new GatewayError("API_CONFIGURATION_ERROR");
  const own = mergedHeaders(headers as Record<string, unknown>, multiValueHeaders as Record<string, unknown>);
  const set: Pairs = Array.isArray(cookies) ? mergedHeaders(undefined, { "set-cookie": cookies }) : [];
  return {
    status,
    headers: [
      ...own,
      ...set,
      ...(own.some(([name]) => name === "content-type")
        ? []
        : [["content-type", "text/plain; charset=utf-8"] as const]),
    ],
    body: Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8"),
  };
}

function allowedOrigin({ AllowOrigins = [] }: Cors, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  if (AllowOrigins.includes("*")) return "*";
  const scheme = origin.slice(0, origin.indexOf(":"));
  return AllowOrigins.some((one) => one === origin || one === `${scheme}://*`) ? origin : undefined;
}

/** What the API's own configuration tells browsers; it wins over what integrations say. */
function corsHeaders(cors: Cors | undefined, { headers, method }: Pick<ApiRequest, "headers" | "method">): Pairs {
  const allowed = cors && allowedOrigin(cors, headerOf(headers, "origin"));
  if (!cors || allowed === undefined) return [];
  const isPreflight = method === "OPTIONS" && headerOf(headers, "access-control-request-method") !== undefined;
  const told: Pairs = isPreflight
    ? [
        ["access-control-allow-methods", cors.AllowMethods?.join(",") ?? ""],
        ["access-control-allow-headers", cors.AllowHeaders?.join(",") ?? ""],
        ["access-control-max-age", cors.MaxAge === undefined ? "" : String(cors.MaxAge)],
      ]
    : [["access-control-expose-headers", cors.ExposeHeaders?.join(",") ?? ""]];
  return [
    ["access-control-allow-origin", allowed],
    ["access-control-allow-credentials", cors.AllowCredentials ? "true" : ""],
    ...told,
    ["vary", allowed === "*" ? "" : "origin"],
  ].filter(([, value]) => value !== "") as Pairs;
}
