/** API Gateway. */
import {
  type Changing,
  type Creating,
  type Existing,
  type Made,
  type Properties,
  type ResourceType,
  type Work,
  words,
} from "../resource-type.ts";
import { found, hasSame, listAt, listed, oneFound, pick, recoveryOf, retag, tagMap } from "./parts.ts";
import { plain } from "./plain-type.ts";

const REST_API = words(
  "ApiKeySourceType BinaryMediaTypes Description DisableExecuteApiEndpoint EndpointConfiguration MinimumCompressionSize Name Policy",
);
const restApi: ResourceType = {
  updatable: [...REST_API, ...words("Body FailOnWarnings Mode Parameters Tags")],
  replacing: [],
  required: [],
  async create(work) {
    const { call, properties, name } = work;
    const { Body, ApiKeySourceType, FailOnWarnings, Parameters } = properties;
    const given = {
      Name: name,
      ...pick(properties, REST_API),
      ...(ApiKeySourceType !== undefined && { ApiKeySource: ApiKeySourceType }),
      ...tagMap(work, "tags"),
    };
    const { ApiKeySourceType: _, ...rest } = given as Properties;
    const { id } =
      Body === undefined
        ? await call("apigateway", "CreateRestApi", rest)
        : await call("apigateway", "ImportRestApi", {
            body: encoded(Body),
            ...(FailOnWarnings !== undefined && { failOnWarnings: FailOnWarnings }),
            ...(Parameters !== undefined && { parameters: Parameters }),
          });
    work.began(String(id));
    return completeRestApi(work, String(id));
  },
  recovery: {
    async candidates({ call, properties, name }) {
      const { Name = name, Body } = properties;
      const items = await listed(call, "apigateway", "GetRestApis", { member: "items" });
      // One that was cut short has the name of its definition.
      return items.filter((item) => Body !== undefined || item.name === Name).map(({ id }) => String(id));
    },
    complete: completeRestApi,
  },
  async update(changing) {
    const { call, properties, physicalId: restApiId, region, before } = changing;
    const { Body, Mode = "overwrite", FailOnWarnings, Parameters } = properties;
    if (changing.changed("Body", "Mode", "Parameters") && Body !== undefined) {
      await call("apigateway", "PutRestApi", {
        restApiId,
        mode: Mode,
        body: encoded(Body),
        ...(FailOnWarnings !== undefined && { failOnWarnings: FailOnWarnings }),
        ...(Parameters !== undefined && { parameters: Parameters }),
      });
    }
    await patchRestApi(changing, restApiId, before);
    const resourceArn = `arn:aws:apigateway:${region}::/restapis/${restApiId}`;
    await retag(changing, { model: "apigateway", resource: { resourceArn }, map: "tags" });
    return undefined;
  },
  remove: ({ call, physicalId: restApiId }) => call("apigateway", "DeleteRestApi", { restApiId }),
};

async function completeRestApi(work: Work, id: string): Promise<Made> {
  // A definition brings a name and a description: those of the template win.
  if (work.properties.Body !== undefined) await patchRestApi(work, id, {});
  return { physicalId: id, attributes: { RestApiId: id, RootResourceId: await rootOf(work.call, id) } };
}

/** Brings what of an API is patched from what it was to what it is to be. */
async function patchRestApi({ call, properties }: Work, restApiId: string, before: Properties): Promise<void> {
  const { MinimumCompressionSize: size, EndpointConfiguration, DisableExecuteApiEndpoint: disabled } = properties;
  const types = listAt((EndpointConfiguration ?? {}) as Properties, "Types");
  const differs = (name: string): boolean => JSON.stringify(properties[name]) !== JSON.stringify(before[name]);
  const patchOperations = [
    ...(differs("Name") && properties.Name !== undefined ? replaced("/name", properties.Name) : []),
    ...(differs("Description") ? replaced("/description", properties.Description ?? "") : []),
    ...(differs("Policy") ? replaced("/policy", properties.Policy ?? "") : []),
    ...(differs("ApiKeySourceType") ? replaced("/apiKeySource", properties.ApiKeySourceType ?? "HEADER") : []),
    ...(differs("MinimumCompressionSize") ? replaced("/minimumCompressionSize", size ?? "") : []),
    ...(differs("DisableExecuteApiEndpoint") ? replaced("/disableExecuteApiEndpoint", disabled ?? false) : []),
    ...(differs("EndpointConfiguration") && types.length > 0
      ? replaced("/endpointConfiguration/types/0", types[0])
      : []),
    ...elements("/binaryMediaTypes/", listAt(properties, "BinaryMediaTypes"), listAt(before, "BinaryMediaTypes")),
  ];
  if (patchOperations.length > 0) await call("apigateway", "UpdateRestApi", { restApiId, patchOperations });
}

