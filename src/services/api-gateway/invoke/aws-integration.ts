import type { Integration, Method } from "@aws-sdk/client-api-gateway";
import { catalog } from "../../../models/catalog.ts";
import { type ApiAnswer, type Call, GatewayError, headerOf, type Pairs } from "./call.ts";
import { mapRequest } from "./map-request.ts";
import { mapResponse } from "./map-response.ts";
import { actAs, sendSigned } from "./signed-call.ts";

interface Target {
  readonly method: Method;
  readonly integration: Integration;
}

const TIMEOUT_MS_MAX = 29_000;

/** `arn:aws:apigateway:us-east-1:kinesis:action/PutRecord`, in its parts. */
interface ServiceUri {
  readonly region: string;
  readonly service: string;
  readonly kind: "path" | "action";
  /** Of a path: as it is written, without the query. */
  readonly what: string;
  readonly query: Pairs;
}

/** A call of one of our services, as the role that the integration names, or as who calls. */
export async function integrateAws(call: Call, { method, integration }: Target, uri: string): Promise<ApiAnswer> {
  const target = parseServiceUri(uri);
  if (!target || integration.credentials === undefined) {
    call.log.error(
      () => "Execution failed due to configuration error: the integration needs a service's URI and credentials",
    );
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  const request = mapRequest(call, integration);
  const asked = target.kind === "action" ? byAction(target, request) : byPath(target, request, call);
  const answer = await sendSigned(call, {
    service: target.service,
    region: target.region,
    keys: await actAs(call, integration.credentials),
    method: integration.httpMethod ?? call.request.method,
    ...asked,
    body: request.body,
    timeoutMs: Math.min(integration.timeoutInMillis ?? TIMEOUT_MS_MAX, TIMEOUT_MS_MAX),
  });
  call.context.set("integrationStatus", answer.status);
  call.log.info(() => `Received response. Status: ${answer.status}`);
  if (answer.status === 501) {
    // Nobody's mapping should make a success of what is not there.
    return { status: 501, headers: [["content-type", "application/json"]], body: answer.body };
  }
  return mapResponse(call, { method, integration, selector: String(answer.status) }, answer);
}

/** `undefined` for a URI of another form. */
export function parseServiceUri(uri: string): ServiceUri | undefined {
  const found = /^arn:[\w-]+:apigateway:([a-z0-9-]+):(?:[\w-]+\.)?([a-z0-9-]+):(path|action)\/(.*)$/s.exec(uri);
  if (!found) return undefined;
  const [, region = "", service = "", kind = "", rest = ""] = found;
  const [what = "", query = ""] = rest.split("?", 2);
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [name, value] as const);
  return { region, service, kind: kind === "path" ? "path" : "action", what, query: pairs };
}

type Mapped = ReturnType<typeof mapRequest>;

/**
 * JSON services find the operation by a header, which the gateway sets itself but for EventBridge, where the author does; the others by a
 * parameter.
 */
function byAction(
  { service, what, query }: ServiceUri,
  { headers, query: mapped, contentType }: Mapped,
): { path: string; query: Pairs; headers: Pairs } {
  const entry = catalog.find(({ signingName }) => signingName === service);
  if (entry?.protocol === "json" && entry.targetPrefix !== undefined) {
    const own: Pairs = [
      ["content-type", entry.name === "sqs" ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1"],
      ...(service === "events" ? [] : [["x-amz-target", `${entry.targetPrefix}.${what}`] as const]),
    ];
    return { path: "/", query: [...query, ...mapped], headers: merged(headers, own) };
  }
  const action: Pairs = [["Action", what]];
  return {
    path: "/",
    query: [...action, ...query, ...mapped],
    headers: merged(headers, [["content-type", contentType]]),
  };
}

function byPath(
  { what, query }: ServiceUri,
  request: Mapped,
  call: Call,
): { path: string; query: Pairs; headers: Pairs } {
  const path = what.replace(/\{([\w.-]+)\+?\}/g, (_all, name: string) => {
    const value = request.path[name];
    if (value !== undefined) return value.split("/").map(encodeURIComponent).join("/");
    call.log.error(() => `Execution failed due to configuration error: there is no path parameter ${name}`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  });
  const accept = headerOf(call.headers, "accept");
  return {
    path: path.startsWith("/") ? path : `/${path}`,
    query: [...query, ...request.query],
    headers: merged(request.headers, [
      ["content-type", request.contentType],
      ...(accept === undefined ? [] : [["accept", accept] as const]),
    ]),
  };
}

/** Headers, and those of `others` that are not among them. */
function merged(headers: Pairs, others: Pairs): Pairs {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  return [...headers, ...others.filter(([name]) => !names.has(name.toLowerCase()))];
}
