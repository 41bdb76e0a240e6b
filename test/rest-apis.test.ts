/** The control plane of REST APIs, through the SDK. Texts of errors are those that the service was recorded with, where there are such. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateDocumentationPartCommand,
  CreateDocumentationVersionCommand,
  CreateModelCommand,
  CreateRequestValidatorCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteAuthorizerCommand,
  DeleteDeploymentCommand,
  DeleteDocumentationPartCommand,
  DeleteDocumentationVersionCommand,
  DeleteGatewayResponseCommand,
  DeleteIntegrationCommand,
  DeleteIntegrationResponseCommand,
  DeleteMethodCommand,
  DeleteMethodResponseCommand,
  DeleteModelCommand,
  DeleteRequestValidatorCommand,
  DeleteResourceCommand,
  DeleteRestApiCommand,
  DeleteStageCommand,
  DeleteUsagePlanCommand,
  DeleteUsagePlanKeyCommand,
  FlushStageAuthorizersCacheCommand,
  FlushStageCacheCommand,
  GetAccountCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  GetAuthorizerCommand,
  GetAuthorizersCommand,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetDocumentationPartCommand,
  GetDocumentationPartsCommand,
  GetDocumentationVersionCommand,
  GetDocumentationVersionsCommand,
  GetGatewayResponseCommand,
  GetGatewayResponsesCommand,
  GetIntegrationCommand,
  GetIntegrationResponseCommand,
  GetMethodCommand,
  GetMethodResponseCommand,
  GetModelCommand,
  GetModelsCommand,
  GetModelTemplateCommand,
  GetRequestValidatorCommand,
  GetRequestValidatorsCommand,
  GetResourceCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetRestApisCommand,
  GetSdkTypeCommand,
  GetSdkTypesCommand,
  GetStageCommand,
  GetStagesCommand,
  GetTagsCommand,
  GetUsageCommand,
  GetUsagePlanCommand,
  GetUsagePlanKeyCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  ImportApiKeysCommand,
  type PatchOperation,
  PutGatewayResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  type RestApi,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAccountCommand,
  UpdateApiKeyCommand,
  UpdateAuthorizerCommand,
  UpdateDeploymentCommand,
  UpdateDocumentationPartCommand,
  UpdateDocumentationVersionCommand,
  UpdateGatewayResponseCommand,
  UpdateIntegrationCommand,
  UpdateIntegrationResponseCommand,
  UpdateMethodCommand,
  UpdateMethodResponseCommand,
  UpdateModelCommand,
  UpdateRequestValidatorCommand,
  UpdateResourceCommand,
  UpdateRestApiCommand,
  UpdateStageCommand,
  UpdateUsageCommand,
  UpdateUsagePlanCommand,
} from "@aws-sdk/client-api-gateway";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const gateway = new APIGatewayClient(server.client);
const others = new APIGatewayClient(server.clientOf("other"));

const send = gateway.send.bind(gateway);

/** What every test begins with: an API of its own. */
async function api(name = "calls"): Promise<RestApi & { restApiId: string; resourceId: string }> {
  const created = await send(new CreateRestApiCommand({ name }));
  return { ...created, restApiId: String(created.id), resourceId: String(created.rootResourceId) };
}

/** An API with `GET /` that a stage can call. */
async function deployedApi(
  stageName = "dev",
): Promise<{ restApiId: string; resourceId: string; deploymentId: string }> {
  const { restApiId, resourceId } = await api();
  const method = { restApiId, resourceId, httpMethod: "GET" };
  await send(new PutMethodCommand({ ...method, authorizationType: "NONE" }));
  await send(new PutIntegrationCommand({ ...method, type: "MOCK" }));
  const { id = "" } = await send(new CreateDeploymentCommand({ restApiId, stageName }));
  return { restApiId, resourceId, deploymentId: id };
}

const replace = (path: string, value?: string): PatchOperation => ({
  op: "replace",
  path,
  ...(value !== undefined && { value }),
});

