/** APIs in front of services and of functions, made of documents as people write them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateDeploymentCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  ImportRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { ConnectCasesClient, CreateDomainCommand, CreateFieldCommand } from "@aws-sdk/client-connectcases";
import {
  CreateDomainCommand as CreateProfilesDomainCommand,
  CustomerProfilesClient,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AddPermissionCommand, LambdaClient, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const gateway = new APIGatewayClient(client);
const lambda = new LambdaClient(client);
const sqs = new SQSClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const arnOf = (service: string, rest: string): string => `arn:aws:${service}:us-east-1:000000000000:${rest}`;

async function gatewayRole(RoleName: string, Action: string | readonly string[]): Promise<string> {
  const iam = new IAMClient(client);
  const trust = { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" };
  const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
  const PolicyDocument = policy({ Effect: "Allow", Action, Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "may", PolicyDocument }));
  return Role?.Arn ?? "";
}

const role = await gatewayRole("gateway", ["*"]);
const queues = new Map<string, string>();
for (const name of ["heard", "mail"]) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  queues.set(name, QueueUrl ?? "");
}

async function bodiesOf(name: string): Promise<readonly string[]> {
  await server.advance("PT0S");
  const QueueUrl = queues.get(name);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ Body }) => Body ?? "");
}

const functions = await createRole(client, "functions", ["sqs:SendMessage"]);
await createFunction(client, "export const handler = async (event) => event;", {
  FunctionName: "echo",
  Role: functions,
});
await createFunction(
  client,
  `export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify({ path: event.path, base64: event.isBase64Encoded, body: event.body }) });`,
  { FunctionName: "proxy", Role: functions },
);
await createFunction(
  client,
  `export const handler = async ({ methodArn, authorizationToken }) => ({
    principalId: "ann", usageIdentifierKey: authorizationToken,
    policyDocument: { Version: "2012-10-17", Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: methodArn }] },
  });`,
  { FunctionName: "authorizer", Role: functions },
);
await lambda.send(
  new PutFunctionEventInvokeConfigCommand({
    FunctionName: "echo",
    DestinationConfig: { OnSuccess: { Destination: arnOf("sqs", "heard") } },
  }),
);

const serviceUri = (service: string, rest: string): string => `arn:aws:apigateway:us-east-1:${service}:${rest}`;
const functionUri = (name: string): string =>
  serviceUri("lambda", `path/2015-03-31/functions/${arnOf("lambda", `function:${name}`)}/invocations`);

/** A method of a document: what its integration answers with a status of 4xx or 5xx goes through as 400. */
const method = (integration: object, more: object = {}): object => ({
  responses: { 200: { description: "ok" }, 202: { description: "ok" }, 400: { description: "no" } },
  "x-amazon-apigateway-integration": {
    httpMethod: "POST",
    responses: { default: { statusCode: "200" }, "[45]\\d\\d": { statusCode: "400" } },
    ...integration,
  },
  ...more,
});
const inPath = (...names: readonly string[]): object => ({
  parameters: names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
});
const pathMappings = (...names: readonly string[]): object => ({
  requestParameters: Object.fromEntries(
    names.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`]),
  ),
});

async function deploy(paths: object, more: object = {}): Promise<{ url: string; apiId: string }> {
  const document = { openapi: "3.0.1", info: { title: "services", version: "1" }, paths, ...more };
  const { id: restApiId = "" } = await gateway.send(
    new ImportRestApiCommand({ failOnWarnings: true, body: Buffer.from(JSON.stringify(document)) }),
  );
  await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: "dev" }));
  return { url: `${server.url}/_aws/execute-api/${restApiId}/dev`, apiId: restApiId };
}

async function call(url: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, ...init });
  return { status: answer.status, body: await answer.text() };
}

const allow = (FunctionName: string, SourceArn: string) =>
  lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: `s${Math.random().toString(36).slice(2)}`,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn,
    }),
  );

test("a function is called behind the answer", async () => {
  const later = {
    type: "aws",
    uri: functionUri("echo"),
    requestParameters: { "integration.request.header.X-Amz-Invocation-Type": "'Event'" },
    requestTemplates: { "application/json": '{"n": $input.json("$.n")}' },
    responses: { default: { statusCode: "202" } },
  };
  const { url, apiId } = await deploy({
    "/allowed": { post: method(later) },
    "/other": { post: method(later) },
    "/as-role": { post: method({ ...later, credentials: role }) },
  });
  await allow("echo", arnOf("execute-api", `${apiId}/*/POST/allowed`));
  const ask = (path: string) => call(`${url}${path}`, { body: '{"n":1}' });
  assert.equal((await ask("/allowed")).status, 202);
  assert.deepEqual(
    (await bodiesOf("heard")).map((body) => JSON.parse(body).requestPayload),
    [{ n: 1 }],
  );
  assert.equal((await ask("/as-role")).status, 202);
  assert.equal((await bodiesOf("heard")).length, 1);
  // Without the function's leave nobody is told that it was called.
  assert.equal((await ask("/other")).status, 500);
  assert.equal((await bodiesOf("heard")).length, 0);
});

test("a proxy's function is called as a role, whose policy decides", async () => {
  const weak = await gatewayRole("gateway-weak", ["sqs:*"]);
  const proxy = { type: "aws_proxy", uri: functionUri("proxy") };
  const { url } = await deploy({
    "/strong": { post: method({ ...proxy, credentials: role }) },
    "/weak": { post: method({ ...proxy, credentials: weak }) },
    "/none": { post: method(proxy) },
  });
  assert.deepEqual(await call(`${url}/strong`), {
    status: 200,
    body: '{"path":"/strong","base64":false,"body":null}',
  });
  assert.equal((await call(`${url}/weak`)).status, 500);
  assert.equal((await call(`${url}/none`)).status, 500);
});

test("an authorizer says which key a call has", async () => {
  const { url, apiId } = await deploy(
    {
      "/x": {
        get: method(
          {
            type: "mock",
            requestTemplates: { "application/json": '{"statusCode":200}' },
            responses: {
              default: {
                statusCode: "200",
                responseTemplates: {
                  "application/json": '"$context.identity.apiKeyId $context.authorizer.principalId"',
                },
              },
            },
          },
          { security: [{ auth: [], api_key: [] }] },
        ),
      },
    },
    {
      "x-amazon-apigateway-api-key-source": "AUTHORIZER",
      components: {
        securitySchemes: {
          api_key: { type: "apiKey", name: "x-api-key", in: "header" },
          auth: {
            type: "apiKey",
            name: "Authorization",
            in: "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
              type: "token",
              authorizerUri: functionUri("authorizer"),
              authorizerResultTtlInSeconds: 300,
            },
          },
        },
      },
    },
  );
  await allow("authorizer", arnOf("execute-api", `${apiId}/authorizers/*`));
  const value = "a-key-of-twenty-characters";
  const { id: keyId = "" } = await gateway.send(new CreateApiKeyCommand({ name: "k", value, enabled: true }));
  const { id: usagePlanId = "" } = await gateway.send(
    new CreateUsagePlanCommand({ name: "p", apiStages: [{ apiId, stage: "dev" }], quota: { limit: 2, period: "DAY" } }),
  );
  await gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" }));
  const get = (headers: Record<string, string>) => call(`${url}/x`, { method: "GET", headers });
  assert.deepEqual(await get({ authorization: value }), { status: 200, body: `"${keyId} ann"` });
  assert.equal((await get({ authorization: "another", "x-api-key": value })).status, 403);
  assert.equal((await get({ "x-api-key": value })).status, 401);
  assert.equal((await get({ authorization: value })).status, 200);
  assert.deepEqual(await get({ authorization: value }), { status: 429, body: '{"message":"Limit Exceeded"}' });
});

test("an API's own policy lets in whom it names", async () => {
  const policied = (statements: object[]) =>
    deploy(
      { "/a": { get: method(MOCK) }, "/b": { get: method(MOCK) } },
      { "x-amazon-apigateway-policy": { Version: "2012-10-17", Statement: statements } },
    );
  const everybody = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke" };
  const some = await policied([{ ...everybody, Resource: ["execute-api:/*/GET/a"] }]);
  const get = (url: string) => call(url, { method: "GET" });
  assert.equal((await get(`${some.url}/a`)).status, 200);
  const refused = await get(`${some.url}/b`);
  assert.equal(refused.status, 403);
  assert.match(
    refused.body,
    /"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:\*{8}0000:/,
  );
  const inside = { IpAddress: { "aws:SourceIp": ["127.0.0.0/8", "::1/128"] } };
  const here = await policied([
    { ...everybody, Resource: ["execute-api:/*"] },
    { ...everybody, Effect: "Deny", Resource: ["execute-api:/*/*/b"], Condition: inside },
  ]);
  assert.equal((await get(`${here.url}/a`)).status, 200);
  assert.match((await get(`${here.url}/b`)).body, /with an explicit deny/);
});

const MOCK = { type: "mock", requestTemplates: { "application/json": '{"statusCode":200}' } };

test("services are called by path and by action, as a role", async () => {
  const profiles = new CustomerProfilesClient(client);
  await profiles.send(new CreateProfilesDomainCommand({ DomainName: "people", DefaultExpirationDays: 30 }));
  const cases = new ConnectCasesClient(client);
  const { domainId = "" } = await cases.send(new CreateDomainCommand({ name: "desk" }));
  await cases.send(new CreateFieldCommand({ domainId, name: "floor", type: "Text" }));
  const logs = new CloudWatchLogsClient(client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/api" }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: "/api", logStreamName: "one" }));
  const { TopicArn = "" } = await new SNSClient(client).send(new CreateTopicCommand({ Name: "news" }));
  await new SNSClient(client).send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: arnOf("sqs", "mail"),
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: "delivered" }));
  await new FirehoseClient(client).send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: "lines",
      ExtendedS3DestinationConfiguration: {
        BucketARN: "arn:aws:s3:::delivered",
        RoleARN: await createRole(client, "firehose"),
        BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
      },
    }),
  );
  const as = { type: "aws", credentials: role };
  const form = { "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'" };
  const { url } = await deploy({
    "/profiles": {
      post: method({ ...as, uri: serviceUri("profile", "path/domains/people/profiles") }),
    },
    "/fields": { post: method({ ...as, uri: serviceUri("cases", `path/domains/${domainId}/fields-list`) }) },
    "/news": {
      post: method({
        ...as,
        uri: serviceUri("sns", "action/Publish"),
        requestParameters: {
          "integration.request.querystring.TopicArn": `'${TopicArn}'`,
          "integration.request.querystring.Message": "method.request.body",
        },
      }),
    },
    "/news-by-path": {
      post: method({
        ...as,
        uri: serviceUri("sns", "path//"),
        requestParameters: form,
        requestTemplates: {
          "application/json": `Action=Publish&TopicArn=$util.urlEncode('${TopicArn}')&Message=$util.urlEncode($input.body)`,
        },
      }),
    },
    "/queue": {
      post: method({
        ...as,
        uri: serviceUri("sqs", "path/000000000000/mail"),
        requestParameters: form,
        requestTemplates: { "application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)" },
      }),
    },
    "/log": {
      post: method({
        ...as,
        uri: serviceUri("logs", "action/PutLogEvents"),
        requestTemplates: {
          "application/json":
            '{"logGroupName":"/api","logStreamName":"one","logEvents":[{"timestamp":$context.requestTimeEpoch,"message":"$util.escapeJavaScript($input.body)"}]}',
        },
      }),
    },
    "/lines": {
      post: method({
        ...as,
        uri: serviceUri("firehose", "action/PutRecord"),
        requestTemplates: {
          "application/json": '{"DeliveryStreamName":"lines","Record":{"Data":"$util.base64Encode($input.body)"}}',
        },
      }),
    },
  });
  const created = await call(`${url}/profiles`, { body: '{"FirstName":"Ann","PhoneNumber":"+15550100"}' });
  assert.equal(created.status, 200, created.body);
  const found = await profiles.send(
    new SearchProfilesCommand({ DomainName: "people", KeyName: "_phone", Values: ["+15550100"] }),
  );
  assert.deepEqual(
    found.Items?.map(({ ProfileId, FirstName }) => [ProfileId, FirstName]),
    [[JSON.parse(created.body).ProfileId, "Ann"]],
  );
  const fields = await call(`${url}/fields`, { body: "{}" });
  assert.match(fields.body, /"floor"/);
  const sent = await call(`${url}/news`, { body: "by query & more" });
  assert.equal(sent.status, 200, sent.body);
  assert.equal((await call(`${url}/news-by-path`, { body: "by form & more" })).status, 200);
  assert.equal((await call(`${url}/queue`, { body: "straight" })).status, 200);
  assert.deepEqual([...(await bodiesOf("mail"))].sort(), ["by form & more", "by query & more", "straight"]);
  assert.equal((await call(`${url}/log`, { body: '{"a":"b"}' })).status, 200);
  const { events } = await logs.send(new GetLogEventsCommand({ logGroupName: "/api", logStreamName: "one" }));
  assert.deepEqual(
    events?.map(({ message }) => message),
    ['{"a":"b"}'],
  );
  assert.equal((await call(`${url}/lines`, { body: "a line\n" })).status, 200);
  await server.advance("PT2M");
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "delivered" }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "delivered", Key: Contents[0]?.Key }));
  assert.equal(await Body?.transformToString(), "a line\n");
});

