/** What is exported and imported again is the same API, whatever it is; and what is no document is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Method } from "@aws-sdk/client-api-gateway";
import fc from "fast-check";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { DeployedRestApi } from "../deployed-api.ts";
import { MODEL_REFERENCE } from "./api-definition.ts";
import { exportDefinition } from "./export-definition.ts";
import { readDefinition } from "./import-definition.ts";
import { readDocument } from "./read-document.ts";

const NUM_RUNS = process.env.TRUNKLINE_FULL === "1" ? 5_000 : 150;

const MODELS = [
  { id: "m1", name: "Call", contentType: "application/json", schema: '{"type":"object"}' },
  { id: "m2", name: "Calls", contentType: "application/json", schema: `{"items":{"$ref":"${MODEL_REFERENCE}Call"}}` },
];
const AUTHORIZERS: DeployedRestApi["authorizers"] = [
  {
    id: "a1",
    name: "tokens",
    type: "TOKEN",
    authType: "custom",
    authorizerUri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations",
    identitySource: "method.request.header.Token",
    authorizerResultTtlInSeconds: 60,
  },
  {
    id: "a2",
    name: "requests",
    type: "REQUEST",
    authType: "custom",
    authorizerUri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations",
    identitySource: "method.request.querystring.q, context.stage",
  },
];
const VALIDATORS = [{ id: "v1", name: "all", validateRequestBody: true, validateRequestParameters: true }];

const name = fc.stringMatching(/^[a-z]{1,6}$/);
const optional = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(value, { nil: undefined }).map((one): Record<string, T> => (one === undefined ? {} : { [key]: one }));
const someMap = <T>(key: string, keys: fc.Arbitrary<string>, values: fc.Arbitrary<T>) =>
  optional(key, fc.dictionary(keys, values, { minKeys: 1, maxKeys: 3, noNullPrototype: true }));
const merged = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);
const text = fc.string({ maxLength: 20 });

const integrationResponse = (statusCode: string) =>
  merged(
    fc.constant({ statusCode }),
    someMap("responseTemplates", fc.constantFrom("application/json", "text/html"), text),
    someMap(
      "responseParameters",
      name.map((one) => `method.response.header.${one}`),
      fc.constant("'*'"),
    ),
    optional("contentHandling", fc.constantFrom("CONVERT_TO_TEXT", "CONVERT_TO_BINARY")),
  );

const integration = merged(
  fc.constantFrom(
    { type: "MOCK" },
    { type: "HTTP", httpMethod: "GET", uri: "http://example.com/{x}", connectionType: "INTERNET" },
    { type: "AWS_PROXY", httpMethod: "POST", uri: "arn:aws:apigateway:us-east-1:lambda:path/x" },
  ),
  fc.record({
    timeoutInMillis: fc.integer({ min: 50, max: 29_000 }),
    passthroughBehavior: fc.constantFrom("NEVER", "WHEN_NO_MATCH"),
  }),
  someMap("requestTemplates", fc.constantFrom("application/json", "text/plain"), text),
  someMap(
    "requestParameters",
    name.map((one) => `integration.request.header.${one}`),
    fc.constant("'literal'"),
  ),
  optional(
    "integrationResponses",
    fc.tuple(integrationResponse("200"), integrationResponse("500")).map(([ok, failed]) => ({
      200: ok,
      500: { ...failed, selectionPattern: "5\\d{2}" },
    })),
  ),
);

const security = fc.constantFrom(
  { authorizationType: "NONE" },
  { authorizationType: "AWS_IAM" },
  { authorizationType: "CUSTOM", authorizerId: "a1" },
  { authorizationType: "CUSTOM", authorizerId: "a2", authorizationScopes: ["calls"] },
);

const method = (httpMethod: string): fc.Arbitrary<Method> =>
  merged(
    fc.constant({ httpMethod }),
    security,
    fc.record({ apiKeyRequired: fc.boolean() }),
    optional("operationName", name),
    optional("requestValidatorId", fc.constant("v1")),
    someMap(
      "requestParameters",
      name.map((one) => `method.request.querystring.${one}`),
      fc.boolean(),
    ),
    optional("requestModels", fc.constantFrom({ "application/json": "Call" }, { "text/xml": "Calls" })),
    someMap(
      "methodResponses",
      fc.constant("200"),
      merged(
        fc.constant({ statusCode: "200" }),
        someMap(
          "responseParameters",
          name.map((one) => `method.response.header.${one}`),
          fc.constant(false),
        ),
        optional("responseModels", fc.constant({ "application/json": "Calls" })),
      ),
    ),
    optional("methodIntegration", integration),
  ) as fc.Arbitrary<Method>;

const methods = fc
  .subarray(["GET", "POST", "ANY", "HEAD"])
  .chain((verbs) =>
    fc.tuple(...verbs.map(method)).map((all) => Object.fromEntries(all.map((one) => [one.httpMethod, one]))),
  );

const deployedApi: fc.Arbitrary<DeployedRestApi> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom("/", "/calls", "/calls/{id}", "/calls/{id}/notes", "/{proxy+}"), { minLength: 1 }),
    fc.array(methods, { minLength: 5, maxLength: 5 }),
    merged(
      optional("description", name),
      optional("binaryMediaTypes", fc.constant(["image/png"])),
      optional("minimumCompressionSize", fc.nat({ max: 1_000 })),
      optional("policy", fc.constant('{"Version":"2012-10-17","Statement":[]}')),
    ),
    fc.constantFrom("HEADER" as const, "AUTHORIZER" as const),
  )
  .map(([paths, all, members, apiKeySource]) => ({
    api: {
      id: "abcdefghij",
      rootResourceId: "r",
      name: "calls",
      version: "1",
      apiKeySource,
      disableExecuteApiEndpoint: false,
      ...members,
    },
    resources: paths.map((path, index) => ({ id: path, path, resourceMethods: all[index] ?? {} })),
    models: MODELS,
    authorizers: AUTHORIZERS,
    requestValidators: VALIDATORS,
    gatewayResponses: [
      {
        responseType: "THROTTLED",
        statusCode: "430",
        responseParameters: {},
        responseTemplates: { "text/plain": "no" },
        defaultResponse: false,
      },
    ],
  }));

/** What an API is, with names for ids: as a definition has it. */
function sketch(deployed: DeployedRestApi): object {
  const methodsOf = deployed.resources.flatMap(({ path, resourceMethods = {} }) =>
    Object.values(resourceMethods).map(({ authorizerId, requestValidatorId, methodIntegration, ...own }) => ({
      path,
      httpMethod: own.httpMethod,
      method: own,
      authorizer: AUTHORIZERS.find(({ id }) => id === authorizerId)?.name,
      validator: VALIDATORS.find(({ id }) => id === requestValidatorId)?.name,
      integration: methodIntegration,
    })),
  );
  const { id: _, rootResourceId: __, disableExecuteApiEndpoint: ___, apiKeySource, ...api } = deployed.api;
  return plain({
    api: { ...api, ...(apiKeySource === "AUTHORIZER" && { apiKeySource }) },
    paths: deployed.resources.map(({ path }) => path),
    methods: methodsOf,
    models: deployed.models.map(({ name: own, schema }) => ({ name: own, schema })),
    validators: deployed.requestValidators.map(({ id: ____, ...rest }) => rest),
    authorizers: deployed.authorizers.map(({ id: ____, ...rest }) => rest),
    gatewayResponses: deployed.gatewayResponses,
    warnings: [],
  });
}