function refused(call: Promise<unknown>, name: string, message: string | RegExp): Promise<void> {
  return assert.rejects(call, (error: Error) => {
    assert.equal(error.name, name);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

suite("APIs", () => {
  test("a new API has a root, the models Empty and Error, and the service's defaults", async () => {
    const created = await api("fresh");
    assert.match(created.restApiId, /^[a-z0-9]{10}$/);
    assert.equal(created.apiKeySource, "HEADER");
    assert.equal(created.disableExecuteApiEndpoint, false);
    assert.deepEqual(created.endpointConfiguration, { types: ["EDGE"], ipAddressType: "ipv4" });
    const { restApiId, resourceId } = created;
    const { items } = await send(new GetResourcesCommand({ restApiId }));
    assert.deepEqual(items, [{ id: resourceId, path: "/" }]);
    const models = await send(new GetModelsCommand({ restApiId }));
    assert.deepEqual(
      models.items?.map(({ name }) => name),
      ["Empty", "Error"],
    );
    const got = await send(new GetRestApiCommand({ restApiId }));
    assert.equal(got.name, "fresh");
    const { items: listed = [] } = await send(new GetRestApisCommand({ limit: 500 }));
    assert.ok(listed.some(({ id }) => id === restApiId));
  });

  test("APIs are listed by pages", async () => {
    await api();
    await api();
    const seen: (string | undefined)[] = [];
    let position: string | undefined;
    do {
      const page = await send(new GetRestApisCommand({ limit: 1, position }));
      seen.push(...(page.items ?? []).map(({ id }) => id));
      position = page.position;
    } while (position !== undefined);
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(seen.length >= 2);
    await refused(send(new GetRestApisCommand({ position: "none" })), "BadRequestException", /position/);
  });

  test("what is wrong with an API is refused in the service's words", async () => {
    const wrong: [object, string][] = [
      [{ description: "" }, "Description cannot be an empty string"],
      [{ minimumCompressionSize: -1 }, "Invalid minimum compression size, must be between 0 and 10485760"],
      [
        { endpointConfiguration: { types: [] } },
        "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
      ],
      [
        { endpointConfiguration: { types: ["EDGE", "REGIONAL"] } },
        "Cannot create an api with multiple Endpoint Types.",
      ],
      [
        { endpointConfiguration: { types: ["PRIVATE"], ipAddressType: "ipv4" } },
        "Only dualstack ipAddressType is supported for Private APIs.",
      ],
      [
        { policy: "no policy" },
        "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
      ],
    ];
    for (const [input, message] of wrong) {
      await refused(send(new CreateRestApiCommand({ name: "x", ...input })), "BadRequestException", message);
    }
    await refused(
      send(new CreateRestApiCommand({ name: "x", tags: { "aws:mine": "x" } })),
      "BadRequestException",
      /aws:/,
    );
  });

  test("patches change binary media types, compression and more, one by one", async () => {
    const { restApiId } = await api();
    const update = (...patchOperations: PatchOperation[]) =>
      send(new UpdateRestApiCommand({ restApiId, patchOperations }));
    const added = await update(
      { op: "add", path: "/binaryMediaTypes/image~1png" },
      { op: "add", path: "/binaryMediaTypes/image~1jpeg" },
    );
    assert.deepEqual(added.binaryMediaTypes, ["image/png", "image/jpeg"]);
    const replaced = await update(replace("/binaryMediaTypes/image~1png", "image/gif"));
    assert.deepEqual(replaced.binaryMediaTypes, ["image/jpeg", "image/gif"]);
    assert.equal((await update(replace("/minimumCompressionSize", "10"))).minimumCompressionSize, 10);
    assert.equal((await update(replace("/minimumCompressionSize", ""))).minimumCompressionSize, undefined);
    assert.deepEqual((await update(replace("/endpointConfiguration/types/0", "PRIVATE"))).endpointConfiguration, {
      types: ["PRIVATE"],
      ipAddressType: "dualstack",
    });
    const Statement = [{ Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "*" }];
    const { policy } = await update(replace("/policy", JSON.stringify({ Version: "2012-10-17", Statement })));
    assert.deepEqual(JSON.parse(JSON.parse(`"${policy}"`)), { Version: "2012-10-17", Statement });

    const bad = (message: string, ...operations: PatchOperation[]) =>
      refused(update(...operations), "BadRequestException", message);
    await bad("Invalid patch path /binaryMediaTypes", { op: "add", path: "/binaryMediaTypes", value: "image/gif" });
    await bad("Invalid patch operation specified. Must be one of: [replace]", {
      op: "add",
      path: "/minimumCompressionSize",
      value: "10",
    });
    await bad(
      "Invalid minimum compression size, must be between 0 and 10485760",
      replace("/minimumCompressionSize", "test"),
    );
    await bad(
      "Only dualstack ipAddressType is supported for Private APIs.",
      replace("/endpointConfiguration/ipAddressType", "ipv4"),
    );
    await bad(
      "ipAddressType must be either ipv4 or dualstack.",
      replace("/endpointConfiguration/ipAddressType", "wrong"),
    );
    await bad(
      "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
      replace("/endpointConfiguration/types/0", "wrong"),
    );
  });

  test("a patch with one bad operation changes nothing", async () => {
    const { restApiId } = await api("steady");
    const patchOperations = [replace("/name", "changed"), replace("/nothing", "x")];
    await refused(
      send(new UpdateRestApiCommand({ restApiId, patchOperations })),
      "BadRequestException",
      "Invalid patch path /nothing",
    );
    assert.equal((await send(new GetRestApiCommand({ restApiId }))).name, "steady");
  });

  test("another account's API is none, and nor is a deleted one", async () => {
    const { restApiId, resourceId } = await api();
    await refused(
      others.send(new GetRestApiCommand({ restApiId })),
      "NotFoundException",
      `Invalid API identifier specified 111122223333:${restApiId}`,
    );
    await refused(
      others.send(new CreateResourceCommand({ restApiId, parentId: resourceId, pathPart: "x" })),
      "NotFoundException",
      "Invalid Resource identifier specified",
    );
    await refused(others.send(new DeleteRestApiCommand({ restApiId })), "NotFoundException", /identifier/);
    await send(new DeleteRestApiCommand({ restApiId }));
    await refused(
      send(new GetRestApiCommand({ restApiId })),
      "NotFoundException",
      `Invalid API identifier specified 000000000000:${restApiId}`,
    );
  });

  test("a clone has what the original has", async () => {
    const { restApiId } = await deployedApi();
    const clone = await send(new CreateRestApiCommand({ name: "clone", cloneFrom: restApiId }));
    const { items } = await send(new GetResourcesCommand({ restApiId: clone.id, embed: ["methods"] }));
    assert.equal(items?.[0]?.resourceMethods?.GET?.methodIntegration?.type, "MOCK");
    assert.equal(clone.rootResourceId, items?.[0]?.id);
  });
});

suite("resources", () => {
  test("they make a tree, and move with all that is under them", async () => {
    const { restApiId, resourceId: root } = await api();
    const create = async (parentId: string, pathPart: string) =>
      String((await send(new CreateResourceCommand({ restApiId, parentId, pathPart }))).id);
    const pets = await create(root, "pets");
    const one = await create(pets, "{petId}");
    const toys = await create(one, "toys");
    const path = async (resourceId: string) => (await send(new GetResourceCommand({ restApiId, resourceId }))).path;
    assert.equal(await path(toys), "/pets/{petId}/toys");

    const update = (resourceId: string, ...patchOperations: PatchOperation[]) =>
      send(new UpdateResourceCommand({ restApiId, resourceId, patchOperations }));
    assert.equal((await update(pets, replace("/pathPart", "dogs"))).path, "/dogs");
    assert.equal(await path(toys), "/dogs/{petId}/toys");
    assert.equal((await update(toys, replace("/parentId", root))).path, "/toys");

    const bad = (call: Promise<unknown>, message: string) => refused(call, "BadRequestException", message);
    await bad(update(pets, replace("/parentId", one)), "Resources cannot be cyclical.");
    await bad(update(root, replace("/pathPart", "x")), "Root resource cannot update its pathPart.");
    await bad(update(root, replace("/parentId", pets)), "Root resource cannot update its parentId.");
    await bad(
      update(pets, replace("/invalid", "x")),
      "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
    );
    await bad(
      update(pets, { op: "remove", path: "/pathPart" }),
      "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
    );
    await refused(
      update(toys, replace("/pathPart", "dogs")),
      "ConflictException",
      "Another resource with the same parent already has this name: dogs",
    );

    await send(new DeleteResourceCommand({ restApiId, resourceId: pets }));
    const { items } = await send(new GetResourcesCommand({ restApiId }));
    assert.deepEqual(items?.map((resource) => resource.path).sort(), ["/", "/toys"]);
    await bad(send(new DeleteResourceCommand({ restApiId, resourceId: root })), "Cannot delete root resource.");
  });

  test("variables stand alone among their siblings, and greedy ones at the end", async () => {
    const { restApiId, resourceId: root } = await api();
    const create = (parentId: string, pathPart: string) =>
      send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
    const greedy = await create(root, "{proxy+}");
    const bad = (call: Promise<unknown>, message: string | RegExp) => refused(call, "BadRequestException", message);
    await bad(
      create(root, "{other}"),
      "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
    );
    await bad(
      create(String(greedy.id), "x"),
      "Cannot create a child of a resource with a greedy path variable: {proxy+}",
    );
    await bad(create(root, "a b"), /^Resource's path part only allow/);
    await refused(
      create(root, "{proxy+}"),
      "ConflictException",
      "Another resource with the same parent already has this name: {proxy+}",
    );
    await refused(create("nobody", "x"), "NotFoundException", "Invalid Resource identifier specified");
  });

  test("an API has 300 resources at most", async () => {
    const small = await startTrunkline("--limit", "apigateway.resources-per-api=2");
    const client = new APIGatewayClient(small.client);
    const { id: restApiId, rootResourceId: parentId } = await client.send(new CreateRestApiCommand({ name: "small" }));
    await client.send(new CreateResourceCommand({ restApiId, parentId, pathPart: "a" }));
    await refused(
      client.send(new CreateResourceCommand({ restApiId, parentId, pathPart: "b" })),
      "LimitExceededException",
      "Maximum number of Resources for this API has been reached: 2",
    );
    await small.close();
  });
});

suite("methods", () => {
  test("a method, its responses and its integration are written, patched and read", async () => {
    const { restApiId, resourceId } = await api();
    const ref = { restApiId, resourceId, httpMethod: "POST" };
    const requestParameters = { "method.request.querystring.q": false, "method.request.header.h": true };
    assert.deepEqual(await answer(new PutMethodCommand({ ...ref, authorizationType: "NONE", requestParameters })), {
      httpMethod: "POST",
      authorizationType: "NONE",
      apiKeyRequired: false,
      requestParameters,
    });
    const updated = await answer(
      new UpdateMethodCommand({
        ...ref,
        patchOperations: [
          replace("/apiKeyRequired", "true"),
          replace("/operationName", "call"),
          { op: "add", path: "/requestModels/application~1json", value: "Empty" },
          replace("/requestParameters/method.request.querystring.q", "true"),
        ],
      }),
    );
    assert.deepEqual(updated, {
      httpMethod: "POST",
      authorizationType: "NONE",
      apiKeyRequired: true,
      operationName: "call",
      requestModels: { "application/json": "Empty" },
      requestParameters: { ...requestParameters, "method.request.querystring.q": true },
    });

    const status = { ...ref, statusCode: "200" };
    const responseParameters = { "method.response.header.X-Id": true };
    await answer(new PutMethodResponseCommand({ ...status, responseParameters }));
    await refused(send(new PutMethodResponseCommand(status)), "ConflictException", /already exists/);
    const response = await answer(
      new UpdateMethodResponseCommand({
        ...status,
        patchOperations: [{ op: "add", path: "/responseModels/application~1json", value: "Error" }],
      }),
    );
    const expected = { statusCode: "200", responseParameters, responseModels: { "application/json": "Error" } };
    assert.deepEqual(response, expected);
    assert.deepEqual(await answer(new GetMethodResponseCommand(status)), expected);

    const uri = "http://127.0.0.1:9/calls";
    const integration = await answer(
      new PutIntegrationCommand({
        ...ref,
        type: "HTTP",
        integrationHttpMethod: "PUT",
        uri,
        requestParameters: { "integration.request.querystring.q": "method.request.querystring.q" },
      }),
    );
    assert.deepEqual(integration, {
      type: "HTTP",
      httpMethod: "PUT",
      uri,
      connectionType: "INTERNET",
      requestParameters: { "integration.request.querystring.q": "method.request.querystring.q" },
      passthroughBehavior: "WHEN_NO_MATCH",
      timeoutInMillis: 29_000,
      cacheNamespace: resourceId,
      cacheKeyParameters: [],
    });
    const changed = await answer(
      new UpdateIntegrationCommand({
        ...ref,
        patchOperations: [
          replace("/timeoutInMillis", "500"),
          { op: "add", path: "/requestTemplates/application~1json", value: "$input.body" },
          { op: "remove", path: "/requestParameters/integration.request.querystring.q" },
        ],
      }),
    );
    assert.equal(changed.timeoutInMillis, 500);
    assert.deepEqual(changed.requestTemplates, { "application/json": "$input.body" });
    assert.equal(changed.requestParameters, undefined);
    assert.deepEqual(await answer(new GetIntegrationCommand(ref)), changed);

    const mapped = { "method.response.header.X-Id": "integration.response.header.Id" };
    await answer(new PutIntegrationResponseCommand({ ...status, selectionPattern: "", responseParameters: mapped }));
    const pattern = await answer(
      new UpdateIntegrationResponseCommand({ ...status, patchOperations: [replace("/selectionPattern", "2\\d{2}")] }),
    );
    assert.deepEqual(pattern, { statusCode: "200", selectionPattern: "2\\d{2}", responseParameters: mapped });
    assert.deepEqual(await answer(new GetIntegrationResponseCommand(status)), pattern);

    const method = await answer(new GetMethodCommand(ref));
    assert.deepEqual(method.methodIntegration?.integrationResponses, { 200: pattern });
    assert.deepEqual(method.methodResponses, { 200: expected });
    const listed = await send(new GetResourcesCommand({ restApiId }));
    assert.deepEqual(listed.items?.[0]?.resourceMethods, { POST: {} });

    await send(new DeleteIntegrationResponseCommand(status));
    await send(new DeleteMethodResponseCommand(status));
    await send(new DeleteIntegrationCommand(ref));
    assert.deepEqual(Object.keys(await answer(new GetMethodCommand(ref))).sort(), Object.keys(updated).sort());
    await send(new DeleteMethodCommand(ref));
    await refused(send(new GetMethodCommand(ref)), "NotFoundException", "Invalid Method identifier specified");
  });

  test("what a method names must be there", async () => {
    const { restApiId, resourceId } = await api();
    const put = (input: object) =>
      send(new PutMethodCommand({ restApiId, resourceId, httpMethod: "GET", authorizationType: "NONE", ...input }));
    const bad = (input: object, message: string) => refused(put(input), "BadRequestException", message);
    const authorizer =
      "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.";
    await bad(
      { httpMethod: "FETCH" },
      "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
    );
    await bad({ authorizationType: "CUSTOM" }, authorizer);
    await bad({ authorizationType: "CUSTOM", authorizerId: "nobody" }, authorizer);
    await bad({ requestValidatorId: "nobody" }, "Invalid Request Validator identifier specified");
    await bad({ requestModels: { "application/json": "petModel" } }, "Invalid model identifier specified: petModel");
    await bad(
      { requestParameters: { "method.request.querystring.a": true, "method.request.header.a": true } },
      "Parameter names must be unique across querystring, header and path",
    );
    await put({});
    await refused(put({}), "ConflictException", "Method already exists for this resource");
  });

  test("integrations are refused in the service's words", async () => {
    const { restApiId, resourceId } = await api();
    const ref = { restApiId, resourceId, httpMethod: "GET" };
    const put = (input: object) =>
      send(new PutIntegrationCommand({ ...ref, type: "HTTP", integrationHttpMethod: "POST", ...input }));
    await refused(put({}), "NotFoundException", "Invalid Method identifier specified");
    await send(new PutMethodCommand({ ...ref, authorizationType: "NONE" }));
    const bad = (input: object, message: string) => refused(put(input), "BadRequestException", message);
    await bad({ integrationHttpMethod: undefined }, "Enumeration value for HttpMethod must be non-empty");
    await bad({ uri: "no-url" }, "Invalid HTTP endpoint specified for URI");
    await bad({ type: "AWS", uri: "no-arn" }, "Invalid ARN specified in the request");
    await bad(
      { type: "AWS", uri: "arn:aws:apigateway:us-east-1:sqs:queue/x" },
      "AWS ARN for integration must contain path or action",
    );
    await bad(
      { type: "AWS_PROXY", uri: "arn:aws:apigateway:us-east-1:s3:path/bucket/key" },
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    );
    await bad({ uri: "http://x", timeoutInMillis: 30 }, "Timeout should be between 50 ms and 29000 ms");
    const mapping = "Invalid mapping expression specified: Validation Result: warnings : [], errors : ";
    await bad(
      { uri: "http://x", requestParameters: { "integration.request.path.x": "true" } },
      `${mapping}[Invalid mapping expression specified: true]`,
    );
    await bad(
      { uri: "http://x", requestParameters: { "integration.request.path.x": "method.request.path.x" } },
      `${mapping}[Invalid mapping expression parameter specified: method.request.path.x]`,
    );
    await refused(
      put({ uri: "http://x", connectionType: "VPC_LINK", connectionId: "x" }),
      "NotImplemented",
      /VPC links/,
    );
    await refused(
      send(new GetIntegrationCommand(ref)),
      "NotFoundException",
      "Invalid Integration identifier specified",
    );
    await put({ uri: "http://x" });
    const status = { ...ref, statusCode: "200" };
    await refused(
      send(new GetIntegrationResponseCommand(status)),
      "NotFoundException",
      "Invalid Response status code specified",
    );
    await refused(
      send(new PutIntegrationResponseCommand({ ...status, responseTemplates: { 123: "x" } })),
      "BadRequestException",
      "Validation Result: warnings : [], errors : [Invalid content type specified: 123]",
    );
  });
});

/** An answer without what the SDK adds. */
async function answer<Output extends { $metadata?: unknown }>(command: {
  // biome-ignore lint/suspicious/noExplicitAny: whatever command it is, its output is what counts.
  resolveMiddleware: (...args: any[]) => (...args: any[]) => Promise<{ output: Output }>;
}): Promise<Omit<Output, "$metadata">> {
  const { $metadata: _, ...rest } = (await send(command as never)) as Output;
  return rest;
}

suite("models, validators, authorizers", () => {
  test("models are kept, patched, flattened, and make templates", async () => {
    const { restApiId, resourceId } = await api();
    const create = (name: string, schema?: string) =>
      send(
        new CreateModelCommand({
          restApiId,
          name,
          contentType: "application/json",
          ...(schema !== undefined && { schema }),
        }),
      );
    const $ref = `https://apigateway.amazonaws.com/restapis/${restApiId}/models/Pet`;
    await create("Pet", JSON.stringify({ type: "object", properties: { name: { type: "string" } } }));
    await create("Pets", JSON.stringify({ type: "array", items: { $ref } }));
    const flat = await send(new GetModelCommand({ restApiId, modelName: "Pets", flatten: true }));
    assert.deepEqual(JSON.parse(String(flat.schema)), {
      type: "array",
      items: { $ref: "#/definitions/Pet" },
      definitions: { Pet: { type: "object", properties: { name: { type: "string" } } } },
    });
    const { value } = await send(new GetModelTemplateCommand({ restApiId, modelName: "Pet" }));
    assert.equal(value, '#set($inputRoot = $input.path(\'$\'))\n{\n  "name" : "$inputRoot.name"\n}');

    const update = (path: string, text: string) =>
      send(new UpdateModelCommand({ restApiId, modelName: "Pet", patchOperations: [replace(path, text)] }));
    assert.equal((await update("/description", "a pet")).description, "a pet");
    await refused(
      update("/name", "x"),
      "BadRequestException",
      "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]",
    );
    const empty = "Model schema must have at least 1 property or array items defined";
    await refused(update("/schema", ""), "BadRequestException", empty);
    await refused(create("New"), "BadRequestException", empty);
    await refused(create("New", `{"a":${"[".repeat(500)}${"]".repeat(500)}}`), "BadRequestException", /Invalid model/);
    await refused(create("", "{}"), "BadRequestException", "Model name must be non-empty");
    await refused(create("Pet", "{}"), "ConflictException", "Model name already exists for this REST API");
    await refused(
      send(new GetModelCommand({ restApiId, modelName: "None" })),
      "NotFoundException",
      "Invalid model name specified: None",
    );

    const ref = { restApiId, resourceId, httpMethod: "ANY", authorizationType: "NONE" };
    await send(new PutMethodCommand({ ...ref, requestModels: { "application/json": "Pets" } }));
    await refused(
      send(new DeleteModelCommand({ restApiId, modelName: "Pets" })),
      "ConflictException",
      "Cannot delete model 'Pets', is referenced in method request: //ANY",
    );
    await refused(
      send(new DeleteModelCommand({ restApiId, modelName: "Pet" })),
      "ConflictException",
      "Cannot delete model 'Pet', is referenced in model: Pets",
    );
    await send(new DeleteMethodCommand(ref));
    await send(new DeleteModelCommand({ restApiId, modelName: "Pets" }));
  });

  test("request validators", async () => {
    const { restApiId } = await api();
    const created = await send(
      new CreateRequestValidatorCommand({ restApiId, name: "body", validateRequestBody: true }),
    );
    const requestValidatorId = String(created.id);
    const update = (...patchOperations: PatchOperation[]) =>
      send(new UpdateRequestValidatorCommand({ restApiId, requestValidatorId, patchOperations }));
    assert.equal((await update(replace("/validateRequestBody"))).validateRequestBody, false);
    await refused(
      update({ op: "add", path: "/validateRequestBody", value: "true" }),
      "BadRequestException",
      "Invalid patch path  '/validateRequestBody' specified for op 'add'. Please choose supported operations",
    );
    await refused(
      update(replace("/invalidPath", "x")),
      "BadRequestException",
      "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/name, /validateRequestParameters, /validateRequestBody]",
    );
    await refused(update(replace("/name", "")), "BadRequestException", "Request Validator name cannot be blank");
    const { items } = await send(new GetRequestValidatorsCommand({ restApiId }));
    assert.deepEqual(items, [
      { id: requestValidatorId, name: "body", validateRequestBody: false, validateRequestParameters: false },
    ]);
    await send(new DeleteRequestValidatorCommand({ restApiId, requestValidatorId }));
    await refused(
      send(new GetRequestValidatorCommand({ restApiId, requestValidatorId })),
      "NotFoundException",
      "Invalid Request Validator identifier specified",
    );
    await refused(
      send(new CreateRequestValidatorCommand({ restApiId: "nobody" })),
      "BadRequestException",
      "Invalid REST API identifier specified",
    );
  });

  test("authorizers", async () => {
    const { restApiId, resourceId } = await api();
    const authorizerUri =
      "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:may/invocations";
    const identitySource = "method.request.header.Authorization";
    const create = (input: object) =>
      send(
        new CreateAuthorizerCommand({ restApiId, name: "may", type: "TOKEN", authorizerUri, identitySource, ...input }),
      );
    const { id: authorizerId = "", ...created } = await create({});
    assert.equal(created.authorizerResultTtlInSeconds, 300);
    assert.equal(created.authType, "custom");
    await refused(create({}), "BadRequestException", /name must be unique/);
    await refused(create({ name: "x", authorizerUri: "x" }), "BadRequestException", /^Invalid Authorizer URI/);
    await refused(create({ name: "x", type: "COGNITO_USER_POOLS" }), "BadRequestException", /provider ARNs/);
    await refused(create({ name: "x", authorizerResultTtlInSeconds: 3601 }), "BadRequestException", /TTL/);
    const pool = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_ABC";
    const cognito = await create({ name: "pool", type: "COGNITO_USER_POOLS", providerARNs: [pool] });
    assert.equal(cognito.authType, "cognito_user_pools");

    const ref = { restApiId, resourceId, httpMethod: "GET" };
    await send(new PutMethodCommand({ ...ref, authorizationType: "CUSTOM", authorizerId }));
    await refused(
      send(new DeleteAuthorizerCommand({ restApiId, authorizerId })),
      "ConflictException",
      `Cannot delete authorizer '${authorizerId}', is referenced in method: //GET`,
    );
    await send(new DeleteMethodCommand(ref));
    const patchOperations = [replace("/name", "might"), replace("/authorizerResultTtlInSeconds", "0")];
    const updated = await send(new UpdateAuthorizerCommand({ restApiId, authorizerId, patchOperations }));
    assert.equal(updated.name, "might");
    assert.equal((await send(new GetAuthorizerCommand({ restApiId, authorizerId }))).authorizerResultTtlInSeconds, 0);
    assert.equal((await send(new GetAuthorizersCommand({ restApiId }))).items?.length, 2);
    await send(new DeleteAuthorizerCommand({ restApiId, authorizerId }));
    await refused(
      send(new GetAuthorizerCommand({ restApiId, authorizerId })),
      "NotFoundException",
      "Invalid Authorizer identifier specified",
    );
  });

  test("gateway responses have defaults, which can be customised", async () => {
    const { restApiId } = await api();
    const ref = { restApiId, responseType: "MISSING_AUTHENTICATION_TOKEN" as const };
    const responseTemplates = { "application/json": '{"message":$context.error.messageString}' };
    const byDefault = { responseType: ref.responseType, statusCode: "403", responseParameters: {}, responseTemplates };
    assert.deepEqual(await answer(new GetGatewayResponseCommand(ref)), { ...byDefault, defaultResponse: true });
    assert.equal((await send(new GetGatewayResponsesCommand({ restApiId }))).items?.length, 21);
    await refused(
      send(new DeleteGatewayResponseCommand(ref)),
      "NotFoundException",
      "Gateway response type not defined on api",
    );
    const responseParameters = { "gatewayresponse.header.X-A": "'a.b.c'" };
    assert.deepEqual(await answer(new PutGatewayResponseCommand({ ...ref, statusCode: "404", responseParameters })), {
      ...byDefault,
      statusCode: "404",
      responseParameters,
      defaultResponse: false,
    });
    const update = (...patchOperations: PatchOperation[]) =>
      answer(new UpdateGatewayResponseCommand({ ...ref, patchOperations }));
    const updated = await update(
      replace("/statusCode", "444"),
      replace("/responseParameters/gatewayresponse.header.X-A", "'x'"),
      { op: "add", path: "/responseTemplates/application~1xml", value: "<no/>" },
    );
    assert.equal(updated.statusCode, "444");
    assert.deepEqual(updated.responseParameters, { "gatewayresponse.header.X-A": "'x'" });
    const bad = (message: string, operation: PatchOperation) =>
      refused(update(operation), "BadRequestException", message);
    await bad("Invalid patch path /statusCode", { op: "add", path: "/statusCode", value: "444" });
    await bad("Invalid patch path null", { op: "add", value: "'example.com'" });
    await bad("Invalid patch path /wrongPath", { op: "add", path: "/wrongPath", value: "x" });
    await bad("Invalid null or empty value in responseTemplates", replace("/responseTemplates/text~1plain"));
    await refused(
      update(replace("/responseParameters/gatewayresponse.header.X-B", "'x'")),
      "NotFoundException",
      "Invalid parameter name specified",
    );
    await send(new DeleteGatewayResponseCommand(ref));
    assert.equal((await send(new GetGatewayResponseCommand(ref))).defaultResponse, true);
  });
});

suite("deployments and stages", () => {
  test("a deployment freezes the API; its stage, settings and canary are patched", async () => {
    const { restApiId, deploymentId } = await deployedApi();
    const ref = { restApiId, stageName: "dev" };
    const stage = await send(new GetStageCommand(ref));
    assert.equal(stage.deploymentId, deploymentId);
    assert.deepEqual(stage.methodSettings, {});
    assert.equal(stage.cacheClusterStatus, "NOT_AVAILABLE");
    const deployment = await send(new GetDeploymentCommand({ restApiId, deploymentId, embed: ["apisummary"] }));
    assert.deepEqual(deployment.apiSummary, { "/": { GET: { authorizationType: "NONE", apiKeyRequired: false } } });

    const update = (...patchOperations: PatchOperation[]) => send(new UpdateStageCommand({ ...ref, patchOperations }));
    const settings = await update(
      replace("/variables/fn", "hello"),
      replace("/*/*/throttling/rateLimit", "5"),
      replace("/~1calls~1{id}/GET/logging/loglevel", "INFO"),
      {
        op: "add",
        path: "/accessLogSettings/destinationArn",
        value: "arn:aws:logs:us-east-1:000000000000:log-group:a",
      },
    );
    assert.deepEqual(settings.variables, { fn: "hello" });
    assert.equal(settings.methodSettings?.["*/*"]?.throttlingRateLimit, 5);
    assert.equal(settings.methodSettings?.["*/*"]?.throttlingBurstLimit, 5_000);
    assert.equal(settings.methodSettings?.["calls/{id}/GET"]?.loggingLevel, "INFO");
    assert.deepEqual(settings.accessLogSettings, { destinationArn: "arn:aws:logs:us-east-1:000000000000:log-group:a" });
    assert.deepEqual(Object.keys((await update({ op: "remove", path: "/*/*" })).methodSettings ?? {}), [
      "calls/{id}/GET",
    ]);

    const canary = await send(
      new CreateDeploymentCommand({
        ...ref,
        canarySettings: { percentTraffic: 50, stageVariableOverrides: { fn: "new" } },
      }),
    );
    const withCanary = await send(new GetStageCommand(ref));
    assert.equal(withCanary.deploymentId, deploymentId);
    assert.deepEqual(withCanary.canarySettings, {
      deploymentId: canary.id,
      percentTraffic: 50,
      stageVariableOverrides: { fn: "new" },
      useStageCache: false,
    });
    const promoted = await update(
      { op: "copy", from: "/canarySettings/deploymentId", path: "/deploymentId" },
      { op: "copy", from: "/canarySettings/stageVariableOverrides", path: "/variables" },
      { op: "remove", path: "/canarySettings" },
    );
    assert.equal(promoted.deploymentId, canary.id);
    assert.deepEqual(promoted.variables, { fn: "new" });
    assert.equal(promoted.canarySettings, undefined);

    const bad = (message: string | RegExp, ...operations: PatchOperation[]) =>
      refused(update(...operations), "BadRequestException", message);
    await bad("Cannot remove method setting */* because there is no method setting for this method ", {
      op: "remove",
      path: "/*/*",
    });
    await bad("Promotion not available. Canary does not exist.", {
      op: "copy",
      from: "/canarySettings/deploymentId",
      path: "/deploymentId",
    });
    await bad(/^Invalid copy operation with path: \/x and from \/y\./, { op: "copy", from: "/y", path: "/x" });
    await bad(/^Invalid method setting path: \/tags\/a\. Must be one of: \[\/deploymentId, /, replace("/tags/a", "x"));
    await bad(
      "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]",
      replace("/accessLogSettings/x", "x"),
    );
    await bad("Deployment id does not exist", replace("/deploymentId", "nobody"));
    await bad(/^Stage variable values may only contain/, replace("/variables/a", "a b"));
    await bad("Invalid add operation with path: /canarySettings/deploymentId", {
      op: "add",
      path: "/canarySettings/deploymentId",
      value: deploymentId,
    });
  });

  test("stages and deployments come and go", async () => {
    const { restApiId, deploymentId } = await deployedApi();
    const create = (input: object) =>
      send(new CreateStageCommand({ restApiId, stageName: "prod", deploymentId, ...input }));
    await create({ variables: { a: "b" }, tags: { team: "calls" }, tracingEnabled: true });
    await refused(create({}), "ConflictException", "Stage already exists");
    await refused(
      create({ stageName: "x", deploymentId: "nobody" }),
      "BadRequestException",
      "Deployment id does not exist",
    );
    await refused(create({ stageName: "a b" }), "BadRequestException", "Stage name only allows a-zA-Z0-9_-");
    const { item } = await send(new GetStagesCommand({ restApiId, deploymentId }));
    assert.deepEqual(
      item?.map(({ stageName }) => stageName),
      ["dev", "prod"],
    );

    const second = await send(new CreateDeploymentCommand({ restApiId, stageName: "dev", description: "second" }));
    assert.equal((await send(new GetStageCommand({ restApiId, stageName: "dev" }))).deploymentId, second.id);
    const patchOperations = [replace("/description", "2nd")];
    const updated = await send(new UpdateDeploymentCommand({ restApiId, deploymentId: second.id, patchOperations }));
    assert.equal(updated.description, "2nd");
    assert.equal((await send(new GetDeploymentsCommand({ restApiId }))).items?.length, 2);

    await refused(
      send(new DeleteDeploymentCommand({ restApiId, deploymentId })),
      "BadRequestException",
      "Active stages pointing to this deployment must be moved or deleted",
    );
    await send(new FlushStageCacheCommand({ restApiId, stageName: "prod" }));
    await send(new FlushStageAuthorizersCacheCommand({ restApiId, stageName: "prod" }));
    await send(new DeleteStageCommand({ restApiId, stageName: "prod" }));
    await refused(
      send(new GetStageCommand({ restApiId, stageName: "prod" })),
      "NotFoundException",
      "Invalid stage identifier specified",
    );
    await send(new DeleteDeploymentCommand({ restApiId, deploymentId }));
    await refused(
      send(new GetDeploymentCommand({ restApiId, deploymentId })),
      "NotFoundException",
      "Invalid Deployment identifier specified",
    );
  });

  test("what cannot be deployed is refused", async () => {
    const { restApiId, resourceId } = await api();
    const deploy = (input: object = {}) => send(new CreateDeploymentCommand({ restApiId, ...input }));
    const bad = (call: Promise<unknown>, message: string) => refused(call, "BadRequestException", message);
    await bad(deploy(), "The REST API doesn't contain any methods");
    const ref = { restApiId, resourceId, httpMethod: "GET" };
    await send(new PutMethodCommand({ ...ref, authorizationType: "NONE" }));
    await bad(deploy(), "No integration defined for method");
    await send(new PutIntegrationCommand({ ...ref, type: "MOCK" }));
    const canarySettings = { percentTraffic: 1 };
    await bad(
      deploy({ canarySettings }),
      "Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is null",
    );
    await bad(
      deploy({ canarySettings, stageName: "new" }),
      "Invalid deployment content specified.Stage new must already be created before making a canary release deployment",
    );
  });
});

suite("keys and plans", () => {
  test("API keys", async () => {
    const created = await send(new CreateApiKeyCommand({ name: "Alice", tags: { a: "b" } }));
    assert.equal(created.enabled, false);
    assert.match(String(created.value), /^[a-z0-9]{40}$/);
    const apiKey = String(created.id);
    assert.equal((await send(new GetApiKeyCommand({ apiKey }))).value, undefined);
    assert.equal((await send(new GetApiKeyCommand({ apiKey, includeValue: true }))).value, created.value);
    const { items } = await send(new GetApiKeysCommand({ nameQuery: "Ali", includeValues: true }));
    assert.deepEqual(
      items?.map(({ value }) => value),
      [created.value],
    );

    const update = (...patchOperations: PatchOperation[]) => send(new UpdateApiKeyCommand({ apiKey, patchOperations }));
    assert.equal((await update(replace("/enabled", "true"))).enabled, true);
    await refused(
      update(replace("/id", "x")),
      "BadRequestException",
      "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]",
    );
    const bad = (input: object, message: string) =>
      refused(send(new CreateApiKeyCommand(input)), "BadRequestException", message);
    await bad({ value: "short" }, "API Key value should be at least 20 characters");
    await bad({ value: "x".repeat(129) }, "API Key value exceeds maximum size of 128 characters");
    await bad({ name: "x".repeat(1025) }, "Invalid API Key name, can be at most 1024 characters.");
    await refused(
      send(new CreateApiKeyCommand({ value: created.value })),
      "ConflictException",
      "API Key already exists",
    );
    await send(new DeleteApiKeyCommand({ apiKey }));
    await refused(send(new GetApiKeyCommand({ apiKey })), "NotFoundException", "Invalid API Key identifier specified");
  });

  test("API keys are imported from CSV", async () => {
    const plan = await send(new CreateUsagePlanCommand({ name: "imported" }));
    const csv = [
      "Name,key,description,Enabled,usageplanIds",
      `First,${"a".repeat(30)},"one, first",TRUE,${plan.id}`,
      `Second,${"b".repeat(30)},,false,`,
    ].join("\n");
    const body = new TextEncoder().encode(csv);
    const { ids = [] } = await send(new ImportApiKeysCommand({ body, format: "csv" }));
    assert.equal(ids.length, 2);
    const first = await send(new GetApiKeyCommand({ apiKey: ids[0], includeValue: true }));
    assert.equal(first.enabled, true);
    assert.equal(first.description, "one, first");
    const keys = await send(new GetUsagePlanKeysCommand({ usagePlanId: plan.id }));
    assert.deepEqual(
      keys.items?.map(({ name }) => name),
      ["First"],
    );
    const again = await send(new ImportApiKeysCommand({ body, format: "csv" }));
    assert.equal(again.warnings?.length, 2);
    await refused(
      send(new ImportApiKeysCommand({ body, format: "csv", failOnWarnings: true })),
      "BadRequestException",
      /^Warnings found during import/,
    );
    await refused(
      send(new ImportApiKeysCommand({ body: new TextEncoder().encode('a,"b'), format: "csv" })),
      "BadRequestException",
      /CSV/,
    );
  });

  test("usage plans have stages, limits and keys", async () => {
    const { restApiId } = await deployedApi();
    const apiStages = [{ apiId: restApiId, stage: "dev" }];
    const plan = await send(
      new CreateUsagePlanCommand({
        name: "gold",
        apiStages,
        quota: { limit: 10, period: "DAY" },
        throttle: { rateLimit: 2, burstLimit: 1 },
      }),
    );
    const usagePlanId = String(plan.id);
    assert.deepEqual(plan.quota, { limit: 10, offset: 0, period: "DAY" });
    const update = (...patchOperations: PatchOperation[]) =>
      send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
    const changed = await update(
      replace("/throttle/burstLimit", "100"),
      replace("/quota/period", "MONTH"),
      replace(`/apiStages/${restApiId}:dev/throttle/~1calls~1{id}~1GET/rateLimit`, "3"),
    );
    assert.deepEqual(changed.throttle, { burstLimit: 100, rateLimit: 2 });
    assert.deepEqual(changed.apiStages?.[0]?.throttle, { "/calls/{id}/GET": { burstLimit: 0, rateLimit: 3 } });
    assert.deepEqual((await send(new GetUsagePlanCommand({ usagePlanId }))).apiStages, changed.apiStages);

    await refused(
      update({ op: "add", path: "/apiStages", value: "" }),
      "BadRequestException",
      "Invalid API Stage specified",
    );
    await refused(
      update({ op: "add", path: "/apiStages", value: `${restApiId}:fakestagename` }),
      "NotFoundException",
      `Invalid API Stage {api: ${restApiId}, stage: fakestagename} specified for usageplan ${usagePlanId}`,
    );
    await refused(
      send(new UpdateUsagePlanCommand({ usagePlanId: "nobody" })),
      "NotFoundException",
      "Invalid Usage Plan ID specified",
    );

    const key = await send(new CreateApiKeyCommand({ name: "caller" }));
    const keyId = String(key.id);
    const member = { usagePlanId, keyId, keyType: "API_KEY" };
    const added = await answer(new CreateUsagePlanKeyCommand(member));
    assert.deepEqual(added, { id: keyId, type: "API_KEY", value: key.value, name: "caller" });
    assert.deepEqual(await answer(new GetUsagePlanKeyCommand(member)), added);
    await refused(send(new CreateUsagePlanKeyCommand(member)), "ConflictException", /already exists/);
    const second = await send(new CreateUsagePlanCommand({ name: "silver", apiStages }));
    await refused(
      send(new CreateUsagePlanKeyCommand({ ...member, usagePlanId: second.id })),
      "ConflictException",
      /cannot reference multiple Usage Plans with the same API stage/,
    );
    assert.deepEqual(
      (await send(new GetUsagePlansCommand({ keyId }))).items?.map(({ name }) => name),
      ["gold"],
    );

    const today = new Date(server.app.platform().clock.now()).toISOString().slice(0, 10);
    const range = { usagePlanId, startDate: today, endDate: today };
    assert.deepEqual((await send(new GetUsageCommand(range))).items, { [keyId]: [[0, 10]] });
    const patchOperations = [replace("/remaining", "100")];
    const more = await send(new UpdateUsageCommand({ usagePlanId, keyId, patchOperations }));
    assert.deepEqual(more.items, { [keyId]: [[0, 100]] });
    assert.deepEqual((await send(new GetUsageCommand({ ...range, keyId }))).items, { [keyId]: [[0, 100]] });
    await refused(send(new GetUsageCommand({ ...range, startDate: "soon" })), "BadRequestException", /Invalid date/);

    await refused(
      send(new DeleteUsagePlanCommand({ usagePlanId })),
      "BadRequestException",
      /API Stages are associated/,
    );
    await send(new DeleteRestApiCommand({ restApiId }));
    assert.deepEqual((await send(new GetUsagePlanCommand({ usagePlanId }))).apiStages, []);
    await send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId }));
    await refused(send(new GetUsagePlanKeyCommand(member)), "NotFoundException", /Usage Plan Key/);
    await send(new DeleteUsagePlanCommand({ usagePlanId }));
  });
});

suite("account, tags, documentation, SDK types", () => {
  test("the account's role for logs", async () => {
    assert.deepEqual((await send(new GetAccountCommand({}))).throttleSettings, {
      burstLimit: 5_000,
      rateLimit: 10_000,
    });
    const cloudwatchRoleArn = "arn:aws:iam::000000000000:role/logs";
    const patchOperations = [replace("/cloudwatchRoleArn", cloudwatchRoleArn)];
    const updated = await send(new UpdateAccountCommand({ patchOperations }));
    assert.equal(updated.cloudwatchRoleArn, cloudwatchRoleArn);
    assert.equal((await others.send(new GetAccountCommand({}))).cloudwatchRoleArn, undefined);
    await refused(
      send(new UpdateAccountCommand({ patchOperations: [replace("/x", "y")] })),
      "BadRequestException",
      "Invalid patch path /x",
    );
  });

  test("tags of APIs, stages, keys and plans by their ARNs", async () => {
    const { restApiId } = await deployedApi();
    const key = await send(new CreateApiKeyCommand({}));
    const plan = await send(new CreateUsagePlanCommand({ name: "tagged" }));
    const paths = [
      `restapis/${restApiId}`,
      `restapis/${restApiId}/stages/dev`,
      `apikeys/${key.id}`,
      `usageplans/${plan.id}`,
    ];
    for (const path of paths) {
      const resourceArn = `arn:aws:apigateway:us-east-1::/${path}`;
      await send(new TagResourceCommand({ resourceArn, tags: { a: "1", b: "2" } }));
      await send(new UntagResourceCommand({ resourceArn, tagKeys: ["a"] }));
      assert.deepEqual((await send(new GetTagsCommand({ resourceArn }))).tags, { b: "2" });
      await refused(others.send(new GetTagsCommand({ resourceArn })), "NotFoundException", /ARN/);
    }
    await refused(send(new GetTagsCommand({ resourceArn: "x" })), "BadRequestException", /ARN/);
  });

  test("documentation parts and versions", async () => {
    const { restApiId } = await deployedApi();
    const part = await send(
      new CreateDocumentationPartCommand({
        restApiId,
        location: { type: "API" },
        properties: '{"description":"calls"}',
      }),
    );
    const ref = { restApiId, documentationPartId: part.id };
    await refused(
      send(new CreateDocumentationPartCommand({ restApiId, location: { type: "API" }, properties: "{}" })),
      "ConflictException",
      /already exists/,
    );
    const patchOperations = [replace("/properties", '{"description":"all calls"}')];
    await send(new UpdateDocumentationPartCommand({ ...ref, patchOperations }));
    assert.equal((await send(new GetDocumentationPartCommand(ref))).properties, '{"description":"all calls"}');
    assert.equal((await send(new GetDocumentationPartsCommand({ restApiId, type: "API" }))).items?.length, 1);
    assert.equal((await send(new GetDocumentationPartsCommand({ restApiId, type: "MODEL" }))).items?.length, 0);
    await refused(
      send(new UpdateDocumentationPartCommand({ ...ref, patchOperations: [replace("/invalidPath", "x")] })),
      "BadRequestException",
      "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/properties]",
    );

    const version = { restApiId, documentationVersion: "v1" };
    await send(new CreateDocumentationVersionCommand({ ...version, stageName: "dev" }));
    await refused(send(new CreateDocumentationVersionCommand(version)), "ConflictException", /already exists/);
    assert.equal((await send(new GetStageCommand({ restApiId, stageName: "dev" }))).documentationVersion, "v1");
    const described = [replace("/description", "first")];
    await send(new UpdateDocumentationVersionCommand({ ...version, patchOperations: described }));
    assert.equal((await send(new GetDocumentationVersionCommand(version))).description, "first");
    assert.equal((await send(new GetDocumentationVersionsCommand({ restApiId }))).items?.length, 1);
    await refused(send(new DeleteDocumentationVersionCommand(version)), "ConflictException", /stage: dev/);
    await send(new DeleteStageCommand({ restApiId, stageName: "dev" }));
    await send(new DeleteDocumentationVersionCommand(version));
    await send(new DeleteDocumentationPartCommand(ref));
    await refused(
      send(new GetDocumentationPartCommand(ref)),
      "NotFoundException",
      "Invalid Documentation part identifier specified",
    );
  });

  test("SDK types are listed; no SDK is made", async () => {
    const { items } = await send(new GetSdkTypesCommand({}));
    assert.ok(items?.some(({ id }) => id === "javascript"));
    assert.equal((await send(new GetSdkTypeCommand({ id: "ruby" }))).friendlyName, "Ruby");
    await refused(send(new GetSdkTypeCommand({ id: "cobol" })), "NotFoundException", /SDK type/);
  });
});

test("GET /_trunkline/apis tells where stages are called and what answers there", async () => {
  const { restApiId, deploymentId } = await deployedApi("listed");
  const { status, body } = await sendSigned(server.url, {
    service: "execute-api",
    method: "GET",
    path: "/_trunkline/apis",
  });
  assert.equal(status, 200);
  const { stages } = JSON.parse(String(body)) as { stages: { apiId: string }[] };
  assert.deepEqual(
    stages.find(({ apiId }) => apiId === restApiId),
    {
      apiId: restApiId,
      name: "calls",
      kind: "REST",
      stage: "listed",
      url: `${server.url}/_aws/execute-api/${restApiId}/listed/`,
      deploymentId,
      routes: [{ route: "GET /", calls: "MOCK", guards: [] }],
    },
  );
});