test("bytes go to a bucket and back", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "files" }));
  const object = (httpMethod: string, more: object = {}): object =>
    method(
      {
        type: "aws",
        credentials: role,
        httpMethod,
        uri: serviceUri("s3", "path/{bucket}/{key}"),
        ...pathMappings("bucket", "key"),
        ...more,
      },
      inPath("bucket", "key"),
    );
  const { url } = await deploy(
    { "/{bucket}/{key}": { put: object("PUT"), get: object("GET") } },
    { "x-amazon-apigateway-binary-media-types": ["image/png"] },
  );
  const bytes = Buffer.from([0x89, 0x50, 0xff, 0x00, 0xfe]);
  const png = { "content-type": "image/png", accept: "image/png" };
  assert.equal((await fetch(`${url}/files/a.png`, { method: "PUT", headers: png, body: bytes })).status, 200);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "files", Key: "a.png" }));
  assert.deepEqual(Buffer.from((await Body?.transformToByteArray()) ?? []), bytes);
  const back = await fetch(`${url}/files/a.png`, { headers: png });
  assert.deepEqual(Buffer.from(await back.arrayBuffer()), bytes);
});

test("contentHandling makes text of bytes and bytes of text", async () => {
  const whole = (more: object): object =>
    method({
      type: "aws",
      credentials: role,
      uri: functionUri("echo"),
      requestTemplates: { "image/png": '{"body":"$input.body"}', "text/plain": '"$input.body"' },
      ...more,
    });
  const { url } = await deploy(
    {
      "/text": { post: whole({ contentHandling: "CONVERT_TO_TEXT" }) },
      "/bytes": {
        post: whole({
          responses: {
            default: { statusCode: "200", contentHandling: "CONVERT_TO_BINARY" },
          },
        }),
      },
    },
    { "x-amazon-apigateway-binary-media-types": ["image/png"] },
  );
  const bytes = Buffer.from([0x89, 0x50, 0xff, 0x00]);
  const told = await call(`${url}/text`, { headers: { "content-type": "image/png" }, body: bytes });
  assert.deepEqual(told, { status: 200, body: JSON.stringify({ body: bytes.toString("base64") }) });
  const answer = await fetch(`${url}/bytes`, {
    method: "POST",
    headers: { "content-type": "text/plain", accept: "image/png" },
    body: bytes.toString("base64"),
  });
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
});

