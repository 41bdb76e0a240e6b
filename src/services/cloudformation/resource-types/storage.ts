/** S3, log groups, and parameters of Systems Manager. */
import { type Properties, type ResourceType, type Work, words } from "../resource-type.ts";
import { found, listAt, pick, retag, tagList, tagMap } from "./parts.ts";

/** A bucket's settings, each put by an operation of its own. */
const SETTINGS: Readonly<
  Record<
    string,
    (value: Properties) => { readonly operation: string; readonly input: Properties; readonly off?: string }
  >
> = {
  BucketEncryption: ({ ServerSideEncryptionConfiguration: rules }) => ({
    operation: "PutBucketEncryption",
    off: "DeleteBucketEncryption",
    input: {
      ServerSideEncryptionConfiguration: {
        Rules: ((rules ?? []) as Properties[]).map(({ ServerSideEncryptionByDefault, ...rest }) => ({
          ...rest,
          ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
        })),
      },
    },
  }),
  CorsConfiguration: ({ CorsRules }) => ({
    operation: "PutBucketCors",
    off: "DeleteBucketCors",
    input: {
      CORSConfiguration: {
        CORSRules: ((CorsRules ?? []) as Properties[]).map(({ Id, MaxAge, ExposedHeaders, ...rest }) => ({
          ...rest,
          ...(Id !== undefined && { ID: Id }),
          ...(MaxAge !== undefined && { MaxAgeSeconds: MaxAge }),
          ...(ExposedHeaders !== undefined && { ExposeHeaders: ExposedHeaders }),
        })),
      },
    },
  }),
  LifecycleConfiguration: ({ Rules }) => ({
    operation: "PutBucketLifecycleConfiguration",
    off: "DeleteBucketLifecycle",
    input: { LifecycleConfiguration: { Rules: ((Rules ?? []) as Properties[]).map(lifecycleRule) } },
  }),
  LoggingConfiguration: ({ DestinationBucketName, LogFilePrefix = "" }) => ({
    operation: "PutBucketLogging",
    input: {
      BucketLoggingStatus:
        DestinationBucketName === undefined
          ? {}
          : { LoggingEnabled: { TargetBucket: DestinationBucketName, TargetPrefix: LogFilePrefix } },
    },
  }),
  NotificationConfiguration: (value) => ({
    operation: "PutBucketNotificationConfiguration",
    input: { NotificationConfiguration: notification(value) },
  }),
  OwnershipControls: (value) => ({
    operation: "PutBucketOwnershipControls",
    off: "DeleteBucketOwnershipControls",
    input: { OwnershipControls: value },
  }),
  PublicAccessBlockConfiguration: (value) => ({
    operation: "PutPublicAccessBlock",
    off: "DeletePublicAccessBlock",
    input: { PublicAccessBlockConfiguration: value },
  }),
  VersioningConfiguration: (value) => ({ operation: "PutBucketVersioning", input: { VersioningConfiguration: value } }),
  WebsiteConfiguration: ({ RoutingRules, ...rest }) => ({
    operation: "PutBucketWebsite",
    off: "DeleteBucketWebsite",
    input: {
      WebsiteConfiguration: Object.fromEntries(
        Object.entries({ ...rest, RoutingRules }).flatMap(([name, value]) => {
          const isDocument = name === "IndexDocument" || name === "ErrorDocument";
          if (value === undefined) return [];
          return [[name, isDocument ? { [name === "IndexDocument" ? "Suffix" : "Key"]: value } : value]];
        }),
      ),
    },
  }),
};

/** `BucketOwnerFullControl` is `bucket-owner-full-control` to the API. */
function cannedAcl(name: unknown): string {
  return String(name ?? "Private")
    .replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();
}

function lifecycleRule(rule: Properties): Properties {
  const { Id, Prefix, ExpirationInDays, ExpirationDate, NoncurrentVersionExpiration, TagFilters, ...rest } = rule;
  const days = ExpirationInDays === undefined ? {} : { Days: ExpirationInDays };
  const date = ExpirationDate === undefined ? {} : { Date: ExpirationDate };
  const hasExpiration = ExpirationInDays !== undefined || ExpirationDate !== undefined;
  const tags = (TagFilters ?? []) as readonly unknown[];
  const filter = tags.length === 0 ? { Prefix: Prefix ?? "" } : { And: { Prefix: Prefix ?? "", Tags: tags } };
  return {
    ...rest,
    ...(Id !== undefined && { ID: Id }),
    Filter: filter,
    ...(hasExpiration && { Expiration: { ...days, ...date } }),
    ...(NoncurrentVersionExpiration !== undefined && { NoncurrentVersionExpiration }),
  };
}

