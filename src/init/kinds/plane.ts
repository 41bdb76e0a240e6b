import { type Change, type Doc, docs, type Kind, lastPart, type More } from "../kind.ts";

const failedEntry = (output: Doc): string | undefined => {
  const [first] = docs(output, "FailedEntries");
  return first === undefined ? undefined : `${first.ErrorCode}: ${first.ErrorMessage}`;
};

/** Attributes that SetQueueAttributes and SetTopicAttributes take; others tell of the resource. */
const QUEUE_ATTRIBUTES = [
  "DelaySeconds",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "Policy",
  "ReceiveMessageWaitTimeSeconds",
  "VisibilityTimeout",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
];
const TOPIC_ATTRIBUTES = ["DisplayName", "FifoTopic", "ContentBasedDeduplication", "KmsMasterKeyId", "Policy"];
const SUBSCRIPTION_ATTRIBUTES = [
  "DeliveryPolicy",
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "RedrivePolicy",
];

/** What a bucket is set to: operations, the member that they take, and whether it is the whole of what they answer or inside. */
const BUCKET_SETTINGS = [
  ["BucketTagging", "Tagging", "whole"],
  ["BucketLifecycleConfiguration", "LifecycleConfiguration", "whole"],
  ["BucketEncryption", "ServerSideEncryptionConfiguration", "inside"],
  ["PublicAccessBlock", "PublicAccessBlockConfiguration", "inside"],
  ["BucketOwnershipControls", "OwnershipControls", "inside"],
  ["BucketWebsite", "WebsiteConfiguration", "whole"],
  ["BucketLogging", "BucketLoggingStatus", "whole"],
] as const;

const OBJECT_HEADERS = ["CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"];

function chosen(attributes: unknown, names: readonly string[]): Doc {
  const all = (attributes ?? {}) as Doc;
  return Object.fromEntries(names.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]));
}

/** One call an attribute, as SNS wants it, and none for what is so already. */
function attributeInputs(member: string, name: string) {
  return (wanted: Doc, current: Doc, attributes: Doc): readonly Doc[] =>
    Object.entries((wanted.Attributes ?? {}) as Doc)
      .filter(([key, value]) => ((current.before ?? {}) as Doc)[key] !== value)
      .map(([AttributeName, AttributeValue]) => ({ [member]: attributes[name], AttributeName, AttributeValue }));
}

/** Of a stream or a registered consumer; that there is none is told as an error. */
const STREAM_POLICY: More = {
  operation: "GetResourcePolicy",
  input: { ResourceARN: "Arn" },
  members: ({ Policy }) => ({ Policy }),
};
const PUT_STREAM_POLICY: Change = { operation: "PutResourcePolicy", input: { ResourceARN: "Arn" }, only: ["Policy"] };