test("no parameter leads a call to another endpoint or to another bucket", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "secret" }));
  await s3.send(new PutObjectCommand({ Bucket: "secret", Key: "k", Body: "hidden" }));
  const { url } = await deploy({
    "/all/{proxy+}": {
      get: method(
        {
          type: "aws",
          credentials: role,
          httpMethod: "GET",
          uri: serviceUri("s3", "path/{proxy}"),
          ...pathMappings("proxy"),
        },
        inPath("proxy"),
      ),
    },
    "/open/{key+}": {
      get: method(
        {
          type: "aws",
          credentials: role,
          httpMethod: "GET",
          uri: serviceUri("s3", "path/files/{key}"),
          ...pathMappings("key"),
        },
        inPath("key"),
      ),
    },
    "/trunkline/{proxy+}": {
      get: method(
        {
          type: "aws",
          credentials: role,
          httpMethod: "GET",
          uri: serviceUri("trunkline", "path/{proxy}"),
          ...pathMappings("proxy"),
        },
        inPath("proxy"),
      ),
    },
  });
  const get = (path: string) => call(`${url}${path}`, { method: "GET" });
  for (const path of [
    "/all/_trunkline/metrics",
    "/all/_trunkline/clock",
    "/trunkline/_trunkline/metrics",
    "/trunkline/_trunkline/clock",
    "/trunkline/x%2f..%2f_trunkline/clock",
    "/open/..%2fsecret%2fk",
    "/open/%2e%2e/secret/k",
    "/open/%252e%252e/secret/k",
    "/open/..%2f_trunkline/clock",
  ]) {
    const { status, body } = await get(path);
    assert.ok(status >= 400 && !/hidden|trunkline_|"now"/.test(body), `${path} ${status} ${body.slice(0, 200)}`);
  }
});

