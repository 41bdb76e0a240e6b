import assert from "node:assert/strict";
import test from "node:test";
import type { WallClock } from "../time/clock.ts";
import type { Credential } from "./credentials.ts";
import type { Refusal } from "./refusal.ts";
import { type Verified, Verifier } from "./sigv4.ts";

const EXPIRES_MS = 1_795_256_472_000;
const keys: Credential[] = [
  { accessKeyId: "test", secretAccessKey: "test", account: "000000000000" },
  { accessKeyId: "session", secretAccessKey: "other/secret+", account: "111122223333", sessionToken: "token==" },
];

/** Made by botocore 1.43.11: `generate_presigned_url` of a client with `signature_version="s3"`. */
const URLS: [method: string, url: string, resource?: string][] = [
  [
    "GET",
    "/bucket/a%20key/%C3%BC%27%28x%29?AWSAccessKeyId=test&Signature=1eEV72y4HSAXH29viw7%2FKIsqELg%3D&Expires=1795256472",
  ],
  [
    "GET",
    "/bucket/k?response-content-type=text%2Fplain%3B%20a%3Db&versionId=v1&AWSAccessKeyId=test&Signature=aNCK9YQh91VcK2GxnCEV8zbi844%3D&Expires=1795256472",
  ],
  [
    "PUT",
    "/bucket/k?AWSAccessKeyId=test&Signature=BMC4P%2BBPd3O9oWfzsEjGrtl5nmM%3D&content-type=text%2Fplain&x-amz-meta-a=b%20c&Expires=1795256472",
  ],
  [
    "PUT",
    "/bucket/k?partNumber=1&uploadId=u%2B%2F%3D&AWSAccessKeyId=test&Signature=onlTAHxKXTLIwq5BC5NiQ%2F%2Fi1Ck%3D&Expires=1795256472",
  ],
  [
    "GET",
    "/bucket?list-type=2&prefix=p&encoding-type=url&AWSAccessKeyId=test&Signature=rS65SzYk%2BTNGLX0Zg3unuQmXMCw%3D&Expires=1795256472",
  ],
  ["GET", "/bucket?location&AWSAccessKeyId=test&Signature=ksFcuEvSgroen8xhILmRcbQG7HI%3D&Expires=1795256472"],
  [
    "GET",
    "/bucket/k?AWSAccessKeyId=session&Signature=Eu4tDcp5EFsIhsk7a1nWUk%2BM6k0%3D&x-amz-security-token=token%3D%3D&Expires=1795256472",
  ],
  ["GET", "/k?AWSAccessKeyId=test&Signature=TfxJvt%2B%2BP2L7XTYsiK1bxPyDHEo%3D&Expires=1795256472", "/bucket/k"],
];

function verify(method: string, url: string, resource?: string, nowMs = EXPIRES_MS): Promise<Verified> {
  const [path = "", query = ""] = url.split("?");
  const wall = { now: () => nowMs } as WallClock;
  const verifier = new Verifier({ wall, findCredential: (id) => keys.find((key) => key.accessKeyId === id) });
  const head = { method, path, query, headers: { host: "localhost:4510" } };
  return verifier.verify(head, { protocol: "rest-xml", resource: resource ?? path }, async () => Buffer.from("body"));
}

function refusal(code: string): (error: Refusal) => boolean {
  return (error) => error.code === code;
}

test("URLs that boto3 presigns with version 2 verify", async () => {
  for (const [method, url, resource] of URLS) {
    const { region, service, body } = await verify(method, url, resource);
    assert.deepEqual([region, service, String(body)], ["us-east-1", "s3", "body"]);
  }
});

test("they hold for their method, resource and time alone", async () => {
  const [, url] = URLS[1] as [string, string];
  await assert.rejects(verify("PUT", url), refusal("SignatureDoesNotMatch"));
  await assert.rejects(verify("GET", url.replace("/bucket/k", "/bucket/l")), refusal("SignatureDoesNotMatch"));
  await assert.rejects(verify("GET", url.replace("versionId=v1", "versionId=v2")), refusal("SignatureDoesNotMatch"));
  await assert.rejects(verify("GET", url.replace("Expires=1", "Expires=2")), refusal("SignatureDoesNotMatch"));
  await assert.rejects(verify("GET", url, undefined, EXPIRES_MS + 1), refusal("AccessDenied"));
  await assert.rejects(verify("GET", url.replace(/Expires=.*/, "")), refusal("AccessDenied"));
  await assert.rejects(verify("GET", url.replace(/&Signature=[^&]*/, "")), refusal("AccessDenied"));
});

test("keys and tokens must be known", async () => {
  const [, url] = URLS[6] as [string, string];
  await assert.rejects(verify("GET", url.replace("=session", "=nobody")), refusal("InvalidAccessKeyId"));
  await assert.rejects(verify("GET", url.replace(/&x-amz-security-token=[^&]*/, "")), refusal("InvalidToken"));
});
