import type { GatewayResponse, Method, MethodSetting, Resource } from "@aws-sdk/client-api-gateway";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Platform } from "../../service.ts";
import { type DeployedRestApi, type FoundStage, findDeployedRestApi } from "../deployed-api.ts";
import { findKey, holdLimits } from "./api-keys.ts";
import { authorize } from "./authorize.ts";
import {
  type ApiAnswer,
  type ApiRequest,
  BODY_BYTES_MAX,
  type Call,
  GatewayError,
  HEADER_BYTES_MAX,
  headerOf,
  type Pairs,
  parseQuery,
} from "./call.ts";
import { type ExecutionLog, executionLog } from "./execution-log.ts";
import { findResource } from "./find-resource.ts";
import { gatewayResponse } from "./gateway-response.ts";
import { integrate } from "./integrate.ts";
import { newContext, traceId } from "./new-context.ts";
import { validateRequest } from "./validate-request.ts";

export type RestStage = Extract<FoundStage, { kind: "REST" }>;

/** What became of a call: what is answered, and what logs tell of it. */
export interface Finished {
  readonly call: Call;
  readonly answer: ApiAnswer;
  readonly durationMs: number;
}

/**
 * Answers a call to a stage of a REST API: route, policy and authorizer, API key, throttles and quota, validation, integration. What stops it on
 * the way is a gateway response. https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-develop.html
 */
export async function callRestApi(platform: Platform, request: ApiRequest, found: RestStage): Promise<Finished> {
  const startedMs = platform.wall.monotonicMs();
  const { deployed, deploymentId, variables } = await chosenDeployment(platform, found);
  const route = findResource(deployed, request.method, request.path === "" ? "/" : request.path);
  const settings = methodSettings(found.stage.methodSettings, route?.resource, request.method);
  const log = executionLog(request.requestId, {
    level: levelOf(settings.loggingLevel),
    traces: settings.dataTraceEnabled ?? false,
    nowMs: () => platform.clock.now(),
  });
  const call = newCall(
    platform,
    request,
    { ...found, deploymentId },
    { variables, binaryMediaTypes: deployed.api.binaryMediaTypes ?? [], log },
  );
  const answer = await orGatewayResponse(call, deployed.gatewayResponses, async () => {
    checkHeaders(request.headers);
    const body = await readBody(request);
    if (!route) throw new GatewayError("MISSING_AUTHENTICATION_TOKEN");
    Object.assign(call, { body, pathParameters: route.pathParameters });
    tellResource(call, route.resource);
    // What is decided from here on rests on what was read, which must not be lost after somebody has seen what follows from it.
    await platform.store.durable();
    await authorize(call, deployed, route.method);
    const plan = await findKey(call, deployed, route.method);
    await holdLimits(call, { plan, settings, methodName: `${route.resource.path}/${request.method}` });
    return runMethod(call, deployed, route.method);
  });
  return { call, answer: finished(call, answer), durationMs: platform.wall.monotonicMs() - startedMs };
}

/** From the check of the request to the answer; what TestInvokeMethod does too. Throws `GatewayError`. */
export async function runMethod(call: Call, deployed: DeployedRestApi, method: Method): Promise<ApiAnswer> {
  const { log, request } = call;
  log.info(() => `HTTP Method: ${request.method}, Resource Path: ${request.path}`);
  log.trace(() => `Method request path: ${JSON.stringify(call.pathParameters)}`);
  log.trace(() => `Method request query string: ${JSON.stringify(Object.fromEntries(call.query))}`);
  log.trace(() => `Method request headers: ${JSON.stringify(Object.fromEntries(call.headers))}`);
  log.trace(() => `Method request body before transformations: ${call.body}`);
  validateRequest(call, deployed, method);
  if (!method.methodIntegration) {
    log.error(() => "Execution failed due to configuration error: No integration defined for method");
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  const answer = remapped(await integrate(call, { method, integration: method.methodIntegration }));
  log.trace(() => `Method response body after transformations: ${answer.body}`);
  log.trace(() => `Method response headers: ${JSON.stringify(Object.fromEntries(answer.headers))}`);
  log.info(() => "Successfully completed execution");
  log.info(() => `Method completed with status: ${answer.status}`);
  return answer;
}

/** What is thrown as a `GatewayError` becomes the gateway response; what is our own fault goes on. */
export async function orGatewayResponse(
  call: Call,
  customised: readonly GatewayResponse[],
  run: () => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const answer = gatewayResponse(call, customised, error);
    call.log.error(() => `Gateway response type: ${error.kind} with status code: ${answer.status}`);
    call.log.info(() => `Method completed with status: ${answer.status}`);
    return answer;
  }
}

/** A part of a stage's calls goes to the deployment of its canary. */
async function chosenDeployment(
  { ids, store }: Platform,
  { apiId, deploymentId, deployed, stage }: RestStage,
): Promise<{ deployed: DeployedRestApi; deploymentId: string; variables: Readonly<Record<string, string>> }> {
  const { canarySettings: canary, variables = {} } = stage;
  if (canary?.deploymentId && ids.random() * 100 < (canary.percentTraffic ?? 0)) {
    const other = await findDeployedRestApi(store, apiId, canary.deploymentId);
    if (other) {
      const overridden = { ...variables, ...canary.stageVariableOverrides };
      return { deployed: other, deploymentId: canary.deploymentId, variables: overridden };
    }
  }
  return { deployed, deploymentId, variables };
}