test("a model may speak of itself, and takes no longer than it may", async () => {
  const both = (name: string): object => ({ allOf: [{ $ref: name }, { $ref: name }] });
  const bomb = Array.from({ length: 30 }, (_, at) => [`B${at}`, both(`#/components/schemas/B${at + 1}`)] as const);
  const checked = (name: string): object => ({
    requestBody: { content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } } },
  });
  const { url } = await deploy(
    { "/tree": { post: method(MOCK, checked("Tree")) }, "/bomb": { post: method(MOCK, checked("B0")) } },
    {
      "x-amazon-apigateway-request-validators": { all: { validateRequestBody: true } },
      "x-amazon-apigateway-request-validator": "all",
      components: {
        schemas: {
          Tree: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, next: { $ref: "#/components/schemas/Tree" } },
          },
          ...Object.fromEntries(bomb),
          B30: { type: "object", properties: { a: { type: "string" } } },
        },
      },
    },
  );
  assert.equal((await call(`${url}/tree`, { body: '{"name":"a","next":{"name":"b"}}' })).status, 200);
  assert.equal((await call(`${url}/tree`, { body: '{"name":"a","next":{"name":1}}' })).status, 400);
  assert.equal((await call(`${url}/bomb`, { body: '{"a":"b"}' })).status, 400);
});

