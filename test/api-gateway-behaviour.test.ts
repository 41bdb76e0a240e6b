import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test, { after } from "node:test";
import { APIGatewayClient, CreateApiKeyCommand, GetUsageCommand } from "@aws-sdk/client-api-gateway";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { deployHttpApi, deployRestApi, type Methods, mock } from "./deployed-api.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

/** What lies behind APIs: tells what it was asked, or does what its path says. */
const outside = createServer((request, response) => void answerOutside(request, response));

async function answerOutside(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url === "/slow") return;
  if (request.url?.startsWith("/.well-known")) response.end(JSON.stringify({ jwks_uri: `${outsideUrl}/keys` }));
  else if (request.url === "/keys")
    response.end(JSON.stringify({ keys: [await exportJWK(publicKey)].map((key) => ({ ...key, kid: "k" })) }));
  else if (request.url === "/broken") request.socket.destroy();
  else {
    response.writeHead(Number(request.headers["x-status"] ?? 200), {
      "X-Answer": "yes",
      "set-cookie": ["a=1", "b=2"],
      "content-type": "application/json",
    });
    response.end(JSON.stringify(seen(request, Buffer.concat(chunks))));
  }
}
const { privateKey, publicKey } = await generateKeyPair("RS256");
await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
after(() => {
  outside.closeAllConnections();
  outside.close();
});
const outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;

function seen({ method, url, headers }: IncomingMessage, body: Buffer): object {
  return { method, url, headers, body: body.toString() };
}

// biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
async function ask(url: string, init?: RequestInit): Promise<{ status: number; body: any; headers: Headers }> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: /^[{["]/.test(text) ? JSON.parse(text) : text };
}

test("a proxy hands requests and answers through", async () => {
  const url = await deployRestApi(server, {
    methods: {
      "ANY /{proxy+}": {
        methodIntegration: {
          type: "HTTP_PROXY",
          httpMethod: "ANY",
          uri: `${outsideUrl}/base/{proxy}`,
          requestParameters: {
            "integration.request.path.proxy": "method.request.path.proxy",
            "integration.request.header.X-Stage": "context.stage",
          },
        },
      },
    },
  });
  const { status, headers, body } = await ask(`${url}/a/b%20c?d=1`, {
    method: "PATCH",
    body: "x",
    headers: { "x-own": "1", "x-status": "201" },
  });
  assert.equal(status, 201);
  assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal(headers.get("x-answer"), "yes");
  assert.deepEqual([body.method, body.url, body.body], ["PATCH", "/base/a/b%20c?d=1", "x"]);
  assert.deepEqual(
    [body.headers["x-own"], body.headers["x-stage"], body.headers.host],
    ["1", "dev", new URL(outsideUrl).host],
  );
});

const http: Methods = {
  "POST /map/{id}": {
    methodResponses: {
      200: { statusCode: "200", responseParameters: { "method.response.header.X-Kept": false } },
      404: { statusCode: "404" },
    },
    methodIntegration: {
      type: "HTTP",
      httpMethod: "PUT",
      uri: `${outsideUrl}/things/{id}`,
      requestParameters: {
        "integration.request.path.id": "method.request.path.id",
        "integration.request.querystring.name": "method.request.body.name",
        "integration.request.header.X-Status": "method.request.querystring.status",
        "integration.request.header.X-Fixed": "'fixed'",
      },
      requestTemplates: {
        "application/json": '#set($context.requestOverride.header.X-Over = "over"){"was": $input.json("$")}',
      },
      integrationResponses: {
        200: {
          statusCode: "200",
          responseParameters: {
            "method.response.header.X-Kept": "integration.response.header.x-answer",
            "method.response.header.X-Undeclared": "'no'",
          },
          responseTemplates: {
            "application/json": '#set($context.responseOverride.header.X-Set = "set")$input.json("$.body")',
          },
        },
        404: {
          statusCode: "404",
          selectionPattern: "4\\d{2}",
          responseTemplates: { "application/json": '#set($context.responseOverride.status = 410)"gone"' },
        },
      },
    },
  },
  "GET /slow": {
    methodIntegration: { type: "HTTP_PROXY", httpMethod: "GET", uri: `${outsideUrl}/slow`, timeoutInMillis: 60 },
  },
  "GET /broken": { methodIntegration: { type: "HTTP_PROXY", httpMethod: "GET", uri: `${outsideUrl}/broken` } },
  "GET /own": { methodIntegration: { type: "HTTP_PROXY", httpMethod: "GET", uri: `${server.url}/_trunkline/health` } },
  "GET /wrong": mock("#set($a = "),
  "GET /endless": mock("#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end"),
};

test("requests and answers are mapped", async () => {
  const url = await deployRestApi(server, { methods: http });
  const headers = { "content-type": "application/json" };
  const ok = await ask(`${url}/map/7`, { method: "POST", headers, body: '{"name": "ann"}' });
  assert.equal(ok.status, 200, JSON.stringify(ok.body));
  assert.deepEqual(JSON.parse(ok.body), { was: { name: "ann" } });
  assert.deepEqual(
    [ok.headers.get("x-kept"), ok.headers.get("x-undeclared"), ok.headers.get("x-set")],
    ["yes", null, "set"],
  );
  const gone = await ask(`${url}/map/7?status=404`, { method: "POST", headers, body: "{}" });
  assert.deepEqual([gone.status, gone.body], [410, "gone"]);
  const noJson = await ask(`${url}/map/7`, { method: "POST", headers, body: "{" });
  assert.equal(noJson.status, 400);
  assert.match(noJson.body.message, /^Could not parse request body into json: /);
});

test("an integration that does not answer ends the call in its own way", async () => {
  const url = await deployRestApi(server, { methods: http });
  const expected = [
    ["slow", 504, "Endpoint request timed out"],
    ["broken", 504, "Network error communicating with endpoint"],
    ["own", 500, "Internal server error"],
    ["wrong", 500, "Internal server error"],
    ["endless", 500, "Internal server error"],
  ] as const;
  for (const [path, status, message] of expected) {
    const answer = await ask(`${url}/${path}`);
    assert.deepEqual([answer.status, answer.body], [status, { message }], path);
  }
});

test("gateway responses are the author's where the author says so", async () => {
  const url = await deployRestApi(server, {
    methods: { "GET /a": mock("x") },
    gatewayResponses: [
      {
        responseType: "MISSING_AUTHENTICATION_TOKEN",
        statusCode: "404",
        responseParameters: {
          "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
          "gatewayresponse.header.X-Path": "method.request.header.X-Own",
        },
        responseTemplates: {
          "application/json":
            '{"error": $context.error.messageString, "kind": "$context.error.responseType", "stage": "$context.stage"}',
        },
      },
    ],
  });
  const { status, headers, body } = await ask(`${url}/none`, { headers: { "x-own": "own" } });
  assert.equal(status, 404);
  assert.deepEqual(body, { error: "Missing Authentication Token", kind: "MISSING_AUTHENTICATION_TOKEN", stage: "dev" });
  assert.deepEqual([headers.get("access-control-allow-origin"), headers.get("x-path")], ["*", "own"]);
});

test("requests are held against their validators and models", async () => {
  const url = await deployRestApi(server, {
    methods: {
      "POST /a": mock('"ok"', {
        requestValidatorId: "all",
        requestParameters: {
          "method.request.querystring.q": true,
          "method.request.header.X-A": true,
          "method.request.header.X-B": false,
        },
        requestModels: { "application/json": "Order" },
      }),
      "POST /slow": mock('"ok"', { requestValidatorId: "all", requestModels: { "application/json": "Evil" } }),
    },
    requestValidators: [{ id: "all", validateRequestBody: true, validateRequestParameters: true }],
    models: [
      { name: "Item", contentType: "application/json", schema: '{"type": "object", "required": ["id"]}' },
      {
        name: "Order",
        contentType: "application/json",
        schema:
          '{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "properties": {"n": {"type": "integer", "minimum": 0, "exclusiveMinimum": true}, "item": {"$ref": "https://apigateway.amazonaws.com/restapis/ab12cd34ef/models/Item"}}, "required": ["n"]}',
      },
      { name: "Evil", contentType: "application/json", schema: '{"type": "string", "pattern": "^(a+)+$"}' },
    ],
  });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    ask(`${url}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
  const missing = await post("/a", '{"n": 1}');
  assert.deepEqual([missing.status, missing.body], [400, { message: "Missing required request parameters: [q, X-A]" }]);
  for (const body of ["{}", '{"n": 0}', '{"n": 1, "item": {}}', "x", ""]) {
    const wrong = await post("/a?q=1", body, { "x-a": "1" });
    assert.deepEqual([wrong.status, wrong.body], [400, { message: "Invalid request body" }], body);
  }
  assert.equal((await post("/a?q=1", '{"n": 1, "item": {"id": 2}}', { "x-a": "1" })).status, 200);
  assert.equal((await post("/slow", `"${"a".repeat(40)}b"`)).status, 400);
});

test("what is too large is refused", async () => {
  const url = await deployRestApi(server, { methods: { "POST /a": mock('"ok"') } });
  const body = await ask(`${url}/a`, { method: "POST", body: Buffer.alloc(10 * 1024 * 1024 + 1) });
  assert.deepEqual([body.status, body.body], [413, { message: "Request Too Long" }]);
  const headers = await ask(`${url}/a`, { method: "POST", headers: { "x-long": "a".repeat(10_240) } });
  assert.equal(headers.status, 413);
  const large = await ask(`${url}/a`, { method: "POST", body: Buffer.alloc(1_000_000) });
  assert.equal(large.status, 200);
});

const gateway = new APIGatewayClient(server.client);

test("a key has its plan's throttle and quota", async () => {
  const url = await deployRestApi(server, {
    methods: { "GET /a": mock('"$context.identity.apiKeyId"', { apiKeyRequired: true }) },
  });
  const key = await gateway.send(
    new CreateApiKeyCommand({ name: "k", enabled: true, value: "a-key-of-twenty-characters" }),
  );
  const ids = { usagePlanId: "", keyId: key.id ?? "" };
  const plan = {
    name: "p",
    apiStages: [{ apiId: "ab12cd34ef", stage: "dev" }],
    throttle: { rateLimit: 1, burstLimit: 2 },
    quota: { limit: 5, period: "DAY" },
  } as const;
  const call = (value?: string) => ask(`${url}/a`, value === undefined ? {} : { headers: { "x-api-key": value } });
  const own = "a-key-of-twenty-characters";
  for (const value of [undefined, "none", own]) {
    assert.deepEqual([(await call(value)).status, (await call(value)).body], [403, { message: "Forbidden" }]);
  }
  // The plan names an API that only exists as its deployment here.
  const { usagePlans, usagePlanKeys, ownedKey, planKeyKey } = await import(
    "../src/services/api-gateway/usage/documents.ts"
  );
  const owner = { account: "000000000000", region: "us-east-1" };
  ids.usagePlanId = "plan123456";
  await server.app.platform().store.commit(async (unit) => {
    unit.put(usagePlans, ownedKey(owner, ids.usagePlanId), {
      ...owner,
      plan: { id: ids.usagePlanId, ...plan, apiStages: [...plan.apiStages] },
    });
    unit.put(usagePlanKeys, planKeyKey(owner, ids.usagePlanId, ids.keyId), {
      ...owner,
      planId: ids.usagePlanId,
      keyId: ids.keyId,
    });
  });
  const first = await call(own);
  assert.deepEqual([first.status, first.body], [200, key.id]);
  assert.equal((await call(own)).status, 200);
  const throttled = await call(own);
  assert.deepEqual([throttled.status, throttled.body], [429, { message: "Too Many Requests" }]);
  for (let more = 0; more < 3; more += 1) {
    await server.advance("PT1S");
    assert.equal((await call(own)).status, 200);
  }
  await server.advance("PT1S");
  const over = await call(own);
  assert.deepEqual([over.status, over.body], [429, { message: "Limit Exceeded" }]);
  const day = new Date(server.app.platform().clock.now()).toISOString().slice(0, 10);
  const usage = await gateway.send(new GetUsageCommand({ usagePlanId: ids.usagePlanId, startDate: day, endDate: day }));
  assert.deepEqual(usage.items?.[ids.keyId], [[5, 0]]);
  await server.advance("PT24H");
  assert.equal((await call(own)).status, 200);
});

test("a stage's method has a throttle of its own", async () => {
  const url = await deployRestApi(server, {
    apiId: "th12cd34ef",
    methods: { "GET /a": mock('"a"'), "GET /b": mock('"b"') },
    stage: { methodSettings: { "a/GET": { throttlingBurstLimit: 1, throttlingRateLimit: 1 } } },
  });
  assert.equal((await ask(`${url}/a`)).status, 200);
  assert.equal((await ask(`${url}/a`)).status, 429);
  assert.equal((await ask(`${url}/b`)).status, 200);
});

test("stages write of their calls", async () => {
  const url = await deployRestApi(server, {
    apiId: "lo12cd34ef",
    methods: { "GET /a/{b}": mock('"$input.params("b")"') },
    stage: {
      accessLogSettings: {
        destinationArn: "arn:aws:logs:us-east-1:000000000000:log-group:calls",
        format:
          '{"path": "$context.resourcePath", "status": $context.status, "who": "$context.identity.user", "agent": "$context.identity.userAgent"}',
      },
      methodSettings: { "*/*": { loggingLevel: "INFO", dataTraceEnabled: true } },
    },
  });
  const secrets = { authorization: 'Bearer of "good" news, 0123456789', "x-api-key": "short" };
  await ask(`${url}/a/1`, { headers: { "user-agent": 'a"b', ...secrets } });
  await ask(`${url}/none`);
  const lines = await logged("calls", 2);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { path: "/a/{b}", status: 200, who: "-", agent: 'a"b' },
      { path: "-", status: 403, who: "-", agent: "node" },
    ],
  );
  const steps = await logged("API-Gateway-Execution-Logs_lo12cd34ef/dev", 3);
  assert.ok(steps.some((line) => / Method completed with status: 200$/.test(line)));
  // Who reads logs does not learn what opens the API.
  const traced = steps.find((line) => line.includes("Method request headers")) ?? "";
  assert.match(traced, /"authorization":"\*+456789".*"x-api-key":"\*{5}"/);
});

async function logged(logGroupName: string, count: number): Promise<string[]> {
  const logs = new CloudWatchLogsClient(server.client);
  for (;;) {
    const found = await logs.send(new FilterLogEventsCommand({ logGroupName })).catch(() => undefined);
    const lines = (found?.events ?? []).map(({ message = "" }) => message);
    if (lines.length >= count) return lines;
  }
}

test("a token of an issuer opens a route of an HTTP API", async () => {
  const url = await deployHttpApi(server, {
    routes: {
      "GET /me": {
        AuthorizationType: "JWT",
        AuthorizerId: "jwt",
        AuthorizationScopes: ["calls:read"],
        integration: {
          IntegrationType: "HTTP_PROXY",
          IntegrationMethod: "GET",
          IntegrationUri: `${outsideUrl}/me`,
          RequestParameters: {
            "overwrite:header.x-who": "$context.authorizer.claims.sub",
            "append:querystring.from": "${context.stage}!",
          },
          ResponseParameters: { 200: { "overwrite:header.x-more": "$response.header.x-answer" } },
        },
      },
    },
    authorizers: [
      {
        AuthorizerId: "jwt",
        Name: "jwt",
        AuthorizerType: "JWT",
        IdentitySource: ["$request.header.Authorization"],
        JwtConfiguration: { Issuer: outsideUrl, Audience: ["web"] },
      },
    ],
  });
  const token = (claims: object, aud = "web", expires = "5m") => {
    const jwt = new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "k" })
      .setIssuer(outsideUrl)
      .setAudience(aud)
      .setSubject("ann");
    return (expires === "never" ? jwt : jwt.setExpirationTime(expires)).sign(privateKey);
  };
  const by = async (jwt?: string) =>
    ask(`${url}/me`, jwt === undefined ? {} : { headers: { authorization: `Bearer ${jwt}` } });
  const ok = await by(await token({ scope: "calls:read other" }));
  assert.equal(ok.status, 200, JSON.stringify(ok.body));
  assert.deepEqual(
    [ok.body.headers["x-who"], ok.body.url, ok.headers.get("x-more")],
    ["ann", "/me?from=%24default%21", "yes"],
  );
  assert.deepEqual([(await by()).status, (await by()).body], [401, { message: "Unauthorized" }]);
  const invalid = await by(await token({ scope: "calls:read" }, "other"));
  assert.equal(invalid.status, 401);
  assert.match(invalid.headers.get("www-authenticate") ?? "", /invalid_token/);
  assert.equal((await by(await token({ scope: "calls:read" }, "web", "-5m"))).status, 401);
  assert.equal((await by("garbage")).status, 401);
  // A token that never ends, or that is not issued yet.
  assert.equal((await by(await token({ scope: "calls:read" }, "web", "never"))).status, 401);
  const issuedLater = Math.floor(Date.now() / 1000) + 1000;
  assert.equal((await by(await token({ scope: "calls:read", iat: issuedLater }))).status, 401);
  assert.equal((await by(await token({ scope: "none" }))).status, 403);
});
