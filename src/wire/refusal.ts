import type { ServiceModel } from "../models/model.ts";
import { ModeledError } from "../models/modeled-error.ts";

type Protocol = ServiceModel["protocol"];

/** What the front door refuses before a service is asked. The status is ours: no API model names these errors. */
export class Refusal extends ModeledError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.name = "Refusal";
    this.status = status;
  }
}

/** Why a request cannot be trusted. */
export type Distrust =
  | "no-credentials"
  | "incomplete"
  | "two-signatures"
  | "unknown-key"
  | "invalid-token"
  | "expired-token"
  | "wrong-scope"
  | "skewed"
  | "expired-url"
  | "unsigned-header"
  | "wrong-signature"
  | "invalid-content-hash"
  | "wrong-content-hash";

type Answer = readonly [status: number, code: string, message?: string];

/** `rest-xml` is how S3 says it; its texts are its own and win over what we could say in more detail. */
const ANSWERS: Readonly<Record<Distrust, Readonly<Record<Protocol, Answer>>>> = {
  "no-credentials": {
    json: [400, "MissingAuthenticationTokenException"],
    "rest-json": [403, "MissingAuthenticationTokenException"],
    query: [403, "MissingAuthenticationToken"],
    "rest-xml": [403, "AccessDenied", "Access Denied"],
  },
  incomplete: {
    json: [400, "IncompleteSignatureException"],
    "rest-json": [403, "IncompleteSignatureException"],
    query: [400, "IncompleteSignature"],
    "rest-xml": [400, "AuthorizationHeaderMalformed"],
  },
  "two-signatures": {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [
      400,
      "InvalidArgument",
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
    ],
  },
  "unknown-key": {
    json: [400, "UnrecognizedClientException"],
    "rest-json": [403, "UnrecognizedClientException"],
    query: [403, "InvalidClientTokenId"],
    "rest-xml": [403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."],
  },
  "invalid-token": {
    json: [400, "UnrecognizedClientException"],
    "rest-json": [403, "UnrecognizedClientException"],
    query: [403, "InvalidClientTokenId"],
    "rest-xml": [400, "InvalidToken", "The provided token is malformed or otherwise invalid."],
  },
  "expired-token": {
    json: [400, "ExpiredTokenException"],
    "rest-json": [403, "ExpiredTokenException"],
    query: [403, "ExpiredToken"],
    "rest-xml": [400, "ExpiredToken", "The provided token has expired."],
  },
  "wrong-scope": {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [400, "AuthorizationHeaderMalformed"],
  },
  skewed: {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    ],
  },
  "expired-url": {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [403, "AccessDenied", "Request has expired"],
  },
  "unsigned-header": {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [403, "AccessDenied", "There were headers present in the request which were not signed"],
  },
  "wrong-signature": {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ],
  },
  "invalid-content-hash": {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [400, "InvalidArgument"],
  },
  "wrong-content-hash": {
    json: [400, "InvalidSignatureException"],
    "rest-json": [403, "InvalidSignatureException"],
    query: [403, "SignatureDoesNotMatch"],
    "rest-xml": [
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ],
  },
};

/** The refusal of an untrusted request in a protocol's terms. `message` is what services other than S3 say. */
export function distrust(why: Distrust, protocol: Protocol, message: string): Refusal {
  const [status, code, ownMessage] = ANSWERS[why][protocol];
  return new Refusal(status, code, ownMessage ?? message);
}
