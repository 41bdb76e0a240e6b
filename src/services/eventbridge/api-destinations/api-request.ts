import type { HttpParameters } from "@aws-sdk/client-eventbridge";
import type { Validated } from "../../../models/validated.ts";
import type { HttpCall } from "../../http-call.ts";
import { isJsonObject } from "../../json-text.ts";
import { isNestedTooDeep } from "../compact-json.ts";
import { parseExactly } from "../exact-json.ts";
import type { ApiDestination } from "./api-destination.ts";
import type { AuthParameters } from "./connection.ts";
import { type HttpParameter, headersOf, withQuery } from "./http-parameters.ts";

/** What a call is made of. */
export interface ApiRequest {
  readonly destination: Pick<ApiDestination, "endpoint" | "method">;
  /** Of the target, with the event's values in place. */
  readonly target: Validated<HttpParameters>;
  readonly auth: AuthParameters;
  /** The header `Authorization` of an OAuth connection. */
  readonly oauthHeader?: string | undefined;
  readonly body: string;
}

/** Why a call cannot be made from what the event and the target say. */
export interface BadRequest {
  readonly bad: string;
}

/**
 * The call that EventBridge makes. Where the connection and the target both have a parameter, the connection's counts.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html, "Headers included in requests"
 */
export function apiRequest(request: ApiRequest): Omit<HttpCall, "timeoutMs"> | BadRequest {
  const { destination, target, auth, oauthHeader, body } = request;
  const connection = auth.InvocationHttpParameters ?? {};
  const url = withPath(destination.endpoint, target.PathParameterValues ?? []);
  if ("bad" in url) return url;

  const connectionQuery = connection.QueryStringParameters ?? [];
  const taken = new Set(connectionQuery.map(({ Key }) => Key));
  const targetQuery = parametersOf(target.QueryStringParameters).filter(({ Key }) => !taken.has(Key));
  return {
    url: withQuery(url, [...connectionQuery, ...targetQuery]),
    method: destination.method,
    headers: {
      "content-type": "application/json; charset=utf-8",
      ...headersOf(parametersOf(target.HeaderParameters)),
      ...headersOf(connection.HeaderParameters ?? []),
      ...authorization(auth, oauthHeader),
      "user-agent": "Amazon/EventBridge/ApiDestinations",
      range: "bytes=0-1048575",
      "accept-encoding": "gzip,deflate",
      connection: "close",
    },
    body: withMembers(body, connection.BodyParameters ?? []),
  };
}

/** A value that names the folder above, or none, would lead to another path than the destination's owner meant. */
function withPath(endpoint: string, values: readonly string[]): URL | BadRequest {
  if (values.some((value) => value === "." || value === "..")) return { bad: "A path parameter is a dot segment" };
  let next = 0;
  const text = endpoint.replaceAll("*", (star) => {
    const value = values[next];
    next += 1;
    return value === undefined ? star : encodeURIComponent(value.toWellFormed());
  });
  return URL.canParse(text) ? new URL(text) : { bad: "The path parameters make no URL" };
}

function parametersOf(map: Readonly<Record<string, string>> | undefined): readonly HttpParameter[] {
  return Object.entries(map ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

function authorization(auth: AuthParameters, oauthHeader: string | undefined): Record<string, string> {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: apiKey } = auth;
  if (basic) {
    return { authorization: `Basic ${Buffer.from(`${basic.Username}:${basic.Password}`).toString("base64")}` };
  }
  if (apiKey) return { [apiKey.ApiKeyName.trim().toLowerCase()]: apiKey.ApiKeyValue };
  return oauthHeader === undefined ? {} : { authorization: oauthHeader };
}

/** Adds members to a body that is a JSON object; any other one stays as it is. */
function withMembers(body: string, members: readonly HttpParameter[]): string {
  if (members.length === 0 || isNestedTooDeep(body)) return body;
  try {
    const parsed = parseExactly(body);
    if (!isJsonObject(parsed)) return body;
    const added = members.map(({ Key = "", Value = "" }): [string, string] => [Key, Value]);
    return JSON.stringify({ ...parsed, ...Object.fromEntries(added) });
  } catch {
    // A text template's body need not be JSON.
    return body;
  }
}
