/** The control plane of HTTP APIs, through the SDK. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteAccessLogSettingsCommand,
  DeleteApiCommand,
  DeleteAuthorizerCommand,
  DeleteCorsConfigurationCommand,
  DeleteDeploymentCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  DeleteRouteSettingsCommand,
  DeleteStageCommand,
  GetApiCommand,
  GetApisCommand,
  GetAuthorizerCommand,
  GetAuthorizersCommand,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetIntegrationCommand,
  GetIntegrationsCommand,
  GetRouteCommand,
  GetRoutesCommand,
  GetStageCommand,
  GetStagesCommand,
  GetTagsCommand,
  ResetAuthorizersCacheCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApiCommand,
  UpdateAuthorizerCommand,
  UpdateDeploymentCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import { findStage } from "../src/services/api-gateway/deployed-api.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const gateway = new ApiGatewayV2Client(server.client);
const others = new ApiGatewayV2Client(server.clientOf("other"));
const send = gateway.send.bind(gateway);

const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:hello";

async function api(): Promise<string> {
  const { ApiId } = await send(new CreateApiCommand({ Name: "calls", ProtocolType: "HTTP" }));
  return String(ApiId);
}

async function proxyTo(ApiId: string, IntegrationUri = FUNCTION): Promise<string> {
  const created = await send(
    new CreateIntegrationCommand({ ApiId, IntegrationType: "AWS_PROXY", IntegrationUri, PayloadFormatVersion: "2.0" }),
  );
  return `integrations/${created.IntegrationId}`;
}

function refused(call: Promise<unknown>, name: string, message: string | RegExp): Promise<void> {
  return assert.rejects(call, (error: Error) => {
    assert.equal(error.name, name);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

suite("APIs", () => {
  test("an API is created, changed, listed and deleted", async () => {
    const created = await send(new CreateApiCommand({ Name: "calls", ProtocolType: "HTTP", Tags: { a: "b" } }));
    const ApiId = String(created.ApiId);
    assert.match(ApiId, /^[a-z0-9]{10}$/);
    assert.equal(created.ApiEndpoint, `${server.url}/_aws/execute-api/${ApiId}`);
    assert.equal(created.RouteSelectionExpression, "$request.method $request.path");
    const CorsConfiguration = { AllowOrigins: ["https://example.com"], AllowMethods: ["GET"], MaxAge: 60 };
    const updated = await send(new UpdateApiCommand({ ApiId, Name: "changed", CorsConfiguration }));
    assert.equal(updated.Name, "changed");
    assert.deepEqual((await send(new GetApiCommand({ ApiId }))).CorsConfiguration, CorsConfiguration);
    await send(new DeleteCorsConfigurationCommand({ ApiId }));
    assert.equal((await send(new GetApiCommand({ ApiId }))).CorsConfiguration, undefined);
    const { Items = [] } = await send(new GetApisCommand({}));
    assert.ok(Items.some((one) => one.ApiId === ApiId));
    await refused(others.send(new GetApiCommand({ ApiId })), "NotFoundException", /^Invalid API identifier specified/);
    await send(new DeleteApiCommand({ ApiId }));
    await refused(send(new GetApiCommand({ ApiId })), "NotFoundException", /^Invalid API identifier specified/);
  });

  test("what is wrong is refused", async () => {
    const create = (input: object) => send(new CreateApiCommand({ Name: "x", ProtocolType: "HTTP", ...input }));
    const bad = (input: object, message: RegExp) => refused(create(input), "BadRequestException", message);
    await bad(
      { Name: "x".repeat(129) },
      /'name' failed to satisfy constraint: Member must have length less than or equal to 128/,
    );
    await bad({ RouteKey: "GET /x" }, /^Target is required/);
    await bad({ RouteSelectionExpression: "$request.body.action" }, /route selection/);
    await bad({ CorsConfiguration: { AllowOrigins: ["*"], AllowCredentials: true } }, /CORS/);
    await bad({ Target: "nowhere" }, /integration URI/);
    await refused(create({ ProtocolType: "WEBSOCKET" }), "NotImplemented", /WEBSOCKET/);
    await refused(send(new GetApisCommand({ MaxResults: "many" })), "BadRequestException", /maxResults/);
    await refused(send(new GetApisCommand({ NextToken: "none" })), "BadRequestException", /nextToken/);
  });

  test("with a target an API has a route, an integration and a stage that deploys by itself", async () => {
    const { ApiId = "" } = await send(new CreateApiCommand({ Name: "quick", ProtocolType: "HTTP", Target: FUNCTION }));
    const { Items: routes } = await send(new GetRoutesCommand({ ApiId }));
    assert.deepEqual(
      routes?.map(({ RouteKey, ApiGatewayManaged }) => [RouteKey, ApiGatewayManaged]),
      [["$default", true]],
    );
    const { Items: integrations } = await send(new GetIntegrationsCommand({ ApiId }));
    assert.equal(integrations?.[0]?.PayloadFormatVersion, "2.0");
    const stage = await send(new GetStageCommand({ ApiId, StageName: "$default" }));
    assert.equal(stage.AutoDeploy, true);
    await send(new UpdateApiCommand({ ApiId, Target: `${FUNCTION}:live`, RouteKey: "GET /hello" }));
    const found = await findStage(server.app.platform().store, ApiId, "$default");
    assert.ok(found?.kind === "HTTP");
    assert.deepEqual(
      found.deployed.routes.map(({ RouteKey }) => RouteKey),
      ["GET /hello"],
    );
    assert.equal(found.deployed.integrations[0]?.IntegrationUri, `${FUNCTION}:live`);
  });
});

suite("routes and integrations", () => {
  test("routes", async () => {
    const ApiId = await api();
    const Target = await proxyTo(ApiId);
    const create = (input: object) =>
      send(new CreateRouteCommand({ ApiId, RouteKey: "GET /calls/{id}", Target, ...input }));
    const { RouteId = "", ...created } = await create({});
    assert.equal(created.AuthorizationType, "NONE");
    await refused(create({}), "ConflictException", "Route with key GET /calls/{id} already exists for this API");
    const bad = (input: object, message: RegExp) => refused(create(input), "BadRequestException", message);
    for (const RouteKey of ["FETCH /x", "GET x", "GET /{a+}/b", "GET /{", "$disconnect"]) {
      await bad({ RouteKey }, /^The provided route key is not formatted properly/);
    }
    await bad({ RouteKey: "GET /x", Target: "integrations/none" }, /^Unable to find Integration/);
    await bad({ RouteKey: "GET /x", AuthorizationType: "JWT" }, /^AuthorizerId is required/);
    await bad({ RouteKey: "GET /x", ApiKeyRequired: true }, /ApiKeyRequired/);
    const updated = await send(
      new UpdateRouteCommand({ ApiId, RouteId, RouteKey: "ANY /{proxy+}", OperationName: "all" }),
    );
    assert.equal(updated.RouteKey, "ANY /{proxy+}");
    assert.equal((await send(new GetRouteCommand({ ApiId, RouteId }))).OperationName, "all");
    await create({ RouteKey: "$default" });
    const page = await send(new GetRoutesCommand({ ApiId, MaxResults: "1" }));
    const rest = await send(new GetRoutesCommand({ ApiId, MaxResults: "1", NextToken: page.NextToken }));
    assert.notEqual(page.Items?.[0]?.RouteId, rest.Items?.[0]?.RouteId);
    await send(new DeleteRouteCommand({ ApiId, RouteId }));
    await refused(
      send(new GetRouteCommand({ ApiId, RouteId })),
      "NotFoundException",
      "Invalid Route identifier specified",
    );
  });

  test("integrations", async () => {
    const ApiId = await api();
    const create = (input: object) =>
      send(new CreateIntegrationCommand({ ApiId, IntegrationType: "HTTP_PROXY", IntegrationMethod: "GET", ...input }));
    const { IntegrationId = "", ...created } = await create({ IntegrationUri: "http://127.0.0.1:9/x" });
    assert.equal(created.TimeoutInMillis, 30_000);
    assert.equal(created.PayloadFormatVersion, "1.0");
    assert.equal(created.ConnectionType, "INTERNET");
    const RequestParameters = { "append:header.X-A": "$request.header.B", "overwrite:path": "/y" };
    const ResponseParameters = { 200: { "remove:header.Server": "''" } };
    const updated = await send(
      new UpdateIntegrationCommand({
        ApiId,
        IntegrationId,
        RequestParameters,
        ResponseParameters,
        TimeoutInMillis: 500,
      }),
    );
    assert.deepEqual(updated.RequestParameters, RequestParameters);
    assert.equal((await send(new GetIntegrationCommand({ ApiId, IntegrationId }))).TimeoutInMillis, 500);
    const bad = (input: object, message: RegExp) => refused(create(input), "BadRequestException", message);
    await bad({ IntegrationUri: "x" }, /^Invalid HTTP endpoint/);
    await bad({ IntegrationUri: "http://x", RequestParameters: { "x.y": "z" } }, /parameter mapping/);
    await bad({ IntegrationType: "MOCK" }, /not supported for HTTP APIs/);
    await bad({ IntegrationType: "AWS_PROXY", IntegrationUri: FUNCTION }, /^PayloadFormatVersion is a required/);
    await bad({ IntegrationType: "AWS_PROXY", IntegrationSubtype: "S3-PutObject" }, /^Invalid IntegrationSubtype/);
    await refused(create({ ConnectionType: "VPC_LINK" }), "NotImplemented", /VPC links/);
    const queue = await create({
      IntegrationType: "AWS_PROXY",
      IntegrationSubtype: "SQS-SendMessage",
      CredentialsArn: "arn:aws:iam::000000000000:role/sends",
      RequestParameters: { QueueUrl: "$request.header.queue", MessageBody: "$request.body" },
    });
    assert.equal(queue.PayloadFormatVersion, "1.0");

    const Target = `integrations/${IntegrationId}`;
    const { RouteId } = await send(new CreateRouteCommand({ ApiId, RouteKey: "GET /x", Target }));
    await refused(
      send(new DeleteIntegrationCommand({ ApiId, IntegrationId })),
      "BadRequestException",
      `Cannot delete Integration '${IntegrationId}', it is referenced by Route GET /x`,
    );
    await send(new DeleteRouteCommand({ ApiId, RouteId }));
    await send(new DeleteIntegrationCommand({ ApiId, IntegrationId }));
    await refused(
      send(new GetIntegrationCommand({ ApiId, IntegrationId })),
      "NotFoundException",
      "Invalid Integration identifier specified",
    );
  });

  test("authorizers", async () => {
    const ApiId = await api();
    const JwtConfiguration = { Issuer: "https://issuer.example.com", Audience: ["calls"] };
    const IdentitySource = ["$request.header.Authorization"];
    const create = (input: object) =>
      send(new CreateAuthorizerCommand({ ApiId, Name: "jwt", AuthorizerType: "JWT", IdentitySource, ...input }));
    const { AuthorizerId = "" } = await create({ JwtConfiguration });
    const bad = (input: object, message: RegExp) =>
      refused(create({ Name: "x", ...input }), "BadRequestException", message);
    await bad({}, /^Issuer is required/);
    await bad({ JwtConfiguration, IdentitySource: ["header"] }, /identity source/);
    await bad({ AuthorizerType: "REQUEST" }, /^Invalid Authorizer URI/);
    await refused(create({ JwtConfiguration }), "ConflictException", /already exists/);
    const AuthorizerUri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;
    await bad({ AuthorizerType: "REQUEST", AuthorizerUri }, /^AuthorizerPayloadFormatVersion is a required/);
    const request = {
      AuthorizerType: "REQUEST",
      AuthorizerUri,
      AuthorizerPayloadFormatVersion: "2.0",
      Name: "function",
    };
    await create({ ...request, EnableSimpleResponses: true });
    const route = { ApiId, RouteKey: "GET /x", AuthorizationType: "JWT" as const, AuthorizerId };
    const { RouteId } = await send(new CreateRouteCommand(route));
    await refused(
      send(new DeleteAuthorizerCommand({ ApiId, AuthorizerId })),
      "BadRequestException",
      `Cannot delete Authorizer '${AuthorizerId}', it is referenced by Route GET /x`,
    );
    const open = await send(new UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: "NONE" }));
    assert.equal(open.AuthorizerId, undefined);
    await send(new UpdateAuthorizerCommand({ ApiId, AuthorizerId, Name: "tokens" }));
    assert.equal((await send(new GetAuthorizerCommand({ ApiId, AuthorizerId }))).Name, "tokens");
    assert.equal((await send(new GetAuthorizersCommand({ ApiId }))).Items?.length, 2);
    await send(new DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
    await refused(
      send(new GetAuthorizerCommand({ ApiId, AuthorizerId })),
      "NotFoundException",
      "Invalid Authorizer identifier specified",
    );
  });
});

suite("stages and deployments", () => {
  test("a stage that deploys by itself has every change at once", async () => {
    const ApiId = await api();
    await send(new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
    const find = () => findStage(server.app.platform().store, ApiId, "$default");
    assert.equal(await find(), undefined);
    const Target = await proxyTo(ApiId);
    const { RouteId } = await send(new CreateRouteCommand({ ApiId, RouteKey: "GET /a", Target }));
    const first = await find();
    assert.ok(first?.kind === "HTTP");
    assert.deepEqual(
      first.deployed.routes.map(({ RouteKey }) => RouteKey),
      ["GET /a"],
    );
    await send(new CreateRouteCommand({ ApiId, RouteKey: "GET /b", Target }));
    await send(new DeleteRouteCommand({ ApiId, RouteId }));
    const second = await find();
    assert.ok(second?.kind === "HTTP");
    assert.deepEqual(
      second.deployed.routes.map(({ RouteKey }) => RouteKey),
      ["GET /b"],
    );
    const { Items = [] } = await send(new GetDeploymentsCommand({ ApiId }));
    assert.deepEqual(
      Items.map(({ AutoDeployed, DeploymentId }) => [AutoDeployed, DeploymentId]),
      [[true, second.deploymentId]],
    );
    await refused(
      send(new UpdateStageCommand({ ApiId, StageName: "$default", DeploymentId: Items[0]?.DeploymentId })),
      "BadRequestException",
      "Deployment ID cannot be set on stage '$default' because AutoDeploy is enabled",
    );
  });

  test("other stages have what they are deployed", async () => {
    const ApiId = await api();
    await refused(
      send(new CreateDeploymentCommand({ ApiId })),
      "BadRequestException",
      "At least one route is required before deploying the Api.",
    );
    await send(new CreateRouteCommand({ ApiId, RouteKey: "GET /a", Target: await proxyTo(ApiId) }));
    const create = (input: object) => send(new CreateStageCommand({ ApiId, StageName: "dev", ...input }));
    await create({ StageVariables: { a: "b" }, RouteSettings: { "GET /a": { ThrottlingRateLimit: 5 } } });
    await refused(create({}), "ConflictException", "Stage already exists");
    const bad = (input: object, message: RegExp) =>
      refused(create({ StageName: "x", ...input }), "BadRequestException", message);
    await bad({ StageName: "a b" }, /^Stage name/);
    await bad({ DeploymentId: "none" }, /^Invalid deployment identifier/);
    await bad({ RouteSettings: { "GET /none": {} } }, /^Unable to find Route by key GET \/none/);
    await bad({ DefaultRouteSettings: { LoggingLevel: "INFO" } }, /protocolType HTTP/);

    const { DeploymentId = "" } = await send(
      new CreateDeploymentCommand({ ApiId, StageName: "dev", Description: "one" }),
    );
    assert.equal((await send(new GetStageCommand({ ApiId, StageName: "dev" }))).DeploymentId, DeploymentId);
    await send(new UpdateDeploymentCommand({ ApiId, DeploymentId, Description: "first" }));
    assert.equal((await send(new GetDeploymentCommand({ ApiId, DeploymentId }))).Description, "first");
    await send(new CreateRouteCommand({ ApiId, RouteKey: "GET /b" }));
    const found = await findStage(server.app.platform().store, ApiId, "dev");
    assert.ok(found?.kind === "HTTP");
    assert.deepEqual(
      found.deployed.routes.map(({ RouteKey }) => RouteKey),
      ["GET /a"],
    );

    const AccessLogSettings = {
      DestinationArn: "arn:aws:logs:us-east-1:000000000000:log-group:a",
      Format: "$context.requestId",
    };
    const stage = { ApiId, StageName: "dev" };
    assert.deepEqual(
      (await send(new UpdateStageCommand({ ...stage, AccessLogSettings }))).AccessLogSettings,
      AccessLogSettings,
    );
    await send(new DeleteAccessLogSettingsCommand(stage));
    await send(new DeleteRouteSettingsCommand({ ...stage, RouteKey: "GET /a" }));
    await send(new ResetAuthorizersCacheCommand(stage));
    const bare = await send(new GetStageCommand(stage));
    assert.equal(bare.AccessLogSettings, undefined);
    assert.deepEqual(bare.RouteSettings, {});
    assert.deepEqual(
      (await send(new GetStagesCommand({ ApiId }))).Items?.map(({ StageName }) => StageName),
      ["dev"],
    );
    await refused(
      send(new DeleteDeploymentCommand({ ApiId, DeploymentId })),
      "BadRequestException",
      /associated with stage dev/,
    );
    await send(new DeleteStageCommand(stage));
    await refused(send(new GetStageCommand(stage)), "NotFoundException", "Invalid stage identifier specified");
    await send(new DeleteDeploymentCommand({ ApiId, DeploymentId }));
    await refused(
      send(new GetDeploymentCommand({ ApiId, DeploymentId })),
      "NotFoundException",
      /deployment identifier/,
    );
  });

  test("tags of APIs and stages", async () => {
    const ApiId = await api();
    await send(new CreateStageCommand({ ApiId, StageName: "dev" }));
    for (const path of [`apis/${ApiId}`, `apis/${ApiId}/stages/dev`]) {
      const ResourceArn = `arn:aws:apigateway:us-east-1::/${path}`;
      await send(new TagResourceCommand({ ResourceArn, Tags: { a: "1", b: "2" } }));
      await send(new UntagResourceCommand({ ResourceArn, TagKeys: ["a"] }));
      assert.deepEqual((await send(new GetTagsCommand({ ResourceArn }))).Tags, { b: "2" });
    }
  });
});