function notification(value: Properties): Properties {
  const each = (name: string, target: string, member: string): Properties[] =>
    listAt(value, name).map((one: Properties) => {
      const { Event, Filter, ...rest } = one;
      const rules = ((Filter as { S3Key?: { Rules?: unknown } } | undefined)?.S3Key?.Rules ?? []) as Properties[];
      return {
        [member]: rest[target],
        Events: [Event],
        ...(Filter !== undefined && { Filter: { Key: { FilterRules: rules } } }),
      };
    });
  return {
    ...(value.EventBridgeConfiguration !== undefined && { EventBridgeConfiguration: {} }),
    LambdaFunctionConfigurations: each("LambdaConfigurations", "Function", "LambdaFunctionArn"),
    QueueConfigurations: each("QueueConfigurations", "Queue", "QueueArn"),
    TopicConfigurations: each("TopicConfigurations", "Topic", "TopicArn"),
  };
}

type Call = Parameters<ResourceType["create"]>[0]["call"];

async function putSettings(
  call: Call,
  Bucket: string,
  properties: Properties,
  changed: (name: string) => boolean,
): Promise<void> {
  for (const [name, setting] of Object.entries(SETTINGS)) {
    if (!changed(name)) continue;
    const value = properties[name];
    const { operation, input, off } = setting((value ?? {}) as Properties);
    if (value !== undefined || off === undefined) {
      if (value === undefined && name === "VersioningConfiguration") continue;
      await call("s3", operation, { Bucket, ...input });
    } else await found(call("s3", off, { Bucket }));
  }
}

const bucket: ResourceType = {
  updatable: ["AccessControl", ...Object.keys(SETTINGS), "Tags"],
  replacing: ["BucketName"],
  required: [],
  name: { property: "BucketName", charactersMax: 63, isLowerCase: true },
  async create(work) {
    const { call, name, region } = work;
    await call("s3", "CreateBucket", {
      Bucket: name,
      ...(region !== "us-east-1" && { CreateBucketConfiguration: { LocationConstraint: region } }),
    });
    work.began(name);
    await completeBucket(work);
    return { physicalId: name, attributes: bucketAttributes(name, region) };
  },
  async update(changing) {
    const { call, physicalId: Bucket, properties, tags } = changing;
    await putSettings(
      call,
      Bucket,
      properties,
      (name) => changing.changed(name) && (properties[name] ?? changing.before[name]) !== undefined,
    );
    if (changing.changed("AccessControl"))
      await call("s3", "PutBucketAcl", { Bucket, ACL: cannedAcl(properties.AccessControl) });
    if (tags.length > 0) await call("s3", "PutBucketTagging", { Bucket, Tagging: { TagSet: tags } });
    else await found(call("s3", "DeleteBucketTagging", { Bucket }));
    return undefined;
  },
  complete: completeBucket,
  remove: ({ call, physicalId: Bucket }) => call("s3", "DeleteBucket", { Bucket }),
  async find({ call, name, region }) {
    const answer = await found(call("s3", "GetBucketLocation", { Bucket: name }));
    return answer && { physicalId: name, attributes: bucketAttributes(name, region) };
  },
};

async function completeBucket({ call, name: Bucket, properties, tags }: Work): Promise<void> {
  await putSettings(call, Bucket, properties, (setting) => properties[setting] !== undefined);
  const { AccessControl } = properties;
  if (AccessControl !== undefined) await call("s3", "PutBucketAcl", { Bucket, ACL: cannedAcl(AccessControl) });
  if (tags.length > 0) await call("s3", "PutBucketTagging", { Bucket, Tagging: { TagSet: tags } });
}

function bucketAttributes(name: string, region: string): Properties {
  return {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
  };
}

const bucketPolicy: ResourceType = {
  updatable: ["PolicyDocument"],
  replacing: ["Bucket"],
  required: ["Bucket", "PolicyDocument"],
  async create({ call, properties: { Bucket, PolicyDocument } }) {
    await call("s3", "PutBucketPolicy", { Bucket, Policy: PolicyDocument });
    return { physicalId: String(Bucket) };
  },
  async update({ call, properties: { Bucket, PolicyDocument } }) {
    await call("s3", "PutBucketPolicy", { Bucket, Policy: PolicyDocument });
    return undefined;
  },
  remove: ({ call, physicalId: Bucket }) => call("s3", "DeleteBucketPolicy", { Bucket }),
};

