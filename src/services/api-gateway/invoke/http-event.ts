import { allValues, type Call, contextValue, headerOf } from "./call.ts";
import { mediaType } from "./media-types.ts";
import { plain, proxyEvent } from "./proxy-event.ts";

/**
 * The event of payload format 2.0. What is not there is left out; several values are joined by commas; cookies have a list of their own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function eventV2(call: Call, routeKey: string): object {
  const { request, headers, query, body, pathParameters, stageVariables } = call;
  const cookies = headers
    .filter(([name]) => name.toLowerCase() === "cookie")
    .flatMap(([, value]) => value.split(/;\s*/));
  const joined = Object.entries(allValues(headers.map(([name, value]) => [name.toLowerCase(), value] as const)))
    .filter(([name]) => name !== "cookie")
    .map(([name, values]) => [name, values.join(",")] as const);
  const parameters = Object.entries(allValues(query)).map(([name, values]) => [name, values.join(",")] as const);
  const isText = isTextType(headerOf(headers, "content-type"));
  return {
    version: "2.0",
    routeKey,
    rawPath: request.wholePath,
    rawQueryString: request.query,
    ...(cookies.length > 0 && { cookies }),
    headers: Object.fromEntries(joined),
    ...(parameters.length > 0 && { queryStringParameters: Object.fromEntries(parameters) }),
    requestContext: contextV2(call, routeKey),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
    ...(Object.keys(stageVariables).length > 0 && { stageVariables }),
  };
}

function contextV2({ context, request, headers, stageName }: Call, routeKey: string): object {
  const authorizer = contextValue(context, "authorizerV2");
  return {
    accountId: context.get("accountId"),
    apiId: context.get("apiId"),
    ...(authorizer instanceof Map && authorizer.size > 0 && { authorizer: plain(authorizer) }),
    domainName: context.get("domainName"),
    domainPrefix: context.get("domainPrefix"),
    http: {
      method: request.method,
      path: request.wholePath,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: headerOf(headers, "user-agent") ?? "",
    },
    requestId: context.get("extendedRequestId"),
    routeKey,
    stage: stageName,
    time: context.get("requestTime"),
    timeEpoch: context.get("requestTimeEpoch"),
  };
}

/** Payload format 1.0, which tells its version too where it comes from an HTTP API. */
export function eventV1(call: Call, routeKey: string, path: string): object {
  const resourcePath = routeKey === "$default" ? "$default" : (routeKey.split(" ")[1] ?? routeKey);
  const { request, headers, query } = call;
  return { version: "1.0", ...proxyEvent(call, { path, httpMethod: request.method, resourcePath, headers, query }) };
}

function isTextType(contentType: string | undefined): boolean {
  const type = mediaType(contentType);
  return type === undefined || /^text\/|^application\/(json|xml|javascript|graphql)$|\+(json|xml)$/.test(type);
}
