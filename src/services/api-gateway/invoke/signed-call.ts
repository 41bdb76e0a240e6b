import { SignatureV4 } from "@smithy/signature-v4";
import { ModeledError } from "../../../models/modeled-error.ts";
import { Sha256 } from "../../../models/sha256.ts";
import { BoundedMap } from "../../bounded-map.ts";
import { assumeRoleAsService, type TemporaryKeys } from "../../iam/index.ts";
import { perStore } from "../../per-store.ts";
import type { Call, CallerKeys, Pairs } from "./call.ts";
import { decoded, GatewayError } from "./call.ts";
import { type OutsideAnswer, sendOutside } from "./outside.ts";

/** A request to one of our own services, through the front door as everybody's: its signature, its validation and its policies hold. */
export interface SignedRequest {
  readonly service: string;
  readonly region: string;
  readonly keys: CallerKeys;
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: Pairs;
  readonly headers: Pairs;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

/** What says that an integration acts as whoever calls. */
export const AS_CALLER = "arn:aws:iam::*:user/*";
/** Keys are taken anew so long before they end. */
const RENEWAL_MS = 5 * 60_000;
const KEPT_MAX = 1000;

const sessions = perStore(() => new BoundedMap<string, Promise<TemporaryKeys>>(KEPT_MAX));

/** Keys of the role that an integration names, or of who has signed the call. Throws `GatewayError` where there are none. */
export async function actAs(call: Call, credentials: string): Promise<CallerKeys> {
  if (credentials === AS_CALLER) {
    if (!call.request.hasSignature) throw new GatewayError("API_CONFIGURATION_ERROR");
    return call.request.keys();
  }
  return roleKeys(call, credentials);
}

async function roleKeys({ platform, stage, log }: Call, roleArn: string): Promise<CallerKeys> {
  // A role trusts the gateway, whoever's API it serves: that it serves its own account's alone is for the gateway to see to.
  if (roleArn.split(":")[4] !== stage.account) {
    log.error(() => `Execution failed due to configuration error: ${roleArn} is a role of another account`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  const kept = sessions(platform.store);
  const known = await kept.get(roleArn)?.catch(() => undefined);
  if (known && known.expiresAtMs - RENEWAL_MS > platform.wall.now()) return known;
  const fresh = assumeRoleAsService(platform, {
    roleArn,
    service: "apigateway.amazonaws.com",
    sessionName: "BackplaneAssumeRoleSession",
  });
  kept.set(roleArn, fresh);
  try {
    return await fresh;
  } catch (error) {
    kept.delete(roleArn);
    if (!(error instanceof ModeledError)) throw error;
    log.error(() => `Execution failed due to configuration error: ${error.message}`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
}

/** Throws `OutsideError`. */
export async function sendSigned(
  { platform, request }: Pick<Call, "platform" | "request">,
  signed: SignedRequest,
): Promise<OutsideAnswer> {
  const url = new URL(platform.ownUrl);
  holdPath(signed.path);
  const signer = new SignatureV4({
    service: signed.service,
    region: signed.region,
    credentials: signed.keys as { accessKeyId: string; secretAccessKey: string },
    sha256: Sha256,
    // S3 alone signs the path as it is sent.
    uriEscapePath: signed.service !== "s3",
  });
  const query: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of signed.query) {
    const earlier = Object.hasOwn(query, name) ? query[name] : undefined;
    query[name] = earlier === undefined ? value : [...[earlier].flat(), value];
  }
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of signed.headers) {
    const lower = name.toLowerCase();
    headers[lower] = headers[lower] === undefined ? value : `${headers[lower]},${value}`;
  }
  for (const name of SIGNERS_OWN) delete headers[name];
  const ready = await signer.sign(
    {
      method: signed.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: signed.path,
      query,
      headers: { ...headers, host: url.host },
      body: signed.body,
    },
    { signingDate: new Date(platform.wall.now()) },
  );
  const search = signed.query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
  const target = new URL(url);
  target.pathname = signed.path;
  target.search = search;
  return sendOutside(platform.wall, {
    method: signed.method,
    url: target,
    headers: Object.entries(ready.headers),
    body: signed.body,
    timeoutMs: signed.timeoutMs,
    signal: request.signal,
  });
}

/**
 * Our own endpoints are no service, though a role may have leave for them; and a URL resolves the parts "." and "..", which would lead a call
 * to where its author has not sent it. Throws `GatewayError`.
 */
function holdPath(path: string): void {
  const isOwn = decoded(path).replace(/^\/+/, "").startsWith("_trunkline");
  if (isOwn || hasDotSegments(path)) throw new GatewayError("BAD_REQUEST_PARAMETERS", "Invalid request path");
}

/** Whether a path has a part that a URL would resolve, so that it came to be another path. */
export function hasDotSegments(path: string): boolean {
  return path.split("/").some((part) => /^\.{1,2}$/.test(part.replace(/%2e/gi, ".")));
}

/** What the signer says itself, whatever a mapping says. */
const SIGNERS_OWN = [
  "authorization",
  "host",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-content-sha256",
  "content-length",
  "transfer-encoding",
  "connection",
  "x-amz-bearer",
];

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
