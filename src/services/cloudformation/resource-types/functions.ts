/** Lambda. */
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import { type Properties, type ResourceType, type Work, words } from "../resource-type.ts";
import { found, listed, oneFound, pick, recoveryOf, retag, tagMap } from "./parts.ts";
import { responseModule } from "./response-modules.ts";

type Call = Work["call"];

const CONFIGURATION =
  words(`Architectures DeadLetterConfig Description Environment EphemeralStorage FileSystemConfigs Handler ImageConfig KmsKeyArn
  Layers LoggingConfig MemorySize Role Runtime SnapStart Timeout TracingConfig VpcConfig`);

const lambdaFunction: ResourceType = {
  updatable: [...CONFIGURATION, "Code", "ReservedConcurrentExecutions", "Tags"],
  replacing: ["FunctionName", "PackageType"],
  required: ["Code", "Role"],
  name: { property: "FunctionName", charactersMax: 64 },
  async create(work) {
    const { call, name, properties } = work;
    const answer = await call("lambda", "CreateFunction", {
      FunctionName: name,
      ...pick(properties, [...CONFIGURATION, "PackageType"]),
      Code: await code(properties),
      ...tagMap(work, "Tags"),
    });
    work.began(name);
    await putConcurrency(call, name, properties, {});
    return { physicalId: name, attributes: { Arn: answer.FunctionArn } };
  },
  complete: ({ call, name, properties }) => putConcurrency(call, name, properties, {}),
  async update(changing) {
    const { call, physicalId: FunctionName, properties, before, attributes } = changing;
    if (changing.changed("Code", "Architectures")) {
      await call("lambda", "UpdateFunctionCode", {
        FunctionName,
        ...(await code(properties)),
        ...pick(properties, ["Architectures"]),
      });
    }
    const configuration = CONFIGURATION.filter((name) => name !== "Architectures");
    if (changing.changed(...configuration)) {
      await call("lambda", "UpdateFunctionConfiguration", {
        FunctionName,
        ...resets(before),
        ...pick(properties, configuration),
      });
    }
    await putConcurrency(call, FunctionName, properties, before);
    await retag(changing, {
      model: "lambda",
      resource: { Resource: attributes.Arn },
      keys: "TagKeys",
      map: "Tags",
    });
    return undefined;
  },
  remove: ({ call, physicalId: FunctionName }) => call("lambda", "DeleteFunction", { FunctionName }),
  async find({ call, name }) {
    const answer = await found(call("lambda", "GetFunctionConfiguration", { FunctionName: name }));
    return answer && { physicalId: name, attributes: { Arn: answer.FunctionArn } };
  },
};

/** What a property that is gone is again. */
function resets(before: Properties): Properties {
  return {
    ...(before.Description !== undefined && { Description: "" }),
    ...(before.Environment !== undefined && { Environment: { Variables: {} } }),
    ...(before.Layers !== undefined && { Layers: [] }),
    ...(before.MemorySize !== undefined && { MemorySize: 128 }),
    ...(before.Timeout !== undefined && { Timeout: 3 }),
    ...(before.DeadLetterConfig !== undefined && { DeadLetterConfig: { TargetArn: "" } }),
  };
}

/** Inline code is a text, of which the service makes a zip with one file. */
async function code({ Code, Runtime }: Properties): Promise<Properties> {
  const { ZipFile: text, ...rest } = (Code ?? {}) as Properties;
  if (text === undefined) return rest;
  const zip = new ZipFile();
  const name = String(Runtime).startsWith("python") ? "index.py" : "index.js";
  zip.addBuffer(Buffer.from(String(text)), name, { mtime: EPOCH });
  const answering = responseModule(String(Runtime), String(text));
  if (answering) zip.addBuffer(Buffer.from(answering.text), answering.name, { mtime: EPOCH });
  zip.end();
  return { ...rest, ZipFile: (await buffer(zip.outputStream)).toString("base64") };
}

/** The same text makes the same zip. */
const EPOCH = new Date(Date.UTC(2000, 0, 1));

async function putConcurrency(
  call: Call,
  FunctionName: string,
  properties: Properties,
  before: Properties,
): Promise<void> {
  const { ReservedConcurrentExecutions } = properties;
  if (ReservedConcurrentExecutions !== undefined) {
    await call("lambda", "PutFunctionConcurrency", { FunctionName, ReservedConcurrentExecutions });
  } else if (before.ReservedConcurrentExecutions !== undefined) {
    await call("lambda", "DeleteFunctionConcurrency", { FunctionName });
  }
}

