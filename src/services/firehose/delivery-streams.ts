import type {
  CreateDeliveryStreamInput,
  CreateDeliveryStreamOutput,
  DeleteDeliveryStreamInput,
  DescribeDeliveryStreamInput,
  DescribeDeliveryStreamOutput,
  ListDeliveryStreamsInput,
  ListDeliveryStreamsOutput,
} from "@aws-sdk/client-firehose";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import { countUpTo } from "../count-up-to.ts";
import { hasStream } from "../kinesis/index.ts";
import { listBehind } from "../list-page.ts";
import { guardRange } from "../range-guard.ts";
import { sealSecret } from "../secret-box.ts";
import type { Context } from "../service.ts";
import { collectRecords, openLog } from "./collect.ts";
import {
  accessKeyPurpose,
  type DeliveryStream,
  deliveryStreamArn,
  deliveryStreams,
  getStream,
  streamKey,
} from "./delivery-stream.ts";
import { describeStream } from "./describe-stream.ts";
import { type Destination, extendedS3Destination, httpDestination, s3Destination } from "./destination.ts";
import { encryptionOf } from "./encryption.ts";
import { beginEnd } from "./end-stream.ts";
import { invalidArgument } from "./errors.ts";
import { followSource, forgetSource, hasSource, sourcePlaces } from "./kinesis-source.ts";
import { STREAMS } from "./quotas.ts";
import { checkTagCount } from "./tags.ts";

/** Creates a stream, active at once. */
export async function createDeliveryStream(
  input: Validated<CreateDeliveryStreamInput>,
  context: Context,
): Promise<CreateDeliveryStreamOutput> {
  const stream = await newStream(input, context);
  const placeSource = hasSource(stream) ? await sourcePlaces(context, stream) : undefined;
  await context.store.commit(async (unit) => {
    const { account, region, name } = stream;
    if (await unit.get(deliveryStreams, streamKey(stream))) {
      throw new ModeledError("ResourceInUseException", `Firehose ${name} under accountId ${account} already exists`);
    }
    if (context.limits.enforced) {
      const most = context.limits.value(STREAMS.name, STREAMS.default);
      const counted = { collection: deliveryStreams, prefix: compositeKey(account, region, "") };
      if ((await countUpTo(unit, counted, most)) >= most) {
        throw new ModeledError("LimitExceededException", `Reached limit of ${most} delivery streams.`);
      }
      await guardRange(unit, `${account} ${region} firehose delivery streams`);
    }
    unit.put(deliveryStreams, streamKey(stream), stream);
    openLog(unit, stream);
    placeSource?.(unit);
  });
  collectRecords(context, stream);
  if (hasSource(stream)) followSource(context, stream);
  return { DeliveryStreamARN: deliveryStreamArn(stream) };
}

async function newStream(input: Validated<CreateDeliveryStreamInput>, context: Context): Promise<DeliveryStream> {
  const { account, region, ids, clock } = context;
  const type = input.DeliveryStreamType ?? "DirectPut";
  if (type === "MSKAsSource" || type === "DatabaseAsSource") {
    throw invalidArgument(`DeliveryStreamType ${type} is not built here.`);
  }
  const { KinesisStreamSourceConfiguration: source } = input;
  if (type === "KinesisStreamAsSource" && !source) {
    throw invalidArgument("KinesisStreamSourceConfig is required for KinesisStreamAsSource delivery stream type.");
  }
  if (type === "DirectPut" && source) {
    throw invalidArgument("KinesisStreamSourceConfig is only applicable to KinesisStreamAsSource stream type.");
  }
  if (source && !(await hasStream(context.store, source.KinesisStreamARN, context))) {
    throw new ModeledError(
      "InvalidArgumentException",
      `Kinesis stream ${source.KinesisStreamARN} does not exist in this account and Region.`,
    );
  }
  const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value = "" }) => [Key, Value]));
  if (Object.keys(tags).length < (input.Tags ?? []).length) throw invalidArgument("Duplicate tag keys found.");
  checkTagCount(tags);
  return {
    account,
    region,
    name: input.DeliveryStreamName,
    id: ids.uuid(),
    type,
    throughputHintMiB: input.DirectPutSourceConfiguration?.ThroughputHintInMBs,
    source: source && { streamArn: source.KinesisStreamARN, roleArn: source.RoleARN },
    createdMs: clock.now(),
    version: 1,
    destination: newDestination(input, context),
    encryption: encryptionOf(type, input.DeliveryStreamEncryptionConfigurationInput),
    tags,
  };
}

