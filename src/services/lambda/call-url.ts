/**
 * Calls of functions' URLs: who may, the event that the handler gets (payload format 2.0), and its answer as a response.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { validateHeaderName, validateHeaderValue } from "node:http";
import { ModeledError } from "../../models/modeled-error.ts";
import { decideAccess } from "../iam/index.ts";
import { policyAllows } from "../policy/index.ts";
import type { Caller, Platform } from "../service.ts";
import { findTarget, type Named, type Target } from "./find-function.ts";
import { functionArn } from "./function.ts";
import { findUrlConfig, type UrlConfig } from "./function-urls.ts";
import { runInvocation } from "./invocations.ts";
import { PAYLOAD_BYTES_MAX } from "./limits.ts";
import { policies, policyKey, policyText } from "./policy.ts";
import type { Outcome } from "./runtime/sandbox.ts";
import { type Pieces, streamInvocation } from "./stream-invocation.ts";
import { crossOriginHeaders, isPreflight } from "./url-cors.ts";

/** Where a URL that invokes a function leads. */
export interface FunctionUrl {
  readonly urlId: string;
  /** As sent, with its slash. */
  readonly path: string;
  /** The function is named by the host, which is an origin of its own. */
  readonly isByHost: boolean;
}

const HOST = /^([a-z2-7]{32})\.lambda-url\.[a-z0-9.-]+$/;
const PATH = /^\/_aws\/lambda-url\/([a-z2-7]{32})(\/.*)?$/s;

/** Reads host and path of a request: `{urlId}.lambda-url.…` as host, or `/_aws/lambda-url/{urlId}/…`. `undefined`: it invokes no function. */
export function parseFunctionUrl(host: string, path: string): FunctionUrl | undefined {
  const byHost = HOST.exec(host.replace(/:\d*$/, "").toLowerCase())?.[1];
  if (byHost !== undefined) return { urlId: byHost, path, isByHost: true };
  const [, urlId, rest = "/"] = PATH.exec(path) ?? [];
  return urlId === undefined ? undefined : { urlId, path: rest, isByHost: false };
}

export interface UrlRequest {
  readonly method: string;
  /** Without `?`. */
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly domainName: string;
  readonly protocol: string;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly isSigned: boolean;
  body(): Promise<Buffer>;
  /** Throws what becomes the answer. */
  verify(): Promise<Caller>;
}

export interface UrlResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | AsyncIterable<Buffer>;
}

export async function callFunctionUrl(platform: Platform, url: FunctionUrl, request: UrlRequest): Promise<UrlResponse> {
  const config = await findUrlConfig(platform.store, url.urlId);
  if (config === undefined) return refusal(403, "AccessDeniedException", FORBIDDEN);
  const origins = crossOriginHeaders(config.cors, request);
  // A browser asks before it calls, without saying who it is.
  if (config.cors && isPreflight(request)) return { status: 200, headers: origins, body: Buffer.alloc(0) };
  const response = await answer(platform, config, url, request);
  const given = new Set(origins.map(([name]) => name));
  return { ...response, headers: [...response.headers.filter(([name]) => !given.has(name.toLowerCase())), ...origins] };
}

async function answer(
  platform: Platform,
  config: UrlConfig,
  url: FunctionUrl,
  request: UrlRequest,
): Promise<UrlResponse> {
  const { account, region, name, alias } = config;
  const named: Named = { account, region, name, ...(alias && { qualifier: alias }) };
  const caller = config.authType === "AWS_IAM" && request.isSigned ? await request.verify() : undefined;
  if (!(await mayCall(platform, config, named, caller))) return refusal(403, "AccessDeniedException", FORBIDDEN);
  const target = await findTarget(platform.store, named, () => platform.ids.random());
  if (!target) return refusal(404, "ResourceNotFoundException", "The function does not exist.");
  const body = await request.body();
  const payload = JSON.stringify(eventOf(platform, config, url, request, caller, body));
  if (Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX) {
    return refusal(413, "RequestTooLargeException", `The request is larger than ${PAYLOAD_BYTES_MAX} bytes.`);
  }
  const call = { requestId: request.requestId, payload };
  try {
    return config.mode === "BUFFERED"
      ? whole(await runInvocation(platform, target, call))
      : await streamed(platform, target, call, request.signal);
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    if (error.code === "TooManyRequestsException") return refusal(429, error.code, error.message);
    return refusal(403, "AccessDeniedException", FORBIDDEN);
  }
}

const FORBIDDEN =
  "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/** Without a signature the function's policy must let everybody. */
async function mayCall(
  platform: Platform,
  config: UrlConfig,
  named: Named,
  caller: Caller | undefined,
): Promise<boolean> {
  const policy = await platform.store.get(policies, policyKey(named, named.qualifier));
  const access = {
    action: "lambda:InvokeFunctionUrl",
    resourceArn: functionArn(named, named.qualifier),
    conditions: { "lambda:FunctionUrlAuthType": [config.authType], "lambda:InvokedViaFunctionUrl": ["true"] },
  };
  const text = policyText(named, policy ?? { permissions: [] });
  if (config.authType === "NONE") return policyAllows(text, { ...access, principal: { account: "", arn: "" } });
  if (!caller) return false;
  const decision = await decideAccess(platform, {
    ...access,
    caller,
    resourceAccount: named.account,
    resourcePolicy: text,
  });
  return decision.allowed;
}

