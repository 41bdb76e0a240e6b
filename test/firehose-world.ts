/** What tests of delivery streams share: buckets, streams that deliver to them, and what lies there. Holds no test itself. */
import assert from "node:assert/strict";
import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamCommandInput,
  type CreateDeliveryStreamCommandOutput,
  type DeliveryStreamDescription,
  DescribeDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  FirehoseClient,
  PutRecordCommand,
  type PutRecordCommandOutput,
} from "@aws-sdk/client-firehose";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { TestServer } from "./server.ts";

export const RoleARN = "arn:aws:iam::000000000000:role/firehose";
/** Hints with which objects are written a minute after their first record. */
export const soon: { readonly SizeInMBs: number; readonly IntervalInSeconds: number } = {
  SizeInMBs: 1,
  IntervalInSeconds: 60,
};

export interface FirehoseWorld {
  readonly firehose: FirehoseClient;
  readonly s3: S3Client;
  /** A bucket of its own, and its ARN. */
  bucket(): Promise<{ Bucket: string; BucketARN: string }>;
  create(
    name: string,
    input: Omit<CreateDeliveryStreamCommandInput, "DeliveryStreamName">,
  ): Promise<CreateDeliveryStreamCommandOutput>;
  /** A stream to a bucket of its own. */
  toBucket(name: string, more?: Partial<ExtendedS3DestinationConfiguration>): Promise<string>;
  put(name: string, text: string): Promise<PutRecordCommandOutput>;
  describe(name: string): Promise<DeliveryStreamDescription | undefined>;
  keysOf(Bucket: string): Promise<string[]>;
  bytesOf(Bucket: string, Key: string): Promise<Buffer>;
  /** What is in a bucket, in the order of its keys. */
  textsOf(Bucket: string): Promise<string[]>;
}

let made = 0;

export function openFirehose(server: TestServer): FirehoseWorld {
  const firehose = new FirehoseClient(server.client);
  const s3 = new S3Client(server.client);
  const world: FirehoseWorld = {
    firehose,
    s3,
    async bucket() {
      const Bucket = `delivered-${++made}`;
      await s3.send(new CreateBucketCommand({ Bucket }));
      return { Bucket, BucketARN: `arn:aws:s3:::${Bucket}` };
    },
    create: (DeliveryStreamName, input) =>
      firehose.send(new CreateDeliveryStreamCommand({ DeliveryStreamName, ...input })),
    async toBucket(name, more = {}) {
      const { Bucket, BucketARN } = await world.bucket();
      const ExtendedS3DestinationConfiguration = { RoleARN, BucketARN, BufferingHints: soon, ...more };
      await world.create(name, { ExtendedS3DestinationConfiguration });
      return Bucket;
    },
    put: (DeliveryStreamName, text) =>
      firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from(text) } })),
    async describe(DeliveryStreamName) {
      return (await firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))).DeliveryStreamDescription;
    },
    async keysOf(Bucket) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key = "" }) => Key);
    },
    async bytesOf(Bucket, Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      assert(Body);
      return Buffer.from(await Body.transformToByteArray());
    },
    async textsOf(Bucket) {
      const keys = await world.keysOf(Bucket);
      return Promise.all(keys.map(async (key) => (await world.bytesOf(Bucket, key)).toString()));
    },
  };
  return world;
}
