/** What buckets are told to be, as the SDK sees it: settings, lifecycles, notifications, lists of versions and of who may. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { AddPermissionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeleteBucketWebsiteCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketRequestPaymentCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const s3 = new S3Client(server.client);
const other = new S3Client(server.clientOf("other"));
const sqs = new SQSClient(server.client);

const Bucket = "settings";
await s3.send(new CreateBucketCommand({ Bucket }));

async function refusal(call: Promise<unknown>): Promise<[status: number | undefined, code: string]> {
  const error = await call.then(
    (answer) => assert.fail(`It succeeds: ${JSON.stringify(answer)}`),
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) => error,
  );
  return [error.$metadata?.httpStatusCode, error.name];
}

suite("settings", () => {
  test("what was never told is told as the service does", async () => {
    const missing = [
      [new GetBucketCorsCommand({ Bucket }), "NoSuchCORSConfiguration"],
      [new GetBucketLifecycleConfigurationCommand({ Bucket }), "NoSuchLifecycleConfiguration"],
      [new GetBucketPolicyCommand({ Bucket }), "NoSuchBucketPolicy"],
      [new GetBucketTaggingCommand({ Bucket }), "NoSuchTagSet"],
      [new GetBucketWebsiteCommand({ Bucket }), "NoSuchWebsiteConfiguration"],
      [new GetBucketReplicationCommand({ Bucket }), "ReplicationConfigurationNotFoundError"],
      [new GetObjectLockConfigurationCommand({ Bucket }), "ObjectLockConfigurationNotFoundError"],
    ] as const;
    for (const [command, code] of missing) {
      assert.deepEqual(await refusal(s3.send(command as GetBucketCorsCommand)), [404, code]);
      const elsewhere = other.send(command as GetBucketCorsCommand);
      assert.deepEqual(await refusal(elsewhere), [403, "AccessDenied"]);
    }
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
    assert.equal((await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status, undefined);
    assert.equal((await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer, "BucketOwner");
    assert.equal((await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled, undefined);
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
    assert.equal(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, "AES256");
    const { PublicAccessBlockConfiguration } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    assert.equal(PublicAccessBlockConfiguration?.BlockPublicAcls, true);
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    assert.deepEqual(OwnershipControls?.Rules, [{ ObjectOwnership: "BucketOwnerEnforced" }]);
  });

  test("what is told is told again, until it is taken away", async () => {
    const CORSRules = [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"], MaxAgeSeconds: 5 }];
    await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    assert.deepEqual((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules, CORSRules);
    await s3.send(new DeleteBucketCorsCommand({ Bucket }));
    assert.deepEqual(await refusal(s3.send(new GetBucketCorsCommand({ Bucket }))), [404, "NoSuchCORSConfiguration"]);

    const Tagging = { TagSet: [{ Key: "team", Value: "a" }] };
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging }));
    assert.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, Tagging.TagSet);
    await s3.send(new DeleteBucketTaggingCommand({ Bucket }));

    const Statement = [
      { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::settings/*" },
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    assert.equal((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy, Policy);
    for (const wrong of ["{", "[]", "{}", '{"Statement":[{"Effect":"Allow"}]}']) {
      const call = s3.send(new PutBucketPolicyCommand({ Bucket, Policy: wrong }));
      assert.deepEqual(await refusal(call), [400, "MalformedPolicy"]);
    }
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));

    const WebsiteConfiguration = { IndexDocument: { Suffix: "index.html" } };
    await s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
    const website = await s3.send(new GetBucketWebsiteCommand({ Bucket }));
    assert.deepEqual(website.IndexDocument, { Suffix: "index.html" });
    await s3.send(new DeleteBucketWebsiteCommand({ Bucket }));

    const AccelerateConfiguration = { Status: "Suspended" } as const;
    await s3.send(new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration }));
    assert.equal((await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status, "Suspended");
    await s3.send(
      new PutBucketLoggingCommand({
        Bucket,
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: "log/" } },
      }),
    );
    assert.equal((await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled?.TargetPrefix, "log/");

    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const gone = s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    assert.deepEqual(await refusal(gone), [404, "NoSuchPublicAccessBlockConfiguration"]);
    const PublicAccessBlockConfiguration = { BlockPublicAcls: false, BlockPublicPolicy: true };
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    await s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    const uncontrolled = s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    assert.deepEqual(await refusal(uncontrolled), [404, "OwnershipControlsNotFoundError"]);
    const OwnershipControls = { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" as const }] };
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
    await s3.send(
      new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer: "BucketOwner" } }),
    );

    const encryptedBy = (SSEAlgorithm: "AES256" | "aws:kms") =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm } }] },
        }),
      );
    await encryptedBy("AES256");
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    assert.deepEqual(await refusal(encryptedBy("aws:kms")), [501, "NotImplemented"]);
  });

  test("versioning is not promised", async () => {
    const version = (Status: "Enabled" | "Suspended") =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    assert.deepEqual(await refusal(version("Enabled")), [501, "NotImplemented"]);
    await version("Suspended");
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, "Suspended");
  });

  test("the owner has full control, and nobody else anything", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "acl.txt", Body: "x" }));
    const { Owner, Grants } = await s3.send(new GetBucketAclCommand({ Bucket }));
    assert.equal(Grants?.[0]?.Permission, "FULL_CONTROL");
    const ofObject = await s3.send(new GetObjectAclCommand({ Bucket, Key: "acl.txt" }));
    assert.deepEqual(ofObject.Grants, Grants);
    await s3.send(new PutBucketAclCommand({ Bucket, ACL: "private" }));
    await s3.send(new PutObjectAclCommand({ Bucket, Key: "acl.txt", AccessControlPolicy: { Owner, Grants } }));
    const open = s3.send(new PutBucketAclCommand({ Bucket, ACL: "public-read" }));
    assert.deepEqual(await refusal(open), [501, "NotImplemented"]);
  });

  test("attributes and versions of objects are told", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "v/a", Body: "abc" }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "v/b", Body: "d" }));
    const told = await s3.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: "v/a",
        ObjectAttributes: ["ETag", "Checksum", "ObjectSize", "StorageClass"],
      }),
    );
    assert.equal(told.ObjectSize, 3);
    assert.equal(told.ETag, "900150983cd24fb0d6963f7d28e17f72");
    assert.equal(told.StorageClass, "STANDARD");
    assert.ok(told.Checksum);
    const first = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "v/", MaxKeys: 1 }));
    assert.deepEqual(
      first.Versions?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
      [["v/a", "null", true]],
    );
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
    const rest = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "v/", KeyMarker, VersionIdMarker }));
    assert.deepEqual(
      rest.Versions?.map(({ Key }) => Key),
      ["v/b"],
    );
  });
});

test("objects expire at midnight, and a server that stops at that moment stops in peace", async () => {
  const own = await startTrunkline();
  const client = new S3Client({ ...own.client, forcePathStyle: true });
  const Bucket = "midnight";
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [{ Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }],
      },
    }),
  );
  const puts = Array.from({ length: 40 }, (_, place) => new PutObjectCommand({ Bucket, Key: `a/${place}`, Body: "a" }));
  await Promise.all(puts.map((put) => client.send(put)));
  const count = async () => (await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount;
  const dayMs = 86_400_000;
  const untilMs = (Math.ceil(own.app.platform().clock.now() / dayMs) + 1) * dayMs;
  await own.advance(`PT${(untilMs - 1 - own.app.platform().clock.now()) / 1000}S`);
  assert.equal(await count(), 40);
  await own.advance("PT0.001S");
  assert.equal(await count(), 0);
  // The files may still be on their way out: what is left of them is the next start's.
  await own.close();
});

test("objects expire as a lifecycle says", async () => {
  const kept = "lifecycle";
  await s3.send(new CreateBucketCommand({ Bucket: kept }));
  for (const Key of ["old/a", "old/b", "else/c"]) await s3.send(new PutObjectCommand({ Bucket: kept, Key, Body: Key }));
  const Rules = [
    { ID: "old", Status: "Enabled" as const, Filter: { Prefix: "old/" }, Expiration: { Days: 3 } },
    {
      ID: "date",
      Status: "Disabled" as const,
      Filter: { Prefix: "" },
      Expiration: { Date: new Date("2020-01-01T00:00:00Z") },
    },
  ];
  const put = (rules: typeof Rules) =>
    s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: kept, LifecycleConfiguration: { Rules: rules } }));
  await put(Rules);
  const told = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: kept }));
  assert.deepEqual(told.Rules, Rules);
  assert.deepEqual(await refusal(put([{ ...Rules[0], Expiration: { Days: 0 } } as (typeof Rules)[0]])), [
    400,
    "InvalidArgument",
  ]);
  const keys = async () =>
    (await s3.send(new ListObjectsV2Command({ Bucket: kept }))).Contents?.map(({ Key }) => Key) ?? [];
  await server.advance("P2D");
  assert.equal((await keys()).length, 3);
  await server.advance("P2D");
  assert.deepEqual(await keys(), ["else/c"]);
  await s3.send(new DeleteBucketLifecycleCommand({ Bucket: kept }));
  await s3.send(new DeleteObjectCommand({ Bucket: kept, Key: "else/c" }));
  await s3.send(new DeleteBucketCommand({ Bucket: kept }));
  // Another bucket of the name has nothing of the one before.
  await s3.send(new CreateBucketCommand({ Bucket: kept }));
  const none = s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: kept }));
  assert.deepEqual(await refusal(none), [404, "NoSuchLifecycleConfiguration"]);
});

suite("notifications", () => {
  const told = "told";

  async function messages(QueueUrl: string): Promise<Record<string, unknown>[]> {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body = "" }) => JSON.parse(Body));
  }

  test("a queue is told of what is stored, copied and deleted, where its filter lets it", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: told }));
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "told" }));
    const QueueArn = "arn:aws:sqs:us-east-1:000000000000:told";
    const Filter = { Key: { FilterRules: [{ Name: "suffix" as const, Value: ".txt" }] } };
    const configure = (arn: string) =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: told,
          NotificationConfiguration: {
            QueueConfigurations: [
              { Id: "q", QueueArn: arn, Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"], Filter },
            ],
          },
        }),
      );
    assert.deepEqual(await refusal(configure(`${QueueArn}-not-there`)), [400, "InvalidArgument"]);
    await configure(QueueArn);
    const [test] = await messages(QueueUrl);
    assert.equal(test?.Event, "s3:TestEvent");
    assert.equal(test.Bucket, told);
    const configured = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: told }));
    assert.equal(configured.QueueConfigurations?.[0]?.QueueArn, QueueArn);

    await s3.send(new PutObjectCommand({ Bucket: told, Key: "a b.txt", Body: "abc" }));
    await s3.send(new PutObjectCommand({ Bucket: told, Key: "a.bin", Body: "abc" }));
    await s3.send(new CopyObjectCommand({ Bucket: told, Key: "c.txt", CopySource: `${told}/a.bin` }));
    await s3.send(new DeleteObjectCommand({ Bucket: told, Key: "c.txt" }));
    await server.advance("PT0S");
    const records = (await messages(QueueUrl)).flatMap(({ Records }) => Records as { eventName: string; s3: never }[]);
    assert.deepEqual(
      records.map(({ eventName, s3: { object } }) => [eventName, (object as { key: string }).key]).sort(),
      [
        ["ObjectCreated:Copy", "c.txt"],
        ["ObjectCreated:Put", "a+b.txt"],
        ["ObjectRemoved:Delete", "c.txt"],
      ],
    );
    const { object, bucket, configurationId } = (records.find(({ eventName }) => eventName === "ObjectCreated:Put")
      ?.s3 ?? {}) as Record<string, Record<string, unknown>>;
    assert.equal(object?.size, 3);
    assert.equal(object.eTag, "900150983cd24fb0d6963f7d28e17f72");
    assert.equal(bucket?.arn, "arn:aws:s3:::told");
    assert.equal(configurationId, "q");
  });

  test("topics and functions are told, as their policies let the bucket", async () => {
    const sns = new SNSClient(server.client);
    const Name = "to-others";
    await s3.send(new CreateBucketCommand({ Bucket: Name }));
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: Name }));
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name }));
    const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${Name}`;
    const RawMessageDelivery = { RawMessageDelivery: "true" };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes: RawMessageDelivery }));
    // What the function is called with, it writes beside the object, where no event tells of it.
    const source = `
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
const s3 = new S3Client({ forcePathStyle: true });
export const handler = (event) =>
  s3.send(new PutObjectCommand({ Bucket: "${Name}", Key: "heard.json", Body: JSON.stringify(event) }));`;
    const Role = await createRole(server.client, Name, ["s3:PutObject"]);
    const { FunctionArn = "" } = await createFunction(server.client, source, { FunctionName: Name, Role });
    const allow = (SourceArn: string) =>
      new LambdaClient(server.client).send(
        new AddPermissionCommand({
          FunctionName: Name,
          StatementId: SourceArn.replaceAll(/[^a-z]/g, "-"),
          Action: "lambda:InvokeFunction",
          Principal: "s3.amazonaws.com",
          SourceArn,
        }),
      );
    const Filter = { Key: { FilterRules: [{ Name: "suffix" as const, Value: ".txt" }] } };
    const configure = (arn: string) =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: Name,
          NotificationConfiguration: {
            TopicConfigurations: [{ TopicArn: arn, Events: ["s3:ObjectCreated:*"], Filter }],
            LambdaFunctionConfigurations: [
              { LambdaFunctionArn: FunctionArn, Events: ["s3:ObjectCreated:Put"], Filter },
            ],
          },
        }),
      );
    assert.deepEqual(await refusal(configure(`${TopicArn}-not-there`)), [400, "InvalidArgument"]);
    await allow("arn:aws:s3:::another");
    assert.deepEqual(await refusal(configure(TopicArn)), [400, "InvalidArgument"]);
    await allow(`arn:aws:s3:::${Name}`);
    await configure(TopicArn);
    await server.advance("PT0S");
    const unheard = s3.send(new GetObjectCommand({ Bucket: Name, Key: "heard.json" }));
    assert.deepEqual(await refusal(unheard), [404, "NoSuchKey"]);
    await s3.send(new PutObjectCommand({ Bucket: Name, Key: "a.txt", Body: "abc" }));
    await server.advance("PT0S");
    const heard = await s3.send(new GetObjectCommand({ Bucket: Name, Key: "heard.json" }));
    const keysOf = ({ Records = [] }: { Records?: { eventName: string; s3: { object: { key: string } } }[] }) =>
      Records.map(({ eventName, s3: { object } }) => [eventName, object.key]);
    assert.deepEqual(keysOf(JSON.parse((await heard.Body?.transformToString()) ?? "")), [
      ["ObjectCreated:Put", "a.txt"],
    ]);
    const told = await messages(QueueUrl);
    assert.ok(told.some(({ Event }) => Event === "s3:TestEvent"));
    assert.deepEqual(told.flatMap(keysOf), [["ObjectCreated:Put", "a.txt"]]);
  });

  test("the default bus is told where the bucket says so", async () => {
    const logs = new CloudWatchLogsClient(server.client);
    const events = new EventBridgeClient(server.client);
    const logGroupName = "/aws/events/s3";
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await events.send(new PutRuleCommand({ Name: "s3", EventPattern: '{"source":["aws.s3"]}' }));
    const Arn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
    await events.send(new PutTargetsCommand({ Rule: "s3", Targets: [{ Id: "logs", Arn }] }));
    await s3.send(new CreateBucketCommand({ Bucket: "on-the-bus" }));
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: "on-the-bus",
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: "on-the-bus", Key: "a", Body: "abc" }));
    await s3.send(new DeleteObjectCommand({ Bucket: "on-the-bus", Key: "a" }));
    await server.advance("PT0S");
    const found = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    const [created, deleted] = (found.events ?? []).map(({ message = "" }) => JSON.parse(message));
    assert.equal(created["detail-type"], "Object Created");
    assert.deepEqual(created.resources, ["arn:aws:s3:::on-the-bus"]);
    assert.equal(created.detail.object.size, 3);
    assert.equal(created.detail.reason, "PutObject");
    assert.equal(deleted["detail-type"], "Object Deleted");
    assert.equal(deleted.detail["deletion-type"], "Permanently Deleted");
  });
});