type Configured = keyof CreateDeliveryStreamInput & `${string}DestinationConfiguration`;

/** Destinations that are refused by name. */
const UNBUILT = [
  "RedshiftDestinationConfiguration",
  "ElasticsearchDestinationConfiguration",
  "AmazonopensearchserviceDestinationConfiguration",
  "AmazonOpenSearchServerlessDestinationConfiguration",
  "SplunkDestinationConfiguration",
  "SnowflakeDestinationConfiguration",
  "IcebergDestinationConfiguration",
] as const satisfies readonly Configured[];

function newDestination(input: Validated<CreateDeliveryStreamInput>, context: Context): Destination {
  const given = Object.keys(input).filter(
    (member) => member.endsWith("DestinationConfiguration") && input[member as Configured] !== undefined,
  );
  if (given.length !== 1) throw invalidArgument("Exactly one destination configuration is supported for a Firehose");
  for (const member of UNBUILT) {
    if (input[member]) throw invalidArgument(`${member} is not built here: use S3 or an HTTP endpoint.`);
  }
  const { S3DestinationConfiguration: s3, ExtendedS3DestinationConfiguration: extended } = input;
  if (s3) return s3Destination(s3);
  if (extended) return extendedS3Destination(extended);
  const { HttpEndpointDestinationConfiguration: http } = input;
  if (!http) throw invalidArgument("Exactly one destination configuration is supported for a Firehose");
  return httpDestination(http, sealedAccessKey(http.EndpointConfiguration, input.DeliveryStreamName, context));
}

/** Outside of any unit. */
export function sealedAccessKey(
  { AccessKey }: { readonly AccessKey?: string | undefined },
  name: string,
  context: Context,
): string | undefined {
  const { account, region } = context;
  return AccessKey ? sealSecret(context, accessKeyPurpose({ account, region, name }), AccessKey) : undefined;
}

export async function describeDeliveryStream(
  input: Validated<DescribeDeliveryStreamInput>,
  context: Context,
): Promise<DescribeDeliveryStreamOutput> {
  const { account, region } = context;
  const stream = await getStream(context.store, { account, region, name: input.DeliveryStreamName });
  return { DeliveryStreamDescription: describeStream(stream) };
}

const STREAMS_PER_PAGE = 10;

/** In the order of their names. */
export async function listDeliveryStreams(
  input: Validated<ListDeliveryStreamsInput>,
  { store, account, region }: Context,
): Promise<ListDeliveryStreamsOutput> {
  const { Limit: limit = STREAMS_PER_PAGE, DeliveryStreamType: type } = input;
  const listing = {
    collection: deliveryStreams,
    under: [account, region],
    nameOf: ({ name }: DeliveryStream) => name,
    ...(type !== undefined && { keep: (stream: DeliveryStream) => stream.type === type }),
  };
  const found = await listBehind(store, listing, input.ExclusiveStartDeliveryStreamName, limit + 1);
  return {
    DeliveryStreamNames: found.slice(0, limit).map(({ name }) => name),
    HasMoreDeliveryStreams: found.length > limit,
  };
}

/** Deletes a stream at once. What it has taken is still delivered. */
export async function deleteDeliveryStream(
  input: Validated<DeleteDeliveryStreamInput>,
  context: Context,
): Promise<Record<string, never>> {
  const { account, region } = context;
  await context.store.commit(async (unit) => {
    const stream = await getStream(unit, { account, region, name: input.DeliveryStreamName });
    if (hasSource(stream)) await forgetSource(unit, context, stream);
    beginEnd(unit, context, stream);
  });
  return {};
}