export const messagingKinds: readonly Kind[] = [
  {
    section: "Streams",
    model: "kinesis",
    name: "StreamName",
    attributes: { Arn: ["StreamARN"], Name: ["StreamName"] },
    list: { operation: "ListStreams", items: "StreamSummaries", name: "StreamName" },
    read: {
      operation: "DescribeStreamSummary",
      at: ["StreamDescriptionSummary"],
      input: { StreamName: "Name" },
      shaped: (found) => {
        const { StreamMode } = found.StreamModeDetails as Doc;
        const { EncryptionType, KeyId, ...others } = found;
        return {
          ...others,
          ...(StreamMode === "PROVISIONED" && { ShardCount: found.OpenShardCount }),
          ...(EncryptionType === "KMS" && { EncryptionType, KeyId }),
        };
      },
    },
    create: { operation: "CreateStream" },
    more: [STREAM_POLICY],
    changes: [
      PUT_STREAM_POLICY,
      {
        operation: "StartStreamEncryption",
        only: ["EncryptionType", "KeyId"],
        inputsOf: (_wanted, { EncryptionType, KeyId }, { Arn }) =>
          EncryptionType === "KMS" ? [{ StreamARN: Arn, EncryptionType, KeyId }] : [],
      },
      {
        operation: "IncreaseStreamRetentionPeriod",
        only: ["RetentionPeriodHours"],
        inputsOf: ({ RetentionPeriodHours: hours }, { before }, { Name }) =>
          Number(((before ?? {}) as Doc).RetentionPeriodHours ?? 24) < Number(hours)
            ? [{ StreamName: Name, RetentionPeriodHours: hours }]
            : [],
      },
      {
        operation: "DecreaseStreamRetentionPeriod",
        only: ["RetentionPeriodHours"],
        inputsOf: ({ RetentionPeriodHours: hours }, { before }, { Name }) =>
          Number(((before ?? {}) as Doc).RetentionPeriodHours ?? 24) > Number(hours)
            ? [{ StreamName: Name, RetentionPeriodHours: hours }]
            : [],
      },
      {
        operation: "UpdateShardCount",
        only: ["ShardCount"],
        inputsOf: ({ ShardCount }, _current, { Name }) => [
          { StreamName: Name, TargetShardCount: ShardCount, ScalingType: "UNIFORM_SCALING" },
        ],
      },
      { operation: "UpdateStreamMode", input: { StreamARN: "Arn" }, only: ["StreamModeDetails"] },
    ],
  },
  {
    section: "StreamConsumers",
    model: "kinesis",
    parent: "Streams",
    name: "ConsumerName",
    within: { StreamARN: "Arn" },
    attributes: { Arn: ["ConsumerARN"] },
    list: { operation: "ListStreamConsumers", items: "Consumers", name: "ConsumerName" },
    create: { operation: "RegisterStreamConsumer" },
    more: [STREAM_POLICY],
    changes: [PUT_STREAM_POLICY],
    hidden: ["StreamId"],
  },
  {
    section: "SqsQueues",
    model: "sqs",
    name: "QueueName",
    attributes: { Url: ["QueueUrl"], Arn: ["QueueArn"], Name: ["QueueName"] },
    list: {
      operation: "ListQueues",
      items: "QueueUrls",
      itemsOf: ({ QueueUrls }) =>
        ((QueueUrls ?? []) as string[]).map((QueueUrl) => ({ QueueUrl, QueueName: lastPart(QueueUrl, "/") })),
      name: "QueueName",
    },
    read: {
      operation: "GetQueueAttributes",
      input: { QueueUrl: "Url" },
      inputOf: ({ Url }) => ({ QueueUrl: Url, AttributeNames: ["All"] }),
      shaped: ({ Attributes }) => ({
        Attributes: chosen(Attributes, QUEUE_ATTRIBUTES),
        QueueArn: (Attributes as Doc).QueueArn,
      }),
    },
    create: { operation: "CreateQueue" },
    changes: [
      {
        operation: "SetQueueAttributes",
        only: ["Attributes"],
        inputsOf: ({ Attributes }, _current, { Url }) => [{ QueueUrl: Url, Attributes }],
      },
    ],
    more: [{ operation: "ListQueueTags", input: { QueueUrl: "Url" }, members: ({ Tags }) => ({ tags: Tags }) }],
  },
  {
    section: "Topics",
    model: "sns",
    name: "Name",
    attributes: { Arn: ["TopicArn"], Name: ["Name"] },
    list: {
      operation: "ListTopics",
      items: "Topics",
      name: "Name",
      itemsOf: (output) => docs(output, "Topics").map((topic) => ({ ...topic, Name: lastPart(topic.TopicArn, ":") })),
    },
    read: {
      operation: "GetTopicAttributes",
      input: { TopicArn: "Arn" },
      shaped: ({ Attributes }) => ({ Attributes: chosen(Attributes, TOPIC_ATTRIBUTES) }),
    },
    create: { operation: "CreateTopic" },
    changes: [
      {
        operation: "SetTopicAttributes",
        only: ["Attributes"],
        inputsOf: attributeInputs("TopicArn", "Arn"),
      },
    ],
    exported: async (_call, _attributes, { Attributes }) => {
      const { Policy, ...others } = Attributes as Doc;
      // Every topic has this one at first.
      return { Attributes: String(Policy).includes("__default_policy_ID") ? others : { ...others, Policy } };
    },
  },
  {
    section: "Subscriptions",
    model: "sns",
    parent: "Topics",
    name: "Endpoint",
    within: { TopicArn: "Arn" },
    attributes: { Arn: ["SubscriptionArn"] },
    list: { operation: "ListSubscriptionsByTopic", items: "Subscriptions", name: "Endpoint" },
    read: {
      operation: "GetSubscriptionAttributes",
      input: { SubscriptionArn: "Arn" },
      shaped: ({ Attributes }) => ({ Attributes: chosen(Attributes, SUBSCRIPTION_ATTRIBUTES) }),
    },
    create: { operation: "Subscribe", input: { ReturnSubscriptionArn: true } },
    changes: [
      {
        operation: "SetSubscriptionAttributes",
        only: ["Attributes"],
        inputsOf: attributeInputs("SubscriptionArn", "Arn"),
      },
    ],
    hidden: ["ReturnSubscriptionArn"],
  },
  {
    section: "LogGroups",
    model: "logs",
    name: "logGroupName",
    attributes: { Arn: ["logGroupArn"], Name: ["logGroupName"] },
    list: { operation: "DescribeLogGroups", items: "logGroups", name: "logGroupName" },
    create: { operation: "CreateLogGroup" },
    changes: [{ operation: "PutRetentionPolicy", input: { logGroupName: "Name" } }],
    // Functions make theirs as they run.
    isOwn: ({ logGroupName }) => !String(logGroupName).startsWith("/aws/lambda/"),
  },
  {
    section: "MetricFilters",
    model: "logs",
    parent: "LogGroups",
    name: "filterName",
    within: { logGroupName: "Name" },
    attributes: { Name: ["filterName"] },
    list: { operation: "DescribeMetricFilters", items: "metricFilters", name: "filterName" },
    create: { operation: "PutMetricFilter" },
    changes: [{ operation: "PutMetricFilter", input: { filterName: "Name" } }],
  },
  {
    section: "SubscriptionFilters",
    model: "logs",
    parent: "LogGroups",
    name: "filterName",
    within: { logGroupName: "Name" },
    attributes: { Name: ["filterName"] },
    list: { operation: "DescribeSubscriptionFilters", items: "subscriptionFilters", name: "filterName" },
    create: { operation: "PutSubscriptionFilter" },
    changes: [{ operation: "PutSubscriptionFilter", input: { filterName: "Name" } }],
    refs: { roleArn: "Roles" },
  },
  {
    section: "LogPolicies",
    model: "logs",
    name: "policyName",
    attributes: { Name: ["policyName"] },
    list: { operation: "DescribeResourcePolicies", items: "resourcePolicies", name: "policyName" },
    create: { operation: "PutResourcePolicy" },
    changes: [{ operation: "PutResourcePolicy", input: { policyName: "Name" } }],
    hidden: ["expectedRevisionId", "resourceArn"],
  },
  {
    section: "Buckets",
    model: "s3",
    name: "Bucket",
    attributes: { Name: ["Bucket", "Name"], Arn: ["BucketArn"] },
    list: { operation: "ListBuckets", items: "Buckets", name: "Name" },
    create: { operation: "CreateBucket" },
    headers: ["ACL"],
    changes: [
      { operation: "PutBucketVersioning", input: { Bucket: "Name" }, only: ["VersioningConfiguration"] },
      { operation: "PutBucketCors", input: { Bucket: "Name" }, only: ["CORSConfiguration"] },
      { operation: "PutBucketPolicy", input: { Bucket: "Name" }, only: ["Policy"] },
      {
        operation: "PutBucketNotificationConfiguration",
        input: { Bucket: "Name" },
        only: ["NotificationConfiguration"],
      },
      ...BUCKET_SETTINGS.map(([name, member]) => ({
        operation: `Put${name}`,
        input: { Bucket: "Name" },
        only: [member],
      })),
    ],
    more: [
      {
        operation: "GetBucketVersioning",
        input: { Bucket: "Name" },
        members: ({ Status }) => (Status === undefined ? {} : { VersioningConfiguration: { Status } }),
      },
      {
        operation: "GetBucketCors",
        input: { Bucket: "Name" },
        members: ({ CORSRules }) => (CORSRules === undefined ? {} : { CORSConfiguration: { CORSRules } }),
      },
      { operation: "GetBucketPolicy", input: { Bucket: "Name" }, members: ({ Policy }) => ({ Policy }) },
      {
        operation: "GetBucketNotificationConfiguration",
        input: { Bucket: "Name" },
        members: (output) => ({ NotificationConfiguration: output }),
      },
      ...BUCKET_SETTINGS.map(([name, member, told]) => ({
        operation: `Get${name}`,
        input: { Bucket: "Name" },
        members: (output: Doc) => ({ [member]: told === "inside" ? output[member] : output }),
      })),
    ],
  },
  {
    section: "BucketObjects",
    model: "s3",
    parent: "Buckets",
    name: "Key",
    within: { Bucket: "Name" },
    attributes: { Key: ["Key"] },
    list: { operation: "ListObjectsV2", items: "Contents", name: "Key" },
    read: { operation: "HeadObject", input: { Key: "Name" } },
    create: { operation: "PutObject" },
    changes: [{ operation: "PutObject", input: { Key: "Name" }, only: ["Body", "Metadata", ...OBJECT_HEADERS] }],
    headers: OBJECT_HEADERS,
    extra: { Body: { bytes: true, digest: "ETag", says: "${file:PATH}, or the text itself" } },
    // Recordings and transcripts, mostly.
    isUnexported: true,
  },
  {
    section: "DeliveryStreams",
    model: "firehose",
    name: "DeliveryStreamName",
    attributes: { Arn: ["DeliveryStreamARN"], Name: ["DeliveryStreamName"] },
    list: { operation: "ListDeliveryStreams", items: "DeliveryStreamNames" },
    read: {
      operation: "DescribeDeliveryStream",
      at: ["DeliveryStreamDescription"],
      input: { DeliveryStreamName: "Name" },
      shaped: (found) => {
        const [destination] = docs(found, "Destinations");
        const { KinesisStreamSourceDescription: source } = (found.Source ?? {}) as Record<string, Doc>;
        const {
          ExtendedS3DestinationDescription: s3,
          HttpEndpointDestinationDescription: http,
          DestinationId,
        } = (destination ?? {}) as Record<string, Doc | undefined>;
        return {
          ...found,
          DestinationId,
          ...(s3 && { ExtendedS3DestinationConfiguration: s3 }),
          ...(http && { HttpEndpointDestinationConfiguration: destinationOf(http) }),
          ...(source && { KinesisStreamSourceConfiguration: source }),
        };
      },
    },
    create: { operation: "CreateDeliveryStream" },
    changes: [
      {
        operation: "UpdateDestination",
        only: ["ExtendedS3DestinationConfiguration", "HttpEndpointDestinationConfiguration"],
        inputsOf: (wanted, { before }, { Name }) => [
          {
            DeliveryStreamName: Name,
            CurrentDeliveryStreamVersionId: (before as Doc).VersionId,
            DestinationId: (before as Doc).DestinationId,
            ...(wanted.ExtendedS3DestinationConfiguration !== undefined && {
              ExtendedS3DestinationUpdate: wanted.ExtendedS3DestinationConfiguration,
            }),
            ...(wanted.HttpEndpointDestinationConfiguration !== undefined && {
              HttpEndpointDestinationUpdate: wanted.HttpEndpointDestinationConfiguration,
            }),
          },
        ],
      },
    ],
  },
];

