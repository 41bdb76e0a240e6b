import { allValues, type Call, contextValue, headerOf, lastValues, type Pairs } from "./call.ts";
import { isBinaryType } from "./media-types.ts";
import type { JavaMap } from "./velocity/values.ts";

const IDENTITY_MEMBERS = [
  "accessKey",
  "accountId",
  "caller",
  "cognitoAuthenticationProvider",
  "cognitoAuthenticationType",
  "cognitoIdentityId",
  "cognitoIdentityPoolId",
  "principalOrgId",
  "sourceIp",
  "user",
  "userAgent",
  "userArn",
];

/** What of a call a function is told of, in payload format 1.0. */
export interface CallParts {
  readonly path: string;
  readonly httpMethod: string;
  readonly resourcePath: string;
  readonly headers: Pairs;
  readonly query: Pairs;
}

/**
 * The event of a Lambda proxy integration, payload format 1.0. Empty maps are null; where a name is there several times, the single map has the
 * last value. https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
export function proxyEvent(call: Call, parts: CallParts): object {
  const isBinary = isBinaryType(call.binaryMediaTypes, headerOf(call.headers, "content-type"));
  const { body } = call;
  return {
    ...requestParts(call, parts),
    requestContext: requestContext(call),
    body: body.length === 0 ? null : body.toString(isBinary ? "base64" : "utf8"),
    isBase64Encoded: isBinary && body.length > 0,
  };
}

/** What events of proxy integrations and of REQUEST authorizers share. */
export function requestParts(call: Call, { path, httpMethod, resourcePath, headers, query }: CallParts): object {
  return {
    resource: resourcePath,
    path,
    httpMethod,
    headers: orNull(lastValues(headers)),
    multiValueHeaders: orNull(allValues(headers)),
    queryStringParameters: orNull(lastValues(query)),
    multiValueQueryStringParameters: orNull(allValues(query)),
    pathParameters: orNull(call.pathParameters),
    stageVariables: orNull(call.stageVariables),
  };
}

export function requestContext(call: Call): object {
  const { context } = call;
  const text = (name: string): unknown => contextValue(context, name) ?? null;
  const authorizer = contextValue(context, "authorizer");
  const isApiKeyUsed = contextValue(context, "identity.apiKeyId") !== undefined;
  return {
    accountId: text("accountId"),
    apiId: text("apiId"),
    ...(authorizer instanceof Map && authorizer.size > 0 && { authorizer: plain(authorizer) }),
    deploymentId: text("deploymentId"),
    domainName: text("domainName"),
    domainPrefix: text("domainPrefix"),
    extendedRequestId: text("extendedRequestId"),
    httpMethod: text("httpMethod"),
    identity: Object.fromEntries(
      [...IDENTITY_MEMBERS, ...(isApiKeyUsed ? ["apiKey", "apiKeyId"] : [])].map((name) => [
        name,
        text(`identity.${name}`),
      ]),
    ),
    path: text("path"),
    protocol: text("protocol"),
    requestId: text("requestId"),
    requestTime: text("requestTime"),
    requestTimeEpoch: text("requestTimeEpoch"),
    resourceId: text("resourceId"),
    resourcePath: text("resourcePath"),
    stage: text("stage"),
  };
}

/** A map as JSON has it. */
export function plain(map: JavaMap): Record<string, unknown> {
  return Object.fromEntries([...map].map(([name, value]) => [name, value instanceof Map ? plain(value) : value]));
}

export function orNull<T extends object>(map: T): T | null {
  return Object.keys(map).length === 0 ? null : map;
}
