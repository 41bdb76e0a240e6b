/** Kinesis and Firehose. */
import { type Answer, type Made, type Properties, type ResourceType, type Work, words } from "../resource-type.ts";
import { found, listAt, oneFound, pick, recoveryOf, retag, tagList, tagMap } from "./parts.ts";

const stream: ResourceType = {
  updatable: words(
    "DesiredShardLevelMetrics MaxRecordSizeInKiB RetentionPeriodHours ShardCount StreamModeDetails StreamEncryption Tags",
  ),
  replacing: ["Name"],
  required: [],
  name: { property: "Name", charactersMax: 128 },
  async create(work) {
    const { call, name: StreamName, properties } = work;
    const { ShardCount = 1, StreamModeDetails } = properties;
    const isOnDemand = (StreamModeDetails as { StreamMode?: string } | undefined)?.StreamMode === "ON_DEMAND";
    await call("kinesis", "CreateStream", {
      StreamName,
      ...(!isOnDemand && { ShardCount }),
      ...(StreamModeDetails !== undefined && { StreamModeDetails }),
      ...pick(properties, ["MaxRecordSizeInKiB"]),
    });
    work.began(StreamName);
    await completeStream(work);
    return { physicalId: StreamName, attributes: { Arn: streamArn(work, StreamName) } };
  },
  async update(changing) {
    const { call, physicalId: StreamName, properties, before } = changing;
    if (changing.changed("ShardCount") && properties.ShardCount !== undefined) {
      await call("kinesis", "UpdateShardCount", {
        StreamName,
        TargetShardCount: properties.ShardCount,
        ScalingType: "UNIFORM_SCALING",
      });
    }
    if (changing.changed("StreamModeDetails") && properties.StreamModeDetails !== undefined) {
      await call("kinesis", "UpdateStreamMode", {
        StreamARN: changing.attributes.Arn,
        StreamModeDetails: properties.StreamModeDetails,
      });
    }
    if (changing.changed("MaxRecordSizeInKiB")) {
      const { MaxRecordSizeInKiB = 1024 } = properties;
      await call("kinesis", "UpdateMaxRecordSize", { StreamARN: changing.attributes.Arn, MaxRecordSizeInKiB });
    }
    if (changing.changed("DesiredShardLevelMetrics")) await putMetrics(call, StreamName, properties, before);
    if (changing.changed("RetentionPeriodHours")) await putRetention(call, StreamName, properties);
    if (changing.changed("StreamEncryption")) await putEncryption(call, StreamName, properties, before);
    await putTags(changing, StreamName);
    return undefined;
  },
  complete: completeStream,
  remove: ({ call, physicalId: StreamName }) =>
    call("kinesis", "DeleteStream", { StreamName, EnforceConsumerDeletion: true }),
  async find(work) {
    const answer = await found(work.call("kinesis", "DescribeStreamSummary", { StreamName: work.name }));
    return answer && { physicalId: work.name, attributes: { Arn: streamArn(work, work.name) } };
  },
};

async function completeStream(work: Work): Promise<void> {
  const { call, name: StreamName, properties } = work;
  await putMetrics(call, StreamName, properties, {});
  await putRetention(call, StreamName, properties);
  await putEncryption(call, StreamName, properties, {});
  await putTags(work, StreamName);
}

function streamArn({ region, account }: Pick<Work, "region" | "account">, name: string): string {
  return `arn:aws:kinesis:${region}:${account}:stream/${name}`;
}

const RETENTION_HOURS = 24;

async function putRetention(
  call: Work["call"],
  StreamName: string,
  { RetentionPeriodHours = RETENTION_HOURS }: Properties,
): Promise<void> {
  const { StreamDescriptionSummary } = await call("kinesis", "DescribeStreamSummary", { StreamName });
  const now = Number(StreamDescriptionSummary.RetentionPeriodHours);
  const wanted = Number(RetentionPeriodHours);
  if (now === wanted) return;
  const operation = wanted > now ? "IncreaseStreamRetentionPeriod" : "DecreaseStreamRetentionPeriod";
  await call("kinesis", operation, { StreamName, RetentionPeriodHours });
}

async function putEncryption(
  call: Work["call"],
  StreamName: string,
  { StreamEncryption }: Properties,
  before: Properties,
): Promise<void> {
  if (StreamEncryption !== undefined) {
    await call("kinesis", "StartStreamEncryption", { StreamName, ...(StreamEncryption as Properties) });
  } else if (before.StreamEncryption !== undefined) {
    await call("kinesis", "StopStreamEncryption", { StreamName, ...(before.StreamEncryption as Properties) });
  }
}

async function putMetrics(
  call: Work["call"],
  StreamName: string,
  properties: Properties,
  before: Properties,
): Promise<void> {
  const [now, had] = [properties, before].map((of) => listAt(of, "DesiredShardLevelMetrics"));
  const added = now?.filter((name) => !had?.includes(name)) ?? [];
  const gone = had?.filter((name) => !now?.includes(name)) ?? [];
  if (gone.length > 0) await call("kinesis", "DisableEnhancedMonitoring", { StreamName, ShardLevelMetrics: gone });
  if (added.length > 0) await call("kinesis", "EnableEnhancedMonitoring", { StreamName, ShardLevelMetrics: added });
}

