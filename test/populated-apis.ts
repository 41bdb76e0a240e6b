import { type As, call } from "./model-call.ts";

type Values = Readonly<Record<string, readonly unknown[]>>;

/** A REST API with all that can be in one, deployed to a stage, with a key and a plan. */
export async function populateRestApis(
  url: string,
  name: string,
  as: As,
  { secret }: { secret: string },
): Promise<Values> {
  const gateway = (operation: string, input: object) => call(url, "apigateway", operation, { ...input }, as);
  const api = await gateway("CreateRestApi", { name, description: secret, tags: { note: secret } });
  const restApiId = api.id;
  const child = await gateway("CreateResource", { restApiId, parentId: api.rootResourceId, pathPart: name });
  const schema = JSON.stringify({ type: "object", title: secret });
  const model = await gateway("CreateModel", { restApiId, name: "Call", contentType: "application/json", schema });
  const validator = await gateway("CreateRequestValidator", { restApiId, name: secret });
  const authorizerUri =
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:may/invocations";
  const authorizer = await gateway("CreateAuthorizer", {
    restApiId,
    name: secret,
    type: "TOKEN",
    authorizerUri,
    identitySource: "method.request.header.Authorization",
  });
  const method = { restApiId, resourceId: child.id, httpMethod: "GET" };
  await gateway("PutMethod", { ...method, authorizationType: "NONE" });
  await gateway("PutMethodResponse", { ...method, statusCode: "200" });
  await gateway("PutIntegration", { ...method, type: "MOCK", requestTemplates: { "application/json": secret } });
  await gateway("PutIntegrationResponse", { ...method, statusCode: "200" });
  await gateway("PutGatewayResponse", { restApiId, responseType: "THROTTLED", statusCode: "430" });
  const location = { type: "API" };
  const part = await gateway("CreateDocumentationPart", {
    restApiId,
    location,
    properties: JSON.stringify({ secret }),
  });
  await gateway("CreateDocumentationVersion", { restApiId, documentationVersion: "v1", description: secret });
  const stageName = "dev";
  const deployment = await gateway("CreateDeployment", { restApiId, stageName, description: secret });
  const key = await gateway("CreateApiKey", { name, description: secret });
  const plan = await gateway("CreateUsagePlan", {
    name,
    description: secret,
    apiStages: [{ apiId: restApiId, stage: stageName }],
    quota: { limit: 5, period: "DAY" },
  });
  await gateway("CreateUsagePlanKey", { usagePlanId: plan.id, keyId: key.id, keyType: "API_KEY" });
  return {
    restApiId: [restApiId],
    cloneFrom: [restApiId],
    resourceId: [child.id],
    parentId: [child.id],
    pathPart: ["other"],
    httpMethod: ["GET"],
    statusCode: ["200"],
    responseType: ["THROTTLED"],
    modelName: [model.name],
    requestValidatorId: [validator.id],
    authorizerId: [authorizer.id],
    authorizerUri: [authorizerUri],
    authorizationType: ["NONE"],
    documentationPartId: [part.id],
    documentationVersion: ["v1"],
    location: [location],
    deploymentId: [deployment.id],
    stageName: [stageName],
    apiKey: [key.id],
    keyId: [key.id],
    keyType: ["API_KEY"],
    usagePlanId: [plan.id],
    startDate: ["2030-01-01"],
    endDate: ["2030-01-02"],
    uri: ["http://127.0.0.1:9/"],
    integrationHttpMethod: ["POST"],
    patchOperations: [[{ op: "replace", path: "/description", value: "mine" }]],
    exportType: ["oas30"],
    body: [Buffer.from(JSON.stringify({ openapi: "3.0.1", info: { title: name, version: "1" }, paths: {} }))],
    resourceArn: [`arn:aws:apigateway:us-east-1::/restapis/${restApiId}`],
    tags: [{ note: "mine" }],
    tagKeys: [["note"]],
  };
}

/** An HTTP API with a route, an integration, an authorizer and a stage. */
export async function populateHttpApis(
  url: string,
  name: string,
  as: As,
  { secret }: { secret: string },
): Promise<Values> {
  const gateway = (operation: string, input: object) => call(url, "apigatewayv2", operation, { ...input }, as);
  const Target = "arn:aws:lambda:us-east-1:000000000000:function:hello";
  const { apiId: ApiId } = await gateway("CreateApi", {
    Name: name,
    ProtocolType: "HTTP",
    Description: secret,
    Target,
  });
  const { authorizerId: AuthorizerId } = await gateway("CreateAuthorizer", {
    ApiId,
    Name: secret,
    AuthorizerType: "JWT",
    IdentitySource: ["$request.header.Authorization"],
    JwtConfiguration: { Issuer: "https://issuer.example.com", Audience: [secret] },
  });
  const { items: routes } = await gateway("GetRoutes", { ApiId });
  const { items: integrations } = await gateway("GetIntegrations", { ApiId });
  const { items: deployments } = await gateway("GetDeployments", { ApiId });
  return {
    ApiId: [ApiId],
    AuthorizerId: [AuthorizerId],
    RouteId: [routes[0].routeId],
    RouteKey: ["GET /other", "$default"],
    IntegrationId: [integrations[0].integrationId],
    IntegrationType: ["HTTP_PROXY"],
    IntegrationMethod: ["GET"],
    IntegrationUri: ["http://127.0.0.1:9/"],
    ProtocolType: ["HTTP"],
    DeploymentId: [deployments[0].deploymentId],
    StageName: ["$default", "dev"],
    IdentitySource: [["$request.header.Authorization"]],
    Specification: ["OAS30"],
    OutputType: ["JSON"],
    ResourceArn: [`arn:aws:apigateway:us-east-1::/apis/${ApiId}`],
    Tags: [{ note: "mine" }],
    TagKeys: [["note"]],
  };
}
