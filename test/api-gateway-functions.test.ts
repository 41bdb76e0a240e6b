import assert from "node:assert/strict";
import test from "node:test";
import {
  APIGatewayClient,
  CreateAuthorizerCommand,
  CreateRestApiCommand,
  TestInvokeAuthorizerCommand,
} from "@aws-sdk/client-api-gateway";
import { AddPermissionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { deployHttpApi, deployRestApi } from "./deployed-api.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const { client } = server;
const lambda = new LambdaClient(client);
const role = await createRole(client, "functions");

/** Does what the body says: answers it, throws it, or tells the event. */
await createFunction(
  client,
  `export const handler = async (event) => {
    const asked = event.body ? JSON.parse(event.isBase64Encoded ? Buffer.from(event.body, "base64") : event.body) : event.ask ?? {};
    if (asked.fail) throw new Error(asked.fail);
    if ("answer" in asked) return asked.answer;
    return { statusCode: 200, body: JSON.stringify(event) };
  };`,
  { FunctionName: "proxy", Role: role },
);
await createFunction(
  client,
  `export const handler = async (event) => {
    const token = event.authorizationToken ?? event.headers?.token ?? event.headers?.Token;
    if (token === "unauthorized") throw new Error("Unauthorized");
    if (token === "fail") throw new Error("no");
    if (token === "malformed") return { principalId: "a" };
    const Effect = token === "deny" ? "Deny" : "Allow";
    return {
      principalId: "ann", context: { told: token, event: JSON.stringify(event), random: String(Math.random()) }, usageIdentifierKey: "k",
      policyDocument: { Version: "2012-10-17", Statement: [{ Effect, Action: "execute-api:Invoke", Resource: token === "narrow" ? event.methodArn.replace(/GET.*/, "POST/x") : "*" }] },
    };
  };`,
  { FunctionName: "authorizer", Role: role },
);
await createFunction(
  client,
  `export const handler = async (event) => ({ isAuthorized: event.identitySource[0] === "yes", context: { n: 1, version: event.version } });`,
  { FunctionName: "simple", Role: role },
);
const arnOf = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const uriOf = (arn: string): string =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;

async function allow(FunctionName: string, SourceArn: string): Promise<void> {
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: `s${Math.floor(performance.now() * 1000)}`,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn,
    }),
  );
}

const ofApi = "arn:aws:execute-api:us-east-1:000000000000:ab12cd34ef";
await allow("proxy", `${ofApi}/dev/*/calls/*`);
await allow("authorizer", `${ofApi}/authorizers/*`);
await allow("simple", "arn:aws:execute-api:us-east-1:000000000000:ht12cd34ef/authorizers/*");
await allow("authorizer", "arn:aws:execute-api:us-east-1:000000000000:ht12cd34ef/authorizers/*");
await allow("proxy", "arn:aws:execute-api:us-east-1:000000000000:ht12cd34ef/*");

const proxy = {
  methodIntegration: { type: "AWS_PROXY", httpMethod: "POST", uri: uriOf(arnOf("${stageVariables.fn}")) },
} as const;
const url = await deployRestApi(server, {
  methods: {
    "ANY /calls/{id}": proxy,
    "GET /elsewhere": proxy,
    "POST /calls/{id}/plain": {
      methodResponses: { 200: { statusCode: "200" }, 422: { statusCode: "422" } },
      methodIntegration: {
        type: "AWS",
        httpMethod: "POST",
        uri: uriOf(arnOf("proxy")),
        requestTemplates: { "application/json": '{"ask": $input.body}' },
        integrationResponses: {
          422: {
            statusCode: "422",
            selectionPattern: "bad: .*",
            responseTemplates: { "application/json": "{\"why\": $input.json('$.errorMessage')}" },
          },
          200: { statusCode: "200" },
        },
      },
    },
    "GET /calls/{id}/token": { ...proxy, authorizationType: "CUSTOM", authorizerId: "token" },
    "GET /calls/{id}/request": { ...proxy, authorizationType: "CUSTOM", authorizerId: "request" },
  },
  stage: { variables: { fn: "proxy" } },
  api: { binaryMediaTypes: ["image/*"] },
  authorizers: [
    {
      id: "token",
      name: "t",
      type: "TOKEN",
      authorizerUri: uriOf(arnOf("authorizer")),
      identitySource: "method.request.header.Authorization",
      identityValidationExpression: "[a-z]+",
    },
    {
      id: "request",
      name: "r",
      type: "REQUEST",
      authorizerUri: uriOf(arnOf("authorizer")),
      identitySource: "method.request.header.Token,method.request.querystring.q",
      authorizerResultTtlInSeconds: 60,
    },
  ],
});

// biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
async function call(path: string, init?: RequestInit): Promise<{ status: number; body: any; headers: Headers }> {
  const answer = await fetch(`${url}${path}`, init);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
}

test("a function is told of all of a call", async () => {
  const { body, status } = await call("/calls/7%20a?b=1&b=2&c=", {
    method: "POST",
    headers: { "X-Own": "1", "user-agent": "me", "content-type": "text/plain" },
    body: "{}",
  });
  assert.equal(status, 200);
  const { headers, multiValueHeaders, requestContext, ...event } = body;
  assert.deepEqual(event, {
    resource: "/calls/{id}",
    path: "/calls/7%20a",
    httpMethod: "POST",
    queryStringParameters: { b: "2", c: "" },
    multiValueQueryStringParameters: { b: ["1", "2"], c: [""] },
    pathParameters: { id: "7 a" },
    stageVariables: { fn: "proxy" },
    body: "{}",
    isBase64Encoded: false,
  });
  assert.equal(headers["user-agent"] ?? headers["User-Agent"], "me");
  assert.equal(headers["X-Forwarded-For"], "127.0.0.1");
  assert.match(headers["X-Amzn-Trace-Id"], /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  assert.deepEqual(multiValueHeaders["X-Forwarded-Proto"], ["http"]);
  const { identity, requestId, extendedRequestId, requestTime, requestTimeEpoch, deploymentId, path, ...rest } =
    requestContext;
  assert.deepEqual(rest, {
    accountId: "000000000000",
    apiId: "ab12cd34ef",
    domainName: "127.0.0.1",
    domainPrefix: "127",
    httpMethod: "POST",
    protocol: "HTTP/1.1",
    resourceId: "r0",
    resourcePath: "/calls/{id}",
    stage: "dev",
  });
  assert.equal(path, "/dev/calls/7%20a");
  assert.equal(identity.sourceIp, "127.0.0.1");
  assert.equal(identity.userAgent, "me");
  assert.equal(identity.cognitoIdentityId, null);
  assert.equal(typeof requestTimeEpoch, "number");
  assert.match(requestTime, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  assert.ok(requestId && extendedRequestId && deploymentId);
});

test("a function says status, headers and body", async () => {
  const answer = {
    statusCode: 201,
    headers: { "X-One": "1", "Set-Cookie": "a=1" },
    multiValueHeaders: { "Set-Cookie": ["b=2", "c=3"] },
    body: "done",
  };
  const { status, headers, body } = await call("/calls/1", { method: "POST", body: JSON.stringify({ answer }) });
  assert.equal(status, 201);
  assert.equal(body, "done");
  assert.equal(headers.get("x-one"), "1");
  assert.deepEqual(headers.getSetCookie().sort(), ["a=1", "b=2", "c=3"]);
  const bytes = await fetch(`${url}/calls/1`, {
    method: "POST",
    headers: { accept: "image/png" },
    body: JSON.stringify({ answer: { body: "AAEC", isBase64Encoded: true } }),
  });
  assert.deepEqual([...new Uint8Array(await bytes.arrayBuffer())], [0, 1, 2]);
});

test("what is no answer of a proxy, and a function that fails, are 502", async () => {
  for (const asked of [
    { answer: "text" },
    { answer: { statusCode: 200, body: {} } },
    { answer: { status: 200 } },
    { answer: null },
    { fail: "no" },
  ]) {
    const { status, body } = await call("/calls/1", { method: "POST", body: JSON.stringify(asked) });
    assert.equal(status, 502, JSON.stringify(asked));
    assert.deepEqual(body, { message: "Internal server error" });
  }
});

test("a function that does not let the method in is 500", async () => {
  const { status, body } = await call("/elsewhere");
  assert.equal(status, 500);
  assert.deepEqual(body, { message: "Internal server error" });
});

test("a function's error chooses the answer by its message", async () => {
  const headers = { "content-type": "application/json" };
  const bad = await call("/calls/1/plain", { method: "POST", headers, body: '{"fail": "bad: it is"}' });
  assert.deepEqual([bad.status, bad.body], [422, { why: "bad: it is" }]);
  const good = await call("/calls/1/plain", { method: "POST", headers, body: '{"answer": {"a": 1}}' });
  assert.deepEqual([good.status, good.body], [200, { a: 1 }]);
});

test("an authorizer decides by a token", async () => {
  const by = (authorization?: string) =>
    call("/calls/1/token", authorization === undefined ? {} : { headers: { authorization } });
  const allowed = await by("good");
  assert.equal(allowed.status, 200, JSON.stringify(allowed.body));
  const { principalId, told, event } = allowed.body.requestContext.authorizer;
  assert.deepEqual([principalId, told], ["ann", "good"]);
  assert.deepEqual(JSON.parse(event), {
    type: "TOKEN",
    methodArn: `${ofApi}/dev/GET/calls/1/token`,
    authorizationToken: "good",
  });
  assert.deepEqual([(await by()).status, (await by()).body], [401, { message: "Unauthorized" }]);
  assert.equal((await by("Not-Valid")).status, 401);
  assert.deepEqual((await by("unauthorized")).body, { message: "Unauthorized" });
  const denied = await by("deny");
  assert.deepEqual(
    [denied.status, denied.body],
    [403, { Message: "User is not authorized to access this resource with an explicit deny" }],
  );
  assert.deepEqual((await by("narrow")).body, { Message: "User is not authorized to access this resource" });
  const failed = await by("fail");
  assert.deepEqual([failed.status, failed.body], [500, { message: null }]);
  assert.equal((await by("malformed")).headers.get("x-amzn-errortype"), "AuthorizerConfigurationException");
});

test("an authorizer is tried by itself", async () => {
  const gateway = new APIGatewayClient(client);
  const { id: restApiId } = await gateway.send(new CreateRestApiCommand({ name: "tried" }));
  await allow("authorizer", `arn:aws:execute-api:us-east-1:000000000000:${restApiId}/authorizers/*`);
  const { id: authorizerId } = await gateway.send(
    new CreateAuthorizerCommand({
      restApiId,
      name: "a",
      type: "TOKEN",
      authorizerUri: uriOf(arnOf("authorizer")),
      identitySource: "method.request.header.Authorization",
    }),
  );
  const by = (headers: Record<string, string>) =>
    gateway.send(new TestInvokeAuthorizerCommand({ restApiId, authorizerId, headers }));
  const good = await by({ Authorization: "good" });
  assert.equal(good.principalId, "ann");
  assert.match(good.policy ?? "", /execute-api:Invoke/);
  assert.equal((await by({})).clientStatus, 401);
  assert.equal((await by({ Authorization: "malformed" })).clientStatus, 500);
});

test("what an authorizer has said holds for its time", async () => {
  const ask = async (q: string): Promise<string> => {
    const { body } = await call(`/calls/1/request?q=${q}`, { headers: { token: "good" } });
    return body.requestContext.authorizer.random;
  };
  const first = await ask("1");
  assert.equal(await ask("1"), first);
  assert.notEqual(await ask("2"), first);
  await server.advance("PT61S");
  assert.notEqual(await ask("1"), first);
});

const httpUrl = await deployHttpApi(server, {
  routes: {
    "POST /v2/{id}": {
      integration: { IntegrationType: "AWS_PROXY", IntegrationUri: arnOf("proxy"), PayloadFormatVersion: "2.0" },
    },
    "POST /v1/{id}": {
      integration: { IntegrationType: "AWS_PROXY", IntegrationUri: arnOf("proxy"), PayloadFormatVersion: "1.0" },
    },
    "GET /simple": {
      AuthorizationType: "CUSTOM",
      AuthorizerId: "simple",
      integration: { IntegrationType: "AWS_PROXY", IntegrationUri: arnOf("proxy"), PayloadFormatVersion: "2.0" },
    },
  },
  authorizers: [
    {
      AuthorizerId: "simple",
      Name: "simple",
      AuthorizerType: "REQUEST",
      AuthorizerUri: uriOf(arnOf("simple")),
      AuthorizerPayloadFormatVersion: "2.0",
      EnableSimpleResponses: true,
      IdentitySource: ["$request.header.Token"],
    },
  ],
  api: { CorsConfiguration: { AllowOrigins: ["https://shop.example"], AllowMethods: ["GET"], MaxAge: 5 } },
});

test("HTTP APIs tell functions of calls in format 2.0", async () => {
  const answer = await fetch(`${httpUrl}/v2/7?a=1&a=2`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "x=1; y=2", "X-Own": "z" },
    body: "{}",
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
  const { headers, requestContext, ...event } = (await answer.json()) as Record<string, any>;
  assert.deepEqual(event, {
    version: "2.0",
    routeKey: "POST /v2/{id}",
    rawPath: "/v2/7",
    rawQueryString: "a=1&a=2",
    cookies: ["x=1", "y=2"],
    queryStringParameters: { a: "1,2" },
    pathParameters: { id: "7" },
    body: "{}",
    isBase64Encoded: false,
  });
  assert.equal(headers["x-own"], "z");
  assert.equal(headers.cookie, undefined);
  assert.equal(requestContext.http.path, "/v2/7");
  assert.equal(requestContext.stage, "$default");
});

test("HTTP APIs take answers in both formats", async () => {
  const post = async (path: string, answer: unknown): Promise<[number, string]> => {
    const got = await fetch(`${httpUrl}${path}`, {
      method: "POST",
      body: JSON.stringify({ answer }),
      headers: { "content-type": "application/json" },
    });
    return [got.status, await got.text()];
  };
  assert.deepEqual(await post("/v2/7", { a: 1 }), [200, '{"a":1}']);
  assert.deepEqual(await post("/v2/7", { statusCode: 202, body: "x" }), [202, "x"]);
  assert.deepEqual(await post("/v1/7", { a: 1 }), [500, '{"message":"Internal Server Error"}']);
  assert.deepEqual(await post("/v1/7", { statusCode: 202, body: "x" }), [202, "x"]);
  assert.deepEqual((await fetch(`${httpUrl}/none`)).status, 404);
});

test("a simple authorizer says yes or no", async () => {
  const by = (token?: string) => fetch(`${httpUrl}/simple`, token === undefined ? {} : { headers: { token } });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
  const yes = (await (await by("yes")).json()) as any;
  assert.deepEqual(yes.requestContext.authorizer.lambda, { n: 1, version: "2.0" });
  assert.deepEqual([(await by("no")).status, await (await by("no")).json()], [403, { message: "Forbidden" }]);
  assert.equal((await by()).status, 401);
});

test("an HTTP API's own configuration answers browsers", async () => {
  const headers = { origin: "https://shop.example", "access-control-request-method": "GET" };
  const preflight = await fetch(`${httpUrl}/simple`, { method: "OPTIONS", headers });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "https://shop.example");
  assert.equal(preflight.headers.get("access-control-max-age"), "5");
  const foreign = await fetch(`${httpUrl}/simple`, { headers: { origin: "https://other.example", token: "yes" } });
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
});

test("a signature is held against policies", async () => {
  const signedUrl = await deployRestApi(server, {
    apiId: "si12cd34ef",
    methods: {
      "GET /a": {
        authorizationType: "AWS_IAM",
        methodResponses: { 200: { statusCode: "200" } },
        methodIntegration: {
          type: "MOCK",
          requestTemplates: { "application/json": '{"statusCode": 200}' },
          integrationResponses: {
            200: { statusCode: "200", responseTemplates: { "application/json": '"$context.identity.userArn"' } },
          },
        },
      },
    },
  });
  const path = "/_aws/execute-api/si12cd34ef/dev/a";
  const own = await sendSigned(server.url, { service: "execute-api", method: "GET", path });
  assert.deepEqual([own.status, own.body.toString()], [200, '"arn:aws:iam::000000000000:root"']);
  const unsigned = await fetch(signedUrl.concat("/a"));
  assert.deepEqual([unsigned.status, await unsigned.json()], [403, { message: "Missing Authentication Token" }]);
  const other = await sendSigned(server.url, { service: "execute-api", method: "GET", path, accessKeyId: "other" });
  assert.equal(other.code, "AccessDeniedException");
  const wrong = await sendSigned(server.url, { service: "execute-api", method: "GET", path, secretAccessKey: "wrong" });
  assert.equal(wrong.code, "InvalidSignatureException");
  const elsewhere = await sendSigned(server.url, { service: "connect", method: "GET", path });
  assert.equal(elsewhere.status, 403);
});
