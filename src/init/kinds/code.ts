import { createHash } from "node:crypto";
import { type Doc, docs, type Kind } from "../kind.ts";

/** How an API's tag remembers the document that it was made of: nothing else tells whether a file says the same. */
export const OPENAPI_TAG = "trunkline:openapi-sha256";

const API = { ApiId: "Id" };

export const codeKinds: readonly Kind[] = [
  {
    section: "Layers",
    model: "lambda",
    name: "LayerName",
    attributes: { Arn: ["LayerVersionArn"], Version: ["Version"] },
    list: {
      operation: "ListLayers",
      items: "Layers",
      name: "LayerName",
      itemsOf: (output) =>
        docs(output, "Layers").map(({ LayerName, LatestMatchingVersion }) => ({
          LayerName,
          ...(LatestMatchingVersion as Doc),
        })),
    },
    read: {
      operation: "GetLayerVersion",
      input: { LayerName: "Name", VersionNumber: "Version" },
      inputOf: ({ Version }) => ({ VersionNumber: Number(Version) }),
      shaped: ({ Content, ...found }) => {
        const { CodeSha256, Location } = Content as Doc;
        return { ...found, CodeSha256, CodeUrl: Location };
      },
    },
    create: { operation: "PublishLayerVersion" },
    changes: [{ operation: "PublishLayerVersion", input: { LayerName: "Name" } }],
    renews: true,
    extra: {
      Content: {
        code: true,
        digest: "CodeSha256",
        says: "${file:PATH} of a folder, a file or a .zip; or the members of PublishLayerVersion's Content",
      },
    },
  },
  {
    section: "Functions",
    model: "lambda",
    name: "FunctionName",
    attributes: { Arn: ["FunctionArn"], Name: ["FunctionName"] },
    list: { operation: "ListFunctions", items: "Functions", name: "FunctionName" },
    read: {
      operation: "GetFunction",
      input: { FunctionName: "Name" },
      shaped: ({ Configuration, Code, Tags, Concurrency }) => {
        const { Layers, VpcConfig: _, ...configuration } = Configuration as Doc;
        return {
          ...configuration,
          Layers: ((Layers ?? []) as readonly Doc[]).map(({ Arn }) => Arn),
          Tags,
          ...(Concurrency as Doc | undefined),
          CodeUrl: (Code as Doc).Location,
        };
      },
    },
    create: { operation: "CreateFunction" },
    changes: [
      {
        operation: "UpdateFunctionCode",
        only: ["Code"],
        inputsOf: ({ Code }, _current, { Name }) => [{ FunctionName: Name, ...(Code as Doc) }],
      },
      { operation: "UpdateFunctionConfiguration", input: { FunctionName: "Name" } },
      { operation: "PutFunctionConcurrency", input: { FunctionName: "Name" } },
      { operation: "PutFunctionEventInvokeConfig", input: { FunctionName: "Name" } },
    ],
    more: [
      {
        operation: "GetFunctionEventInvokeConfig",
        input: { FunctionName: "Name" },
        members: ({ MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig }) => ({
          MaximumRetryAttempts,
          MaximumEventAgeInSeconds,
          DestinationConfig,
        }),
      },
    ],
    refs: { Role: "Roles", Layers: "Layers" },
    hidden: ["Publish", "PublishTo", "Qualifier"],
    extra: {
      Code: {
        code: true,
        digest: "CodeSha256",
        says: "${file:PATH} of a source file, a folder or a .zip; or the members of CreateFunction's Code",
      },
    },
  },
  {
    section: "FunctionPermissions",
    model: "lambda",
    parent: "Functions",
    name: "StatementId",
    within: { FunctionName: "Name" },
    attributes: { Id: ["StatementId"] },
    list: {
      operation: "GetPolicy",
      items: "Policy",
      name: "StatementId",
      none: ["ResourceNotFoundException"],
      itemsOf: ({ Policy }) =>
        (JSON.parse(String(Policy ?? '{"Statement":[]}')) as { Statement: readonly Doc[] }).Statement.map(permission),
    },
    create: { operation: "AddPermission" },
  },
  {
    section: "EventSourceMappings",
    model: "lambda",
    parent: "Functions",
    name: "EventSourceArn",
    within: { FunctionName: "Name" },
    attributes: { Id: ["UUID"] },
    list: { operation: "ListEventSourceMappings", items: "EventSourceMappings", name: "EventSourceArn" },
    read: {
      operation: "GetEventSourceMapping",
      input: { UUID: "Id" },
      shaped: ({ State, ...found }) => ({ ...found, Enabled: !/^Disabl/.test(String(State)) }),
    },
    create: { operation: "CreateEventSourceMapping" },
    changes: [{ operation: "UpdateEventSourceMapping", input: { UUID: "Id" } }],
    secret: ["Tags"],
  },
  {
    // Nobody chooses a version's number: what it is described as tells it from others.
    section: "FunctionVersions",
    model: "lambda",
    parent: "Functions",
    name: "Description",
    within: { FunctionName: "Name" },
    attributes: { Version: ["Version"], Arn: ["FunctionArn"] },
    list: {
      operation: "ListVersionsByFunction",
      items: "Versions",
      name: "Description",
      itemsOf: (output) => docs(output, "Versions").filter(({ Version }) => Version !== "$LATEST"),
    },
    create: { operation: "PublishVersion" },
    hidden: ["CodeSha256", "RevisionId", "PublishTo"],
    // Only the latest code can be read.
    isUnexported: true,
  },
  {
    section: "FunctionAliases",
    model: "lambda",
    parent: "Functions",
    name: "Name",
    within: { FunctionName: "Name" },
    attributes: { Arn: ["AliasArn"] },
    list: { operation: "ListAliases", items: "Aliases", name: "Name" },
    create: { operation: "CreateAlias" },
    changes: [{ operation: "UpdateAlias", input: { Name: "Name" } }],
    // Versions are not part of an export: a new server has none.
    isOwn: ({ FunctionVersion }) => FunctionVersion === "$LATEST",
  },
  {
    // A function has one at most, and what tells it from others can be nothing but what it is.
    section: "FunctionUrls",
    model: "lambda",
    parent: "Functions",
    name: "AuthType",
    within: { FunctionName: "Name" },
    attributes: { Url: ["FunctionUrl"] },
    list: {
      operation: "ListFunctionUrlConfigs",
      items: "FunctionUrlConfigs",
      name: "AuthType",
      itemsOf: (output) =>
        docs(output, "FunctionUrlConfigs").filter(({ FunctionArn }) => /:function:[^:]+$/.test(String(FunctionArn))),
    },
    create: { operation: "CreateFunctionUrlConfig" },
    changes: [{ operation: "UpdateFunctionUrlConfig" }],
    hidden: ["Qualifier"],
  },
  {
    section: "HttpApis",
    model: "apigatewayv2",
    name: "Name",
    attributes: { Id: ["ApiId"], Url: ["ApiEndpoint"] },
    list: { operation: "GetApis", items: "Items", name: "Name" },
    read: { operation: "GetApi", input: { ApiId: "Id" } },
    create: { operation: "CreateApi" },
    changes: [{ operation: "UpdateApi", input: { ApiId: "Id" } }],
    hidden: ["RouteKey", "Target", "CredentialsArn"],
  },
  {
    section: "HttpAuthorizers",
    model: "apigatewayv2",
    parent: "HttpApis",
    name: "Name",
    within: API,
    attributes: { Id: ["AuthorizerId"] },
    list: { operation: "GetAuthorizers", items: "Items", name: "Name" },
    create: { operation: "CreateAuthorizer" },
    changes: [{ operation: "UpdateAuthorizer", input: { AuthorizerId: "Id" } }],
  },
  {
    // It has no name of its own, so its description is what tells it from others.
    section: "HttpIntegrations",
    model: "apigatewayv2",
    parent: "HttpApis",
    name: "Description",
    within: API,
    attributes: { Id: ["IntegrationId"] },
    list: { operation: "GetIntegrations", items: "Items", name: "Description" },
    create: { operation: "CreateIntegration" },
    changes: [{ operation: "UpdateIntegration", input: { IntegrationId: "Id" } }],
    isOwn: ({ Description }) => Description !== undefined,
  },
  {
    section: "HttpRoutes",
    model: "apigatewayv2",
    parent: "HttpApis",
    name: "RouteKey",
    within: API,
    attributes: { Id: ["RouteId"] },
    list: { operation: "GetRoutes", items: "Items", name: "RouteKey" },
    create: { operation: "CreateRoute" },
    changes: [{ operation: "UpdateRoute", input: { RouteId: "Id" } }],
    refs: { AuthorizerId: "HttpAuthorizers" },
  },
  {
    section: "HttpStages",
    // A stage that deploys itself has another deployment with each change.
    exported: async (_call, _attributes, { AutoDeploy, DeploymentId }) => ({
      DeploymentId: AutoDeploy === true ? undefined : DeploymentId,
    }),
    model: "apigatewayv2",
    parent: "HttpApis",
    name: "StageName",
    within: API,
    attributes: { Name: ["StageName"] },
    list: { operation: "GetStages", items: "Items", name: "StageName" },
    create: { operation: "CreateStage" },
    changes: [{ operation: "UpdateStage", input: { StageName: "Name" } }],
  },
  {
    section: "RestApis",
    model: "apigateway",
    name: "name",
    attributes: { Id: ["id"] },
    list: { operation: "GetRestApis", items: "items", name: "name" },
    read: {
      operation: "GetRestApi",
      input: { restApiId: "Id" },
      shaped: (found) => ({ ...found, openApiSha256: ((found.tags ?? {}) as Doc)[OPENAPI_TAG] }),
    },
    create: { operation: "CreateRestApi" },
    changes: [
      {
        operation: "PutRestApi",
        only: ["openApi"],
        inputsOf: ({ openApi }, _current, { Id }) => [
          { restApiId: Id, mode: "overwrite", body: Buffer.from(String(openApi)).toString("base64") },
        ],
      },
      {
        // The document's title and description would be the API's otherwise.
        operation: "UpdateRestApi",
        only: ["openApi", "description"],
        inputsOf: (_wanted, { description }, { Id, Name }) => [
          {
            restApiId: Id,
            patchOperations: [
              { op: "replace", path: "/name", value: Name },
              ...(description === undefined ? [] : [{ op: "replace", path: "/description", value: description }]),
            ],
          },
        ],
      },
      {
        operation: "TagResource",
        only: ["openApi"],
        inputsOf: ({ openApi }, _current, { Id, Region }) => [
          {
            resourceArn: `arn:aws:apigateway:${Region}::/restapis/${Id}`,
            tags: { [OPENAPI_TAG]: createHash("sha256").update(String(openApi)).digest("hex") },
          },
        ],
      },
      {
        operation: "CreateDeployment",
        only: ["openApi", "stageName"],
        inputsOf: (_wanted, { stageName }, { Id }) => (stageName === undefined ? [] : [{ restApiId: Id, stageName }]),
      },
    ],
    more: [
      {
        operation: "GetStages",
        input: { restApiId: "Id" },
        members: ({ item }) => ({ stageName: ((item ?? []) as readonly Doc[])[0]?.stageName }),
      },
    ],
    hidden: ["cloneFrom"],
    files: { openApi: "json" },
    exported: async (call, { Id }, { stageName, tags }) => {
      const { [OPENAPI_TAG]: _, ...others } = (tags ?? {}) as Doc;
      if (stageName === undefined) return { tags: others };
      const asked = { exportType: "oas30", parameters: { extensions: "apigateway" }, accepts: "application/json" };
      const { body } = await call("apigateway", "GetExport", { restApiId: Id, stageName, ...asked });
      const { servers: _servers, ...api } = JSON.parse(Buffer.from(String(body), "base64").toString()) as Doc;
      // The order of an API's paths hangs on the ids of its resources.
      return { tags: others, openApi: JSON.stringify({ ...api, paths: sorted(api.paths) }) };
    },
    extra: {
      openApi: {
        text: true,
        digest: "openApiSha256",
        says: "the API as an OpenAPI document: ${file:PATH}, or what it says",
      },
      stageName: { says: "the stage that it is deployed to whenever its document has changed" },
    },
  },
  {
    section: "ApiKeys",
    model: "apigateway",
    name: "name",
    attributes: { Id: ["id"] },
    list: { operation: "GetApiKeys", items: "items", name: "name" },
    create: { operation: "CreateApiKey" },
    changes: [
      {
        operation: "UpdateApiKey",
        only: ["description", "enabled", "customerId"],
        inputsOf: (wanted, _whole, { Id }) => [
          {
            apiKey: Id,
            patchOperations: Object.entries(wanted).map(([name, value]) => ({
              ...{ op: "replace", path: `/${name}`, value: String(value) },
            })),
          },
        ],
      },
    ],
    secret: ["value"],
    hidden: ["generateDistinctId", "stageKeys"],
    // Nobody reads it back with the others, and two servers would have two keys.
    exported: async () => ({ value: "${env:TRUNKLINE_API_KEY}" }),
  },
  {
    section: "UsagePlans",
    model: "apigateway",
    name: "name",
    attributes: { Id: ["id"] },
    list: { operation: "GetUsagePlans", items: "items", name: "name" },
    create: { operation: "CreateUsagePlan" },
    refs: { apiId: "RestApis" },
  },
  {
    section: "UsagePlanKeys",
    model: "apigateway",
    parent: "UsagePlans",
    name: "keyId",
    within: { usagePlanId: "Id" },
    attributes: { Id: ["id"] },
    list: { operation: "GetUsagePlanKeys", items: "items", name: "id" },
    create: { operation: "CreateUsagePlanKey", input: { keyType: "API_KEY" } },
    refs: { keyId: "ApiKeys" },
  },
];

function sorted(map: unknown): Doc {
  return Object.fromEntries(Object.entries((map ?? {}) as Doc).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A statement of a function's policy as AddPermission was asked for it. */
function permission({ Sid, Action, Principal, Condition }: Doc): Doc {
  const { ArnLike, StringEquals } = (Condition ?? {}) as Record<string, Doc | undefined>;
  const service = typeof Principal === "string" ? Principal : ((Principal ?? {}) as Doc).Service;
  return {
    StatementId: Sid,
    Action,
    Principal: service ?? ((Principal ?? {}) as Doc).AWS,
    SourceArn: ArnLike?.["AWS:SourceArn"],
    SourceAccount: StringEquals?.["AWS:SourceAccount"],
    PrincipalOrgID: StringEquals?.["aws:PrincipalOrgID"],
    FunctionUrlAuthType: StringEquals?.["lambda:FunctionUrlAuthType"],
  };
}
