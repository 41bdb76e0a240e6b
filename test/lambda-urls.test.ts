import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamResponseEvent,
  LambdaClient,
  ListFunctionUrlConfigsCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../src/models/sha256.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const lambda = new LambdaClient(client);
const role = await createRole(client, "functions");

const STREAMING = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const { act, count = 3 } = typeof event.body === "string" ? JSON.parse(event.body) : event;
  if (act === "fail first") throw new Error("at once");
  if (act === "prelude") {
    stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { "x-own": "yes" }, cookies: ["a=1", "b=2"] });
  } else stream.setContentType("text/plain");
  for (let piece = 0; piece < count; piece++) stream.write("piece " + piece + "\\n");
  if (act === "fail later") throw new TypeError("later");
  stream.end();
});`;

await createFunction(client, "export const handler = async (event) => event.echo ?? event;", {
  FunctionName: "echo",
  Role: role,
});
await createFunction(
  client,
  `export const handler = async (event) => {
    const given = event.body ? JSON.parse(event.isBase64Encoded ? Buffer.from(event.body, "base64") : event.body) : undefined;
    if (given?.throw) throw new Error("no");
    return given?.answer ?? event;
  };`,
  { FunctionName: "web", Role: role },
);
await createFunction(client, STREAMING, { FunctionName: "streaming", Role: role, Timeout: 60 });

async function urlOf(FunctionName: string, AuthType: "NONE" | "AWS_IAM", more = {}): Promise<string> {
  const { FunctionUrl } = await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType, ...more }));
  return FunctionUrl as string;
}

function letEverybody(FunctionName: string) {
  return lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: "everybody",
      Action: "lambda:InvokeFunctionUrl",
      Principal: "*",
      FunctionUrlAuthType: "NONE",
    }),
  );
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly isBroken: boolean;
}

/** Names under `localhost` need not be known to this machine: the server is asked with that host. */
function call(
  url: string,
  {
    method = "GET",
    headers = {},
    body = "",
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { host, pathname, search } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(
    new URL(server.url),
    { method, path: pathname + search, headers: { host, ...headers } },
    (got) => {
      let text = "";
      const done = (isBroken: boolean): void =>
        resolve({ status: got.statusCode, headers: got.headers, body: text, isBroken });
      got
        .on("data", (chunk) => {
          text += chunk;
        })
        .on("end", () => done(false))
        .on("error", () => done(true));
    },
  );
  sent.on("error", reject).end(body);
  return promise;
}

const webUrl = await urlOf("web", "NONE");

test("a URL is nobody's to call until the function's policy says so", async () => {
  const refused = await call(webUrl);
  assert.equal(refused.status, 403);
  assert.match(JSON.parse(refused.body).Message, /^Forbidden/);
  await letEverybody("web");
  assert.equal((await call(webUrl)).status, 200);
  assert.equal((await call(webUrl.replace(/\/\/[a-z2-7]+/, `//${"a".repeat(32)}`))).status, 403);
});

test("a handler gets the request as an event of format 2.0", async () => {
  const { body } = await call(`${webUrl}a%20b/c?x=1&y=a%2Bb&x=2`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "k=v; l=w", "X-Own": "1", "user-agent": "test" },
    body: '{"a":1}',
  });
  const event = JSON.parse(body);
  const { host, hostname } = new URL(webUrl);
  const [urlId] = host.split(".");
  const { requestContext, headers } = event;
  assert.deepEqual(event, {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/a%20b/c",
    rawQueryString: "x=1&y=a%2Bb&x=2",
    cookies: ["k=v", "l=w"],
    headers,
    queryStringParameters: { x: "1,2", y: "a+b" },
    requestContext: {
      accountId: "anonymous",
      apiId: urlId,
      domainName: hostname,
      domainPrefix: urlId,
      http: { method: "POST", path: "/a%20b/c", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
      requestId: requestContext.requestId,
      routeKey: "$default",
      stage: "$default",
      time: requestContext.time,
      timeEpoch: requestContext.timeEpoch,
    },
    body: '{"a":1}',
    isBase64Encoded: false,
  });
  assert.deepEqual([headers["x-own"], headers.cookie], ["1", undefined]);
  const binary = JSON.parse(
    (await call(webUrl, { method: "POST", headers: { "content-type": "image/png" }, body: "{}" })).body,
  );
  assert.deepEqual([binary.body, binary.isBase64Encoded], [Buffer.from("{}").toString("base64"), true]);
});