/** A call of which nothing is known but what was sent. */
export function newCall(
  platform: Platform,
  request: ApiRequest,
  stage: Call["stage"],
  {
    variables,
    binaryMediaTypes,
    log,
  }: { variables: Readonly<Record<string, string>>; binaryMediaTypes: readonly string[]; log: ExecutionLog },
): Call {
  const nowMs = platform.clock.now();
  return {
    platform,
    request,
    stage,
    stageName: request.stageName,
    stageVariables: variables,
    binaryMediaTypes,
    body: Buffer.alloc(0),
    query: parseQuery(request.query),
    headers: forwardedHeaders(request, { endpoint: platform.endpoint, newTraceId: () => traceId(platform.ids, nowMs) }),
    pathParameters: {},
    context: newContext(request, stage, { ids: platform.ids, nowMs }),
    log,
  };
}

/** As sent, with what tells an integration where the call came from. */
function forwardedHeaders(
  { headers, sourceIp, port }: ApiRequest,
  { endpoint, newTraceId }: { readonly endpoint: string; readonly newTraceId: () => string },
): Pairs {
  const sent = headers.filter(
    ([name]) => !["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"].includes(name.toLowerCase()),
  );
  const earlier = headerOf(headers, "x-forwarded-for");
  return [
    ...sent,
    ...(headerOf(headers, "x-amzn-trace-id") === undefined ? [["X-Amzn-Trace-Id", newTraceId()] as const] : []),
    ["X-Forwarded-For", earlier === undefined ? sourceIp : `${earlier}, ${sourceIp}`],
    ["X-Forwarded-Port", port],
    ["X-Forwarded-Proto", endpoint.startsWith("https:") ? "https" : "http"],
  ];
}

export function checkHeaders(headers: Pairs): void {
  const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > HEADER_BYTES_MAX) throw new GatewayError("REQUEST_TOO_LARGE");
}

/** Throws `GatewayError` for one that is too large. */
export async function readBody(request: ApiRequest): Promise<Buffer> {
  if (Number(headerOf(request.headers, "content-length") ?? 0) > BODY_BYTES_MAX)
    throw new GatewayError("REQUEST_TOO_LARGE");
  try {
    const body = await request.body();
    if (body.length > BODY_BYTES_MAX) throw new GatewayError("REQUEST_TOO_LARGE");
    return body;
  } catch (error) {
    if (error instanceof ModeledError && error.code === "RequestEntityTooLargeException")
      throw new GatewayError("REQUEST_TOO_LARGE");
    throw error;
  }
}

export function tellResource({ context }: Call, { id, path }: Resource): void {
  context.set("resourceId", id);
  context.set("resourcePath", path);
}

/** Settings of all methods of a stage, and those of one of them over them. */
function methodSettings(
  settings: Readonly<Record<string, MethodSetting>> | undefined,
  resource: Resource | undefined,
  method: string,
): MethodSetting {
  if (!settings) return {};
  const wanted = trimmed(`${resource?.path ?? ""}/${method}`);
  const own = Object.entries(settings).find(([name]) => trimmed(name.replaceAll("~1", "/")) === wanted)?.[1];
  return { ...settings["*/*"], ...own };
}

function trimmed(path: string): string {
  return path.replace(/^\/+/, "");
}

export function levelOf(level: string | undefined): "OFF" | "ERROR" | "INFO" {
  return level === "INFO" || level === "ERROR" ? level : "OFF";
}

/** What an integration says of these is handed on under another name. */
const REMAPPED = ["connection", "date", "server", "www-authenticate", "host", "content-md5"];
const DROPPED = [
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "upgrade",
  "proxy-authenticate",
  "trailer",
  "te",
  "expect",
];

export function remapped(answer: ApiAnswer): ApiAnswer {
  const headers = answer.headers.map(
    ([name, value]) => [REMAPPED.includes(name) ? `x-amzn-remapped-${name}` : name, value] as const,
  );
  return { ...answer, headers };
}

/** With the ids of the call. */
export function finished(call: Call, { status, headers, body }: ApiAnswer): ApiAnswer {
  call.context.set("status", status);
  call.context.set("responseLength", body.length);
  const sent = headers.filter(
    ([name, value]) =>
      !DROPPED.includes(name) && !/[^\t\x20-\x7e\x80-\xff]/.test(value) && /^[\w!#$%&'*+.^`|~-]+$/.test(name),
  );
  return {
    status,
    headers: [
      ...sent.filter(([name]) => !["x-amzn-requestid", "x-amz-apigw-id"].includes(name)),
      ["x-amzn-requestid", call.request.requestId],
      ["x-amz-apigw-id", String(call.context.get("extendedRequestId"))],
      ...(sent.some(([name]) => name === "x-amzn-trace-id")
        ? []
        : [["x-amzn-trace-id", headerOf(call.headers, "x-amzn-trace-id") ?? ""] as const]),
    ],
    body,
  };
}