const PERMISSION = words(
  "Action EventSourceToken FunctionName FunctionUrlAuthType Principal PrincipalOrgID SourceAccount SourceArn InvokedViaFunctionUrl",
);
const permission: ResourceType = {
  updatable: [],
  replacing: PERMISSION,
  required: ["Action", "FunctionName", "Principal"],
  async create({ call, properties, name }) {
    await call("lambda", "AddPermission", { ...properties, StatementId: name });
    return { physicalId: name, attributes: { Id: name } };
  },
  recovery: recoveryOf(
    async ({ call, properties, name }) => {
      const [answer] = await oneFound(call("lambda", "GetPolicy", pick(properties, ["FunctionName"])));
      const { Statement = [] } = JSON.parse(answer?.Policy ?? "{}") as { Statement?: { Sid?: string }[] };
      return Statement.filter(({ Sid }) => Sid === name);
    },
    ({ Sid }) => ({ physicalId: String(Sid), attributes: { Id: Sid } }),
  ),
  async remove({ call, properties, physicalId: StatementId }) {
    await call("lambda", "RemovePermission", { FunctionName: properties.FunctionName, StatementId });
  },
};

const MAPPING =
  words(`BatchSize BisectBatchOnFunctionError DestinationConfig Enabled FilterCriteria FunctionName FunctionResponseTypes
  MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts ParallelizationFactor ScalingConfig TumblingWindowInSeconds`);
const eventSourceMapping: ResourceType = {
  updatable: [...MAPPING, "Tags"],
  replacing: ["EventSourceArn", "StartingPosition", "StartingPositionTimestamp"],
  required: ["FunctionName"],
  async create(work) {
    const { Tags: _, ...properties } = work.properties;
    const { UUID, EventSourceMappingArn } = await work.call("lambda", "CreateEventSourceMapping", {
      ...properties,
      ...tagMap(work, "Tags"),
    });
    return { physicalId: String(UUID), attributes: { Id: UUID, EventSourceMappingArn } };
  },
  recovery: recoveryOf(
    ({ call, properties }) => {
      const given = pick(properties, ["FunctionName", "EventSourceArn"]);
      return listed(call, "lambda", "ListEventSourceMappings", { member: "EventSourceMappings", ...given });
    },
    ({ UUID, EventSourceMappingArn }) => ({
      physicalId: String(UUID),
      attributes: { Id: UUID, EventSourceMappingArn },
    }),
  ),
  async update({ call, physicalId: UUID, properties }) {
    await call("lambda", "UpdateEventSourceMapping", { UUID, ...pick(properties, MAPPING) });
    return undefined;
  },
  remove: ({ call, physicalId: UUID }) => call("lambda", "DeleteEventSourceMapping", { UUID }),
};

const version: ResourceType = {
  updatable: [],
  replacing: words("CodeSha256 Description FunctionName"),
  required: ["FunctionName"],
  async create({ call, properties }) {
    const { FunctionArn, Version } = await call("lambda", "PublishVersion", properties);
    return { physicalId: String(FunctionArn), attributes: { Version, FunctionArn } };
  },
  recovery: recoveryOf(
    async ({ call, properties: { FunctionName } }) => {
      const versions = await listed(call, "lambda", "ListVersionsByFunction", { member: "Versions", FunctionName });
      return versions.filter(({ Version }) => Version !== "$LATEST");
    },
    ({ FunctionArn, Version }) => ({ physicalId: String(FunctionArn), attributes: { Version, FunctionArn } }),
  ),
  remove: ({ call, physicalId, attributes }) =>
    call("lambda", "DeleteFunction", {
      FunctionName: physicalId.slice(0, physicalId.lastIndexOf(":")),
      Qualifier: attributes.Version,
    }),
};

const alias: ResourceType = {
  updatable: words("Description FunctionVersion RoutingConfig"),
  replacing: ["FunctionName", "Name"],
  required: words("FunctionName FunctionVersion Name"),
  async create({ call, properties }) {
    const { AliasArn } = await call("lambda", "CreateAlias", { ...properties, ...routing(properties) });
    return { physicalId: String(AliasArn), attributes: { AliasArn } };
  },
  recovery: recoveryOf(
    ({ call, properties }) => oneFound(call("lambda", "GetAlias", pick(properties, ["FunctionName", "Name"]))),
    ({ AliasArn }) => ({ physicalId: String(AliasArn), attributes: { AliasArn } }),
  ),
  async update({ call, properties }) {
    await call("lambda", "UpdateAlias", { ...properties, ...routing(properties) });
    return undefined;
  },
  remove: ({ call, properties }) => call("lambda", "DeleteAlias", pick(properties, ["FunctionName", "Name"])),
};

