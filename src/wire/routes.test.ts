import assert from "node:assert/strict";
import test from "node:test";
import { catalog, loadModel } from "../models/catalog.ts";
import { Routes } from "./routes.ts";

function find(model: string, request: string, headers: Record<string, string> = {}): unknown {
  const [method = "", target = ""] = request.split(" ");
  const [path = "", query = ""] = target.split("?");
  const found = new Routes(loadModel(model)).find({ method, path, query, headers });
  return typeof found === "object" ? [found.operation, found.labels] : found;
}

test("every REST operation is found by its own route", () => {
  for (const { name, protocol } of catalog) {
    if (!protocol.startsWith("rest-")) continue;
    const model = loadModel(name);
    const routes = new Routes(model);
    for (const [operation, { method, uri, input }] of Object.entries(model.operations)) {
      const [route = "", fixed = ""] = uri.split("?");
      const labels = [...route.matchAll(/\{([\w-]+)\+?\}/g)].map(([, label]) => label as string);
      const shape = input === undefined ? undefined : model.shapes[input];
      const required = shape?.type === "structure" ? (shape.required ?? []).map((member) => shape.members[member]) : [];
      const query = required.flatMap((member) =>
        member?.location === "querystring" ? [`${member.locationName}=x`] : [],
      );
      const headers = required.flatMap((member) =>
        member?.location === "header" ? [[(member.locationName as string).toLowerCase(), "x"]] : [],
      );
      const found = routes.find({
        method,
        path: route.replace(/\{([\w-]+)\+?\}/g, "value-of-$1"),
        query: [fixed, ...query, `x-id=${operation}`].filter(Boolean).join("&"),
        headers: Object.fromEntries(headers),
      });
      assert.ok(typeof found === "object", `${name} ${operation}`);
      assert.deepEqual(
        found.labels,
        Object.fromEntries(labels.map((label) => [label, `value-of-${label}`])),
        operation,
      );
      if (!SUPERSEDED.includes(operation)) assert.equal(found.operation, operation);
    }
  }
});

/** Deprecated operations whose successors have the same route. */
const SUPERSEDED = ["GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification", "PutBucketNotification"];

test("a path is split before it is decoded", () => {
  const arn = "arn%3Aaws%3Aconnect%3Aus-east-1%3A0%3Ainstance%2Fa";
  assert.deepEqual(find("connect", `GET /tags/${arn}`), ["ListTagsForResource", { resourceArn: arn }]);
  const decoded = decodeURIComponent(arn);
  assert.deepEqual(find("connect", `GET /tags/${decoded}`), ["ListTagsForResource", { resourceArn: decoded }]);
});

test("a literal segment goes before a label", () => {
  assert.deepEqual(find("lambda", "GET /2015-03-31/functions/f"), ["GetFunction", { FunctionName: "f" }]);
  assert.deepEqual(find("apigateway", "POST /restapis?mode=import"), ["ImportRestApi", {}]);
  assert.deepEqual(find("apigateway", "POST /restapis"), ["CreateRestApi", {}]);
});

test("operations of S3 with one path are told apart by what they need", () => {
  const object = { Bucket: "b", Key: "a/k" };
  const cases: [string, Record<string, string>, string][] = [
    ["PUT /b/a/k", {}, "PutObject"],
    ["PUT /b/a/k", { "x-amz-copy-source": "/c/d" }, "CopyObject"],
    ["PUT /b/a/k?partNumber=1&uploadId=u", {}, "UploadPart"],
    ["PUT /b/a/k?partNumber=1&uploadId=u", { "x-amz-copy-source": "/c/d" }, "UploadPartCopy"],
    ["PUT /b/a/k?tagging", {}, "PutObjectTagging"],
    ["GET /b/a/k", {}, "GetObject"],
    ["GET /b/a/k?x-id=GetObject", {}, "GetObject"],
    ["GET /b/a/k?uploadId=u", {}, "ListParts"],
    ["GET /b/a/k?versionId=1", {}, "GetObject"],
    ["DELETE /b/a/k", {}, "DeleteObject"],
    ["DELETE /b/a/k?uploadId=u", {}, "AbortMultipartUpload"],
    ["POST /b/a/k?uploads", {}, "CreateMultipartUpload"],
    ["POST /b/a/k?uploadId=u", {}, "CompleteMultipartUpload"],
  ];
  for (const [request, headers, operation] of cases)
    assert.deepEqual(find("s3", request, headers), [operation, object]);
  assert.deepEqual(find("s3", "GET /"), ["ListBuckets", {}]);
  assert.deepEqual(find("s3", "GET /?x-id=ListDirectoryBuckets"), ["ListDirectoryBuckets", {}]);
  assert.deepEqual(find("s3", "GET /b"), ["ListObjects", { Bucket: "b" }]);
  assert.deepEqual(find("s3", "GET /b?list-type=2&prefix=a"), ["ListObjectsV2", { Bucket: "b" }]);
  assert.deepEqual(find("s3", "GET /b?location"), ["GetBucketLocation", { Bucket: "b" }]);
  assert.deepEqual(find("s3", "GET /b?lifecycle"), ["GetBucketLifecycleConfiguration", { Bucket: "b" }]);
});

test("a key keeps its slashes and a bucket does not mind one behind it", () => {
  const key = (path: string): unknown => find("s3", `PUT ${path}`);
  assert.deepEqual(key("/b/folder/"), ["PutObject", { Bucket: "b", Key: "folder/" }]);
  assert.deepEqual(key("/b//k"), ["PutObject", { Bucket: "b", Key: "/k" }]);
  assert.deepEqual(key("/b/a//../k"), ["PutObject", { Bucket: "b", Key: "a//../k" }]);
  assert.deepEqual(key("/b/"), ["CreateBucket", { Bucket: "b" }]);
  assert.deepEqual(find("connectcases", "POST /domains/d/cases/c/related-items"), [
    "CreateRelatedItem",
    { domainId: "d", caseId: "c" },
  ]);
});

test("what is missing in an operation's request is left to validation", () => {
  assert.deepEqual(find("connect", "DELETE /tags/x"), ["UntagResource", { resourceArn: "x" }]);
});

test("unknown paths are told from wrong methods", () => {
  assert.equal(find("connect", "GET /no/such/path/at/all"), undefined);
  assert.equal(find("connect", "PATCH /tags/x"), "wrong-method");
  assert.equal(find("connect", "GET /tags/"), undefined);
  assert.equal(find("connect", "GET /tags/.."), undefined);
  assert.equal(find("connect", "GET //tags/x"), undefined);
});