const logGroup: ResourceType = {
  updatable: words("DeletionProtectionEnabled KmsKeyId RetentionInDays Tags"),
  replacing: ["LogGroupClass", "LogGroupName"],
  required: [],
  name: { property: "LogGroupName", charactersMax: 512 },
  async create(work) {
    const { call, name, properties } = work;
    await call("logs", "CreateLogGroup", {
      logGroupName: name,
      ...pick(properties, words("DeletionProtectionEnabled KmsKeyId LogGroupClass")),
      ...tagMap(work, "tags"),
    });
    work.began(name);
    await putRetention(call, name, properties);
    return { physicalId: name, attributes: { Arn: logGroupArn(work, name) } };
  },
  async update(changing) {
    const { call, physicalId, properties } = changing;
    const { DeletionProtectionEnabled = false, KmsKeyId } = properties;
    if (changing.changed("DeletionProtectionEnabled")) {
      const logGroupIdentifier = physicalId;
      await call("logs", "PutLogGroupDeletionProtection", { logGroupIdentifier, DeletionProtectionEnabled });
    }
    if (changing.changed("KmsKeyId")) {
      const [operation, key] = KmsKeyId === undefined ? ["DisassociateKmsKey", {}] : ["AssociateKmsKey", { KmsKeyId }];
      await call("logs", operation as string, { logGroupName: physicalId, ...(key as Properties) });
    }
    if (changing.changed("RetentionInDays")) {
      if (properties.RetentionInDays === undefined)
        await call("logs", "DeleteRetentionPolicy", { logGroupName: physicalId });
      else await putRetention(call, physicalId, properties);
    }
    const resourceArn = logGroupArn(changing, physicalId).slice(0, -2);
    await retag(changing, { model: "logs", resource: { resourceArn }, map: "tags" });
    return undefined;
  },
  complete: ({ call, name, properties }) => putRetention(call, name, properties),
  remove: ({ call, physicalId }) => call("logs", "DeleteLogGroup", { logGroupName: physicalId }),
  async find(work) {
    const { logGroups = [] } = await work.call("logs", "DescribeLogGroups", { logGroupNamePrefix: work.name });
    const isThere = (logGroups as { logGroupName: string }[]).some(({ logGroupName }) => logGroupName === work.name);
    return isThere ? { physicalId: work.name, attributes: { Arn: logGroupArn(work, work.name) } } : undefined;
  },
};

