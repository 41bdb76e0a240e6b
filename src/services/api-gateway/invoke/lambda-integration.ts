import type { Integration, Method } from "@aws-sdk/client-api-gateway";
import { type ApiAnswer, type Call, contextValue, GatewayError, headerOf, methodArn, type Pairs } from "./call.ts";
import { callFunction, callFunctionLater, type FunctionAnswer, type FunctionCall } from "./lambda-calls.ts";
import { mapRequest } from "./map-request.ts";
import { mapResponse } from "./map-response.ts";
import { acceptsBinary } from "./media-types.ts";
import { proxyEvent } from "./proxy-event.ts";

interface Target {
  readonly method: Method;
  readonly integration: Integration;
}

const TIMEOUT_MS_MAX = 29_000;

/** A Lambda proxy integration: the function is told of the whole call and answers it. */
export async function integrateProxyFunction(
  call: Call,
  { integration }: Target,
  functionArn: string | undefined,
): Promise<ApiAnswer> {
  const isPost = (integration.httpMethod ?? "POST").toUpperCase() === "POST";
  if (functionArn === undefined || !isPost) {
    call.log.error(
      () => "Execution failed due to configuration error: the integration does not invoke a function by POST",
    );
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  const event = proxyEvent(call, {
    path: call.request.path === "" ? "/" : call.request.path,
    httpMethod: call.request.method,
    resourcePath: String(contextValue(call.context, "resourcePath") ?? ""),
    headers: call.headers,
    query: call.query,
  });
  const payload = JSON.stringify(event);
  call.log.trace(() => `Endpoint request body after transformations: ${payload}`);
  const answer = await invoke(call, integration, functionArn, payload);
  if ("functionError" in answer) {
    call.log.error(() => `Lambda execution failed with status 200 due to customer function error: ${answer.answer}`);
    throw new GatewayError("INTEGRATION_FAILURE", "Internal server error", 502);
  }
  return proxyAnswer(call, answer.answer);
}

/** A function that is asked what the request's template makes of a call. */
export async function integrateFunction(
  call: Call,
  { method, integration }: Target,
  functionArn: string,
): Promise<ApiAnswer> {
  const request = mapRequest(call, integration);
  const payload = request.body.length === 0 ? "{}" : request.body.toString();
  if (headerOf(request.headers, "x-amz-invocation-type")?.toLowerCase() === "event") {
    const refused = await callFunctionLater(call, functionCall(call, integration, functionArn, payload));
    if (refused) answeredOr(call, refused, functionArn);
    return mapResponse(
      call,
      { method, integration, selector: undefined },
      { status: 202, headers: [], body: Buffer.alloc(0) },
    );
  }
  const answer = await invoke(call, integration, functionArn, payload);
  const selector = "functionError" in answer ? errorMessage(answer.answer) : undefined;
  return mapResponse(
    call,
    { method, integration, selector },
    { status: 200, headers: [["content-type", "application/json"]], body: Buffer.from(answer.answer) },
  );
}

function errorMessage(answer: string): string {
  try {
    const { errorMessage: message } = JSON.parse(answer);
    return typeof message === "string" ? message : answer;
  } catch {
    // Custom runtimes answer what they like.
    return answer;
  }
}

type Answered = Extract<FunctionAnswer, { answer: string }>;

async function invoke(call: Call, integration: Integration, functionArn: string, payload: string): Promise<Answered> {
  const answer = await callFunction(call, functionCall(call, integration, functionArn, payload));
  return answeredOr(call, answer, functionArn);
}

function functionCall(
  call: Call,
  { credentials, timeoutInMillis = TIMEOUT_MS_MAX }: Integration,
  functionArn: string,
  payload: string,
): FunctionCall {
  const timeoutMs = Math.min(timeoutInMillis, TIMEOUT_MS_MAX);
  return { functionArn, payload, credentials, sourceArn: sourceArnOf(call), timeoutMs };
}

/** Throws `GatewayError` for a function that has not answered. */
export function answeredOr(call: Pick<Call, "log" | "context">, answer: FunctionAnswer, functionArn: string): Answered {
  if ("timedOut" in answer) throw new GatewayError("INTEGRATION_TIMEOUT");
  if ("refused" in answer) {
    const { code, message } = answer.refused;
    call.log.error(() =>
      code === "AccessDeniedException"
        ? `Execution failed due to configuration error: Invalid permissions on Lambda function ${functionArn}`
        : `Lambda invocation failed: ${code}: ${message}`,
    );
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  call.context.set("integrationStatus", 200);
  return answer;
}

function sourceArnOf({ stage, request, context }: Call): string {
  return methodArn(stage, request.stageName, request.method, String(contextValue(context, "resourcePath") ?? "/"));
}

const ANSWER_MEMBERS = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];

/** What a function has answered in the form that a proxy integration asks for. Throws `GatewayError` (502) for any other form. */
export function proxyAnswer(call: Call, text: string): ApiAnswer {
  const answer = parsed(text);
  const isWellFormed =
    answer !== undefined &&
    Object.keys(answer).every((name) => ANSWER_MEMBERS.includes(name)) &&
    (answer.body === undefined || answer.body === null || typeof answer.body === "string") &&
    isHeaderMap(answer.headers) &&
    isHeaderMap(answer.multiValueHeaders);
  const status = Number(answer?.statusCode ?? 200);
  if (!isWellFormed || !Number.isInteger(status) || status < 100 || status > 599) {
    call.log.error(() => "Execution failed due to configuration error: Malformed Lambda proxy response");
    throw new GatewayError("INTEGRATION_FAILURE", "Internal server error", 502);
  }
  const body = answer.body ?? "";
  const isBinary =
    answer.isBase64Encoded === true && acceptsBinary(call.binaryMediaTypes, headerOf(call.headers, "accept"));
  const headers = mergedHeaders(answer.headers, answer.multiValueHeaders);
  return {
    status,
    headers: headers.some(([name]) => name === "content-type")
      ? headers
      : [...headers, ["content-type", "application/json"]],
    body: Buffer.from(body, isBinary ? "base64" : "utf8"),
  };
}

interface ProxyAnswer {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, unknown>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: unknown;
}

function parsed(text: string): ProxyAnswer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // A custom runtime may answer anything.
    return undefined;
  }
}

function isHeaderMap(headers: unknown): boolean {
  return headers === undefined || headers === null || (typeof headers === "object" && !Array.isArray(headers));
}

/** A name that is in both maps has the values of the second, and the single one where that is not among them. */
export function mergedHeaders(
  single: Readonly<Record<string, unknown>> | null | undefined,
  multi: Readonly<Record<string, unknown>> | null | undefined,
): Pairs {
  const merged: [string, string][] = [];
  for (const [name, values] of Object.entries(multi ?? {})) {
    for (const value of [values].flat()) merged.push([name.toLowerCase(), String(value)]);
  }
  for (const [name, value] of Object.entries(single ?? {})) {
    const lower = name.toLowerCase();
    if (value !== null && !merged.some(([other, text]) => other === lower && text === String(value))) {
      merged.push([lower, String(value)]);
    }
  }
  return merged.filter(([name, value]) => isSendable(name, value));
}

/** What cannot be a header is left out: it would break the answer apart. */
function isSendable(name: string, value: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}
