/** What the policies of functions, topics, log groups and buckets let through: for callers of their account, and for other accounts. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteResourcePolicyCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { AddPermissionCommand, InvokeCommand, LambdaClient, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { createFunction, createRole as createFunctionRole } from "./lambda-world.ts";
import { allow, as, createUser, type Keys, policy, setPolicy } from "./principals.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const ACCOUNT = "000000000000";
const userArn = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:user/${name}`;

/** Whether a call went through. Any other failure than a refusal is one of the test. */
async function passes(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof Error && /^(AccessDenied(Exception)?|AuthorizationError(Exception)?)$/.test(error.name))
      return false;
    // HEAD has no body to say it in.
    if (error instanceof Error && "$metadata" in error && Object(error.$metadata).httpStatusCode === 403) return false;
    throw error;
  }
}

const EXPLICITLY = /with an explicit deny in a resource-based policy$/;

test("a function's policy lets in whom it names, for the function or for one version only", async () => {
  const Role = await createFunctionRole(server.client, "fn");
  await createFunction(server.client, "export const handler = async () => 1", {
    FunctionName: "f",
    Role,
    Publish: true,
  });
  const root = new LambdaClient(server.client);
  const invoke = (keys: Keys, Qualifier?: string) =>
    passes(
      new LambdaClient(as(server.client, keys)).send(
        new InvokeCommand({ FunctionName: "f", InvocationType: "DryRun", ...(Qualifier && { Qualifier }) }),
      ),
    );
  const permission = { FunctionName: "f", StatementId: "s", Action: "lambda:InvokeFunction" };
  const keys = await createUser(server.client, "caller");
  const other = await createUser(server.client, "another-caller");
  assert.equal(await invoke(keys), false);

  await root.send(new AddPermissionCommand({ ...permission, Principal: userArn("caller") }));
  assert.deepEqual(await Promise.all([invoke(keys), invoke(keys, "1"), invoke(other)]), [true, false, false]);
  await root.send(new RemovePermissionCommand(permission));
  assert.equal(await invoke(keys), false);

  await root.send(new AddPermissionCommand({ ...permission, Qualifier: "1", Principal: userArn("caller") }));
  assert.deepEqual(await Promise.all([invoke(keys), invoke(keys, "1")]), [false, true]);
  await root.send(new AddPermissionCommand({ ...permission, Principal: ACCOUNT }));
  assert.equal(await invoke(keys), false, "an account that is named must allow it itself");
});

test("a topic's policy lets in whom it names, and its Deny holds whatever else allows", async () => {
  const root = new SNSClient(server.client);
  const { TopicArn } = await root.send(new CreateTopicCommand({ Name: "news" }));
  const keys = await createUser(server.client, "publisher");
  const sns = new SNSClient(as(server.client, keys));
  const publish = () => sns.send(new PublishCommand({ TopicArn, Message: "x" }));
  const set = (Effect: string, Action: string) =>
    root.send(
      new SetTopicAttributesCommand({
        TopicArn,
        AttributeName: "Policy",
        AttributeValue: policy({ Effect, Principal: { AWS: userArn("publisher") }, Action, Resource: TopicArn }),
      }),
    );
  assert.equal(await passes(publish()), false, "the policy that a topic begins with lets nobody in");
  await set("Allow", "SNS:Publish");
  assert.equal(await passes(publish()), true);
  assert.equal(await passes(sns.send(new GetTopicAttributesCommand({ TopicArn }))), false);
  await setPolicy(server.client, "publisher", allow("sns:*"));
  await set("Deny", "SNS:Publish");
  await assert.rejects(publish(), { message: EXPLICITLY });
  assert.equal(await passes(sns.send(new GetTopicAttributesCommand({ TopicArn }))), true);
});