test("forms are texts to templates, and loops and paths tell their lengths", async () => {
  const integration = {
    type: "aws",
    credentials: role,
    uri: functionUri("echo"),
    requestTemplates: {
      "application/x-www-form-urlencoded": `{#foreach($pair in $input.path('$').split('&'))"$pair.split('=')[0]":"$util.urlDecode($pair.split('=')[1])"#if($foreach.hasNext()),#end#end}`,
      "application/json": `{"n":$input.path('$.a.length()'),"whole":$input.json('$')}`,
      "text/plain": `{"body":$input.json('$')}`,
    },
  };
  const { url } = await deploy({ "/": { post: method(integration) } });
  const ask = (type: string, body: string) => call(`${url}/`, { headers: { "content-type": type }, body });
  const form = await ask("application/x-www-form-urlencoded", "From=%2B15550100&Body=a+%26+b");
  assert.deepEqual(JSON.parse(form.body), { From: "+15550100", Body: "a & b" });
  assert.deepEqual(JSON.parse((await ask("application/json", '{"a":[1,2]}')).body), { n: 2, whole: { a: [1, 2] } });
  assert.deepEqual(JSON.parse((await ask("text/plain", "a=1&b")).body), { body: "a=1&b" });
  assert.equal((await ask("application/json", "a=1&b")).status, 400);
});