/** What an endpoint's description has otherwise than its configuration. */
function destinationOf({ S3DestinationDescription, ...http }: Doc): Doc {
  return { ...http, ...(S3DestinationDescription !== undefined && { S3Configuration: S3DestinationDescription }) };
}

/** Nobody reads secrets back, and a connection is not made without. */
function withSecrets(parameters: Doc): Doc {
  const {
    ApiKeyAuthParameters: key,
    BasicAuthParameters: basic,
    OAuthParameters: oauth,
  } = parameters as Record<string, Doc>;
  const secret = "${env:TRUNKLINE_CONNECTIONS_SECRET}";
  return {
    ...parameters,
    ...(key && { ApiKeyAuthParameters: { ...key, ApiKeyValue: secret } }),
    ...(basic && { BasicAuthParameters: { ...basic, Password: secret } }),
    ...(oauth && {
      OAuthParameters: { ...oauth, ClientParameters: { ...(oauth.ClientParameters as Doc), ClientSecret: secret } },
    }),
  };
}

export const eventKinds: readonly Kind[] = [
  {
    section: "EventBuses",
    model: "events",
    name: "Name",
    attributes: { Arn: ["Arn", "EventBusArn"], Name: ["Name"] },
    list: { operation: "ListEventBuses", items: "EventBuses", name: "Name" },
    read: { operation: "DescribeEventBus", input: { Name: "Name" } },
    create: { operation: "CreateEventBus" },
    changes: [
      { operation: "UpdateEventBus", input: { Name: "Name" } },
      { operation: "PutPermission", input: { EventBusName: "Name" }, only: ["Policy"] },
    ],
  },
  {
    section: "EventRules",
    model: "events",
    parent: "EventBuses",
    name: "Name",
    within: { EventBusName: "Name" },
    attributes: { Arn: ["Arn", "RuleArn"], Name: ["Name"] },
    list: { operation: "ListRules", items: "Rules", name: "Name" },
    read: { operation: "DescribeRule", input: { Name: "Name" } },
    create: { operation: "PutRule" },
    changes: [{ operation: "PutRule", input: { Name: "Name" } }],
    refs: { RoleArn: "Roles" },
    isOwn: ({ ManagedBy }) => ManagedBy === undefined,
  },
  {
    section: "Targets",
    model: "events",
    parent: "EventRules",
    name: "Id",
    within: { EventBusName: "EventBusName", Rule: "Name" },
    attributes: { Id: ["Id"] },
    list: { operation: "ListTargetsByRule", items: "Targets", name: "Id" },
    create: { operation: "PutTargets", wrap: "Targets", failure: failedEntry },
    changes: [{ operation: "PutTargets", wrap: "Targets", failure: failedEntry }],
  },
  {
    section: "Archives",
    model: "events",
    name: "ArchiveName",
    attributes: { Arn: ["ArchiveArn"], Name: ["ArchiveName"] },
    list: { operation: "ListArchives", items: "Archives", name: "ArchiveName" },
    read: { operation: "DescribeArchive", input: { ArchiveName: "Name" } },
    create: { operation: "CreateArchive" },
    changes: [{ operation: "UpdateArchive", input: { ArchiveName: "Name" } }],
  },
  {
    section: "Connections",
    model: "events",
    name: "Name",
    attributes: { Arn: ["ConnectionArn"], Name: ["Name"] },
    list: { operation: "ListConnections", items: "Connections", name: "Name" },
    read: { operation: "DescribeConnection", input: { Name: "Name" } },
    create: { operation: "CreateConnection" },
    changes: [{ operation: "UpdateConnection", input: { Name: "Name" } }],
    secret: ["AuthParameters"],
    exported: async (_call, _attributes, { AuthParameters }) => ({
      AuthParameters: withSecrets(AuthParameters as Doc),
    }),
  },
  {
    section: "ApiDestinations",
    model: "events",
    name: "Name",
    attributes: { Arn: ["ApiDestinationArn"], Name: ["Name"] },
    list: { operation: "ListApiDestinations", items: "ApiDestinations", name: "Name" },
    read: { operation: "DescribeApiDestination", input: { Name: "Name" } },
    create: { operation: "CreateApiDestination" },
    changes: [{ operation: "UpdateApiDestination", input: { Name: "Name" } }],
    refs: { ConnectionArn: "Connections" },
  },
  {
    section: "EventIntegrations",
    model: "appintegrations",
    name: "Name",
    attributes: { Arn: ["EventIntegrationArn"], Name: ["Name"] },
    list: { operation: "ListEventIntegrations", items: "EventIntegrations", name: "Name" },
    read: { operation: "GetEventIntegration", input: { Name: "Name" } },
    create: { operation: "CreateEventIntegration" },
    changes: [{ operation: "UpdateEventIntegration", input: { Name: "Name" } }],
  },
];
