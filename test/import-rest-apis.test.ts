/** OpenAPI documents in and out, through the SDK. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateRestApiCommand,
  GetAuthorizersCommand,
  GetDocumentationPartsCommand,
  GetExportCommand,
  GetGatewayResponseCommand,
  GetMethodCommand,
  GetModelsCommand,
  GetResourcesCommand,
  ImportDocumentationPartsCommand,
  ImportRestApiCommand,
  PutRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import { parse, stringify } from "yaml";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const gateway = new APIGatewayClient(server.client);
const send = gateway.send.bind(gateway);
const bytes = (text: string | object): Uint8Array =>
  new TextEncoder().encode(typeof text === "string" ? text : JSON.stringify(text));

const FUNCTION_URI =
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:may/invocations";

const calls = {
  openapi: "3.0.1",
  info: { title: "calls", description: "What callers want", version: "1.0" },
  servers: [{ url: "https://example.com/{basePath}", variables: { basePath: { default: "v1/public" } } }],
  paths: {
    "/calls/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
      get: {
        operationId: "getCall",
        security: [{ tokens: [] }],
        parameters: [{ name: "full", in: "query", schema: { type: "boolean" } }],
        responses: {
          200: {
            description: "the call",
            headers: { "X-Call": { schema: { type: "string" } } },
            content: { "application/json": { schema: { $ref: "#/components/schemas/Call" } } },
          },
        },
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-integration": {
          type: "http",
          httpMethod: "GET",
          uri: "http://127.0.0.1:9/{id}",
          requestParameters: { "integration.request.path.id": "method.request.path.id" },
          responses: { default: { statusCode: "200" }, "5\\d{2}": { statusCode: "502" } },
          passthroughBehavior: "when_no_match",
        },
      },
      "x-amazon-apigateway-any-method": {
        security: [{ api_key: [] }],
        responses: {},
        "x-amazon-apigateway-integration": {
          type: "mock",
          requestTemplates: { "application/json": '{"statusCode":200}' },
        },
      },
    },
  },
  components: {
    schemas: {
      Call: { type: "object", properties: { notes: { $ref: "#/components/schemas/Notes" } } },
      Notes: { type: "array" },
    },
    securitySchemes: {
      api_key: { type: "apiKey", name: "x-api-key", in: "header" },
      tokens: {
        type: "apiKey",
        name: "Token",
        in: "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
          type: "token",
          authorizerUri: FUNCTION_URI,
          authorizerResultTtlInSeconds: 60,
        },
      },
    },
  },
  "x-amazon-apigateway-request-validators": { all: { validateRequestBody: true, validateRequestParameters: true } },
  "x-amazon-apigateway-gateway-responses": { THROTTLED: { statusCode: 430 } },
  "x-amazon-apigateway-binary-media-types": ["image/png"],
};

test("an OpenAPI document becomes an API", async () => {
  const api = await send(new ImportRestApiCommand({ body: bytes(stringify(calls)) }));
  const restApiId = String(api.id);
  assert.equal(api.name, "calls");
  assert.equal(api.version, "1.0");
  assert.deepEqual(api.binaryMediaTypes, ["image/png"]);
  const { items = [] } = await send(new GetResourcesCommand({ restApiId }));
  assert.deepEqual(items.map(({ path }) => path).sort(), ["/", "/calls", "/calls/{id}"]);
  const resourceId = String(items.find(({ path }) => path === "/calls/{id}")?.id);
  const authorizers = await send(new GetAuthorizersCommand({ restApiId }));
  assert.equal(authorizers.items?.[0]?.identitySource, "method.request.header.Token");
  const get = await send(new GetMethodCommand({ restApiId, resourceId, httpMethod: "GET" }));
  assert.equal(get.authorizationType, "CUSTOM");
  assert.equal(get.authorizerId, authorizers.items?.[0]?.id);
  assert.ok(get.requestValidatorId);
  assert.deepEqual(get.requestParameters, { "method.request.path.id": true, "method.request.querystring.full": false });
  assert.deepEqual(get.methodResponses?.["200"], {
    statusCode: "200",
    responseParameters: { "method.response.header.X-Call": false },
    responseModels: { "application/json": "Call" },
  });
  assert.deepEqual(get.methodIntegration, {
    type: "HTTP",
    httpMethod: "GET",
    uri: "http://127.0.0.1:9/{id}",
    connectionType: "INTERNET",
    requestParameters: { "integration.request.path.id": "method.request.path.id" },
    passthroughBehavior: "WHEN_NO_MATCH",
    timeoutInMillis: 29_000,
    cacheNamespace: resourceId,
    cacheKeyParameters: [],
    integrationResponses: { 200: { statusCode: "200" }, 502: { statusCode: "502", selectionPattern: "5\\d{2}" } },
  });
  const any = await send(new GetMethodCommand({ restApiId, resourceId, httpMethod: "ANY" }));
  assert.equal(any.apiKeyRequired, true);
  const { items: models } = await send(new GetModelsCommand({ restApiId }));
  assert.deepEqual(JSON.parse(String(models?.find(({ name }) => name === "Call")?.schema)).properties.notes, {
    $ref: `https://apigateway.amazonaws.com/restapis/${restApiId}/models/Notes`,
  });
  const throttled = await send(new GetGatewayResponseCommand({ restApiId, responseType: "THROTTLED" }));
  assert.equal(throttled.statusCode, "430");
});

test("base paths are ignored, prepended or split", async () => {
  const pathsOf = async (basepath: string) => {
    const { id } = await send(new ImportRestApiCommand({ body: bytes(calls), parameters: { basepath } }));
    const { items = [] } = await send(new GetResourcesCommand({ restApiId: id }));
    return items
      .map(({ path = "" }) => path)
      .sort()
      .at(-1);
  };
  assert.equal(await pathsOf("ignore"), "/calls/{id}");
  assert.equal(await pathsOf("prepend"), "/v1/public/calls/{id}");
  assert.equal(await pathsOf("split"), "/public/calls/{id}");
});

test("a document is merged into an API, or put over it", async () => {
  const { id: restApiId } = await send(new ImportRestApiCommand({ body: bytes(calls) }));
  const more = {
    swagger: "2.0",
    info: { title: "more", version: "2.0" },
    paths: { "/more": { get: { responses: {}, "x-amazon-apigateway-integration": { type: "mock" } } } },
  };
  const paths = async () => (await send(new GetResourcesCommand({ restApiId }))).items?.map(({ path }) => path).sort();
  const merged = await send(new PutRestApiCommand({ restApiId, mode: "merge", body: bytes(more) }));
  assert.equal(merged.name, "more");
  assert.deepEqual(await paths(), ["/", "/calls", "/calls/{id}", "/more"]);
  await send(new PutRestApiCommand({ restApiId, mode: "overwrite", body: bytes(more) }));
  assert.deepEqual(await paths(), ["/", "/more"]);
  assert.equal((await send(new GetAuthorizersCommand({ restApiId }))).items?.length, 0);
});

test("what a stage calls is exported, in JSON and YAML, with and without extensions", async () => {
  const { id: restApiId } = await send(new ImportRestApiCommand({ body: bytes(calls) }));
  await send(new CreateDeploymentCommand({ restApiId, stageName: "dev" }));
  const get = async (exportType: string, input: object = {}) => {
    const answer = await send(new GetExportCommand({ restApiId, stageName: "dev", exportType, ...input }));
    assert.match(
      String(answer.contentDisposition),
      new RegExp(`^attachment; filename="${exportType}_1.0\\.(json|yaml)"$`),
    );
    return new TextDecoder().decode(answer.body);
  };
  const plain = JSON.parse(await get("swagger"));
  assert.equal(plain.host, `${restApiId}.execute-api.us-east-1.amazonaws.com`);
  assert.equal(plain.basePath, "/dev");
  assert.equal(plain.paths["/calls/{id}"].get["x-amazon-apigateway-integration"], undefined);
  const whole = parse(await get("oas30", { accepts: "application/yaml", parameters: { extensions: "apigateway" } }));
  assert.equal(whole.paths["/calls/{id}"].get["x-amazon-apigateway-integration"].uri, "http://127.0.0.1:9/{id}");
  assert.deepEqual(whole.components.schemas.Call, calls.components.schemas.Call);
  await assert.rejects(get("raml"), { name: "BadRequestException" });

  const again = await send(new ImportRestApiCommand({ body: bytes(whole) }));
  const shape = async (id: string | undefined) => {
    const { items = [] } = await send(new GetResourcesCommand({ restApiId: id, embed: ["methods"] }));
    return items.map(({ path, resourceMethods = {} }) => [path, Object.keys(resourceMethods).sort()]).sort();
  };
  assert.deepEqual(await shape(again.id), await shape(restApiId));
});

test("what cannot be imported is refused, and nothing of it is kept", async () => {
  const refused = (body: object | string, message: RegExp | string, input: object = {}) =>
    assert.rejects(send(new ImportRestApiCommand({ body: bytes(body), ...input })), {
      name: "BadRequestException",
      message,
    });
  await refused("no document", "Invalid OpenAPI input.");
  await refused("{", "Invalid OpenAPI input.");
  await refused({ openapi: "3.0.1", info: {} }, "Invalid OpenAPI input.");
  const withPaths = (paths: object) => ({ swagger: "2.0", info: { title: "x", version: "1" }, paths });
  const mock = { responses: {}, "x-amazon-apigateway-integration": { type: "mock" } };
  await refused(
    withPaths({ "/{a}": { get: mock }, "/{b}": { get: mock } }),
    /^Errors found during import:\n\tUnable to create resource at path '\/{b}'/,
  );
  await refused(withPaths({ "/a b": { get: mock } }), /^Errors found during import/);
  await refused(
    withPaths({
      "/": { get: { ...mock, "x-amazon-apigateway-integration": { type: "http", httpMethod: "GET", uri: "x" } } },
    }),
    /Unable to put integration on 'GET' for resource at path '\/': Invalid HTTP endpoint specified for URI$/,
  );
  const odd = withPaths({ "/": { get: { ...mock, responses: { default: {} } } } });
  const { warnings } = await send(new ImportRestApiCommand({ body: bytes(odd) }));
  assert.deepEqual(warnings, ["Response 'default' of GET / is no status code"]);
  await refused(odd, /^Warnings found during import/, { failOnWarnings: true });

  const { id: restApiId } = await send(new CreateRestApiCommand({ name: "kept" }));
  const bad = withPaths({ "/ok": { get: mock }, "/a b": { get: mock } });
  await assert.rejects(send(new PutRestApiCommand({ restApiId, mode: "overwrite", body: bytes(bad) })));
  assert.equal((await send(new GetModelsCommand({ restApiId }))).items?.length, 2);
});

test("documentation parts are imported", async () => {
  const { id: restApiId } = await send(new CreateRestApiCommand({ name: "documented" }));
  const documentationParts = [
    { location: { type: "API" }, properties: { description: "calls" } },
    { location: { type: "METHOD", path: "/", method: "GET" }, properties: { description: "all" } },
  ];
  const body = bytes({ swagger: "2.0", "x-amazon-apigateway-documentation": { version: "1", documentationParts } });
  const { ids } = await send(new ImportDocumentationPartsCommand({ restApiId, body, mode: "overwrite" }));
  assert.equal(ids?.length, 2);
  const merged = await send(new ImportDocumentationPartsCommand({ restApiId, body, mode: "merge" }));
  assert.deepEqual(merged.ids?.sort(), ids?.sort());
  assert.equal((await send(new GetDocumentationPartsCommand({ restApiId }))).items?.length, 2);
  await assert.rejects(send(new ImportDocumentationPartsCommand({ restApiId, body: bytes("{") })), {
    message: "Unable to build importer with provided input.",
  });
});