/** Without what is undefined, and with methods in an order of their own. */
function plain(value: object): object {
  const copy = JSON.parse(JSON.stringify(value)) as { methods: { path: string; httpMethod: string }[] };
  copy.methods.sort((one, other) => `${one.path} ${one.httpMethod}`.localeCompare(`${other.path} ${other.httpMethod}`));
  return copy;
}

const all = {
  integrations: true,
  authorizers: true,
  apigateway: true,
  region: "us-east-1",
  stageName: "dev",
  date: "2026-11-30",
};

for (const format of ["oas30", "swagger"] as const) {
  test(`what is exported as ${format} is imported as the same API`, () => {
    fc.assert(
      fc.property(deployedApi, (deployed) => {
        const text = JSON.stringify(exportDefinition(deployed, { ...all, format }));
        const definition = readDefinition(readDocument(Buffer.from(text)), "ignore");
        assert.deepEqual(plain(definition), sketch(deployed));
      }),
      { numRuns: NUM_RUNS },
    );
  });
}

test("whatever the bytes are, they are read or refused, never more", () => {
  const readOrRefuse = (bytes: Uint8Array): void => {
    try {
      readDefinition(readDocument(bytes), "prepend");
    } catch (error) {
      assert.ok(error instanceof ModeledError, String(error));
      assert.equal(error.code, "BadRequestException");
    }
  };
  const inDocument = fc.record(
    {
      openapi: fc.constantFrom("3.0.1", 3),
      swagger: fc.constant("2.0"),
      info: fc.oneof(fc.constant({ title: "x" }), fc.jsonValue()),
      paths: fc.dictionary(
        fc.constantFrom("/", "/a", "/{b}", "c"),
        fc.dictionary(fc.constantFrom("get", "parameters", "x-amazon-apigateway-any-method"), fc.jsonValue()),
      ),
      components: fc.dictionary(fc.constantFrom("schemas", "securitySchemes"), fc.jsonValue()),
      servers: fc.jsonValue(),
      security: fc.jsonValue(),
      "x-amazon-apigateway-gateway-responses": fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string().map((one) => Buffer.from(one)),
        inDocument.map((one) => Buffer.from(JSON.stringify(one))),
      ),
      readOrRefuse,
    ),
    {
      numRuns: NUM_RUNS * 3,
    },
  );
});

test("bombs of aliases, deep nests and big documents are refused", () => {
  const levels = Array.from(
    { length: 10 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(", ")}]`,
  );
  const bomb = ["swagger: '2.0'", "l0: &l0 [x]", ...levels].join("\n");
  const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  for (const text of [bomb, deep, "[".repeat(50_000), "a: b: c", ""]) {
    assert.throws(() => readDocument(Buffer.from(text)), { code: "BadRequestException" });
  }
  assert.throws(() => readDocument(new Uint8Array(6 * 1024 * 1024 + 1)), { code: "BadRequestException" });
});