test("a handler's answer is a whole response, or its body", async () => {
  const answerTo = (answer: unknown) => call(webUrl, { method: "POST", body: JSON.stringify({ answer }) });
  const whole = await answerTo({
    statusCode: 418,
    headers: { "X-Own": "yes", Connection: "close", "content-type": "text/plain" },
    cookies: ["a=1", "b=2"],
    body: Buffer.from("tea").toString("base64"),
    isBase64Encoded: true,
  });
  assert.deepEqual(
    [whole.status, whole.headers["x-own"], whole.headers["set-cookie"], whole.body],
    [418, "yes", ["a=1", "b=2"], "tea"],
  );
  const plain = await answerTo({ hello: 1 });
  assert.deepEqual([plain.status, plain.headers["content-type"], plain.body], [200, "application/json", '{"hello":1}']);
  assert.equal((await answerTo("text")).body, "text");
  assert.equal((await answerTo({ statusCode: "none" })).status, 502);
  assert.equal((await answerTo({ statusCode: 200, headers: { "bad name": "x" } })).status, 502);
  const thrown = await call(webUrl, { method: "POST", body: '{"throw":true}' });
  assert.deepEqual([thrown.status, thrown.body], [502, "Internal Server Error"]);
});

test("a function is called by a path of the server's own, as nobody's page", async () => {
  const [urlId] = new URL(webUrl).host.split(".");
  const { status, headers, body } = await call(`${server.url}/_aws/lambda-url/${urlId}/x?y=1`);
  assert.equal(status, 200);
  assert.match(String(headers["content-security-policy"]), /^sandbox /);
  assert.equal(JSON.parse(body).rawPath, "/x");
  assert.equal((await call(webUrl)).headers["content-security-policy"], undefined);
  // Whatever is behind the host is the function's.
  assert.equal(JSON.parse((await call(`${webUrl}_trunkline/health`)).body).rawPath, "/_trunkline/health");
});

test("with AWS_IAM who calls must sign", async () => {
  const url = await urlOf("echo", "AWS_IAM");
  assert.equal((await call(url)).status, 403);
  const signer = new SignatureV4({
    service: "lambda",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    sha256: Sha256,
  });
  const { host, hostname } = new URL(url);
  const { headers } = await signer.sign({
    ...{ method: "GET", protocol: "http:", hostname, path: "/", query: {}, headers: { host } },
  });
  const { status, body } = await call(url, { headers });
  assert.equal(status, 200);
  const { requestContext } = JSON.parse(body);
  assert.equal(requestContext.accountId, "000000000000");
  assert.equal(requestContext.authorizer.iam.userArn, "arn:aws:iam::000000000000:root");
  assert.equal((await call(url, { headers: { ...headers, authorization: `${headers.authorization}0` } })).status, 403);
});

test("pages elsewhere may call as the configuration says", async () => {
  await lambda.send(
    new UpdateFunctionUrlConfigCommand({
      FunctionName: "web",
      Cors: { AllowOrigins: ["https://a.example"], AllowMethods: ["GET", "POST"], AllowHeaders: ["x-own"], MaxAge: 60 },
    }),
  );
  const asked = { origin: "https://a.example", "access-control-request-method": "POST" };
  const preflight = await call(webUrl, { method: "OPTIONS", headers: asked });
  assert.deepEqual(
    ["origin", "methods", "headers"].map((name) => preflight.headers[`access-control-allow-${name}`]),
    ["https://a.example", "GET,POST", "x-own"],
  );
  assert.deepEqual([preflight.body, preflight.headers["access-control-max-age"]], ["", "60"]);
  const called = await call(webUrl, { headers: { origin: "https://a.example" } });
  assert.equal(called.headers["access-control-allow-origin"], "https://a.example");
  const elsewhere = await call(webUrl, { headers: { origin: "https://b.example" } });
  assert.equal(elsewhere.headers["access-control-allow-origin"], undefined);
});

test("what is throttled is told so", async () => {
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "echo", ReservedConcurrentExecutions: 0 }));
  await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: "echo", AuthType: "NONE" }));
  await letEverybody("echo");
  const { FunctionUrl } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: "echo" }));
  assert.equal((await call(FunctionUrl as string)).status, 429);
});

