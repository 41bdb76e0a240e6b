import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { ServiceModel } from "../models/model.ts";
import type { ChunkOptions, ChunkSigner } from "./aws-chunked.ts";
import { canonicalRequest, parseQuery } from "./canonical.ts";
import type { Credential } from "./credentials.ts";
import type { Head } from "./exchange.ts";
import { sha256Hex } from "./hash.ts";
import { type KeyRing, knownCredential } from "./known-credential.ts";
import { type PayloadRules, type WholePayload, wholePayload } from "./payload.ts";
import { distrust } from "./refusal.ts";
import { type Scope, SigningKeys } from "./signing-keys.ts";
import { verifyVersion2 } from "./sigv2.ts";

/** Who has sent a request. */
export interface Sender {
  readonly credential: Credential;
  readonly region: string;
  /** What it was signed for. */
  readonly service: string;
  /** What the signature says of the body. */
  readonly payload: PayloadRules;
}

/** A request whose sender is known, with the body that the signature vouches for. */
export interface Verified extends Sender, WholePayload {}

/** By whose rules a signature is made, and in whose words it is refused. */
export interface Rules {
  readonly protocol: Protocol;
  /** What version 2 signs: the path with the bucket in front, also where the bucket came in the host name. */
  readonly resource: string;
}

type Protocol = ServiceModel["protocol"];

const ALGORITHM = "AWS4-HMAC-SHA256";
const MINUTE_MS = 60_000;
const PRESIGNED_SECONDS_MAX = 604_800;
const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
const HASH = /^[0-9a-f]{64}$/;
const STREAMING_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const STREAMING_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const STREAMING_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const PAYLOAD_LITERALS = [UNSIGNED_PAYLOAD, STREAMING_SIGNED, STREAMING_SIGNED_TRAILER, STREAMING_UNSIGNED_TRAILER];

/** What a request says of its signature, in headers or in the query. */
interface Claim {
  readonly presigned: boolean;
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** `20261121T101112Z` */
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly token: string | undefined;
  readonly expiresSeconds: number;
  /** Hash of the payload, or a literal that stands for it. */
  readonly contentHash: string | undefined;
}

/**
 * Verifies Signature Version 4, in the `Authorization` header or in the query, and version 2 in the query of S3 URLs. Version
 * 4A (ECDSA) is refused: a signature that we cannot check is none.
 *
 * Sources: `integration-plane` section 2 and the AWS pages it names. S3 (the one rest-xml service) has rules of its own: the
 * path is signed as sent, clocks may differ by 15 minutes, and a presigned URL says nothing of the body.
 */
export class Verifier {
  readonly #options: KeyRing;
  readonly #keys = new SigningKeys();

  constructor(options: KeyRing) {
    this.#options = options;
  }

  /**
   * Throws `Refusal` with the code and status that a service of this protocol answers, and what `readBody` throws. The body is read
   * only once nothing else is left to check, or where the signature cannot be checked without it.
   */
  async verify(head: Head, rules: Rules, readBody: () => Promise<Buffer>): Promise<Verified> {
    const sender = await this.verifyHead(head, rules, readBody);
    return { ...sender, ...(await wholePayload(await readBody(), sender.payload)) };
  }