function replaced(path: string, value: unknown): readonly Properties[] {
  return [{ op: "replace", path, value }];
}

/** What makes a list of texts, each named in a path, of another one. */
function elements(path: string, now: readonly unknown[], before: readonly unknown[]): readonly Properties[] {
  const at = (item: unknown): string => path + String(item).replaceAll("~", "~0").replaceAll("/", "~1");
  return [
    ...before.filter((item) => !now.includes(item)).map((item) => ({ op: "remove", path: at(item) })),
    ...now.filter((item) => !before.includes(item)).map((item) => ({ op: "add", path: at(item) })),
  ];
}

function encoded(body: unknown): string {
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body)).toString("base64");
}

async function rootOf(call: Work["call"], restApiId: unknown): Promise<unknown> {
  const { items = [] } = await call("apigateway", "GetResources", { restApiId });
  return (items as { path: string; id: string }[]).find(({ path }) => path === "/")?.id;
}

const resource = plain({
  model: "apigateway",
  create: "CreateResource",
  remove: "DeleteResource",
  updatable: [],
  replacing: words("ParentId PathPart RestApiId"),
  required: words("ParentId PathPart RestApiId"),
  key: ({ RestApiId }, resourceId) => ({ RestApiId, resourceId }),
  made: ({ id }) => ({ physicalId: String(id), attributes: { ResourceId: id } }),
  async existing({ call, properties: { RestApiId, ...given } }) {
    const items = await listed(call, "apigateway", "GetResources", { member: "items", RestApiId });
    return items.filter((item) => hasSame(item, given, ["ParentId", "PathPart"]));
  },
});

const METHOD =
  words(`ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId HttpMethod OperationName RequestModels RequestParameters
  RequestValidatorId ResourceId RestApiId`);
const method: ResourceType = {
  updatable: [
    ...METHOD.filter((name) => !["HttpMethod", "ResourceId", "RestApiId"].includes(name)),
    "Integration",
    "MethodResponses",
  ],
  replacing: words("HttpMethod ResourceId RestApiId"),
  required: words("HttpMethod ResourceId RestApiId"),
  create: createMethod,
  // To put it once more is to put what may have been cut short.
  recovery: {
    candidates: async ({ call, properties }) =>
      (await oneFound(call("apigateway", "GetMethod", keyOfMethod(properties)))).map(() => methodId(properties)),
    async complete(work) {
      await found(work.call("apigateway", "DeleteMethod", keyOfMethod(work.properties)));
      return createMethod(work);
    },
  },
  async update(changing) {
    await found(changing.call("apigateway", "DeleteMethod", keyOfMethod(changing.properties)));
    await createMethod({ ...changing, began: () => {} });
    return undefined;
  },
  remove: ({ call, properties }) => call("apigateway", "DeleteMethod", keyOfMethod(properties)),
};

function keyOfMethod(properties: Properties): Properties {
  return pick(properties, words("HttpMethod ResourceId RestApiId"));
}

function methodId(properties: Properties): string {
  return Object.values(keyOfMethod(properties)).join("|");
}

async function createMethod(work: Creating): Promise<{ physicalId: string }> {
  const { call, properties, began } = work;
  const key = keyOfMethod(properties);
  await call("apigateway", "PutMethod", { AuthorizationType: "NONE", ...pick(properties, METHOD) });
  const physicalId = methodId(properties);
  began(physicalId);
  for (const response of listAt(properties, "MethodResponses"))
    await call("apigateway", "PutMethodResponse", { ...key, ...response });
  const { Integration } = properties;
  if (Integration === undefined) return { physicalId };
  const { IntegrationResponses = [], ...integration } = Integration as Properties;
  await call("apigateway", "PutIntegration", { ...key, ...integration });
  for (const response of IntegrationResponses as Properties[]) {
    await call("apigateway", "PutIntegrationResponse", { ...key, ...response });
  }
  return { physicalId };
}