function logGroupArn({ region, account }: { region: string; account: string }, name: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${name}:*`;
}

async function putRetention(call: Call, logGroupName: string, { RetentionInDays }: Properties): Promise<void> {
  if (RetentionInDays === undefined) return;
  await call("logs", "PutRetentionPolicy", { logGroupName, retentionInDays: RetentionInDays });
}

const subscriptionFilter: ResourceType = {
  updatable: words("DestinationArn Distribution FilterPattern RoleArn"),
  replacing: ["LogGroupName", "FilterName"],
  required: ["DestinationArn", "FilterPattern", "LogGroupName"],
  name: { property: "FilterName", charactersMax: 512 },
  async create({ call, name, properties }) {
    await call("logs", "PutSubscriptionFilter", { ...properties, FilterName: name });
    return { physicalId: name };
  },
  async update({ call, physicalId, properties }) {
    await call("logs", "PutSubscriptionFilter", { ...properties, FilterName: physicalId });
    return undefined;
  },
  remove: ({ call, physicalId, properties }) =>
    call("logs", "DeleteSubscriptionFilter", { ...pick(properties, ["LogGroupName"]), FilterName: physicalId }),
};

const logStream: ResourceType = {
  updatable: [],
  replacing: ["LogGroupName", "LogStreamName"],
  required: ["LogGroupName"],
  name: { property: "LogStreamName", charactersMax: 512 },
  async create({ call, name: logStreamName, properties: { LogGroupName } }) {
    await call("logs", "CreateLogStream", { LogGroupName, logStreamName });
    return { physicalId: logStreamName };
  },
  remove: ({ call, properties: { LogGroupName }, physicalId: logStreamName }) =>
    call("logs", "DeleteLogStream", { LogGroupName, logStreamName }),
  async find({ call, name, properties: { LogGroupName } }) {
    const given = { LogGroupName, logStreamNamePrefix: name };
    const { logStreams = [] } = (await found(call("logs", "DescribeLogStreams", given))) ?? {};
    const isThere = (logStreams as { logStreamName: string }[]).some(({ logStreamName }) => logStreamName === name);
    return isThere ? { physicalId: name } : undefined;
  },
};

const metricFilter: ResourceType = {
  updatable: words("ApplyOnTransformedLogs FilterPattern MetricTransformations"),
  replacing: ["LogGroupName", "FilterName"],
  required: words("FilterPattern LogGroupName MetricTransformations"),
  name: { property: "FilterName", charactersMax: 512 },
  async create({ call, name, properties }) {
    await call("logs", "PutMetricFilter", { ...metricFilterInput(properties), FilterName: name });
    return { physicalId: name };
  },
  async update({ call, physicalId, properties }) {
    await call("logs", "PutMetricFilter", { ...metricFilterInput(properties), FilterName: physicalId });
    return undefined;
  },
  remove: ({ call, physicalId, properties }) =>
    call("logs", "DeleteMetricFilter", { ...pick(properties, ["LogGroupName"]), FilterName: physicalId }),
};

/** Templates have a list where the API has a map. */
function metricFilterInput(properties: Properties): Properties {
  const transformations = listAt(properties, "MetricTransformations").map(({ Dimensions, ...rest }: Properties) => {
    const pairs = listAt({ Dimensions }, "Dimensions") as { Key: string; Value: string }[];
    const map = Object.fromEntries(pairs.map(({ Key, Value }) => [Key, Value]));
    return { ...rest, ...(Dimensions !== undefined && { Dimensions: map }) };
  });
  return { ...properties, MetricTransformations: transformations };
}

const logsPolicy: ResourceType = {
  updatable: ["PolicyDocument"],
  replacing: ["PolicyName"],
  required: ["PolicyDocument", "PolicyName"],
  async create({ call, properties }) {
    await call("logs", "PutResourcePolicy", properties);
    return { physicalId: String(properties.PolicyName) };
  },
  async update({ call, properties }) {
    await call("logs", "PutResourcePolicy", properties);
    return undefined;
  },
  remove: ({ call, physicalId: policyName }) => call("logs", "DeleteResourcePolicy", { policyName }),
};

const PARAMETER = words("AllowedPattern DataType Description Policies Tier Type Value");
const parameter: ResourceType = {
  updatable: [...PARAMETER, "Tags"],
  replacing: ["Name"],
  required: ["Type", "Value"],
  name: { property: "Name", charactersMax: 1011 },
  async create(work) {
    const { call, name, properties } = work;
    // Secrets would stand in the template.
    if (properties.Type === "SecureString")
      throw new Error("AWS::SSM::Parameter: the type SecureString is not supported");
    await call("ssm", "PutParameter", { Name: name, ...pick(properties, PARAMETER), ...tagList(work) });
    return { physicalId: name, attributes: pick(properties, ["Type", "Value"]) };
  },
  async update(changing) {
    const { call, physicalId: Name, properties } = changing;
    if (changing.changed(...PARAMETER)) {
      await call("ssm", "PutParameter", { Name, ...pick(properties, PARAMETER), Overwrite: true });
    }
    await retag(changing, {
      model: "ssm",
      resource: { ResourceType: "Parameter", ResourceId: Name },
      tag: "AddTagsToResource",
      untag: "RemoveTagsFromResource",
      keys: "TagKeys",
    });
    return pick(properties, ["Type", "Value"]);
  },
  remove: ({ call, physicalId: Name }) => call("ssm", "DeleteParameter", { Name }),
  async find({ call, name, properties }) {
    const answer = await found(call("ssm", "GetParameter", { Name: name }));
    return answer && { physicalId: name, attributes: pick(properties, ["Type", "Value"]) };
  },
};

export const storageTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::Logs::LogGroup": logGroup,
  "AWS::Logs::LogStream": logStream,
  "AWS::Logs::MetricFilter": metricFilter,
  "AWS::Logs::ResourcePolicy": logsPolicy,
  "AWS::Logs::SubscriptionFilter": subscriptionFilter,
  "AWS::S3::Bucket": bucket,
  "AWS::S3::BucketPolicy": bucketPolicy,
  "AWS::SSM::Parameter": parameter,
};
