import assert from "node:assert/strict";
import test from "node:test";
import { accessLogLine } from "./access-log.ts";
import { parseServiceUri } from "./aws-integration.ts";
import { parseQuery } from "./call.ts";
import { parseInvokeUrl } from "./invoke-url.ts";
import { JsonPathError, queryJson } from "./json-path.ts";
import { functionOfUri } from "./lambda-calls.ts";
import { acceptsBinary, isBinaryType } from "./media-types.ts";

test("invoke URLs are read in all their forms", () => {
  const url = { apiId: "abcdef1234", stageName: "dev", path: "/a%2Fb/c" };
  for (const [host, path] of [
    ["localhost:4510", "/_aws/execute-api/abcdef1234/dev/a%2Fb/c"],
    ["localhost:4510", "/restapis/abcdef1234/dev/_user_request_/a%2Fb/c"],
    ["abcdef1234.execute-api.localhost:4510", "/dev/a%2Fb/c"],
    ["ABCDEF1234.execute-api.eu-west-1.amazonaws.com", "/dev/a%2Fb/c"],
  ] as const) {
    assert.deepEqual(parseInvokeUrl(host, path), { ...url, isByHost: /execute-api\./i.test(host) }, host + path);
  }
  assert.deepEqual(parseInvokeUrl("abcdef1234.execute-api.localhost", "/"), {
    apiId: "abcdef1234",
    stageName: undefined,
    path: "",
    isByHost: true,
  });
  assert.deepEqual(parseInvokeUrl("x", "/_aws/execute-api/a/dev/"), {
    apiId: "a",
    stageName: "dev",
    path: "/",
    isByHost: false,
  });
  for (const path of ["/", "/restapis/a/resources/b", "/_trunkline/health", "/_aws/other"]) {
    assert.equal(parseInvokeUrl("localhost:4510", path), undefined, path);
  }
});

test("a JSONPath finds what it names", () => {
  const document = { a: { "b-c": [1, { d: "x" }] }, e: [{ f: 1 }, { f: 2 }] };
  const cases: readonly [string, unknown][] = [
    ["$", document],
    ["$.a.b-c[1].d", "x"],
    ["$['a']['b-c'][0]", 1],
    ["$.none.more", undefined],
    ["$.e.length", undefined],
    ["$.a.constructor", undefined],
    ["$.e[*].f", [1, 2]],
    ["$..f", [1, 2]],
    ["$.e[0:1].f", [1]],
  ];
  for (const [path, expected] of cases) assert.deepEqual(queryJson(document, path), expected, path);
  for (const path of ["$.e[?(@.f == 1)]", "e", "$.e[(1+1)]", "$.e^"])
    assert.throws(() => queryJson(document, path), JsonPathError, path);
});

test("the URIs of integrations are taken apart", () => {
  assert.deepEqual(parseServiceUri("arn:aws:apigateway:eu-west-1:sqs:path/111122223333/q?a=b"), {
    region: "eu-west-1",
    service: "sqs",
    kind: "path",
    what: "111122223333/q",
    query: [["a", "b"]],
  });
  assert.equal(parseServiceUri("arn:aws:apigateway:us-east-1:123.dkr.kinesis:action/PutRecord")?.what, undefined);
  assert.equal(parseServiceUri("https://example.com"), undefined);
  const fn = "arn:aws:lambda:us-east-1:111122223333:function:f:live";
  assert.equal(functionOfUri(`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn}/invocations`), fn);
  assert.equal(functionOfUri(fn), undefined);
});

test("queries and media types are read", () => {
  assert.deepEqual(parseQuery("a=1&b=x+y%20z&c&d=%ZZ"), [
    ["a", "1"],
    ["b", "x y z"],
    ["c", ""],
    ["d", "%ZZ"],
  ]);
  assert.equal(isBinaryType(["image/*"], "Image/PNG; q=1"), true);
  assert.equal(isBinaryType(["*/*"], undefined), false);
  assert.equal(acceptsBinary(["image/png"], "text/html, image/png"), false);
});

test("an access log's line has what a call was, and a bar where it was nothing", () => {
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
  const context = new Map<string, any>([
    ["status", 200],
    ["identity", new Map([["userAgent", 'a"b\n']])],
  ]);
  assert.equal(
    accessLogLine('$context.status "$context.identity.userAgent" $context.none.', context),
    '200 "a\\"b\\n" -.',
  );
});
