import { createHmac, timingSafeEqual } from "node:crypto";
import type { Credential } from "./credentials.ts";
import type { Head } from "./exchange.ts";
import { type KeyRing, knownCredential } from "./known-credential.ts";
import { distrust, Refusal } from "./refusal.ts";

/** Query keys that are part of what is signed; all others may be added by anyone. From botocore's `HmacV1Auth`. */
const SUB_RESOURCES: ReadonlySet<string> = new Set(
  "accelerate acl cors defaultObjectAcl location logging partNumber policy requestPayment torrent versioning versionId versions website uploads uploadId response-content-type response-content-language response-expires response-cache-control response-content-disposition response-content-encoding delete lifecycle tagging restore storageClass notification replication analytics metrics inventory select select-type object-lock".split(
    " ",
  ),
);

/** Only S3 still takes version 2. */
export const VERSION_2_SERVICE = "s3";
/** A presigned URL of version 2 says no region; its credentials are those of the oldest one. */
const REGION = "us-east-1";

/**
 * Verifies `?AWSAccessKeyId=…&Signature=…&Expires=…`: base64 of an HMAC-SHA1 over method, some headers, expiry and the resource.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
 *
 * `resource` is the path with the bucket in front. Throws `Refusal`.
 */
export async function verifyVersion2(
  head: Head,
  parameters: readonly [name: string, value: string][],
  resource: string,
  keyRing: KeyRing,
): Promise<{ credential: Credential; region: string; service: string }> {
  const fields = new Map(parameters);
  const expires = fields.get("Expires") ?? "";
  if (!/^\d{1,12}$/.test(expires) || !fields.has("Signature")) {
    throw new Refusal(
      403,
      "AccessDenied",
      "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
    );
  }
  const accessKeyId = fields.get("AWSAccessKeyId") ?? "";
  const token = head.headers["x-amz-security-token"] ?? fields.get("x-amz-security-token");
  const credential = await knownCredential({ accessKeyId, token }, keyRing, "rest-xml");
  if (Number(expires) * 1000 < keyRing.wall.now()) throw distrust("expired-url", "rest-xml", "Request has expired");

  const given = Buffer.from(fields.get("Signature") ?? "", "base64");
  const matches = resourceForms(resource).some((form) => {
    const text = stringToSign(head, parameters, form, expires);
    const expected = createHmac("sha1", credential.secretAccessKey).update(text).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!matches) throw distrust("wrong-signature", "rest-xml", "The request signature we calculated does not match.");
  return { credential, region: REGION, service: VERSION_2_SERVICE };
}

/** For a bucket alone boto3 signs a slash behind it, which it does not send. */
function resourceForms(resource: string): string[] {
  return /^\/[^/]+$/.test(resource) ? [resource, `${resource}/`] : [resource];
}

/** What boto3 moves from the headers into the query is signed as if it were still there. */
function stringToSign(
  { method, headers }: Head,
  parameters: readonly [name: string, value: string][],
  resource: string,
  expires: string,
): string {
  const signed = { ...Object.fromEntries(parameters), ...headers };
  const amzHeaders = Object.keys(signed)
    .filter((name) => name.startsWith("x-amz-"))
    .sort()
    .map((name) => `${name}:${signed[name]?.trim()}\n`)
    .join("");
  const subResources = parameters
    .filter(([name]) => SUB_RESOURCES.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  const canonicalResource = subResources.length > 0 ? `${resource}?${subResources.join("&")}` : resource;
  return `${method}\n${signed["content-md5"] ?? ""}\n${signed["content-type"] ?? ""}\n${expires}\n${amzHeaders}${canonicalResource}`;
}