  /** The same, but for the body, which is not read unless the signature cannot be checked without it. `payload` says how it is to be read. */
  async verifyHead(head: Head, { protocol, resource }: Rules, readBody: () => Promise<Buffer>): Promise<Sender> {
    const parameters = head.query === "" ? [] : decodeQuery(head.query, protocol);
    if (isVersion2(head)) {
      return { ...(await verifyVersion2(head, parameters, resource, this.#options)), payload: { protocol } };
    }
    const claim = readClaim(head, parameters, protocol);
    const credential = await knownCredential(claim, this.#options, protocol);
    checkDates(claim, this.#options.wall.now(), protocol);
    checkSignedHeaders(claim, head, protocol);

    const key = this.#keys.find(credential, claim.scope);
    const sign = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
    const dateAndScope = `${claim.date}\n${claim.scope.date}/${claim.scope.region}/${claim.scope.service}/aws4_request`;
    const checkSignature = (payloadHash: string): void => {
      const { signedHeaders } = claim;
      const rawPath = protocol === "rest-xml";
      const canonical = canonicalRequest(head, { parameters, signedHeaders, payloadHash, rawPath });
      const expected = sign(`${ALGORITHM}\n${dateAndScope}\n${hash("sha256", canonical, "hex")}`);
      if (!timingSafeEqual(expected, Buffer.from(claim.signature, "hex"))) {
        throw distrust(
          "wrong-signature",
          protocol,
          "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        );
      }
    };

    const { contentHash } = claim;
    checkSignature(contentHash ?? (await sha256Hex(await readBody())));
    const sender = { credential, region: claim.scope.region, service: claim.scope.service };
    if (contentHash === undefined) return { ...sender, payload: { protocol } };
    if (HASH.test(contentHash)) return { ...sender, payload: { protocol, contentHash } };
    if (!contentHash.startsWith("STREAMING-")) return { ...sender, payload: { protocol } };
    const signer = { seed: claim.signature, dateAndScope, sign };
    return { ...sender, payload: { protocol, framing: framing(head, contentHash, signer) } };
  }
}

const SIGNED_QUERY = /(?:^|&)(?:X-Amz-(?:Algorithm|Credential|Signature)|AWSAccessKeyId)=/;

/** Whether a request says at all who sends it. */
export function isSigned({ headers, query }: Head): boolean {
  return headers.authorization !== undefined || SIGNED_QUERY.test(query);
}

/** The service that a request was signed for, or would have been had its signature been in order. */
export function scopeService({ headers, query }: Head): string | undefined {
  const found =
    /Credential=[^,\s]*?\/\d{8}\/[^/,\s]*\/([^/,\s]+)\/[^/,\s]*(?:[,\s]|$)/.exec(headers.authorization ?? "") ??
    /(?:^|&)X-Amz-Credential=[^&]*?(?:%2F|\/)\d{8}(?:%2F|\/)[^/%&]*(?:%2F|\/)([^/%&]+)(?:%2F|\/)[^&]*(?:&|$)/i.exec(
      query,
    );
  return found?.[1];
}

/** Whether a request is signed in the query with version 2, as boto3 still presigns S3 URLs for an endpoint of one's own. */
export function isVersion2({ headers, query }: Head): boolean {
  return headers.authorization === undefined && /(?:^|&)AWSAccessKeyId=/.test(query);
}

type Parameters = readonly [name: string, value: string][];

function decodeQuery(query: string, protocol: Protocol): Parameters {
  try {
    return parseQuery(query);
  } catch {
    throw distrust("incomplete", protocol, "The query string is not percent-encoded UTF-8.");
  }
}

function readClaim(head: Head, parameters: Parameters, protocol: Protocol): Claim {
  const { authorization } = head.headers;
  const inQuery = SIGNED_QUERY.test(head.query);
  if (authorization !== undefined && inQuery) {
    throw distrust("two-signatures", protocol, "The request is signed both in its headers and in its query.");
  }
  if (authorization !== undefined) return readHeaderClaim(authorization, head, protocol);
  if (inQuery) return readQueryClaim(head, parameters, protocol);
  throw distrust("no-credentials", protocol, "Missing Authentication Token");
}

const AUTHORIZATION_PARTS = ["Credential", "Signature", "SignedHeaders"];

function readHeaderClaim(authorization: string, { headers }: Head, protocol: Protocol): Claim {
  const [algorithm = ""] = authorization.split(" ", 1);
  const fields = new Map<string, string>();
  for (const part of authorization.slice(algorithm.length).split(",")) {
    if (part.trim() === "") continue;
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(equals, 0)).trim();
    // Whoever could add a second credential could have the request read in two ways.
    if (!AUTHORIZATION_PARTS.includes(name) || fields.has(name)) {
      throw distrust("incomplete", protocol, `Not a valid part of an Authorization header: '${part.slice(0, 64)}'.`);
    }
    fields.set(name, part.slice(equals + 1).trim());
  }
  const date = headers["x-amz-date"] ?? isoDate(headers.date);
  const missing: string[] = [];
  if (algorithm !== ALGORITHM) missing.push(`AWS authentication requires the algorithm ${ALGORITHM}.`);
  for (const name of AUTHORIZATION_PARTS) {
    if (!fields.get(name)) missing.push(`Authorization header requires '${name}' parameter.`);
  }
  if (date === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0) {
    throw distrust("incomplete", protocol, `${missing.join(" ")} Authorization=${algorithm.slice(0, 64)}`);
  }
  return {
    presigned: false,
    ...readCredential(fields.get("Credential") as string, protocol),
    date: date as string,
    signedHeaders: (fields.get("SignedHeaders") as string).split(";"),
    signature: readSignature(fields.get("Signature") as string, protocol),
    token: headers["x-amz-security-token"],
    expiresSeconds: 0,
    contentHash: readContentHash(headers["x-amz-content-sha256"], protocol),
  };
}

function readQueryClaim(head: Head, parameters: Parameters, protocol: Protocol): Claim {
  const fields = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (name.startsWith("X-Amz-") && fields.has(name)) {
      throw distrust("incomplete", protocol, `The parameter ${name} is there twice.`);
    }
    fields.set(name, value);
  }
  const required = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"];
  const missing = required.filter((name) => !fields.get(name));
  if (missing.length > 0) {
    throw distrust(
      "incomplete",
      protocol,
      missing.map((name) => `AWS query-string parameters must include '${name}'.`).join(" "),
    );
  }
  if (fields.get("X-Amz-Algorithm") !== ALGORITHM) {
    throw distrust("incomplete", protocol, `AWS authentication requires the algorithm ${ALGORITHM}.`);
  }
  const expires = fields.get("X-Amz-Expires") ?? "";
  const expiresSeconds = Number(expires);
  if (!/^\d{1,6}$/.test(expires) || expiresSeconds < 1 || expiresSeconds > PRESIGNED_SECONDS_MAX) {
    throw distrust("incomplete", protocol, `X-Amz-Expires must be between 1 and ${PRESIGNED_SECONDS_MAX} seconds`);
  }
  const contentHash = fields.get("X-Amz-Content-Sha256") ?? head.headers["x-amz-content-sha256"];
  return {
    presigned: true,
    ...readCredential(fields.get("X-Amz-Credential") as string, protocol),
    date: fields.get("X-Amz-Date") as string,
    signedHeaders: (fields.get("X-Amz-SignedHeaders") as string).split(";"),
    signature: readSignature(fields.get("X-Amz-Signature") as string, protocol),
    token: fields.get("X-Amz-Security-Token") ?? head.headers["x-amz-security-token"],
    expiresSeconds,
    contentHash: readContentHash(contentHash ?? (protocol === "rest-xml" ? UNSIGNED_PAYLOAD : undefined), protocol),
  };
}

function readCredential(credential: string, protocol: Protocol): Pick<Claim, "accessKeyId" | "scope"> {
  const [accessKeyId = "", date = "", region = "", service = "", terminator = "", ...more] = credential.split("/");
  if (!accessKeyId || !service || !terminator || more.length > 0) {
    throw distrust(
      "incomplete",
      protocol,
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential.slice(0, 200)}'`,
    );
  }
  if (terminator !== "aws4_request") {
    throw distrust(
      "wrong-scope",
      protocol,
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator.slice(0, 64)}'.`,
    );
  }
  if (!/^[a-z0-9-]{1,64}$/.test(region)) {
    throw distrust("wrong-scope", protocol, "Credential should be scoped to a valid region.");
  }
  return { accessKeyId, scope: { date, region, service } };
}

function readSignature(signature: string, protocol: Protocol): string {
  if (HASH.test(signature)) return signature;
  throw distrust("wrong-signature", protocol, "The request signature does not conform to AWS standards.");
}

function readContentHash(contentHash: string | undefined, protocol: Protocol): string | undefined {
  if (contentHash === undefined && protocol === "rest-xml") {
    throw distrust("invalid-content-hash", protocol, "Missing required header for this request: x-amz-content-sha256");
  }
  if (contentHash === undefined || HASH.test(contentHash) || PAYLOAD_LITERALS.includes(contentHash)) return contentHash;
  throw distrust(
    "invalid-content-hash",
    protocol,
    `x-amz-content-sha256 must be ${UNSIGNED_PAYLOAD}, ${STREAMING_UNSIGNED_TRAILER}, ${STREAMING_SIGNED}, ${STREAMING_SIGNED_TRAILER} or a valid sha256 value.`,
  );
}

/** The clock's tolerance, and the life of a presigned URL. */
function checkDates({ date, scope, presigned, expiresSeconds }: Claim, nowMs: number, protocol: Protocol): void {
  const signedMs = parseIsoDate(date);
  if (signedMs === undefined) {
    throw distrust("incomplete", protocol, `Date must be in ISO-8601 'basic format'. Got '${date.slice(0, 64)}'.`);
  }
  if (scope.date !== date.slice(0, 8)) {
    throw distrust(
      "wrong-scope",
      protocol,
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date.slice(0, 64)}' != '${date.slice(0, 8)}', from '${date}'.`,
    );
  }
  const minutes = protocol === "rest-xml" ? 15 : 5;
  if (signedMs > nowMs + minutes * MINUTE_MS) {
    const latest = formatIsoDate(nowMs + minutes * MINUTE_MS);
    throw distrust(
      "skewed",
      protocol,
      `Signature not yet current: ${date} is still later than ${latest} (${formatIsoDate(nowMs)} + ${minutes} min.)`,
    );
  }
  if (presigned) {
    const endMs = signedMs + expiresSeconds * 1000;
    if (endMs >= nowMs) return;
    throw distrust(
      "expired-url",
      protocol,
      `Signature expired: ${formatIsoDate(endMs)} is now earlier than ${formatIsoDate(nowMs)}.`,
    );
  }
  if (signedMs < nowMs - minutes * MINUTE_MS) {
    const earliest = formatIsoDate(nowMs - minutes * MINUTE_MS);
    throw distrust(
      "skewed",
      protocol,
      `Signature expired: ${date} is now earlier than ${earliest} (${formatIsoDate(nowMs)} - ${minutes} min.)`,
    );
  }
}

/** Whoever changes a header on the way must not be able to change what a request means. */
function checkSignedHeaders({ signedHeaders }: Claim, { headers }: Head, protocol: Protocol): void {
  if (!signedHeaders.includes("host") && !signedHeaders.includes(":authority")) {
    throw distrust(
      "unsigned-header",
      protocol,
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
  }
  for (const name in headers) {
    if (name.startsWith("x-amz-") && !signedHeaders.includes(name)) {
      throw distrust("unsigned-header", protocol, `'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

/** How a body is framed. Names of trailers are taken from a header that is signed itself. */
function framing({ headers }: Head, contentHash: string, signer: ChunkSigner): ChunkOptions {
  const trailers = contentHash.endsWith("-TRAILER") ? (headers["x-amz-trailer"] ?? "") : "";
  return {
    contentLength: headers["x-amz-decoded-content-length"],
    trailerNames: trailers
      .toLowerCase()
      .split(/[,\s]+/)
      .filter((name) => name !== ""),
    ...(contentHash !== STREAMING_UNSIGNED_TRAILER && { signer }),
  };
}

const ISO_DATE = /^(\d{4})(0[1-9]|1[0-2])(\d{2})T([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z$/;

function parseIsoDate(text: string): number | undefined {
  const found = ISO_DATE.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  // 30 February would count as 2 March.
  return new Date(ms).getUTCDate() === Number(day) ? ms : undefined;
}

function formatIsoDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** A `Date` header in the form that is signed. */
function isoDate(header: string | undefined): string | undefined {
  if (header === undefined || ISO_DATE.test(header)) return header;
  const ms = Date.parse(header);
  return Number.isNaN(ms) ? undefined : formatIsoDate(ms);
}
