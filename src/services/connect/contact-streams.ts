import type { InstanceStorageResourceType } from "@aws-sdk/client-connect";
import type { Reader, Unit } from "../../store/store.ts";
import { appendServiceRecord as appendToDeliveryStream } from "../firehose/index.ts";
import { appendServiceRecord } from "../kinesis/index.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, instanceArn } from "./arns.ts";
import { findStorageConfig } from "./instance-storage-configs.ts";

/** The ARN of the Kinesis stream or Firehose delivery stream that an instance's storage configuration names for agent events or contact records. */
export async function findRecordStream(
  reader: Reader,
  instance: InstanceRef,
  type: InstanceStorageResourceType,
): Promise<string | undefined> {
  const config = await findStorageConfig(reader, instance, type);
  return config?.KinesisStreamConfig?.StreamArn ?? config?.KinesisFirehoseConfig?.FirehoseArn;
}

/**
 * Appends a record to a stream of either kind, in the unit of the change that it tells of. Records of one key stay in order. What a stream that is
 * gone, or that takes no record of this size, would have got is lost, as with the real service. `of`: the storage configuration that names the stream.
 */
export async function putRecord(
  unit: Unit,
  platform: Platform,
  streamArn: string,
  record: { readonly data: string; readonly key: string },
  of: { readonly instance: InstanceRef; readonly type: InstanceStorageResourceType },
): Promise<void> {
  const isTaken = isDeliveryStream(streamArn)
    ? await appendToDeliveryStream(unit, streamArn, record.data)
    : await appendServiceRecord(unit, platform, streamArn, { data: record.data, partitionKey: record.key });
  const { account, region } = of.instance;
  const connection = { account, region, from: storageEnd(of.instance, of.type), to: streamArn };
  unit.afterCommit(() => platform.flow.countPassed(connection, 1, isTaken ? "passed" : "failed"));
}

/** What is put where a storage configuration says so is counted by it: two may name one stream. */
export function storageEnd(instance: InstanceRef, type: string): string {
  return `${instanceArn(instance)} ${type}`;
}

function isDeliveryStream(arn: string): boolean {
  return arn.split(":")[2] === "firehose";
}