async function putTags({ call, tags }: Work, StreamName: string): Promise<void> {
  const { Tags = [] } = await call("kinesis", "ListTagsForStream", { StreamName });
  const gone = (Tags as { Key: string }[]).map(({ Key }) => Key).filter((key) => !tags.some(({ Key }) => Key === key));
  if (gone.length > 0) await call("kinesis", "RemoveTagsFromStream", { StreamName, TagKeys: gone });
  if (tags.length === 0) return;
  const given = Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  await call("kinesis", "AddTagsToStream", { StreamName, Tags: given });
}

function madeConsumer(
  { ConsumerARN, ConsumerName, ConsumerStatus, ConsumerCreationTimestamp }: Answer,
  { properties: { StreamARN } }: Work,
): Made {
  return {
    physicalId: String(ConsumerARN),
    attributes: { ConsumerARN, ConsumerName, ConsumerStatus, ConsumerCreationTimestamp, StreamARN },
  };
}

const consumer: ResourceType = {
  updatable: [],
  replacing: ["ConsumerName", "StreamARN", "Tags"],
  required: ["ConsumerName", "StreamARN"],
  async create(work) {
    const { call, properties } = work;
    const { Consumer } = await call("kinesis", "RegisterStreamConsumer", {
      ...pick(properties, ["ConsumerName", "StreamARN"]),
      ...tagMap(work, "Tags"),
    });
    return madeConsumer(Consumer, work);
  },
  recovery: recoveryOf(async ({ call, properties }) => {
    const key = pick(properties, ["ConsumerName", "StreamARN"]);
    const answers = await oneFound(call("kinesis", "DescribeStreamConsumer", key));
    return answers.map(({ ConsumerDescription }) => ConsumerDescription);
  }, madeConsumer),
  remove: ({ call, physicalId: ConsumerARN }) => call("kinesis", "DeregisterStreamConsumer", { ConsumerARN }),
};

const DELIVERY = words(
  "DeliveryStreamType ExtendedS3DestinationConfiguration S3DestinationConfiguration HttpEndpointDestinationConfiguration KinesisStreamSourceConfiguration DeliveryStreamEncryptionConfigurationInput",
);
const deliveryStream: ResourceType = {
  updatable: words(
    "DeliveryStreamEncryptionConfigurationInput ExtendedS3DestinationConfiguration S3DestinationConfiguration HttpEndpointDestinationConfiguration Tags",
  ),
  replacing: words("DeliveryStreamName DeliveryStreamType KinesisStreamSourceConfiguration"),
  required: [],
  name: { property: "DeliveryStreamName", charactersMax: 64 },
  async create(work) {
    const { call, name: DeliveryStreamName, properties } = work;
    const { DeliveryStreamARN } = await call("firehose", "CreateDeliveryStream", {
      DeliveryStreamName,
      ...pick(properties, DELIVERY),
      ...tagList(work),
    });
    return { physicalId: DeliveryStreamName, attributes: { Arn: DeliveryStreamARN } };
  },
  async update(changing) {
    const { call, physicalId: DeliveryStreamName, properties } = changing;
    const resource = { DeliveryStreamName };
    const operations = { tag: "TagDeliveryStream", untag: "UntagDeliveryStream", keys: "TagKeys" };
    await retag(changing, { model: "firehose", resource, ...operations });
    const input = properties.DeliveryStreamEncryptionConfigurationInput;
    if (changing.changed("DeliveryStreamEncryptionConfigurationInput")) {
      if (input === undefined) await call("firehose", "StopDeliveryStreamEncryption", resource);
      else {
        const given = { DeliveryStreamEncryptionConfigurationInput: input };
        await call("firehose", "StartDeliveryStreamEncryption", { ...resource, ...given });
      }
    }
    if (!changing.changed(...DELIVERY.filter((name) => name.endsWith("DestinationConfiguration")))) return undefined;
    const { DeliveryStreamDescription } = await call("firehose", "DescribeDeliveryStream", { DeliveryStreamName });
    const { VersionId, Destinations = [] } = DeliveryStreamDescription;
    const updates = Object.entries(pick(properties, DELIVERY)).flatMap(([name, value]) =>
      name.endsWith("DestinationConfiguration") ? [[name.replace("Configuration", "Update"), value]] : [],
    );
    await call("firehose", "UpdateDestination", {
      DeliveryStreamName,
      CurrentDeliveryStreamVersionId: VersionId,
      DestinationId: Destinations[0]?.DestinationId,
      ...Object.fromEntries(updates),
    });
    return undefined;
  },
  remove: ({ call, physicalId: DeliveryStreamName }) =>
    call("firehose", "DeleteDeliveryStream", { DeliveryStreamName }),
  async find({ call, name }) {
    const answer = await found(call("firehose", "DescribeDeliveryStream", { DeliveryStreamName: name }));
    return answer && { physicalId: name, attributes: { Arn: answer.DeliveryStreamDescription.DeliveryStreamARN } };
  },
};

export const streamTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::Kinesis::Stream": stream,
  "AWS::Kinesis::StreamConsumer": consumer,
  "AWS::KinesisFirehose::DeliveryStream": deliveryStream,
};