test("what a caller sends cannot break a request to a backend apart, nor lead it elsewhere", async () => {
  const v2 = new ApiGatewayV2Client(client);
  const { ApiId } = await v2.send(new CreateApiCommand({ Name: "proxy", ProtocolType: "HTTP" }));
  const backend = await startBackend();
  const { IntegrationId } = await v2.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: "HTTP_PROXY",
      IntegrationMethod: "ANY",
      IntegrationUri: `${backend}/base/{proxy}`,
      PayloadFormatVersion: "1.0",
      RequestParameters: { "overwrite:header.x-q": "$request.querystring.q" },
    }),
  );
  await v2.send(new CreateRouteCommand({ ApiId, RouteKey: "ANY /{proxy+}", Target: `integrations/${IntegrationId}` }));
  await v2.send(new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  const get = (path: string) => call(`${server.url}/_aws/execute-api/${ApiId}${path}`, { method: "GET" });
  assert.deepEqual(await get("/a?q=ü会"), { status: 200, body: "/base/a?q=%C3%BC%E4%BC%9A ü会" });
  assert.deepEqual(await get("/a?q=b%0d%0ac:1"), { status: 200, body: "/base/a?q=b%0D%0Ac%3A1 " });
  assert.deepEqual(await get("/..%2fadmin"), { status: 400, body: '{"message":"Bad Request"}' });
});

/** Answers with the address and the header `x-q` of each request. */
async function startBackend(): Promise<string> {
  const backend = createServer(({ url, headers }, response) => {
    response.end(`${url} ${Buffer.from(String(headers["x-q"] ?? ""), "latin1")}`);
  }).listen(0, "127.0.0.1");
  await once(backend, "listening");
  after(() => backend.close());
  return `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
}

test("an HTTP API sends to a queue, receives, deletes and purges", async () => {
  const v2 = new ApiGatewayV2Client(client);
  const { ApiId } = await v2.send(new CreateApiCommand({ Name: "queue", ProtocolType: "HTTP" }));
  const QueueUrl = queues.get("mail");
  const routes = {
    "POST /mail": ["SQS-SendMessage", { QueueUrl, MessageBody: "$request.body.text" }],
    "GET /mail": ["SQS-ReceiveMessage", { QueueUrl, MaxNumberOfMessages: "$request.querystring.n" }],
    "DELETE /mail/{handle}": ["SQS-DeleteMessage", { QueueUrl, ReceiptHandle: "$request.path.handle" }],
    "POST /purge": ["SQS-PurgeQueue-1.0", { QueueUrl }],
  } as const;
  for (const [RouteKey, [IntegrationSubtype, RequestParameters]] of Object.entries(routes)) {
    const { IntegrationId } = await v2.send(
      new CreateIntegrationCommand({
        ApiId,
        IntegrationType: "AWS_PROXY",
        IntegrationSubtype,
        PayloadFormatVersion: "1.0",
        CredentialsArn: role,
        RequestParameters: RequestParameters as Record<string, string>,
      }),
    );
    await v2.send(new CreateRouteCommand({ ApiId, RouteKey, Target: `integrations/${IntegrationId}` }));
  }
  await v2.send(new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  const url = `${server.url}/_aws/execute-api/${ApiId}`;
  for (const text of ["one", "two"]) {
    const sent = await call(`${url}/mail`, { body: JSON.stringify({ text }) });
    assert.equal(sent.status, 200, sent.body);
  }
  const received = await call(`${url}/mail?n=1`, { method: "GET" });
  const [message] = JSON.parse(received.body).Messages;
  assert.equal(message.Body, "one");
  const handle = encodeURIComponent(message.ReceiptHandle);
  assert.equal((await call(`${url}/mail/${handle}`, { method: "DELETE" })).status, 200);
  assert.equal((await call(`${url}/purge`)).status, 200);
  await server.advance("PT2M");
  assert.deepEqual(await bodiesOf("mail"), []);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "three" }));
  assert.deepEqual(await bodiesOf("mail"), ["three"]);
});
