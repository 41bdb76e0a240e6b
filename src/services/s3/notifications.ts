/**
 * What a bucket tells of: events on the account's default bus, and records that are sent to queues, topics and functions, in the unit of the
 * change. https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */
import type {
  GetBucketNotificationConfigurationRequest,
  NotificationConfiguration,
  NotificationConfigurationFilter,
  PutBucketNotificationConfigurationRequest,
} from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Context, Platform } from "../service.ts";
import { type Bucket, bucketArn, buckets, getBucket, ownerOf } from "./bucket.ts";
import { keySpelling } from "./listing-answer.ts";
import type { StoredObject } from "./object.ts";

/** As names of events end. */
export type StoredBy = "Put" | "Copy" | "CompleteMultipartUpload";
type RemovedBy = "ObjectRemoved:Delete" | "LifecycleExpiration:Delete";

type Configuration = Validated<NotificationConfiguration>;

/** One of whom a bucket tells. */
interface Listener {
  readonly id: string;
  readonly arn: string;
  readonly events: readonly string[];
  readonly filter: Validated<NotificationConfigurationFilter> | undefined;
}

/** Events that happen here; others may be asked for, and never come. */
const REASONS: Readonly<Record<string, string>> = {
  Put: "PutObject",
  Copy: "CopyObject",
  CompleteMultipartUpload: "CompleteMultipartUpload",
  "ObjectRemoved:Delete": "DeleteObject",
  "LifecycleExpiration:Delete": "Lifecycle Expiration",
};

export async function putBucketNotificationConfiguration(
  input: Validated<PutBucketNotificationConfigurationRequest>,
  context: Context,
): Promise<void> {
  const given = withIds(input.NotificationConfiguration, () => context.ids.uuid());
  const listeners = listenersOf(given);
  checkListeners(listeners);
  const [functions, others] = input.SkipDestinationValidation
    ? [[], []]
    : [listeners.filter(isFunction), listeners.filter((listener) => !isFunction(listener))];
  if (functions.length > 0) await tryFunctions(context, await getBucket(context.store, input, context), functions);
  await context.store.commit(async (unit) => {
    const bucket = await getBucket(unit, input, context);
    for (const { arn } of others) await testListener(unit, context, bucket, arn);
    unit.put(buckets, bucket.name, { ...bucket, notifications: given });
  });
}

export async function getBucketNotificationConfiguration(
  input: Validated<GetBucketNotificationConfigurationRequest>,
  context: Context,
): Promise<NotificationConfiguration> {
  const { notifications = {} } = await getBucket(context.store, input, context);
  return notifications as NotificationConfiguration;
}

function withIds(configuration: Configuration, newId: () => string): Configuration {
  const named = <T extends { readonly Id?: string | undefined }>(all: readonly T[] = []): T[] =>
    all.map((each) => ({ ...each, Id: each.Id ?? newId() }));
  const { QueueConfigurations: queues, TopicConfigurations: topics } = configuration;
  const { LambdaFunctionConfigurations: functions } = configuration;
  return {
    ...configuration,
    ...(queues && { QueueConfigurations: named(queues) }),
    ...(topics && { TopicConfigurations: named(topics) }),
    ...(functions && { LambdaFunctionConfigurations: named(functions) }),
  };
}

function listenersOf(configuration: Configuration): readonly Listener[] {
  const { QueueConfigurations = [], TopicConfigurations = [], LambdaFunctionConfigurations = [] } = configuration;
  const listener = (arn: string, { Id: id = "", Events, Filter }: (typeof QueueConfigurations)[number]): Listener => ({
    id,
    arn,
    events: Events,
    filter: Filter,
  });
  return [
    ...QueueConfigurations.map((each) => listener(each.QueueArn, each)),
    ...TopicConfigurations.map((each) => listener(each.TopicArn, { ...each, QueueArn: "" })),
    ...LambdaFunctionConfigurations.map((each) => listener(each.LambdaFunctionArn, { ...each, QueueArn: "" })),
  ];
}

function checkListeners(listeners: readonly Listener[]): void {
  const ids = listeners.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw invalid("Same ID used for multiple configurations. IDs must be unique");
  for (const { arn, filter } of listeners) {
    if (!/^arn:aws[a-z-]*:(sqs|sns|lambda):[a-z0-9-]+:\d{12}:.+$/.test(arn))
      throw invalid("The ARN is not well formed");
    if (/:sqs:.*\.fifo$/.test(arn)) throw invalid("Unable to validate the following destination configurations");
    const names = (filter?.Key?.FilterRules ?? []).map(({ Name }) => Name?.toLowerCase());
    if (names.some((name) => name !== "prefix" && name !== "suffix")) {
      throw invalid("filter rule name must be either prefix or suffix");
    }
    if (new Set(names).size < names.length) {
      throw invalid("Cannot specify more than one prefix or suffix rule in a filter.");
    }
  }
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgument", message);
}

function isFunction({ arn }: Listener): boolean {
  return arn.split(":")[2] === "lambda";
}

class Undone extends Error {}

/** Functions get no test event. They must be there and let the bucket, which is found out in a unit that is undone. */
async function tryFunctions(context: Context, bucket: Bucket, functions: readonly Listener[]): Promise<void> {
  const trial = context.store.commit(async (unit) => {
    for (const { arn } of functions) await testListener(unit, context, bucket, arn);
    throw new Undone();
  });
  await trial.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
}

