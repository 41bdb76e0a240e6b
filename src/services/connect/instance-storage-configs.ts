import { createHash } from "node:crypto";
import type {
  AssociateInstanceStorageConfigRequest,
  AssociateInstanceStorageConfigResponse,
  DescribeInstanceStorageConfigRequest,
  DescribeInstanceStorageConfigResponse,
  DisassociateInstanceStorageConfigRequest,
  EncryptionConfig,
  InstanceStorageConfig,
  InstanceStorageResourceType,
  ListInstanceStorageConfigsRequest,
  ListInstanceStorageConfigsResponse,
  StorageType,
  UpdateInstanceStorageConfigRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { hasDeliveryStream } from "../firehose/index.ts";
import { hasStream } from "../kinesis/index.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { invalidNextToken, invalidParameter, notFound } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** Where an instance puts one kind of what it produces. There is at most one for each kind. */
interface StorageAssociation extends InstanceRef {
  readonly id: string;
  readonly slot: InstanceStorageResourceType;
  readonly config: Validated<InstanceStorageConfig>;
}

/** By instance and slot. */
export const instanceStorageConfigs: Collection<StorageAssociation> = collection("connect_instance_storage_configs");

/** What each kind may go to ("Enable data streaming", "Set up your instance"; where a page names no target, our choice). */
const STORAGE_TYPES: Readonly<Record<InstanceStorageResourceType, readonly StorageType[]>> = {
  AGENT_EVENTS: ["KINESIS_STREAM"],
  CONTACT_TRACE_RECORDS: ["KINESIS_STREAM", "KINESIS_FIREHOSE"],
  REAL_TIME_CONTACT_ANALYSIS_SEGMENTS: ["KINESIS_STREAM"],
  REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS: ["KINESIS_STREAM"],
  REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS: ["KINESIS_STREAM"],
  CHAT_TRANSCRIPTS: ["S3"],
  CALL_RECORDINGS: ["S3"],
  SCHEDULED_REPORTS: ["S3"],
  ATTACHMENTS: ["S3"],
  CONTACT_EVALUATIONS: ["S3"],
  SCREEN_RECORDINGS: ["S3"],
  EMAIL_MESSAGES: ["S3"],
  MEDIA_STREAMS: ["KINESIS_VIDEO_STREAM"],
};

const CONFIG_MEMBERS: Readonly<Record<StorageType, keyof InstanceStorageConfig>> = {
  S3: "S3Config",
  KINESIS_STREAM: "KinesisStreamConfig",
  KINESIS_FIREHOSE: "KinesisFirehoseConfig",
  KINESIS_VIDEO_STREAM: "KinesisVideoStreamConfig",
};

/** Largest page of ListInstanceStorageConfigs, and its default. */
const CONFIGS_PER_PAGE = 10;

export async function associateInstanceStorageConfig(
  input: Validated<AssociateInstanceStorageConfigRequest>,
  context: Context,
): Promise<AssociateInstanceStorageConfigResponse> {
  const id = createHash("sha256").update(context.ids.uuid()).digest("hex");
  const slot = slotOf(input.ResourceType);
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    checkConfig(input.ResourceType, input.StorageConfig);
    const request = { scope: refOf(instance), operation: "AssociateInstanceStorageConfig", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs: context.clock.now() });
    if (earlier) return { AssociationId: earlier.madeId };

    if (await unit.get(instanceStorageConfigs, instanceKey(instance, slot))) {
      throw new ModeledError(
        "ResourceConflictException",
        `Instance ${instance.instanceId} has a storage configuration for ${slot} already`,
      );
    }
    await requireTarget(unit, instance, input.StorageConfig);
    const association = { ...refOf(instance), id, slot, config: input.StorageConfig };
    unit.put(instanceStorageConfigs, instanceKey(instance, slot), association);
    return { AssociationId: id };
  });
}

export async function describeInstanceStorageConfig(
  input: Validated<DescribeInstanceStorageConfigRequest>,
  context: Context,
): Promise<DescribeInstanceStorageConfigResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  return { StorageConfig: configOf(await getAssociation(context.store, instance, input)) };
}

