import type { GatewayResponseType } from "@aws-sdk/client-api-gateway";
import type { Caller, Platform } from "../../service.ts";
import type { FoundStage } from "../deployed-api.ts";
import type { ExecutionLog } from "./execution-log.ts";
import type { JavaMap, Value } from "./velocity/values.ts";

/** Header or query parameters in the order they were sent, each as it was written. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** The keys that a request was signed with: for integrations that act as the caller. */
export interface CallerKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A call to a stage of an API, as it came in. */
export interface ApiRequest {
  readonly apiId: string;
  readonly stageName: string;
  readonly method: string;
  /** Behind the stage, as sent: `/calls/7`. */
  readonly path: string;
  /** With the stage: `/dev/calls/7`. */
  readonly wholePath: string;
  /** As sent, without the `?`. */
  readonly query: string;
  readonly headers: Pairs;
  /** Without a port. */
  readonly domainName: string;
  readonly port: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly hasSignature: boolean;
  /** The whole body. Throws a `ModeledError` for one that is too big or too slow. */
  body(): Promise<Buffer>;
  /** Who signed the request for `execute-api`. Throws a `ModeledError` that says what is wrong with the signature. */
  verify(): Promise<Caller>;
  keys(): Promise<CallerKeys>;
}

/** Header names in lower case. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Pairs;
  readonly body: Buffer;
}

/** Largest request and answer. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const BODY_BYTES_MAX: number = 10 * 1024 * 1024;
/** Names and values of all headers. */
export const HEADER_BYTES_MAX = 10_240;

/** A call on its way through a REST API. */
export interface Call {
  readonly platform: Platform;
  readonly request: ApiRequest;
  readonly stage: Pick<FoundStage, "account" | "region" | "apiId" | "deploymentId">;
  readonly stageName: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly binaryMediaTypes: readonly string[];
  body: Buffer;
  /** Decoded. */
  readonly query: Pairs;
  readonly headers: Pairs;
  pathParameters: Readonly<Record<string, string>>;
  /** `$context`. */
  readonly context: JavaMap;
  readonly log: ExecutionLog;
}

/** How a call can end otherwise than with an answer of its integration; there is no firewall here. */
export type GatewayResponseKind = Exclude<GatewayResponseType, "WAF_FILTERED">;

/** A call ends with a gateway response instead of an answer of the integration. */
export class GatewayError extends Error {
  override readonly name: string = "GatewayError";
  readonly kind: GatewayResponseKind;
  /** In place of what the table says. */
  readonly status: number | undefined;

  constructor(kind: GatewayResponseKind, message?: string, status?: number) {
    super(message ?? "");
    this.kind = kind;
    this.status = status;
  }
}

/** The values of a header or a parameter, in the order sent. Header names do not tell cases apart. */
export function valuesOf(pairs: Pairs, name: string, options: { readonly ignoreCase: boolean }): readonly string[] {
  const wanted = options.ignoreCase ? name.toLowerCase() : name;
  const found = pairs.filter(([one]) => (options.ignoreCase ? one.toLowerCase() : one) === wanted);
  return found.map(([, value]) => value);
}

/** The last value, which is the one that counts. */
export function headerOf(headers: Pairs, name: string): string | undefined {
  return valuesOf(headers, name, { ignoreCase: true }).at(-1);
}

export function queryOf(query: Pairs, name: string): string | undefined {
  return valuesOf(query, name, { ignoreCase: false }).at(-1);
}

/** Name → last value. */
export function lastValues(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(pairs);
}

/** Name → all values. */
export function allValues(pairs: Pairs): Record<string, string[]> {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = all.get(name);
    if (values) values.push(value);
    else all.set(name, [value]);
  }
  return Object.fromEntries(all);
}

/** Decoded parameters of a query; what is not percent-encoded UTF-8 stays as it is. */
export function parseQuery(query: string): Pairs {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals === -1
        ? ([decoded(pair.replaceAll("+", " ")), ""] as const)
        : ([
            decoded(pair.slice(0, equals).replaceAll("+", " ")),
            decoded(pair.slice(equals + 1).replaceAll("+", " ")),
          ] as const);
    });
}

/** Percent-decoded, or as it is where it is not percent-encoded UTF-8. */
export function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Taken as it was sent: an integration may make sense of it.
    return text;
  }
}

/** A member of `$context` by its path, such as `identity.sourceIp`; maps and lists are no values of their own here. */
export function contextValue(context: JavaMap, path: string): Value {
  let value: Value = context;
  for (const name of path.split(".")) {
    if (!(value instanceof Map)) return undefined;
    value = value.get(name);
  }
  return value;
}

/** The member of `$context` of that name, which is a map. */
export function contextMap(context: JavaMap, name: string): JavaMap {
  const found = context.get(name);
  if (found instanceof Map) return found;
  const made: JavaMap = new Map();
  context.set(name, made);
  return made;
}

/** `arn:aws:execute-api:…`: what a call to a method is called in policies. */
export function methodArn(
  { account, region, apiId }: Pick<FoundStage, "account" | "region" | "apiId">,
  stageName: string,
  method: string,
  path: string,
): string {
  return `arn:aws:execute-api:${region}:${account}:${apiId}/${stageName}/${method}${path === "" ? "/" : path}`;
}
