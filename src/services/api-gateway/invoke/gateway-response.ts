import type { GatewayResponse } from "@aws-sdk/client-api-gateway";
import {
  type ApiAnswer,
  type Call,
  contextMap,
  contextValue,
  type GatewayError,
  type GatewayResponseKind,
  headerOf,
  queryOf,
  valuesOf,
} from "./call.ts";
import type { JavaMap } from "./velocity/values.ts";

interface Standard {
  readonly status: number;
  readonly message: string | null;
  readonly errorType: string;
}

/**
 * What is said where a call does not come through to its end.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const STANDARD: Readonly<Record<GatewayResponseKind, Standard>> = {
  MISSING_AUTHENTICATION_TOKEN: standard(403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
  INVALID_API_KEY: standard(403, "Forbidden", "ForbiddenException"),
  ACCESS_DENIED: standard(403, "User is not authorized to access this resource", "AccessDeniedException"),
  UNAUTHORIZED: standard(401, "Unauthorized", "UnauthorizedException"),
  INVALID_SIGNATURE: standard(403, "The request signature is invalid.", "InvalidSignatureException"),
  EXPIRED_TOKEN: standard(403, "The security token included in the request is expired", "ExpiredTokenException"),
  BAD_REQUEST_PARAMETERS: standard(400, "Invalid request parameters", "BadRequestException"),
  BAD_REQUEST_BODY: standard(400, "Invalid request body", "BadRequestException"),
  UNSUPPORTED_MEDIA_TYPE: standard(415, "Unsupported Media Type", "BadRequestException"),
  REQUEST_TOO_LARGE: standard(413, "Request Too Long", "RequestTooLargeException"),
  RESOURCE_NOT_FOUND: standard(404, "Not Found", "NotFoundException"),
  THROTTLED: standard(429, "Too Many Requests", "TooManyRequestsException"),
  QUOTA_EXCEEDED: standard(429, "Limit Exceeded", "LimitExceededException"),
  INTEGRATION_FAILURE: standard(504, "Internal server error", "InternalServerErrorException"),
  INTEGRATION_TIMEOUT: standard(504, "Endpoint request timed out", "InternalServerErrorException"),
  API_CONFIGURATION_ERROR: standard(500, "Internal server error", "ApiConfigurationException"),
  AUTHORIZER_FAILURE: standard(500, null, "AuthorizerFailureException"),
  AUTHORIZER_CONFIGURATION_ERROR: standard(500, null, "AuthorizerConfigurationException"),
  DEFAULT_4XX: standard(400, "Bad request", "BadRequestException"),
  DEFAULT_5XX: standard(500, "Internal server error", "InternalServerErrorException"),
};

function standard(status: number, message: string | null, errorType: string): Standard {
  return { status, message, errorType };
}

/** The gateway response of an error, as the API's author has customised it. */
export function gatewayResponse(call: Call, customised: readonly GatewayResponse[], error: GatewayError): ApiAnswer {
  const { errorType, ...fallback } = STANDARD[error.kind];
  const message = error.message === "" ? fallback.message : error.message;
  const custom = findCustom(customised, error.kind, error.status ?? fallback.status);
  const status = statusOf(custom) ?? error.status ?? fallback.status;
  tellError(call.context, error.kind, message, status);

  const [contentType, template] = templateFor(custom, headerOf(call.headers, "accept"));
  const body =
    template === undefined
      ? JSON.stringify(error.kind === "ACCESS_DENIED" ? { Message: message } : { message })
      : substitute(template, call);
  const own = Object.entries(custom?.responseParameters ?? {}).flatMap(([target, source]) => {
    const name = /^gatewayresponse\.header\.(.+)$/.exec(target)?.[1];
    const value = name === undefined ? undefined : parameterValue(source, call);
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const];
  });
  return {
    status,
    headers: [["content-type", contentType], ["x-amzn-errortype", errorType], ...own],
    body: Buffer.from(body),
  };
}

function tellError(context: JavaMap, kind: GatewayResponseKind, message: string | null, status: number): void {
  const told = contextMap(context, "error");
  told.set("message", message ?? "null");
  told.set("messageString", message === null ? "null" : JSON.stringify(message));
  told.set("responseType", kind);
  context.set("status", status);
}

function findCustom(
  customised: readonly GatewayResponse[],
  kind: GatewayResponseKind,
  status: number,
): GatewayResponse | undefined {
  const general = status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
  return (
    customised.find(({ responseType }) => responseType === kind) ??
    customised.find(({ responseType }) => responseType === general)
  );
}

function statusOf(custom: GatewayResponse | undefined): number | undefined {
  const status = Number(custom?.statusCode);
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined;
}

function templateFor(custom: GatewayResponse | undefined, accept: string | undefined): [string, string | undefined] {
  const templates = custom?.responseTemplates ?? {};
  const types = Object.keys(templates);
  const wanted = accept?.split(",").map((type) => type.split(";")[0]?.trim().toLowerCase()) ?? [];
  const chosen =
    types.find((type) => wanted.includes(type.toLowerCase())) ??
    types.find((type) => type === "application/json") ??
    types[0];
  return chosen === undefined ? ["application/json", undefined] : [chosen, templates[chosen]];
}

/** Variables are replaced by what they stand for; nothing else is done, as this is no Velocity. */
function substitute(template: string, call: Call): string {
  return template.replace(
    /\$\{?(context|stageVariables|method\.request)\.([\w.-]*[\w-])\}?/g,
    (_all, root: string, path: string) => parameterValue(`${root}.${path}`, call) ?? "",
  );
}

function parameterValue(source: string, call: Call): string | undefined {
  const literal = /^'(.*)'$/s.exec(source)?.[1];
  if (literal !== undefined) return literal;
  const [, root, path = ""] = /^(context|stageVariables|method\.request)\.(.+)$/.exec(source) ?? [];
  if (root === "stageVariables")
    return Object.hasOwn(call.stageVariables, path) ? call.stageVariables[path] : undefined;
  if (root === "context") {
    const value = contextValue(call.context, path);
    return value === undefined || typeof value === "object" ? undefined : String(value);
  }
  const [, where, name = ""] =
    /^(header|querystring|path|multivalueheader|multivaluequerystring)\.(.+)$/.exec(path) ?? [];
  switch (where) {
    case "header":
      return headerOf(call.headers, name);
    case "querystring":
      return queryOf(call.query, name);
    case "path":
      return Object.hasOwn(call.pathParameters, name) ? call.pathParameters[name] : undefined;
    case "multivalueheader":
      return valuesOf(call.headers, name, { ignoreCase: true }).join(",");
    case "multivaluequerystring":
      return valuesOf(call.query, name, { ignoreCase: false }).join(",");
    default:
      return undefined;
  }
}