/** A queue or a topic gets a test event, and takes it. */
async function testListener(unit: Unit, context: Context, bucket: Bucket, arn: string): Promise<void> {
  const sink = context.flow.findSink(arn);
  const failed = (): ModeledError => invalid("Unable to validate the following destination configurations");
  if (!sink || arn.split(":")[3] !== bucket.region) throw failed();
  if (!sink.append) return;
  const body = JSON.stringify({
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(context.clock.now()).toISOString(),
    Bucket: bucket.name,
    RequestId: context.requestId,
    HostId: context.requestId,
  });
  const [failure] = await sink.append(unit, arn, [requestOf(bucket, `${context.requestId}-${arn}`, body)]);
  if (failure && !failure.retryable) throw failed();
}

function requestOf(bucket: Bucket, deliveryId: string, body: string) {
  const { account } = bucket;
  return { deliveryId, body, account, principal: "s3.amazonaws.com", sourceArn: bucketArn(bucket) };
}

export function tellCreated(
  unit: Unit,
  platform: Platform,
  bucket: Bucket,
  object: StoredObject,
  by: StoredBy,
): Promise<void> {
  return tell(unit, platform, bucket, object, { name: `ObjectCreated:${by}`, reason: REASONS[by] ?? by });
}

/** The object as it was. */
export function tellRemoved(
  unit: Unit,
  platform: Platform,
  bucket: Bucket,
  object: StoredObject,
  by: RemovedBy,
): Promise<void> {
  return tell(unit, platform, bucket, object, { name: by, reason: REASONS[by] ?? by });
}

interface Happening {
  /** Without its `s3:`. */
  readonly name: string;
  readonly reason: string;
}

async function tell(
  unit: Unit,
  platform: Platform,
  bucket: Bucket,
  object: StoredObject,
  happening: Happening,
): Promise<void> {
  const { notifications } = bucket;
  if (!notifications) return;
  const timeMs = platform.clock.now();
  const id = derivedUuid(bucket.name, object.key, object.content, happening.name);
  const send = (targetArn: string, deliveryId: string, body: string): Promise<void> =>
    platform.flow.send(unit, [
      { targetArn, request: requestOf(bucket, deliveryId, body), event: body, ruleArn: bucketArn(bucket), timeMs },
    ]);
  if (notifications.EventBridgeConfiguration) {
    const busArn = `arn:aws:events:${bucket.region}:${bucket.account}:event-bus/default`;
    await send(busArn, id, JSON.stringify(busEvent(bucket, object, happening, { id, timeMs })));
  }
  for (const listener of listenersOf(notifications)) {
    if (!isWanted(listener, object.key, happening.name)) continue;
    const body = JSON.stringify({ Records: [record(bucket, object, happening.name, { listener, id, timeMs })] });
    await send(listener.arn, derivedUuid(id, listener.id), body);
  }
}

function isWanted({ events, filter }: Listener, key: string, name: string): boolean {
  const isOf = events.some((event) => event === `s3:${name}` || event === `s3:${name.split(":")[0]}:*`);
  const rules = filter?.Key?.FilterRules ?? [];
  return (
    isOf &&
    rules.every(({ Name, Value = "" }) =>
      Name?.toLowerCase() === "prefix" ? key.startsWith(Value) : key.endsWith(Value),
    )
  );
}

interface Moment {
  readonly id: string;
  readonly timeMs: number;
}

/** Rises with each change of a key. */
function sequencer({ timeMs, id }: Moment): string {
  return (timeMs.toString(16).padStart(12, "0") + id.slice(0, 6)).toUpperCase();
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function busEvent(bucket: Bucket, object: StoredObject, { name, reason }: Happening, moment: Moment): object {
  const isCreated = name.startsWith("ObjectCreated");
  const { key, size, etag } = object;
  return {
    version: "0",
    id: moment.id,
    "detail-type": isCreated ? "Object Created" : "Object Deleted",
    source: "aws.s3",
    account: bucket.account,
    time: `${new Date(moment.timeMs).toISOString().slice(0, 19)}Z`,
    region: bucket.region,
    resources: [bucketArn(bucket)],
    detail: {
      version: "0",
      bucket: { name: bucket.name },
      object: { key, ...(isCreated && { size, etag: etag.slice(1, -1) }), sequencer: sequencer(moment) },
      "request-id": moment.id.slice(-12).toUpperCase(),
      requester: name.startsWith("Lifecycle") ? "s3.amazonaws.com" : bucket.account,
      ...(!name.startsWith("Lifecycle") && { "source-ip-address": "127.0.0.1" }),
      reason,
      ...(!isCreated && { "deletion-type": "Permanently Deleted" }),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function record(
  bucket: Bucket,
  { key, size, etag }: StoredObject,
  name: string,
  moment: Moment & { readonly listener: Listener },
): object {
  const { ID: principalId } = ownerOf(bucket.account);
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: bucket.region,
    eventTime: new Date(moment.timeMs).toISOString(),
    eventName: name,
    userIdentity: { principalId },
    requestParameters: { sourceIPAddress: "127.0.0.1" },
    responseElements: {
      "x-amz-request-id": moment.id.slice(-12).toUpperCase(),
      "x-amz-id-2": Buffer.from(moment.id).toString("base64"),
    },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: moment.listener.id,
      bucket: { name: bucket.name, ownerIdentity: { principalId }, arn: bucketArn(bucket) },
      object: {
        key: keySpelling("url")(key),
        ...(name.startsWith("ObjectCreated") && { size, eTag: etag.slice(1, -1) }),
        sequencer: sequencer(moment),
      },
    },
  };
}