const deployment: ResourceType = {
  updatable: ["Description"],
  replacing: words("RestApiId StageDescription StageName"),
  required: ["RestApiId"],
  async create({ call, properties }) {
    const { StageDescription: _, ...given } = properties;
    const { id } = await call("apigateway", "CreateDeployment", given);
    return { physicalId: String(id), attributes: { DeploymentId: id } };
  },
  recovery: recoveryOf(
    async ({ call, properties: { RestApiId, ...given } }) => {
      const items = await listed(call, "apigateway", "GetDeployments", { member: "items", RestApiId });
      return items.filter((item) => hasSame(item, given, ["Description"]));
    },
    ({ id }) => ({ physicalId: String(id), attributes: { DeploymentId: id } }),
  ),
  async update({ call, properties: { RestApiId, Description = "" }, physicalId: deploymentId }) {
    const patchOperations = [{ op: "replace", path: "/description", value: Description }];
    await call("apigateway", "UpdateDeployment", { RestApiId, deploymentId, patchOperations });
    return undefined;
  },
  async remove({ call, properties: { RestApiId, StageName }, physicalId: deploymentId }) {
    // The stage that came with it goes with it, unless a later deployment has taken it over.
    const stage =
      StageName === undefined ? undefined : await found(call("apigateway", "GetStage", { RestApiId, StageName }));
    if (stage?.deploymentId === deploymentId) await call("apigateway", "DeleteStage", { RestApiId, StageName });
    await call("apigateway", "DeleteDeployment", { RestApiId, deploymentId });
  },
};

const STAGE = words("DeploymentId Description RestApiId StageName TracingEnabled Variables");
const stage: ResourceType = {
  updatable: words("AccessLogSetting DeploymentId Description MethodSettings TracingEnabled Variables Tags"),
  replacing: ["RestApiId", "StageName"],
  required: ["RestApiId"],
  name: { property: "StageName", charactersMax: 128 },
  async create(work) {
    const { call, properties, name } = work;
    await call("apigateway", "CreateStage", { StageName: name, ...pick(properties, STAGE), ...tagMap(work, "tags") });
    work.began(name);
    return completeStage(work, name);
  },
  recovery: {
    candidates: async ({ call, name: StageName, properties: { RestApiId } }) =>
      (await oneFound(call("apigateway", "GetStage", { RestApiId, StageName }))).map(() => StageName),
    complete: completeStage,
  },
  async update(changing) {
    const { properties, before, physicalId } = changing;
    const variables = (properties.Variables ?? {}) as Properties;
    const gone = Object.keys((before.Variables ?? {}) as Properties).filter((name) => !Object.hasOwn(variables, name));
    const patches = [
      ...(properties.DeploymentId === undefined
        ? []
        : [{ op: "replace", path: "/deploymentId", value: properties.DeploymentId }]),
      ...(changing.changed("Description")
        ? [{ op: "replace", path: "/description", value: properties.Description ?? "" }]
        : []),
      ...Object.entries(variables).map(([name, value]) => ({ op: "replace", path: `/variables/${name}`, value })),
      ...gone.map((name) => ({ op: "remove", path: `/variables/${name}` })),
      ...settingPatches(properties),
      ...logPatches(properties),
    ];
    if (patches.length > 0) await patchStage(changing, physicalId, patches);
    const resourceArn = `arn:aws:apigateway:${changing.region}::/restapis/${properties.RestApiId}/stages/${physicalId}`;
    await retag(changing, { model: "apigateway", resource: { resourceArn }, map: "tags" });
    return undefined;
  },
  remove: ({ call, properties: { RestApiId }, physicalId: StageName }) =>
    call("apigateway", "DeleteStage", { RestApiId, StageName }),
};

async function completeStage(work: Work, name: string): Promise<Made> {
  const patches = [...settingPatches(work.properties), ...logPatches(work.properties)];
  if (patches.length > 0) await patchStage(work, name, patches);
  return { physicalId: name };
}

function patchStage(
  { call, properties: { RestApiId } }: Work,
  StageName: string,
  patchOperations: readonly unknown[],
): Promise<unknown> {
  return call("apigateway", "UpdateStage", { RestApiId, StageName, patchOperations });
}

const SETTINGS: Readonly<Record<string, string>> = {
  DataTraceEnabled: "logging/dataTrace",
  LoggingLevel: "logging/loglevel",
  MetricsEnabled: "metrics/enabled",
  ThrottlingBurstLimit: "throttling/burstLimit",
  ThrottlingRateLimit: "throttling/rateLimit",
};

function settingPatches(properties: Properties): readonly Properties[] {
  return listAt(properties, "MethodSettings").flatMap(({ HttpMethod, ResourcePath, ...settings }: Properties) =>
    Object.entries(settings).map(([name, value]) => {
      const setting = SETTINGS[name];
      if (setting === undefined)
        throw new Error(`Properties validation failed: #/MethodSettings: extraneous key [${name}] is not permitted`);
      const at =
        ResourcePath === "/*" || ResourcePath === undefined ? "/*" : `/${String(ResourcePath).replaceAll("/", "~1")}`;
      return { op: "replace", path: `${at}/${HttpMethod ?? "*"}/${setting}`, value };
    }),
  );
}

