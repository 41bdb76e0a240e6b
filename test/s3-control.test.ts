/** Tags of buckets as S3 Control has them, by requests as its SDKs make them: to a host that begins with the account, with a header that names it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateBucketCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { allow, createUser } from "./principals.ts";
import { startTrunkline } from "./server.ts";
import { type Answer, type Sketch, sendSigned } from "./signed-request.ts";

const ACCOUNT = "000000000000";
const server = await startTrunkline();
const s3 = new S3Client({ ...server.client, forcePathStyle: true });

type Operation = "ListTagsForResource" | "TagResource" | "UntagResource";
const METHODS: Readonly<Record<Operation, string>> = {
  ListTagsForResource: "GET",
  TagResource: "POST",
  UntagResource: "DELETE",
};

/** The answer's text, or an error's status and code. */
async function call(operation: Operation, arn: string, more: Partial<Sketch> = {}): Promise<string> {
  const { port } = new URL(server.url);
  const answer: Answer = await sendSigned(server.url, {
    service: "s3",
    method: METHODS[operation],
    path: `/v20180820/tags/${encodeURIComponent(arn)}`,
    ...more,
    headers: { host: `${ACCOUNT}.localhost:${port}`, "x-amz-account-id": ACCOUNT, ...more.headers },
  });
  const text = answer.body.toString();
  if (answer.status < 300) return text;
  assert.match(text, /<ErrorResponse><Error><Code>/);
  return `${answer.status} ${/<Code>(.*?)<\/Code>/.exec(text)?.[1]}`;
}

const tags = (listed: string): readonly string[] =>
  [...listed.matchAll(/<Tag><Key>(.*?)<\/Key><Value>(.*?)<\/Value><\/Tag>/g)].map(
    ([, key, value]) => `${key}=${value}`,
  );

function tagging(...pairs: readonly (readonly [string, string])[]): Pick<Sketch, "body"> {
  const members = pairs.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join("");
  const namespace = "http://awss3control.amazonaws.com/doc/2018-08-20/";
  return { body: `<TagResourceRequest xmlns="${namespace}"><Tags>${members}</Tags></TagResourceRequest>` };
}

test("tags of a bucket are told, added and taken away one by one, and are those that S3 tells", async () => {
  const Tags = [{ Key: "team", Value: "blue" }];
  await s3.send(new CreateBucketCommand({ Bucket: "tagged", CreateBucketConfiguration: { Tags } }));
  const arn = "arn:aws:s3:::tagged";
  assert.deepEqual(tags(await call("ListTagsForResource", arn)), ["team=blue"]);
  await call("TagResource", arn, tagging(["team", "red"], ["cost", "low"]));
  assert.deepEqual(tags(await call("ListTagsForResource", arn)), ["team=red", "cost=low"]);
  const told = await s3.send(new GetBucketTaggingCommand({ Bucket: "tagged" }));
  assert.deepEqual(told.TagSet, [
    { Key: "team", Value: "red" },
    { Key: "cost", Value: "low" },
  ]);
  await call("UntagResource", arn, { query: "tagKeys=team&tagKeys=cost" });
  assert.deepEqual(tags(await call("ListTagsForResource", arn)), []);
  await assert.rejects(s3.send(new GetBucketTaggingCommand({ Bucket: "tagged" })), { name: "NoSuchTagSet" });
});

test("what is no bucket, of another account or too much is refused", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "refusing" }));
  const arn = "arn:aws:s3:::refusing";
  assert.equal(await call("ListTagsForResource", "arn:aws:s3:::missing"), "404 NoSuchBucket");
  assert.equal(await call("ListTagsForResource", `${arn}/key`), "400 InvalidRequest");
  const other = { headers: { "x-amz-account-id": "111122223333" } };
  assert.equal(await call("ListTagsForResource", arn, other), "403 AccessDenied");
  const many = Array.from({ length: 30 }, (_, at) => [`k${at}`, "v"] as const);
  await call("TagResource", arn, tagging(...many));
  const more = many.map(([key]) => [`other-${key}`, "v"] as const);
  assert.equal(await call("TagResource", arn, tagging(...more)), "400 BadRequest");
  assert.equal(tags(await call("ListTagsForResource", arn)).length, 30);
});

test("who may tag a bucket is asked about the bucket", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "guarded" }));
  const keys = await createUser(server.client, "tagger", allow("s3:TagResource", "arn:aws:s3:::guarded"));
  const arn = "arn:aws:s3:::guarded";
  await call("TagResource", arn, { ...tagging(["a", "b"]), ...keys });
  assert.equal(await call("ListTagsForResource", arn, keys), "403 AccessDenied");
});

test("an object of S3 whose key looks like a path of S3 Control stays one", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "v20180820" }));
  await s3.send(new PutObjectCommand({ Bucket: "v20180820", Key: "tags/one", Body: "1" }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "v20180820", Key: "tags/one" }));
  assert.equal(await Body?.transformToString(), "1");
});
