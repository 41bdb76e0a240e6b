import type { Integration, Method } from "@aws-sdk/client-api-gateway";
import { integrateAws } from "./aws-integration.ts";
import { type ApiAnswer, type Call, GatewayError, headerOf, type Pairs } from "./call.ts";
import { functionOfUri } from "./lambda-calls.ts";
import { integrateFunction, integrateProxyFunction } from "./lambda-integration.ts";
import { mapRequest } from "./map-request.ts";
import { mapResponse } from "./map-response.ts";
import { OutsideError, sendOutside, withoutHopByHop } from "./outside.ts";
import { mappedValue } from "./parameter-mapping.ts";
import { hasDotSegments } from "./signed-call.ts";

/** A method with its integration, as it was deployed. */
export interface Target {
  readonly method: Method;
  readonly integration: Integration;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const TIMEOUT_MS_MIN = 50;
const TIMEOUT_MS_MAX = 29_000;

/** What an integration answers, in the method's terms. Throws `GatewayError`. */
export async function integrate(call: Call, target: Target): Promise<ApiAnswer> {
  try {
    return await integrateByType(call, target);
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    call.log.error(() => `Execution failed due to a network error communicating with endpoint: ${error.message}`);
    if (error.why === "timeout") throw new GatewayError("INTEGRATION_TIMEOUT");
    if (error.why === "too-large") throw new GatewayError("INTEGRATION_FAILURE", "Internal server error", 500);
    throw new GatewayError("INTEGRATION_FAILURE", "Network error communicating with endpoint", 504);
  }
}

async function integrateByType(call: Call, target: Target): Promise<ApiAnswer> {
  const { integration } = target;
  const uri = withStageVariables(integration.uri, call);
  switch (integration.type) {
    case "MOCK":
      return integrateMock(call, target);
    case "HTTP":
      return integrateHttp(call, target, uri);
    case "HTTP_PROXY":
      return integrateHttpProxy(call, target, uri);
    case "AWS_PROXY":
      return integrateProxyFunction(call, target, functionOfUri(uri));
    case "AWS": {
      const functionArn = functionOfUri(uri);
      return functionArn === undefined ? integrateAws(call, target, uri) : integrateFunction(call, target, functionArn);
    }
    default:
      throw new GatewayError("API_CONFIGURATION_ERROR");
  }
}

export function timeoutMs({ timeoutInMillis }: Integration): number {
  return Math.min(Math.max(timeoutInMillis ?? TIMEOUT_MS_MAX, TIMEOUT_MS_MIN), TIMEOUT_MS_MAX);
}

function withStageVariables(uri: string | undefined, { stageVariables }: Call): string {
  return (uri ?? "").replace(/\$\{stageVariables\.([\w-]+)\}/g, (_all, name: string) =>
    Object.hasOwn(stageVariables, name) ? (stageVariables[name] ?? "") : "",
  );
}

/** The request's template says which status the integration has "answered". */
function integrateMock(call: Call, { method, integration }: Target): ApiAnswer {
  const request = mapRequest(call, integration).body.toString();
  const statusCode = mockStatus(request);
  if (statusCode === undefined) {
    call.log.error(
      () =>
        "Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template.",
    );
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  return mapResponse(
    call,
    { method, integration, selector: statusCode },
    { status: Number(statusCode), headers: [], body: Buffer.alloc(0) },
  );
}

/** Names without quotes are read too, as the real service does. */
function mockStatus(request: string): string | undefined {
  try {
    const { statusCode } = JSON.parse(request);
    return Number.isInteger(statusCode) ? String(statusCode) : undefined;
  } catch {
    return /^\s*\{\s*["']?statusCode["']?\s*:\s*(\d+)\s*[,}]/.exec(request)?.[1];
  }
}

async function integrateHttp(call: Call, { method, integration }: Target, uri: string): Promise<ApiAnswer> {
  const request = mapRequest(call, integration);
  const answer = await sendOutside(call.platform.wall, {
    method: integration.httpMethod ?? call.request.method,
    url: targetUrl(call, uri, request.path, request.query),
    headers: defaulted(request.headers, [...standardHeaders(call), ["content-type", request.contentType]]),
    body: request.body,
    timeoutMs: timeoutMs(integration),
    signal: call.request.signal,
  });
  tellAnswer(call, answer.status);
  return mapResponse(call, { method, integration, selector: String(answer.status) }, answer);
}

/** Method, headers, query and body go through as they are; mapped parameters are added. */
async function integrateHttpProxy(call: Call, { integration }: Target, uri: string): Promise<ApiAnswer> {
  const mapped = new Map<string, [string, string]>();
  const query: [string, string][] = [];
  const path: Record<string, string> = Object.create(null);
  for (const [target, expression] of Object.entries(integration.requestParameters ?? {})) {
    const [, place, name = ""] = /^integration\.request\.(header|querystring|path)\.(.+)$/.exec(target) ?? [];
    const value = mappedValue(expression, call);
    if (value === undefined) continue;
    if (place === "header") mapped.set(name.toLowerCase(), [name, value]);
    else if (place === "querystring") query.push([name, value]);
    else path[name] = value;
  }
  const own = call.headers.filter(([name]) => !mapped.has(name.toLowerCase()) && name.toLowerCase() !== "host");
  const passed = call.query.filter(([name]) => !query.some(([other]) => other === name));
  const wanted = integration.httpMethod;
  const answer = await sendOutside(call.platform.wall, {
    method: wanted === undefined || wanted === "ANY" ? call.request.method : wanted,
    url: targetUrl(call, uri, path, [...passed, ...query]),
    headers: [...own, ...mapped.values()],
    body: call.body,
    timeoutMs: timeoutMs(integration),
    signal: call.request.signal,
  });
  tellAnswer(call, answer.status);
  const headers = withoutHopByHop(answer.headers).filter(([name]) => name.toLowerCase() !== "content-length");
  return {
    status: answer.status,
    headers: headers.map(([name, value]) => [name.toLowerCase(), value]),
    body: answer.body,
  };
}

function standardHeaders({ request, headers }: Call): Pairs {
  const accept = headerOf(headers, "accept");
  return [
    ["user-agent", `AmazonAPIGateway_${request.apiId}`],
    ["x-amzn-apigateway-api-id", request.apiId],
    ...(accept === undefined ? [] : [["accept", accept] as const]),
  ];
}

/** Headers, and those of `others` that are not among them. */
export function defaulted(headers: Pairs, others: Pairs): Pairs {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  return [...headers, ...others.filter(([name]) => !names.has(name.toLowerCase()))];
}

/** Throws `GatewayError` where a variable of the path has no value, or the URL is none that may be called. */
export function targetUrl(
  { platform, log }: Pick<Call, "platform" | "log">,
  uri: string,
  path: Readonly<Record<string, string>>,
  query: Pairs,
): URL {
  let missing: string | undefined;
  const filled = uri.replace(/\{([\w.-]+)\+?\}/g, (all, name: string) => {
    const value = path[name];
    if (value === undefined) missing = name;
    else if (hasDotSegments(value)) throw new GatewayError("BAD_REQUEST_PARAMETERS", "Invalid request path");
    return value === undefined ? all : value.split("/").map(encodeURIComponent).join("/");
  });
  const url = missing === undefined && URL.canParse(filled) ? new URL(filled) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || isOwnControl(url, platform)) {
    log.error(() => `Execution failed due to configuration error: Invalid endpoint address: ${filled}`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url;
}

/** Whoever may call an API may not call our own endpoints through it. */
function isOwnControl(url: URL, { endpoint, ownUrl }: Pick<Call["platform"], "endpoint" | "ownUrl">): boolean {
  const isOwn = [endpoint, ownUrl].some((own) => new URL(own).port === url.port);
  return isOwn && url.pathname.startsWith("/_trunkline");
}

export function tellAnswer({ context, log }: Pick<Call, "context" | "log">, status: number): void {
  context.set("integrationStatus", status);
  log.info(() => `Received response. Status: ${status}`);
}