function logPatches({ AccessLogSetting }: Properties): readonly Properties[] {
  const { DestinationArn, Format } = (AccessLogSetting ?? {}) as Properties;
  return [
    ...(DestinationArn === undefined
      ? []
      : [{ op: "replace", path: "/accessLogSettings/destinationArn", value: DestinationArn }]),
    ...(Format === undefined ? [] : [{ op: "replace", path: "/accessLogSettings/format", value: Format }]),
  ];
}

const account: ResourceType = {
  updatable: ["CloudWatchRoleArn"],
  replacing: [],
  required: [],
  async create({ call, properties, name }) {
    await putAccount(call, properties);
    return { physicalId: name, attributes: { Id: name } };
  },
  async update({ call, properties }) {
    await putAccount(call, properties);
    return undefined;
  },
  // The account's settings stay, as they do there.
  remove: () => Promise.resolve(),
};

async function putAccount(call: Work["call"], { CloudWatchRoleArn }: Properties): Promise<void> {
  if (CloudWatchRoleArn === undefined) return;
  const patchOperations = [{ op: "replace", path: "/cloudwatchRoleArn", value: CloudWatchRoleArn }];
  await call("apigateway", "UpdateAccount", { patchOperations });
}

/** What an API has beside its methods: `updatable` are patched, each at the path of its name. */
function ofRestApi(
  name: string,
  of: {
    /** The member of other operations that names it. */
    readonly id: string;
    readonly updatable: readonly string[];
    readonly replacing: readonly string[];
    readonly required: readonly string[];
    /** It has a name in place of an id, and no attributes. */
    readonly isNamed?: true;
  },
): ResourceType {
  const key = ({ RestApiId }: Properties, physicalId: string): Properties => ({ RestApiId, [of.id]: physicalId });
  const made = (answer: Properties): Made => {
    const physicalId = String(answer[of.isNamed ? "name" : "id"]);
    return { physicalId, attributes: of.isNamed ? {} : { [`${name}Id`]: physicalId } };
  };
  return {
    updatable: of.updatable,
    replacing: of.replacing,
    required: of.required,
    async create(work) {
      const answer = await work.call("apigateway", `Create${name}`, {
        Name: ownName(work.name),
        ...pick(work.properties, [...of.updatable, ...of.replacing]),
      });
      return made(answer);
    },
    recovery: recoveryOf(async ({ call, properties: { RestApiId, Name }, name: own }) => {
      const items = await listed(call, "apigateway", `Get${name}s`, { member: "items", RestApiId });
      return items.filter((item) => item.name === (Name ?? ownName(own)));
    }, made),
    async update(changing: Changing) {
      const { call, properties, before, physicalId } = changing;
      const patchOperations = of.updatable.flatMap((property) => {
        if (!changing.changed(property)) return [];
        const path = `/${property.charAt(0).toLowerCase()}${property.slice(1)}`;
        return property === "ProviderARNs"
          ? elements(`${path}/`, listAt(properties, property), listAt(before, property))
          : replaced(path, properties[property] ?? "");
      });
      if (patchOperations.length > 0) {
        await call("apigateway", `Update${name}`, { ...key(properties, physicalId), patchOperations });
      }
      return undefined;
    },
    remove: ({ call, properties, physicalId }: Existing) =>
      call("apigateway", `Delete${name}`, key(properties, physicalId)),
  };
}

/** Names of models have nothing but letters and digits. */
function ownName(name: string): string {
  return name.replaceAll(/[^\dA-Za-z]/g, "");
}

const v2 = { model: "apigatewayv2" };
const HTTP_API = words("CorsConfiguration Description DisableExecuteApiEndpoint Name RouteSelectionExpression Version");
const httpApi = plain({
  ...v2,
  tags: "Tags",
  create: "CreateApi",
  update: "UpdateApi",
  remove: "DeleteApi",
  updatable: HTTP_API,
  replacing: words("CredentialsArn ProtocolType RouteKey Target"),
  required: ["Name", "ProtocolType"],
  key: (_properties, ApiId) => ({ ApiId }),
  made: ({ ApiId, ApiEndpoint }, { region, account }) => ({
    physicalId: String(ApiId),
    attributes: { ApiId, ApiEndpoint, ExecuteApiArn: `arn:aws:execute-api:${region}:${account}:${ApiId}` },
  }),
  arn: ({ region, physicalId }) => `arn:aws:apigateway:${region}::/apis/${physicalId}`,
  async existing({ call, properties }) {
    const items = await listed(call, "apigatewayv2", "GetApis", { member: "Items" });
    return items.filter((item) => hasSame(item, properties, ["Name"]));
  },
});