const TEXT = /^(text\/|application\/(json|xml|javascript)\b|[^;]*\+(json|xml)\b)/i;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function eventOf(
  { clock }: Platform,
  config: UrlConfig,
  url: FunctionUrl,
  request: UrlRequest,
  caller: Caller | undefined,
  body: Buffer,
): object {
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  for (const [given, value] of request.headers) {
    const name = given.toLowerCase();
    if (name === "cookie") cookies.push(...value.split("; "));
    else headers.set(name, headers.has(name) ? `${headers.get(name)},${value}` : value);
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(request.query)) {
    parameters.set(name, parameters.has(name) ? `${parameters.get(name)},${value}` : value);
  }
  const isText = TEXT.test(headers.get("content-type") ?? "text/plain");
  const time = new Date(clock.now());
  const two = (value: number): string => String(value).padStart(2, "0");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.path,
    rawQueryString: request.query,
    ...(cookies.length > 0 && { cookies }),
    headers: Object.fromEntries(headers),
    ...(parameters.size > 0 && { queryStringParameters: Object.fromEntries(parameters) }),
    requestContext: {
      accountId: caller?.account ?? "anonymous",
      apiId: config.urlId,
      ...(caller && {
        authorizer: {
          iam: {
            accessKey: caller.accessKeyId,
            accountId: caller.account,
            callerId: caller.accessKeyId,
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: caller.principalArn,
            userId: caller.accessKeyId,
          },
        },
      }),
      domainName: request.domainName,
      domainPrefix: config.urlId,
      http: {
        method: request.method,
        path: url.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers.get("user-agent") ?? "",
      },
      requestId: request.requestId,
      routeKey: "$default",
      stage: "$default",
      time: `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}:${time.toISOString().slice(11, 19)} +0000`,
      timeEpoch: time.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** An answer with a status code says all; any other JSON is the body. */
function whole({ status, payload }: Outcome): UrlResponse {
  if (status !== "success") return failure();
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    // A custom runtime may say what it likes.
    return failure();
  }
  if (typeof value === "object" && value !== null && "statusCode" in value) {
    const { body, isBase64Encoded } = value as { body?: unknown; isBase64Encoded?: unknown };
    const text = typeof body === "string" ? body : body === undefined || body === null ? "" : JSON.stringify(body);
    return headed(value, Buffer.from(text, isBase64Encoded === true ? "base64" : "utf8")) ?? failure();
  }
  const text = typeof value === "string" ? value : payload.toString();
  return { status: 200, headers: [["content-type", "application/json"]], body: Buffer.from(text) };
}

/** What says nothing of connections may be the function's own; `undefined`: that is no response. */
function headed(given: object, body: UrlResponse["body"]): UrlResponse | undefined {
  const {
    statusCode = 200,
    headers = {},
    cookies = [],
  } = given as { statusCode?: unknown; headers?: unknown; cookies?: unknown };
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (typeof headers !== "object" || headers === null || !Array.isArray(cookies)) return undefined;
  const sent: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) sent.push([name.toLowerCase(), String(value)]);
  }
  for (const cookie of cookies) sent.push(["set-cookie", String(cookie)]);
  if (!sent.some(([name]) => name === "content-type")) sent.push(["content-type", "application/json"]);
  try {
    for (const [name, value] of sent) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch {
    return undefined;
  }
  return { status, headers: sent, body };
}

const CONNECTION_HEADERS = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const WITH_PRELUDE = "application/vnd.awslambda.http-integration-response";
const PRELUDE_BYTES_MAX = 65_536;
const PRELUDE_END: Buffer = Buffer.alloc(8);

async function streamed(
  platform: Platform,
  target: Target,
  call: { readonly requestId: string; readonly payload: string },
  signal: AbortSignal,
): Promise<UrlResponse> {
  const { contentType, pieces, outcome } = await streamInvocation(platform, target, call, signal);
  if (contentType === undefined) {
    const { status, payload } = await outcome;
    if (status !== "success") return failure();
    return { status: 200, headers: [["content-type", "application/json"]], body: payload };
  }
  const source = pieces[Symbol.asyncIterator]();
  if (contentType !== WITH_PRELUDE) {
    const plain = headed({ headers: { "content-type": contentType } }, rest(source, outcome));
    return plain ?? abandoned(pieces);
  }
  let head: Buffer = Buffer.alloc(0);
  for (;;) {
    const end = head.indexOf(PRELUDE_END);
    if (end >= 0) {
      const behind = head.subarray(end + PRELUDE_END.length);
      return headed(preludeOf(head.subarray(0, end)), rest(source, outcome, behind)) ?? abandoned(pieces);
    }
    const { value, done } = await source.next();
    if (done || head.length + value.length > PRELUDE_BYTES_MAX) return abandoned(pieces);
    head = Buffer.concat([head, value]);
  }
}

function preludeOf(bytes: Buffer): object {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null ? value : { statusCode: 0 };
  } catch {
    return { statusCode: 0 };
  }
}

/** Breaks off where the handler fails: what has been sent cannot be taken back. */
async function* rest(
  source: AsyncGenerator<Buffer>,
  outcome: Promise<Outcome>,
  first: Buffer = Buffer.alloc(0),
): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* source;
  const { status } = await outcome;
  if (status !== "success") throw new Error("The function failed while it answered");
}

function abandoned(pieces: Pieces): UrlResponse {
  pieces.abandon();
  return failure();
}

function failure(): UrlResponse {
  return { status: 502, headers: [["content-type", "text/plain"]], body: Buffer.from("Internal Server Error") };
}

function refusal(status: number, code: string, message: string): UrlResponse {
  return {
    status,
    headers: [
      ["content-type", "application/json"],
      ["x-amzn-errortype", code],
    ],
    body: Buffer.from(JSON.stringify({ Message: message })),
  };
}