export async function listInstanceStorageConfigs(
  input: Validated<ListInstanceStorageConfigsRequest>,
  context: Context,
): Promise<ListInstanceStorageConfigsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const association = await findAssociation(context.store, instance, input.ResourceType);
  const page = slicePage(association ? [association] : [], ({ id }) => id, {
    of: ["ListInstanceStorageConfigs", instanceKey(instance), input.ResourceType],
    token: input.NextToken,
    limit: input.MaxResults ?? CONFIGS_PER_PAGE,
    refuse: invalidNextToken,
  });
  return { StorageConfigs: page.items.map(configOf), NextToken: page.nextToken };
}

export async function updateInstanceStorageConfig(
  input: Validated<UpdateInstanceStorageConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    checkConfig(input.ResourceType, input.StorageConfig);
    const association = await getAssociation(unit, instance, input);
    await requireTarget(unit, instance, input.StorageConfig);
    unit.put(instanceStorageConfigs, instanceKey(instance, association.slot), {
      ...association,
      config: input.StorageConfig,
    });
  });
  return {};
}

export async function disassociateInstanceStorageConfig(
  input: Validated<DisassociateInstanceStorageConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const { slot } = await getAssociation(unit, instance, input);
    unit.delete(instanceStorageConfigs, instanceKey(instance, slot));
  });
  return {};
}

/** Where an instance puts what is of this type. `undefined`: nowhere. */
export async function findStorageConfig(
  reader: Reader,
  instance: InstanceRef,
  type: InstanceStorageResourceType,
): Promise<Validated<InstanceStorageConfig> | undefined> {
  return (await findAssociation(reader, instance, type))?.config;
}

function findAssociation(
  reader: Reader,
  instance: InstanceRef,
  type: InstanceStorageResourceType,
): Promise<StorageAssociation | undefined> {
  return reader.get(instanceStorageConfigs, instanceKey(instance, slotOf(type)));
}

async function getAssociation(
  reader: Reader,
  instance: InstanceRef,
  named: { readonly AssociationId: string; readonly ResourceType: InstanceStorageResourceType },
): Promise<StorageAssociation> {
  const association = await findAssociation(reader, instance, named.ResourceType);
  if (association?.id !== named.AssociationId) {
    throw notFound(`Storage configuration ${named.AssociationId} for ${named.ResourceType} does not exist`);
  }
  return association;
}

/** The older name of the segments of calls shares their place (our choice). */
function slotOf(type: InstanceStorageResourceType): InstanceStorageResourceType {
  return type === "REAL_TIME_CONTACT_ANALYSIS_SEGMENTS" ? "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS" : type;
}

function configOf({ id, config }: StorageAssociation): InstanceStorageConfig {
  return { ...config, AssociationId: id };
}

/** What can be said of a configuration without looking anything up. */
function checkConfig(type: InstanceStorageResourceType, config: Validated<InstanceStorageConfig>): void {
  const { StorageType: storage } = config;
  if (!STORAGE_TYPES[type].includes(storage)) {
    throw invalidParameter(`${type} cannot be stored in ${storage}, but in ${STORAGE_TYPES[type].join(" or ")}`);
  }
  const given = Object.values(CONFIG_MEMBERS).filter((member) => config[member] !== undefined);
  if (given.length !== 1 || given[0] !== CONFIG_MEMBERS[storage]) {
    throw invalidParameter(`StorageType ${storage} needs ${CONFIG_MEMBERS[storage]}, and no other configuration`);
  }
  checkKey(config.S3Config?.EncryptionConfig);
  checkKey(config.KinesisVideoStreamConfig?.EncryptionConfig);
}

function checkKey(encryption: Validated<EncryptionConfig> | undefined): void {
  if (encryption !== undefined && !/^arn:aws[a-z-]*:kms:[^:]+:\d{12}:key\/.+$/.test(encryption.KeyId)) {
    throw invalidParameter("KeyId must be the full ARN of a KMS key");
  }
}

/** A stream must be there. Buckets and video streams are not hosted here, so any name is taken. */
async function requireTarget(
  reader: Reader,
  instance: InstanceRef,
  { KinesisStreamConfig: stream, KinesisFirehoseConfig: delivery }: Validated<InstanceStorageConfig>,
): Promise<void> {
  if (stream !== undefined && !(await hasStream(reader, stream.StreamArn, instance))) {
    throw invalidParameter(`Stream ${stream.StreamArn} does not exist in this account and Region`);
  }
  if (delivery !== undefined && !(await hasDeliveryStream(reader, delivery.FirehoseArn, instance))) {
    throw invalidParameter(
      `Delivery stream ${delivery.FirehoseArn} does not exist in this account and Region, or has a source of its own`,
    );
  }
}