/** Templates have a list where the API has a map. */
function routing({ RoutingConfig }: Properties): Properties {
  const weights = (
    RoutingConfig as { AdditionalVersionWeights?: { FunctionVersion: string; FunctionWeight: number }[] } | undefined
  )?.AdditionalVersionWeights;
  if (weights === undefined) return {};
  const map = Object.fromEntries(
    weights.map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, FunctionWeight]),
  );
  return { RoutingConfig: { AdditionalVersionWeights: map } };
}

const url: ResourceType = {
  updatable: words("AuthType Cors InvokeMode"),
  replacing: ["TargetFunctionArn", "Qualifier"],
  required: ["AuthType", "TargetFunctionArn"],
  async create({ call, properties }) {
    const { FunctionUrl, FunctionArn } = await call("lambda", "CreateFunctionUrlConfig", ofFunction(properties));
    return { physicalId: String(FunctionArn), attributes: { FunctionArn, FunctionUrl } };
  },
  recovery: recoveryOf(
    ({ call, properties }) => {
      const key = pick(ofFunction(properties), ["FunctionName", "Qualifier"]);
      return oneFound(call("lambda", "GetFunctionUrlConfig", key));
    },
    ({ FunctionUrl, FunctionArn }) => ({ physicalId: String(FunctionArn), attributes: { FunctionArn, FunctionUrl } }),
  ),
  async update({ call, properties }) {
    await call("lambda", "UpdateFunctionUrlConfig", ofFunction(properties));
    return undefined;
  },
  remove: ({ call, properties }) =>
    call("lambda", "DeleteFunctionUrlConfig", pick(ofFunction(properties), ["FunctionName", "Qualifier"])),
};

function ofFunction({ TargetFunctionArn, ...rest }: Properties): Properties {
  return { ...rest, FunctionName: TargetFunctionArn };
}

const INVOKE_CONFIG = words("DestinationConfig MaximumEventAgeInSeconds MaximumRetryAttempts");
const eventInvokeConfig: ResourceType = {
  updatable: INVOKE_CONFIG,
  replacing: ["FunctionName", "Qualifier"],
  required: ["FunctionName", "Qualifier"],
  async create({ call, properties, name }) {
    await call("lambda", "PutFunctionEventInvokeConfig", properties);
    return { physicalId: name };
  },
  async update({ call, properties }) {
    await call("lambda", "PutFunctionEventInvokeConfig", properties);
    return undefined;
  },
  remove: ({ call, properties }) =>
    call("lambda", "DeleteFunctionEventInvokeConfig", pick(properties, ["FunctionName", "Qualifier"])),
};

const layerVersion: ResourceType = {
  updatable: [],
  replacing: words("CompatibleArchitectures CompatibleRuntimes Content Description LayerName LicenseInfo"),
  required: ["Content"],
  // A name is for all versions of a layer: another one may have it too.
  async create({ call, properties, name }) {
    return madeLayer(await call("lambda", "PublishLayerVersion", { LayerName: name, ...properties }));
  },
  recovery: recoveryOf(
    ({ call, name, properties: { LayerName = name } }) =>
      listed(call, "lambda", "ListLayerVersions", { member: "LayerVersions", LayerName }),
    madeLayer,
  ),
  remove: ({ call, physicalId }) => {
    const [LayerName, VersionNumber] = physicalId.split(":").slice(-2);
    return call("lambda", "DeleteLayerVersion", { LayerName, VersionNumber });
  },
};

function madeLayer({ LayerVersionArn }: Properties): { physicalId: string; attributes: Properties } {
  return { physicalId: String(LayerVersionArn), attributes: { LayerVersionArn } };
}

export const functionTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::Lambda::Alias": alias,
  "AWS::Lambda::EventInvokeConfig": eventInvokeConfig,
  "AWS::Lambda::EventSourceMapping": eventSourceMapping,
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::LayerVersion": layerVersion,
  "AWS::Lambda::Permission": permission,
  "AWS::Lambda::Url": url,
  "AWS::Lambda::Version": version,
};
