/** S3 as its SDK sees it: buckets, objects, uploads in parts, presigned URLs, and the folder in which a person finds the objects. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { suite, test } from "node:test";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  paginateListObjectsV2,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { startTrunkline, temporaryFolder } from "./server.ts";

const folder = temporaryFolder();
const server = await startTrunkline("--data", folder);
const s3 = new S3Client(server.client);
const elsewhere = new S3Client(server.clientOf("test", "eu-west-1"));
const other = new S3Client(server.clientOf("other"));

const MIB = 1024 * 1024;
const Bucket = "orders";
await s3.send(new CreateBucketCommand({ Bucket }));

const put = (Key: string, Body: string | Buffer = Key, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: object = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
const head = (Key: string, more: object = {}) => s3.send(new HeadObjectCommand({ Bucket, Key, ...more }));
const textOf = async (Key: string, more: object = {}): Promise<string | undefined> =>
  (await get(Key, more)).Body?.transformToString();
const fileOf = (...path: string[]): string => join(folder, "buckets", Bucket, ...path);
const md5 = (bytes: string | Buffer): string => createHash("md5").update(bytes).digest("hex");

/** What a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<[status: number | undefined, code: string]> {
  const error = await call.then(
    (answer) => assert.fail(`It succeeds: ${JSON.stringify(answer)}`),
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) => error,
  );
  return [error.$metadata?.httpStatusCode, error.name];
}

suite("buckets", () => {
  test("a bucket is created, found, listed, located and deleted", async () => {
    const created = await s3.send(new CreateBucketCommand({ Bucket: "calls" }));
    assert.deepEqual([created.Location, created.BucketArn], ["/calls", "arn:aws:s3:::calls"]);
    const found = await s3.send(new HeadBucketCommand({ Bucket: "calls" }));
    assert.equal(found.BucketRegion, "us-east-1");
    assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket: "calls" }))).LocationConstraint, undefined);
    const listed = await s3.send(new ListBucketsCommand({ Prefix: "c" }));
    assert.deepEqual(
      listed.Buckets?.map(({ Name }) => Name),
      ["calls"],
    );
    assert.match(listed.Owner?.ID ?? "", /^[0-9a-f]{64}$/);
    await s3.send(new DeleteBucketCommand({ Bucket: "calls" }));
    assert.deepEqual(await refusal(s3.send(new HeadBucketCommand({ Bucket: "calls" }))), [404, "NotFound"]);
    assert.deepEqual(await refusal(s3.send(new DeleteBucketCommand({ Bucket: "calls" }))), [404, "NoSuchBucket"]);
  });

  test("buckets are listed page by page", async () => {
    for (const name of ["page-a", "page-b", "page-c"]) await s3.send(new CreateBucketCommand({ Bucket: name }));
    const first = await s3.send(new ListBucketsCommand({ Prefix: "page-", MaxBuckets: 2 }));
    const ContinuationToken = first.ContinuationToken;
    const rest = await s3.send(new ListBucketsCommand({ Prefix: "page-", MaxBuckets: 2, ContinuationToken }));
    assert.deepEqual(
      [first, rest].map((page) => page.Buckets?.map(({ Name }) => Name)),
      [["page-a", "page-b"], ["page-c"]],
    );
    assert.equal(rest.ContinuationToken, undefined);
    const wrong = new ListBucketsCommand({ Prefix: "other-", ContinuationToken });
    assert.deepEqual(await refusal(s3.send(wrong)), [400, "InvalidArgument"]);
  });

  test("a bucket has one Region, and requests are signed for it", async () => {
    await elsewhere.send(new CreateBucketCommand({ Bucket: "dublin" }));
    const located = await elsewhere.send(new GetBucketLocationCommand({ Bucket: "dublin" }));
    assert.equal(located.LocationConstraint, "eu-west-1");
    const read = s3.send(new ListObjectsV2Command({ Bucket: "dublin" }));
    assert.deepEqual(await refusal(read), [400, "AuthorizationHeaderMalformed"]);
    const constrained = (LocationConstraint: "eu-west-1" | "eu-north-1") =>
      new CreateBucketCommand({ Bucket: "north", CreateBucketConfiguration: { LocationConstraint } });
    assert.deepEqual(await refusal(elsewhere.send(constrained("eu-north-1"))), [
      400,
      "IllegalLocationConstraintException",
    ]);
    await s3.send(constrained("eu-west-1"));
    await elsewhere.send(new HeadBucketCommand({ Bucket: "north" }));
  });

  test("a name is one account's, in all Regions", async () => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    assert.deepEqual(await refusal(elsewhere.send(new CreateBucketCommand({ Bucket }))), [
      409,
      "BucketAlreadyOwnedByYou",
    ]);
    assert.deepEqual(await refusal(other.send(new CreateBucketCommand({ Bucket }))), [409, "BucketAlreadyExists"]);
  });

  test("another account gets at nothing", async () => {
    await put("mine.txt");
    for (const command of [
      new GetObjectCommand({ Bucket, Key: "mine.txt" }),
      new PutObjectCommand({ Bucket, Key: "mine.txt", Body: "x" }),
      new DeleteObjectCommand({ Bucket, Key: "mine.txt" }),
      new ListObjectsV2Command({ Bucket }),
      new DeleteBucketCommand({ Bucket }),
      new ListMultipartUploadsCommand({ Bucket }),
    ]) {
      assert.deepEqual(await refusal(other.send(command as GetObjectCommand)), [403, "AccessDenied"]);
    }
    const expected = { ExpectedBucketOwner: "111122223333" };
    assert.deepEqual(await refusal(get("mine.txt", expected)), [403, "AccessDenied"]);
    assert.deepEqual((await other.send(new ListBucketsCommand({}))).Buckets, []);
    assert.equal(await textOf("mine.txt"), "mine.txt");
  });

  test("names that are none are refused, and a bucket that holds something stays", async () => {
    for (const name of ["ab", "Orders", "a..b", "192.168.0.1", "-a-", "xn--a", `${"x".repeat(64)}`]) {
      const call = s3.send(new CreateBucketCommand({ Bucket: name }));
      assert.deepEqual(await refusal(call), [400, "InvalidBucketName"], name);
    }
    await put("kept.txt");
    assert.deepEqual(await refusal(s3.send(new DeleteBucketCommand({ Bucket }))), [409, "BucketNotEmpty"]);
  });
});

suite("objects", () => {
  test("an object comes back with all that was said of it, and lies where a person finds it", async () => {
    const stored = await put("notes/hello.txt", "hello", {
      ContentType: "text/plain",
      CacheControl: "no-cache",
      ContentEncoding: "identity",
      ContentLanguage: "en",
      ContentDisposition: "inline",
      Metadata: { from: "a test", "with-dash": "1" },
      Tagging: "kind=note&for=me",
      ServerSideEncryption: "AES256",
      StorageClass: "STANDARD_IA",
    });
    assert.equal(stored.ETag, `"${md5("hello")}"`);
    assert.equal(stored.ChecksumType, "FULL_OBJECT");
    const found = await get("notes/hello.txt");
    assert.equal(await found.Body?.transformToString(), "hello");
    const { Body: _, $metadata: __, ...told } = found;
    assert.deepEqual(
      { ...told, LastModified: undefined },
      {
        AcceptRanges: "bytes",
        CacheControl: "no-cache",
        ChecksumCRC32: stored.ChecksumCRC32,
        ChecksumType: "FULL_OBJECT",
        ContentDisposition: "inline",
        ContentEncoding: "identity",
        ContentLanguage: "en",
        ContentLength: 5,
        ContentType: "text/plain",
        ETag: stored.ETag,
        LastModified: undefined,
        Metadata: { from: "a test", "with-dash": "1" },
        ServerSideEncryption: "AES256",
        StorageClass: "STANDARD_IA",
        TagCount: 2,
      },
    );
    const { ETag, ContentLength, Metadata } = await head("notes/hello.txt");
    assert.deepEqual([ETag, ContentLength, Metadata], [told.ETag, 5, told.Metadata]);
    assert.equal(readFileSync(fileOf("notes", "hello.txt"), "utf8"), "hello");
  });

  test("an object without a type is bytes, and its answer's headers can be chosen", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "plain", Body: "" }));
    const found = await get("plain", { ResponseContentType: "text/csv", ResponseCacheControl: "no-store" });
    assert.deepEqual([found.ContentType, found.CacheControl, found.ContentLength], ["text/csv", "no-store", 0]);
  });

  test("odd keys are keys like any other", async () => {
    const keys = [
      "a",
      "a/b",
      "a/",
      "a//b",
      "/",
      "../../etc/passwd",
      ".",
      "ü/☎ +%20.txt",
      "x".repeat(1024),
      "line\nbreak",
    ];
    for (const key of keys) await put(`odd/${key}`.slice(0, 1024), key);
    for (const key of keys) assert.equal(await textOf(`odd/${key}`.slice(0, 1024)), key, key);
    assert.ok(!existsSync(join(folder, "etc")));
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "odd/", EncodingType: "url" }));
    const names = listed.Contents?.map(({ Key = "" }) => decodeURIComponent(Key.replaceAll("+", " ")));
    const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    assert.deepEqual(names, keys.map((key) => `odd/${key}`.slice(0, 1024)).sort(byBytes));
    assert.deepEqual(await refusal(put("x".repeat(1025))), [400, "KeyTooLongError"]);
    await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: keys.map((key) => ({ Key: `odd/${key}`.slice(0, 1024) })) },
      }),
    );
    const left = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "odd/" }));
    assert.deepEqual(
      left.Contents?.map(({ Key }) => Key),
      undefined,
    );
    assert.ok(!existsSync(fileOf("odd")), "folders go with their last file");
  });

  test("who reads an object goes on reading it while it is replaced and deleted", async () => {
    const old = Buffer.alloc(4 * MIB, "old");
    await put("replaced.bin", old);
    const { Body } = await get("replaced.bin");
    await put("replaced.bin", "new");
    assert.equal(await textOf("replaced.bin"), "new");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "replaced.bin" }));
    assert.deepEqual(Buffer.from((await Body?.transformToByteArray()) ?? []), old);
    assert.deepEqual(await refusal(get("replaced.bin")), [404, "NoSuchKey"]);
    assert.deepEqual(await refusal(head("replaced.bin")), [404, "NotFound"]);
    assert.ok(!existsSync(fileOf("replaced.bin")));
  });

  test("of many who write one key at once the last one stands, whole", async () => {
    const bodies = Array.from({ length: 20 }, (_, number) => String(number).repeat(70_000));
    await Promise.all(bodies.map((body) => put("raced.txt", body)));
    const found = (await textOf("raced.txt")) ?? "";
    assert.ok(bodies.includes(found));
    assert.equal(readFileSync(fileOf("raced.txt"), "utf8"), found);
    await Promise.all([
      ...bodies.map((body) => put("raced.txt", body)),
      ...bodies.map(() => s3.send(new DeleteObjectCommand({ Bucket, Key: "raced.txt" }))),
      ...bodies.map(() => textOf("raced.txt").catch(({ name }) => assert.equal(name, "NoSuchKey"))),
    ]);
    const last = await textOf("raced.txt").catch(() => undefined);
    assert.equal(existsSync(fileOf("raced.txt")) ? readFileSync(fileOf("raced.txt"), "utf8") : undefined, last);
    assert.deepEqual(await import("node:fs/promises").then(({ readdir }) => readdir(join(folder, "uploads"))), []);
  });

  test("ranges are served, and what is none is refused or counts for nothing", async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251));
    await put("ranges.bin", bytes);
    for (const [Range, first, last] of [
      ["bytes=0-0", 0, 0],
      ["bytes=10-99999", 10, 99_999],
      ["bytes=199990-", 199_990, 199_999],
      ["bytes=-5", 199_995, 199_999],
    ] as const) {
      const found = await get("ranges.bin", { Range });
      assert.equal(found.$metadata.httpStatusCode, 206);
      assert.equal(found.ContentRange, `bytes ${first}-${last}/200000`);
      assert.deepEqual(Buffer.from((await found.Body?.transformToByteArray()) ?? []), bytes.subarray(first, last + 1));
    }
    assert.equal((await get("ranges.bin", { Range: "lines=1-2" })).ContentLength, 200_000);
    assert.deepEqual(await refusal(get("ranges.bin", { Range: "bytes=200000-" })), [416, "InvalidRange"]);
    assert.equal((await head("ranges.bin", { Range: "bytes=0-9" })).ContentLength, 10);
  });

  test("conditions of a reader", async () => {
    const { ETag } = await put("conditions.txt");
    const { LastModified = new Date() } = await head("conditions.txt");
    const [before, after] = [new Date(LastModified.getTime() - 1000), new Date(LastModified.getTime() + 1000)];
    for (const held of [
      { IfMatch: ETag },
      { IfMatch: "*" },
      { IfNoneMatch: '"other"' },
      { IfModifiedSince: before },
      { IfUnmodifiedSince: LastModified },
      { IfMatch: ETag, IfUnmodifiedSince: before },
      { IfNoneMatch: '"other"', IfModifiedSince: after },
    ]) {
      assert.equal(await textOf("conditions.txt", held), "conditions.txt");
    }
    for (const failed of [{ IfMatch: '"other"' }, { IfUnmodifiedSince: before }]) {
      assert.deepEqual(await refusal(get("conditions.txt", failed)), [412, "PreconditionFailed"]);
    }
    for (const unchanged of [{ IfNoneMatch: ETag }, { IfModifiedSince: LastModified }]) {
      const [status] = await refusal(get("conditions.txt", unchanged));
      assert.equal(status, 304);
    }
  });

  test("conditions of a writer", async () => {
    const { ETag } = await put("written.txt", "1", { IfNoneMatch: "*" });
    assert.deepEqual(await refusal(put("written.txt", "2", { IfNoneMatch: "*" })), [412, "PreconditionFailed"]);
    assert.deepEqual(await refusal(put("written.txt", "2", { IfMatch: '"x"' })), [412, "PreconditionFailed"]);
    assert.deepEqual(await refusal(put("unwritten.txt", "2", { IfMatch: ETag })), [404, "NoSuchKey"]);
    assert.deepEqual(await refusal(put("written.txt", "2", { IfNoneMatch: ETag })), [501, "NotImplemented"]);
    assert.equal(await textOf("written.txt"), "1");
    await put("written.txt", "2", { IfMatch: ETag });
    const racing = await Promise.allSettled([1, 2, 3, 4].map(() => put("first.txt", "x", { IfNoneMatch: "*" })));
    assert.equal(racing.filter(({ status }) => status === "fulfilled").length, 1);
    const remove = new DeleteObjectCommand({ Bucket, Key: "written.txt", IfMatch: ETag });
    assert.deepEqual(await refusal(s3.send(remove)), [412, "PreconditionFailed"]);
  });

  test("every kind of checksum is verified, kept and told", async () => {
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
      const stored = await put("sums.txt", "123456789", { ChecksumAlgorithm });
      const name = `Checksum${ChecksumAlgorithm}` as const;
      assert.ok(stored[name]);
      const found = await head("sums.txt", { ChecksumMode: "ENABLED" });
      assert.equal(found[name], stored[name]);
      const wrong = put("sums.txt", "wrong", { [name]: stored[name] });
      assert.deepEqual(await refusal(wrong), [400, "BadDigest"]);
    }
    assert.equal(
      (await put("sums.txt", "123456789", { ChecksumCRC64NVME: "rosUhgp5mIg=" })).ChecksumCRC64NVME,
      "rosUhgp5mIg=",
    );
    assert.deepEqual(await refusal(put("sums.txt", "x", { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })), [
      400,
      "BadDigest",
    ]);
    assert.equal(await textOf("sums.txt"), "123456789");
    assert.equal((await get("sums.txt", { Range: "bytes=0-1" })).ChecksumCRC64NVME, undefined);
  });

  test("a stream is taken in its chunks, with its checksum behind it", async () => {
    const pieces = Array.from({ length: 40 }, (_, number) => Buffer.alloc(50_000, String(number)));
    const Body = Readable.from(pieces);
    const length = pieces.length * 50_000;
    const stored = await s3.send(new PutObjectCommand({ Bucket, Key: "streamed.bin", Body, ContentLength: length }));
    assert.ok(stored.ChecksumCRC32);
    const found = await get("streamed.bin");
    assert.equal(found.ContentEncoding, undefined);
    assert.deepEqual(Buffer.from((await found.Body?.transformToByteArray()) ?? []), Buffer.concat(pieces));
  });

  test("objects are deleted together, each for itself", async () => {
    const { ETag } = await put("batch/a");
    await put("batch/b");
    const Objects = [
      { Key: "batch/a", ETag },
      { Key: "batch/b", ETag },
      { Key: "batch/nothing" },
      { Key: "batch/v", VersionId: "1" },
    ];
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.deepEqual(
      answer.Deleted?.map(({ Key }) => Key),
      ["batch/a", "batch/nothing"],
    );
    assert.deepEqual(
      answer.Errors?.map(({ Key, Code }) => [Key, Code]),
      [
        ["batch/b", "PreconditionFailed"],
        ["batch/v", "InvalidArgument"],
      ],
    );
    const quiet = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: "batch/b" }] } }),
    );
    assert.equal(quiet.Deleted, undefined);
    const many = Array.from({ length: 1001 }, (_, number) => ({ Key: String(number) }));
    assert.deepEqual(await refusal(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: many } }))), [
      400,
      "MalformedXML",
    ]);
  });

  test("a copy has the bytes, and what is told of them or something else", async () => {
    await put("source é.txt", "copied", { ContentType: "text/plain", Metadata: { a: "1" }, Tagging: "t=1" });
    const copy = (more: object) =>
      s3.send(
        new CopyObjectCommand({ Bucket, Key: "copy.txt", CopySource: encodeURI(`${Bucket}/source é.txt`), ...more }),
      );
    const { CopyObjectResult: result } = await copy({});
    assert.equal(result?.ETag, `"${md5("copied")}"`);
    const same = await get("copy.txt");
    assert.deepEqual([same.ContentType, same.Metadata, same.TagCount], ["text/plain", { a: "1" }, 1]);
    await copy({ MetadataDirective: "REPLACE", TaggingDirective: "REPLACE", ContentType: "a/b", Metadata: { b: "2" } });
    const changed = await get("copy.txt");
    assert.deepEqual([changed.ContentType, changed.Metadata, changed.TagCount], ["a/b", { b: "2" }, undefined]);
    assert.equal(await changed.Body?.transformToString(), "copied");
    const itself = { CopySource: `/${Bucket}/copy.txt` };
    assert.deepEqual(await refusal(copy(itself)), [400, "InvalidRequest"]);
    await copy({ ...itself, MetadataDirective: "REPLACE" });
    assert.deepEqual(await refusal(copy({ CopySourceIfMatch: '"x"' })), [412, "PreconditionFailed"]);
    assert.deepEqual(await refusal(copy({ CopySource: `${Bucket}/missing` })), [404, "NoSuchKey"]);
    assert.deepEqual(await refusal(copy({ CopySource: "missing/missing" })), [404, "NoSuchBucket"]);
    await other.send(new CreateBucketCommand({ Bucket: "others" }));
    const stolen = new CopyObjectCommand({ Bucket: "others", Key: "k", CopySource: `${Bucket}/copy.txt` });
    assert.deepEqual(await refusal(other.send(stolen)), [403, "AccessDenied"]);
  });

  test("tags of an object", async () => {
    await put("tagged.txt", "x", { Tagging: "a=1&b=%20%2B" });
    const tags = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "tagged.txt" }))).TagSet;
    assert.deepEqual(await tags(), [
      { Key: "a", Value: "1" },
      { Key: "b", Value: " +" },
    ]);
    const set = (...TagSet: { Key: string; Value: string }[]) =>
      s3.send(new PutObjectTaggingCommand({ Bucket, Key: "tagged.txt", Tagging: { TagSet } }));
    await set({ Key: "c", Value: "3" });
    assert.deepEqual(await tags(), [{ Key: "c", Value: "3" }]);
    assert.deepEqual(await refusal(set({ Key: "c", Value: "1" }, { Key: "c", Value: "2" })), [400, "InvalidTag"]);
    assert.deepEqual(await refusal(set({ Key: "aws:c", Value: "1" })), [400, "InvalidTag"]);
    assert.deepEqual(await refusal(set(...[..."0123456789x"].map((Key) => ({ Key, Value: "" })))), [400, "BadRequest"]);
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "tagged.txt" }));
    assert.deepEqual(await tags(), []);
    const missing = new GetObjectTaggingCommand({ Bucket, Key: "missing" });
    assert.deepEqual(await refusal(s3.send(missing)), [404, "NoSuchKey"]);
  });

  test("what is not built says so by name", async () => {
    assert.deepEqual(await refusal(put("acl.txt", "x", { ACL: "public-read" })), [501, "NotImplemented"]);
    assert.deepEqual(await refusal(put("kms.txt", "x", { ServerSideEncryption: "aws:kms" })), [501, "NotImplemented"]);
    assert.deepEqual(await refusal(put("cold.txt", "x", { StorageClass: "GLACIER" })), [501, "NotImplemented"]);
    const versioning = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
    await assert.rejects(s3.send(versioning), /Versioning is not built/);
    assert.deepEqual(await refusal(get("plain", { VersionId: "1" })), [400, "InvalidArgument"]);
    assert.equal((await get("plain", { VersionId: "null" })).ContentLength, 0);
  });

  test("what a header cannot hold is not kept for one", async () => {
    const command = new PutObjectCommand({ Bucket, Key: "header.txt", Metadata: { a: "b" } });
    const url = await getSignedUrl(s3, command, { unhoistableHeaders: new Set() });
    assert.equal((await fetch(url, { method: "PUT", body: "x" })).status, 200);
    assert.deepEqual((await head("header.txt")).Metadata, { a: "b" });
    const odd = await getSignedUrl(
      s3,
      new GetObjectCommand({ Bucket, Key: "header.txt", ResponseContentType: "a\r\nb: c" }),
    );
    const answer = await fetch(odd);
    assert.deepEqual([answer.status, answer.headers.get("b")], [400, null]);
    const large = put("large.txt", "x", { Metadata: { a: "x".repeat(2048) } });
    assert.deepEqual(await refusal(large), [400, "MetadataTooLarge"]);
  });
});

suite("listings", () => {
  const keys = ["a/1", "a/2", "b", "c/1", "c/2/3", "d"].map((key) => `list/${key}`);
  const stored = Promise.all(keys.map((key) => put(key)));

  test("by prefix and delimiter, page by page", async () => {
    await stored;
    const listing = { Bucket, Prefix: "list/", Delimiter: "/" };
    const first = await s3.send(new ListObjectsV2Command({ ...listing, MaxKeys: 2, FetchOwner: true }));
    assert.deepEqual(first.CommonPrefixes, [{ Prefix: "list/a/" }]);
    assert.deepEqual(
      first.Contents?.map(({ Key, Size, StorageClass }) => [Key, Size, StorageClass]),
      [["list/b", 6, "STANDARD"]],
    );
    assert.ok(first.Contents?.[0]?.Owner?.ID);
    assert.deepEqual([first.KeyCount, first.IsTruncated, first.MaxKeys], [2, true, 2]);
    const rest = await s3.send(
      new ListObjectsV2Command({ ...listing, ContinuationToken: first.NextContinuationToken }),
    );
    assert.deepEqual(rest.CommonPrefixes, [{ Prefix: "list/c/" }]);
    assert.deepEqual([rest.Contents?.map(({ Key }) => Key), rest.IsTruncated], [["list/d"], false]);
    const found: unknown[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Prefix: "list/" })) {
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
    }
    assert.deepEqual(found, keys);
    const started = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", StartAfter: "list/c/1" }));
    assert.deepEqual(
      started.Contents?.map(({ Key }) => Key),
      ["list/c/2/3", "list/d"],
    );
    assert.equal((await s3.send(new ListObjectsV2Command({ ...listing, MaxKeys: 0 }))).KeyCount, 0);
    const token = new ListObjectsV2Command({ Bucket, ContinuationToken: "nonsense" });
    assert.deepEqual(await refusal(s3.send(token)), [400, "InvalidArgument"]);
    assert.deepEqual(await refusal(s3.send(new ListObjectsV2Command({ ...listing, MaxKeys: -1 }))), [
      400,
      "InvalidArgument",
    ]);
    assert.deepEqual(await refusal(s3.send(new ListObjectsV2Command({ Bucket: "nothing" }))), [404, "NoSuchBucket"]);
  });

  test("the older listing goes on behind a marker", async () => {
    await stored;
    const listing = { Bucket, Prefix: "list/", Delimiter: "/", MaxKeys: 1 };
    const found: unknown[] = [];
    let Marker: string | undefined;
    do {
      const page = await s3.send(new ListObjectsCommand({ ...listing, Marker }));
      found.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        ...(page.Contents ?? []).map(({ Key }) => Key),
      );
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(found, ["list/a/", "list/b", "list/c/", "list/d"]);
  });
});

suite("uploads in parts", () => {
  const begin = async (Key: string, more: object = {}): Promise<string> => {
    const { UploadId = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
    return UploadId;
  };
  const part = (Key: string, UploadId: string, PartNumber: number, Body: Buffer | string, more: object = {}) =>
    s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }));
  const complete = (Key: string, UploadId: string, Parts: object[], more: object = {}) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));

  test("parts in any order become one object", async () => {
    const Key = "parts/whole.bin";
    const UploadId = await begin(Key, { ContentType: "x/y", Metadata: { m: "1" }, Tagging: "t=1" });
    const bodies = [Buffer.alloc(5 * MIB, "a"), Buffer.alloc(5 * MIB, "b"), Buffer.from("end")];
    const stored = new Map<number, string | undefined>();
    for (const number of [3, 1, 2]) {
      const { ETag } = await part(Key, UploadId, number * 10, bodies[number - 1] as Buffer);
      stored.set(number * 10, ETag);
    }
    const listed = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }));
    assert.deepEqual(
      listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [
        [10, 5 * MIB],
        [20, 5 * MIB],
      ],
    );
    assert.deepEqual([listed.IsTruncated, Number(listed.NextPartNumberMarker)], [true, 20]);
    const rest = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker: "20" }));
    assert.deepEqual(
      rest.Parts?.map(({ PartNumber }) => PartNumber),
      [30],
    );
    const Parts = [10, 20, 30].map((PartNumber) => ({ PartNumber, ETag: stored.get(PartNumber) }));
    assert.deepEqual(await refusal(get(Key)), [404, "NoSuchKey"]);
    const done = await complete(Key, UploadId, Parts);
    const sums = Buffer.concat(bodies.map((body) => createHash("md5").update(body).digest()));
    assert.equal(done.ETag, `"${md5(sums)}-3"`);
    const found = await get(Key);
    assert.deepEqual(Buffer.from((await found.Body?.transformToByteArray()) ?? []), Buffer.concat(bodies));
    assert.deepEqual([found.ContentType, found.Metadata, found.TagCount], ["x/y", { m: "1" }, 1]);
    assert.equal(readFileSync(fileOf("parts", "whole.bin")).length, 10 * MIB + 3);
    const third = await get(Key, { PartNumber: 3 });
    assert.deepEqual([await third.Body?.transformToString(), third.PartsCount, third.ContentLength], ["end", 3, 3]);
    assert.deepEqual(await refusal(get(Key, { PartNumber: 4 })), [416, "InvalidPartNumber"]);
    assert.deepEqual(await refusal(complete(Key, UploadId, Parts)), [404, "NoSuchUpload"]);
    assert.deepEqual(await refusal(part(Key, UploadId, 1, "x")), [404, "NoSuchUpload"]);
  });

  test("checksums of parts, and of all of them", async () => {
    for (const [ChecksumAlgorithm, ChecksumType] of [
      ["CRC32", "COMPOSITE"],
      ["SHA256", "COMPOSITE"],
      ["CRC32", "FULL_OBJECT"],
      ["CRC32C", "FULL_OBJECT"],
    ] as const) {
      const Key = `parts/${ChecksumAlgorithm}.bin`;
      const UploadId = await begin(Key, { ChecksumAlgorithm, ChecksumType });
      const name = `Checksum${ChecksumAlgorithm}` as const;
      const { ETag, ...sums } = await part(Key, UploadId, 1, "123456789", { ChecksumAlgorithm });
      const done = await complete(Key, UploadId, [{ PartNumber: 1, ETag, [name]: sums[name] }], { ChecksumType });
      assert.equal(done.ChecksumType, ChecksumType);
      if (ChecksumType === "FULL_OBJECT") assert.equal(done[name], sums[name]);
      else assert.match(done[name] ?? "", /-1$/);
      assert.equal(await textOf(Key), "123456789");
    }
    const wrong = await begin("parts/wrong", { ChecksumAlgorithm: "SHA256" });
    assert.deepEqual(await refusal(part("parts/wrong", wrong, 1, "x", { ChecksumAlgorithm: "CRC32" })), [
      400,
      "InvalidRequest",
    ]);
    const whole = begin("parts/wrong", { ChecksumAlgorithm: "SHA256", ChecksumType: "FULL_OBJECT" });
    assert.deepEqual(await refusal(whole), [400, "InvalidRequest"]);
  });

  test("what cannot be put together is refused, and the upload goes on", async () => {
    const Key = "parts/refused";
    const UploadId = await begin(Key);
    const one = { PartNumber: 1, ETag: (await part(Key, UploadId, 1, "small")).ETag };
    const two = { PartNumber: 2, ETag: (await part(Key, UploadId, 2, "x")).ETag };
    assert.deepEqual(await refusal(complete(Key, UploadId, [one, two])), [400, "EntityTooSmall"]);
    assert.deepEqual(await refusal(complete(Key, UploadId, [two, one])), [400, "InvalidPartOrder"]);
    assert.deepEqual(await refusal(complete(Key, UploadId, [one, { ...two, PartNumber: 3 }])), [400, "InvalidPart"]);
    assert.deepEqual(await refusal(complete(Key, UploadId, [{ ...one, ETag: two.ETag }])), [400, "InvalidPart"]);
    assert.deepEqual(await refusal(complete(Key, UploadId, [])), [400, "MalformedXML"]);
    assert.deepEqual(await refusal(complete(Key, UploadId, [one], { MpuObjectSize: 6 })), [400, "InvalidRequest"]);
    assert.deepEqual(await refusal(part(Key, UploadId, 0, "x")), [400, "InvalidArgument"]);
    assert.deepEqual(await refusal(part(Key, UploadId, 10_001, "x")), [400, "InvalidArgument"]);
    assert.deepEqual(await refusal(part(Key, "nothing", 1, "x")), [404, "NoSuchUpload"]);
    await complete(Key, UploadId, [one]);
    assert.equal(await textOf(Key), "small");
  });

  test("a part can be copied from an object", async () => {
    await put("parts/source", "0123456789");
    const Key = "parts/copied";
    const UploadId = await begin(Key);
    const copy = (CopySourceRange?: string) =>
      s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key,
          UploadId,
          PartNumber: 1,
          CopySource: `${Bucket}/parts/source`,
          CopySourceRange,
        }),
      );
    assert.deepEqual(await refusal(copy("bytes=5-10")), [400, "InvalidArgument"]);
    await copy();
    const { CopyPartResult: copied } = await copy("bytes=2-5");
    await complete(Key, UploadId, [{ PartNumber: 1, ETag: copied?.ETag }]);
    assert.equal(await textOf(Key), "2345");
  });

  test("uploads are listed until they are completed or aborted, and a bucket goes with them", async () => {
    const bucket = "uploading";
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const ids: (string | undefined)[] = [];
    for (const Key of ["a/1", "b", "b", "c"]) {
      ids.push((await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))).UploadId);
    }
    const list = (more: object) => s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...more }));
    const all = await list({});
    assert.deepEqual(
      all.Uploads?.map(({ Key }) => Key),
      ["a/1", "b", "b", "c"],
    );
    assert.deepEqual(new Set(all.Uploads?.map(({ UploadId }) => UploadId)), new Set(ids));
    const folded = await list({ Delimiter: "/", MaxUploads: 2 });
    assert.deepEqual([folded.CommonPrefixes, folded.Uploads?.length], [[{ Prefix: "a/" }], 1]);
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = folded;
    const rest = await list({ Delimiter: "/", KeyMarker, UploadIdMarker });
    assert.deepEqual(
      rest.Uploads?.map(({ Key }) => Key),
      ["b", "c"],
    );
    assert.deepEqual(
      (await list({ KeyMarker: "b" })).Uploads?.map(({ Key }) => Key),
      ["c"],
    );
    const abort = new AbortMultipartUploadCommand({ Bucket: bucket, Key: "c", UploadId: ids[3] });
    await s3.send(abort);
    assert.deepEqual(await refusal(s3.send(abort)), [404, "NoSuchUpload"]);
    await s3.send(new UploadPartCommand({ Bucket: bucket, Key: "a/1", UploadId: ids[0], PartNumber: 1, Body: "x" }));
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
    await other.send(new CreateBucketCommand({ Bucket: bucket }));
    assert.equal((await other.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads, undefined);
  });

  test("of many who complete or abort one upload at once, one does", async () => {
    const Key = "parts/raced";
    const UploadId = await begin(Key);
    const Parts = [{ PartNumber: 1, ETag: (await part(Key, UploadId, 1, Buffer.alloc(2 * MIB, "x"))).ETag }];
    const abort = () => s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    const ends = [1, 2, 3, 4].flatMap(() => [complete(Key, UploadId, Parts), abort()]);
    const outcomes = await Promise.allSettled<unknown>(ends);
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    const names = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.name] : []));
    assert.deepEqual([...new Set(names)], ["NoSuchUpload"]);
    assert.deepEqual(readdirSync(join(folder, "uploads")), []);
  });

  test("the SDK's own upload of a stream whose length nobody knows", async () => {
    const pieces = Array.from({ length: 12 }, (_, number) => Buffer.alloc(MIB, String.fromCharCode(97 + number)));
    const Body = Readable.from(pieces);
    await new Upload({ client: s3, params: { Bucket, Key: "parts/uploaded.bin", Body } }).done();
    const found = await get("parts/uploaded.bin");
    assert.match(found.ETag ?? "", /-3"$/);
    assert.deepEqual(Buffer.from((await found.Body?.transformToByteArray()) ?? []), Buffer.concat(pieces));
  });
});

suite("presigned URLs and addresses", () => {
  test("a presigned URL gets and puts without a key, until it expires or is changed", async () => {
    const write = await getSignedUrl(
      s3,
      new PutObjectCommand({ Bucket, Key: "signed ü.txt", ContentType: "text/plain" }),
    );
    assert.equal(
      (await fetch(write, { method: "PUT", body: "signed", headers: { "content-type": "text/plain" } })).status,
      200,
    );
    const read = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "signed ü.txt" }));
    const answer = await fetch(read, { headers: { range: "bytes=0-3" } });
    assert.deepEqual([answer.status, await answer.text()], [206, "sign"]);
    const changed = await fetch(read.replace("signed%20", "other%20"));
    assert.equal(changed.status, 403);
    assert.match(await changed.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
    const old = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "a" }), {
      signingDate: new Date(0),
      expiresIn: 60,
    });
    assert.match(await (await fetch(old)).text(), /<Code>AccessDenied<\/Code><Message>Request has expired/);
  });

  test("a bucket can come in the host's name", async () => {
    const port = new URL(server.url).port;
    const lookup = (
      _host: string,
      options: { all?: boolean },
      done: (error: null, ...found: unknown[]) => void,
    ): void => (options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4));
    const requestHandler = new NodeHttpHandler({ httpAgent: new Agent({ lookup: lookup as never }) });
    for (const endpoint of [`http://localhost:${port}`, `http://s3.localhost:${port}`]) {
      const hosted = new S3Client({ ...server.client, endpoint, requestHandler });
      await hosted.send(new PutObjectCommand({ Bucket, Key: "hosted/x", Body: endpoint }));
      assert.equal(await textOf("hosted/x"), endpoint);
      const listed = await hosted.send(new ListObjectsV2Command({ Bucket, Prefix: "hosted/" }));
      assert.deepEqual(
        listed.Contents?.map(({ Key }) => Key),
        ["hosted/x"],
      );
    }
  });
});

test("in memory there is all of it, in a folder that goes with the server", async () => {
  const memory = await startTrunkline();
  const client = new S3Client(memory.client);
  await client.send(new CreateBucketCommand({ Bucket: "memory" }));
  await client.send(new PutObjectCommand({ Bucket: "memory", Key: "a.txt", Body: "x" }));
  const path = memory.app.platform().folder.path();
  assert.equal(readFileSync(join(path, "buckets", "memory", "a.txt"), "utf8"), "x");
  await memory.close();
  assert.ok(!existsSync(path));
});