test("a URL streams what its function streams", async () => {
  const url = await urlOf("streaming", "NONE", { InvokeMode: "RESPONSE_STREAM" });
  await letEverybody("streaming");
  const post = (event: object) => call(url, { method: "POST", body: JSON.stringify(event) });
  const plain = await post({});
  assert.deepEqual(
    [plain.status, plain.headers["content-type"], plain.body],
    [200, "text/plain", "piece 0\npiece 1\npiece 2\n"],
  );
  const whole = await post({ act: "prelude" });
  assert.deepEqual(
    [whole.status, whole.headers["x-own"], whole.headers["set-cookie"], whole.body],
    [201, "yes", ["a=1", "b=2"], "piece 0\npiece 1\npiece 2\n"],
  );
  assert.equal((await post({ act: "fail first" })).status, 502);
  assert.equal((await post({ act: "fail later" })).isBroken, true);
});

async function stream(event: object, more = {}): Promise<{ text: string; end: unknown; type: string | undefined }> {
  const { EventStream, ResponseStreamContentType } = await lambda.send(
    new InvokeWithResponseStreamCommand({
      FunctionName: "streaming",
      Payload: Buffer.from(JSON.stringify(event)),
      ...more,
    }),
  );
  let text = "";
  let end: unknown;
  for await (const {
    PayloadChunk,
    InvokeComplete,
  } of EventStream as AsyncIterable<InvokeWithResponseStreamResponseEvent>) {
    if (PayloadChunk) text += Buffer.from(PayloadChunk.Payload ?? []).toString();
    if (InvokeComplete) end = InvokeComplete;
  }
  return { text, end, type: ResponseStreamContentType };
}

test("an invocation's answer comes as events", async () => {
  const plain = await stream({});
  assert.deepEqual([plain.text, plain.end], ["piece 0\npiece 1\npiece 2\n", {}]);
  const { text } = await stream({ count: 20_000 });
  assert.equal(text.split("\n").length, 20_001);
  const failed = await stream({ act: "fail later" });
  assert.equal(failed.text, "piece 0\npiece 1\npiece 2\n");
  const { ErrorCode, ErrorDetails } = failed.end as { ErrorCode: string; ErrorDetails: string };
  assert.deepEqual([ErrorCode, JSON.parse(ErrorDetails).errorType], ["Unhandled", "TypeError"]);
  const first = (await stream({ act: "fail first" })).end as { ErrorDetails: string };
  assert.equal(JSON.parse(first.ErrorDetails).errorMessage, "at once");
  const { LogResult } = (await stream({}, { LogType: "Tail" })).end as { LogResult: string };
  assert.match(Buffer.from(LogResult, "base64").toString(), /REPORT RequestId/);
  const whole = await stream({ answer: 1 }, { FunctionName: "web" });
  assert.deepEqual([JSON.parse(whole.text), whole.end], [{ answer: 1 }, {}]);
});

test("URLs are set, listed and deleted", async () => {
  const FunctionName = "web";
  const got = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }));
  assert.deepEqual(
    [got.FunctionUrl, got.AuthType, got.InvokeMode, got.FunctionArn],
    [webUrl, "NONE", "BUFFERED", "arn:aws:lambda:us-east-1:000000000000:function:web"],
  );
  await assert.rejects(lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE" })), {
    name: "ResourceConflictException",
    message:
      "Failed to create function url config for [functionArn = arn:aws:lambda:us-east-1:000000000000:function:web]. Error message:  FunctionUrlConfig exists for this Lambda function",
  });
  await assert.rejects(
    lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE", Qualifier: "nowhere" })),
    { name: "ResourceNotFoundException", message: "Function does not exist" },
  );
  const { FunctionUrlConfigs } = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
  assert.deepEqual(
    FunctionUrlConfigs?.map(({ FunctionUrl }) => FunctionUrl),
    [webUrl],
  );
  await lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName }));
  await assert.rejects(lambda.send(new GetFunctionUrlConfigCommand({ FunctionName })), {
    name: "ResourceNotFoundException",
    message: "The resource you requested does not exist.",
  });
  assert.equal((await call(webUrl)).status, 403);
});
