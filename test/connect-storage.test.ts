/** Where an instance puts what it produces: each operation as its SDK sees it, and every error that a caller can cause. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  CreateInstanceCommand,
  DescribeInstanceStorageConfigCommand,
  DisassociateInstanceStorageConfigCommand,
  type InstanceStorageConfig,
  type InstanceStorageResourceType,
  ListInstanceStorageConfigsCommand,
  UpdateInstanceStorageConfigCommand,
} from "@aws-sdk/client-connect";
import { CreateStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new ConnectClient(server.client);
const { Id: InstanceId = "" } = await client.send(
  new CreateInstanceCommand({
    IdentityManagementType: "CONNECT_MANAGED",
    InstanceAlias: "storage",
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
  }),
);
const kinesis = new KinesisClient(server.client);
for (const StreamName of ["floor", "roof"]) await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));

const KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/0d1c2b3a-4f5e-4d6c-8b7a-9f8e7d6c5b4a";
const stream = (name: string, account = "000000000000"): InstanceStorageConfig => ({
  StorageType: "KINESIS_STREAM",
  KinesisStreamConfig: { StreamArn: `arn:aws:kinesis:us-east-1:${account}:stream/${name}` },
});
const bucket: InstanceStorageConfig = {
  StorageType: "S3",
  S3Config: {
    BucketName: "acme-qm",
    BucketPrefix: "connect/acme",
    EncryptionConfig: { EncryptionType: "KMS", KeyId: KEY_ARN },
  },
};
const video: InstanceStorageConfig = {
  StorageType: "KINESIS_VIDEO_STREAM",
  KinesisVideoStreamConfig: {
    Prefix: "calls",
    RetentionPeriodHours: 24,
    EncryptionConfig: { EncryptionType: "KMS", KeyId: KEY_ARN },
  },
};
const firehose: InstanceStorageConfig = {
  StorageType: "KINESIS_FIREHOSE",
  KinesisFirehoseConfig: { FirehoseArn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/records" },
};

async function associate(ResourceType: InstanceStorageResourceType, StorageConfig: InstanceStorageConfig) {
  const input = { InstanceId, ResourceType, StorageConfig };
  return (await client.send(new AssociateInstanceStorageConfigCommand(input))).AssociationId ?? "";
}

async function refuses(name: string, call: Promise<unknown>, message = /./): Promise<void> {
  await assert.rejects(call, (error: { name: string; message: string }) => {
    assert.equal(error.name, name, error.message);
    assert.match(error.message, message);
    return true;
  });
}

test("agent events go to one stream, which can be changed and taken away", async () => {
  const ResourceType = "AGENT_EVENTS";
  const AssociationId = await associate(ResourceType, { ...stream("floor"), AssociationId: "mine" });
  assert.match(AssociationId, /^[0-9a-f]{64}$/);
  const named = { InstanceId, ResourceType, AssociationId } as const;
  const described = await client.send(new DescribeInstanceStorageConfigCommand(named));
  assert.deepEqual(described.StorageConfig, { ...stream("floor"), AssociationId });
  await refuses("ResourceConflictException", associate(ResourceType, stream("roof")));

  await client.send(new UpdateInstanceStorageConfigCommand({ ...named, StorageConfig: stream("roof") }));
  const listed = await client.send(new ListInstanceStorageConfigsCommand({ InstanceId, ResourceType }));
  assert.deepEqual(listed.StorageConfigs, [{ ...stream("roof"), AssociationId }]);
  assert.equal(listed.NextToken, undefined);

  await client.send(new DisassociateInstanceStorageConfigCommand(named));
  await refuses("ResourceNotFoundException", client.send(new DescribeInstanceStorageConfigCommand(named)));
  await refuses("ResourceNotFoundException", client.send(new DisassociateInstanceStorageConfigCommand(named)));
  const gone = client.send(new UpdateInstanceStorageConfigCommand({ ...named, StorageConfig: stream("roof") }));
  await refuses("ResourceNotFoundException", gone);
  assert.notEqual(await associate(ResourceType, stream("floor")), AssociationId);
});

test("an association is known by its id and type together", async () => {
  const AssociationId = await associate("CHAT_TRANSCRIPTS", bucket);
  const described = await client.send(
    new DescribeInstanceStorageConfigCommand({ InstanceId, AssociationId, ResourceType: "CHAT_TRANSCRIPTS" }),
  );
  assert.deepEqual(described.StorageConfig, { ...bucket, AssociationId });
  const other = { InstanceId, AssociationId, ResourceType: "CALL_RECORDINGS" } as const;
  await refuses("ResourceNotFoundException", client.send(new DescribeInstanceStorageConfigCommand(other)));
});

test("the same client token makes one association", async () => {
  const input = { InstanceId, ResourceType: "ATTACHMENTS", StorageConfig: bucket, ClientToken: "once" } as const;
  const [first, again] = [
    await client.send(new AssociateInstanceStorageConfigCommand(input)),
    await client.send(new AssociateInstanceStorageConfigCommand(input)),
  ];
  assert.equal(again.AssociationId, first.AssociationId);
});

test("the two names of the segments of calls share one place", async () => {
  await associate("REAL_TIME_CONTACT_ANALYSIS_SEGMENTS", stream("floor"));
  await refuses("ResourceConflictException", associate("REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS", stream("floor")));
  await associate("REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS", stream("floor"));
});

test("what a type cannot be stored in is refused", async () => {
  await associate("MEDIA_STREAMS", video);
  const invalid = "InvalidParameterException";
  await refuses(invalid, associate("CONTACT_TRACE_RECORDS", bucket), /KINESIS_STREAM or KINESIS_FIREHOSE/);
  await refuses(invalid, associate("CALL_RECORDINGS", stream("floor")), /in S3/);
  await refuses(invalid, associate("CONTACT_TRACE_RECORDS", firehose), /Delivery stream .* does not exist/);
  await refuses(
    invalid,
    associate("CONTACT_TRACE_RECORDS", { ...stream("floor"), ...bucket, StorageType: "KINESIS_STREAM" }),
  );
  await refuses(invalid, associate("CONTACT_TRACE_RECORDS", { StorageType: "KINESIS_STREAM" }), /KinesisStreamConfig/);
  const alias = { EncryptionType: "KMS", KeyId: "alias/mine" } as const;
  const S3Config = { BucketName: "acme", BucketPrefix: "x", EncryptionConfig: alias };
  await refuses(invalid, associate("CALL_RECORDINGS", { StorageType: "S3", S3Config }), /full ARN/);
});

test("a stream must be there, in this account and Region", async () => {
  const invalid = "InvalidParameterException";
  await refuses(invalid, associate("CONTACT_TRACE_RECORDS", stream("cellar")), /does not exist/);
  await refuses(invalid, associate("CONTACT_TRACE_RECORDS", stream("floor", "111122223333")), /does not exist/);
  const notThere = client.send(
    new ListInstanceStorageConfigsCommand({ InstanceId: "x", ResourceType: "AGENT_EVENTS" }),
  );
  await refuses("ResourceNotFoundException", notThere);
  const input = { InstanceId, ResourceType: "AGENT_EVENTS", NextToken: "x" } as const;
  await refuses(invalid, client.send(new ListInstanceStorageConfigsCommand(input)));
});