test("the policies of CloudWatch Logs let in whom they name, and what one of them denies is denied", async () => {
  const root = new CloudWatchLogsClient(server.client);
  for (const logGroupName of ["/calls", "/others"]) await root.send(new CreateLogGroupCommand({ logGroupName }));
  const keys = await createUser(server.client, "logger");
  const logs = new CloudWatchLogsClient(as(server.client, keys));
  let streams = 0;
  const create = (logGroupName: string) =>
    logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: `s${++streams}` }));
  const put = (policyName: string, Effect: string) => {
    const Resource = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/calls:*`;
    const statement = { Effect, Principal: { AWS: userArn("logger") }, Action: "logs:CreateLogStream", Resource };
    return root.send(new PutResourcePolicyCommand({ policyName, policyDocument: policy(statement) }));
  };
  assert.equal(await passes(create("/calls")), false);
  await put("one", "Allow");
  assert.deepEqual([await passes(create("/calls")), await passes(create("/others"))], [true, false]);
  await put("two", "Deny");
  await assert.rejects(create("/calls"), { message: EXPLICITLY });
  await root.send(new DeleteResourcePolicyCommand({ policyName: "two" }));
  assert.equal(await passes(create("/calls")), true);
});

suite("buckets", () => {
  const optionsOf = (client: typeof server.client) => ({ ...client, forcePathStyle: true });
  const root = new S3Client(optionsOf(server.client));
  const put = (s3: S3Client, Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const get = (s3: S3Client, Bucket: string, Key: string) => s3.send(new GetObjectCommand({ Bucket, Key }));
  const setBucketPolicy = (Bucket: string, ...statements: object[]) =>
    root.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(...(statements as Record<string, unknown>[])) }));

  test("a policy lets in whom it names, and its Deny holds whatever else allows", async () => {
    const Bucket = "shared-within";
    await root.send(new CreateBucketCommand({ Bucket }));
    await put(root, Bucket, "a/1");
    await put(root, Bucket, "b/1");
    const keys = await createUser(server.client, "reader");
    const s3 = new S3Client({ ...as(server.client, keys), forcePathStyle: true });
    const Principal = { AWS: userArn("reader") };
    assert.equal(await passes(get(s3, Bucket, "a/1")), false);
    const reads = { Effect: "Allow", Principal, Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/a/*` };
    await setBucketPolicy(Bucket, reads);
    assert.deepEqual([await passes(get(s3, Bucket, "a/1")), await passes(get(s3, Bucket, "b/1"))], [true, false]);
    await setPolicy(server.client, "reader", allow("s3:*"));
    assert.equal(await passes(get(s3, Bucket, "b/1")), true);
    await setBucketPolicy(Bucket, { ...reads, Effect: "Deny" });
    await assert.rejects(get(s3, Bucket, "a/1"), { name: "AccessDenied", message: EXPLICITLY });
    assert.equal(await passes(get(s3, Bucket, "b/1")), true);
  });

  test("another account gets in where both sides let it, and what it writes is the owner's", async () => {
    const Bucket = "shared-beyond";
    const other = server.clientOf("other");
    await root.send(new CreateBucketCommand({ Bucket }));
    await put(root, Bucket, "a/1");
    const theirs = new S3Client(optionsOf(other));
    const keys = await createUser(other, "visitor");
    const visitor = new S3Client({ ...as(other, keys), forcePathStyle: true });
    const list = (s3: S3Client, Prefix: string) => s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    const head = (s3: S3Client, Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));
    assert.equal(await passes(get(theirs, Bucket, "a/1")), false);

    const AWS = "arn:aws:iam::111122223333:root";
    const objects = `arn:aws:s3:::${Bucket}/a/*`;
    await setBucketPolicy(
      Bucket,
      { Effect: "Allow", Principal: { AWS }, Action: ["s3:GetObject", "s3:PutObject"], Resource: objects },
      {
        Effect: "Allow",
        Principal: { AWS },
        Action: "s3:ListBucket",
        Resource: `arn:aws:s3:::${Bucket}`,
        Condition: { StringLike: { "s3:prefix": "a/*" } },
      },
    );
    assert.equal(await (await get(theirs, Bucket, "a/1")).Body?.transformToString(), "a/1");
    assert.equal((await head(theirs, "a/1")).ContentLength, 3);
    await put(theirs, Bucket, "a/2");
    assert.equal(await (await get(root, Bucket, "a/2")).Body?.transformToString(), "a/2");
    assert.deepEqual(
      (await list(theirs, "a/")).Contents?.map(({ Key }) => Key),
      ["a/1", "a/2"],
    );
    const refused = [
      get(theirs, Bucket, "b/1"),
      head(theirs, "b/1"),
      put(theirs, Bucket, "b/1"),
      list(theirs, "b/"),
      theirs.send(new DeleteObjectCommand({ Bucket, Key: "a/1" })),
      theirs.send(new GetBucketPolicyCommand({ Bucket })),
      theirs.send(new CopyObjectCommand({ Bucket, Key: "a/3", CopySource: `${Bucket}/b/1` })),
    ];
    assert.deepEqual(
      await Promise.all(refused.map(passes)),
      refused.map(() => false),
    );

    assert.equal(await passes(get(visitor, Bucket, "a/1")), false, "its own account's policies do not let the visitor");
    await setPolicy(other, "visitor", allow("s3:GetObject", `${objects}`));
    assert.deepEqual(
      [await passes(get(visitor, Bucket, "a/1")), await passes(put(visitor, Bucket, "a/1"))],
      [true, false],
    );
  });

  test("of many objects that are deleted in one call, those that may not be are refused one by one", async () => {
    const Bucket = "deleted-from";
    const other = server.clientOf("other");
    await root.send(new CreateBucketCommand({ Bucket }));
    for (const key of ["a/1", "a/2", "b/1"]) await put(root, Bucket, key);
    const keys = await createUser(server.client, "cleaner", allow("s3:DeleteObject", `arn:aws:s3:::${Bucket}/a/*`));
    const cleaner = new S3Client({ ...as(server.client, keys), forcePathStyle: true });
    const remove = (s3: S3Client, ...named: string[]) =>
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: named.map((Key) => ({ Key })) } }));
    const left = async () => (await root.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key);

    const { Deleted, Errors } = await remove(cleaner, "b/1", "a/1");
    assert.deepEqual(Deleted, [{ Key: "a/1" }]);
    assert.deepEqual(Errors, [
      {
        Key: "b/1",
        Code: "AccessDenied",
        Message: `User: ${userArn("cleaner")} is not authorized to perform: s3:DeleteObject on resource: arn:aws:s3:::${Bucket}/b/1 because no identity-based policy allows the s3:DeleteObject action`,
      },
    ]);
    assert.deepEqual(await left(), ["a/2", "b/1"]);

    const theirs = new S3Client(optionsOf(other));
    assert.deepEqual((await remove(theirs, "a/2")).Errors, [
      { Key: "a/2", Code: "AccessDenied", Message: "Access Denied" },
    ]);
    await setBucketPolicy(Bucket, {
      Effect: "Allow",
      Principal: { AWS: "111122223333" },
      Action: "s3:DeleteObject",
      Resource: `arn:aws:s3:::${Bucket}/b/*`,
    });
    const answer = await remove(theirs, "a/2", "b/1");
    assert.deepEqual([answer.Deleted, answer.Errors?.map(({ Key }) => Key)], [[{ Key: "b/1" }], ["a/2"]]);
    assert.deepEqual(await left(), ["a/2"]);
  });
});