/** What is in an HTTP API and has an id of its own: `Integration`, `Route`. */
function ofHttpApi(
  name: string,
  updatable: readonly string[],
  required: readonly string[],
  alike: readonly string[],
): ResourceType {
  const id = `${name}Id`;
  return plain({
    ...v2,
    create: `Create${name}`,
    update: `Update${name}`,
    remove: `Delete${name}`,
    updatable,
    replacing: ["ApiId"],
    required: ["ApiId", ...required],
    key: ({ ApiId }, physicalId) => ({ ApiId, [id]: physicalId }),
    made: (answer) => ({ physicalId: String(answer[id]), attributes: { [id]: answer[id] } }),
    async existing({ call, properties: { ApiId, ...given } }) {
      const items = await listed(call, v2.model, `Get${name}s`, { member: "Items", ApiId });
      return items.filter((item) => hasSame(item, given, alike));
    },
  });
}

const httpStage = plain({
  ...v2,
  tags: "Tags",
  create: "CreateStage",
  update: "UpdateStage",
  remove: "DeleteStage",
  updatable: words(
    "AccessLogSettings AutoDeploy DefaultRouteSettings DeploymentId Description RouteSettings StageVariables",
  ),
  replacing: ["ApiId", "StageName"],
  required: ["ApiId", "StageName"],
  key: ({ ApiId, StageName }) => ({ ApiId, StageName }),
  made: ({ StageName }) => ({ physicalId: String(StageName) }),
  arn: ({ region, physicalId, properties }) =>
    `arn:aws:apigateway:${region}::/apis/${properties.ApiId}/stages/${physicalId}`,
  existing: ({ call, properties }) => oneFound(call(v2.model, "GetStage", pick(properties, ["ApiId", "StageName"]))),
});

export const apiTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::ApiGateway::Account": account,
  "AWS::ApiGateway::Authorizer": ofRestApi("Authorizer", {
    id: "authorizerId",
    updatable: words(
      "AuthType AuthorizerCredentials AuthorizerResultTtlInSeconds AuthorizerUri IdentitySource IdentityValidationExpression Name ProviderARNs Type",
    ),
    replacing: ["RestApiId"],
    required: words("Name RestApiId Type"),
  }),
  "AWS::ApiGateway::Deployment": deployment,
  "AWS::ApiGateway::Method": method,
  "AWS::ApiGateway::Model": ofRestApi("Model", {
    id: "modelName",
    updatable: ["Description", "Schema"],
    replacing: words("ContentType Name RestApiId"),
    required: ["RestApiId"],
    isNamed: true,
  }),
  "AWS::ApiGateway::RequestValidator": ofRestApi("RequestValidator", {
    id: "requestValidatorId",
    updatable: ["ValidateRequestBody", "ValidateRequestParameters"],
    replacing: ["Name", "RestApiId"],
    required: ["RestApiId"],
  }),
  "AWS::ApiGateway::Resource": resource,
  "AWS::ApiGateway::RestApi": restApi,
  "AWS::ApiGateway::Stage": stage,
  "AWS::ApiGatewayV2::Api": httpApi,
  "AWS::ApiGatewayV2::Authorizer": ofHttpApi(
    "Authorizer",
    words(
      "AuthorizerCredentialsArn AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds AuthorizerType AuthorizerUri EnableSimpleResponses IdentitySource IdentityValidationExpression JwtConfiguration Name",
    ),
    ["AuthorizerType", "Name"],
    ["Name"],
  ),
  "AWS::ApiGatewayV2::Deployment": ofHttpApi("Deployment", ["Description"], [], ["Description"]),
  "AWS::ApiGatewayV2::Integration": ofHttpApi(
    "Integration",
    words(`ConnectionId ConnectionType ContentHandlingStrategy CredentialsArn Description IntegrationMethod IntegrationSubtype IntegrationType
      IntegrationUri PassthroughBehavior PayloadFormatVersion RequestParameters RequestTemplates ResponseParameters
      TemplateSelectionExpression TimeoutInMillis TlsConfig`),
    ["IntegrationType"],
    words("IntegrationMethod IntegrationSubtype IntegrationType IntegrationUri"),
  ),
  "AWS::ApiGatewayV2::Route": ofHttpApi(
    "Route",
    words(
      "ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId OperationName RequestModels RequestParameters RouteKey Target",
    ),
    ["RouteKey"],
    ["RouteKey"],
  ),
  "AWS::ApiGatewayV2::Stage": httpStage,
};
