import { type CatalogEntry, catalog } from "../models/catalog.ts";
import type { Head } from "./exchange.ts";
import { VERSION_2_SERVICE } from "./sigv2.ts";
import { isVersion2, scopeService } from "./sigv4.ts";

/** Which services a request may be for, before any model is loaded. They share a protocol. */
export interface Address {
  /** The service it is signed for; `undefined` for an unsigned request. */
  readonly service: string | undefined;
  /** Empty: a service that is not known here. */
  readonly candidates: readonly CatalogEntry[];
  /** In whose words it is refused. */
  readonly protocol: CatalogEntry["protocol"];
  /** The path to route by, and what version 2 signs: an S3 bucket that came in the host name stands in front. */
  readonly path: string;
}

/** The header by which participants of chats prove who they are, instead of a signature. */
const BEARER_HEADER = "x-amz-bearer";
const BEARER_SIGNING_NAME = "execute-api";

/**
 * Finds the services that a request may be for. Paths collide between services (`/tags/{arn}`, `/domains/{x}`), so what counts is the
 * service in the signature's scope; unsigned requests are told apart by what only one kind of service uses.
 *
 * `baseHosts` are names of this server: `bucket.localhost` names a bucket where `localhost` is one. The longest that fits counts.
 */
export function address(head: Head, baseHosts: readonly string[]): Address {
  const service = scopeService(head) ?? (isVersion2(head) ? VERSION_2_SERVICE : undefined);
  const candidates = service === undefined ? guess(head) : signedFor(service, head);
  const protocol = candidates[0]?.protocol ?? guessProtocol(head);
  // What has a header to be known by has an account in front of its host's name, and no bucket.
  const hasBucket = protocol === "rest-xml" && candidates[0]?.requestHeader === undefined;
  return { service, candidates, protocol, path: hasBucket ? bucketPath(head, baseHosts) : head.path };
}

function signedFor(service: string, { headers }: Head): readonly CatalogEntry[] {
  const entries = catalog.filter((entry) => entry.signingName === service);
  const isMarked = ({ requestHeader }: CatalogEntry): boolean =>
    requestHeader !== undefined && headers[requestHeader] !== undefined;
  const marked = entries.filter(isMarked);
  return marked.length > 0 ? marked : entries.filter(({ requestHeader }) => requestHeader === undefined);
}

function guess({ headers }: Head): readonly CatalogEntry[] {
  const prefix = targetPrefix(headers["x-amz-target"]);
  if (prefix !== undefined) return catalog.filter((entry) => entry.targetPrefix === prefix);
  if (headers[BEARER_HEADER] !== undefined) return catalog.filter((entry) => entry.signingName === BEARER_SIGNING_NAME);
  return isForm(headers) ? catalog.filter((entry) => entry.protocol === "query") : [];
}

function guessProtocol({ headers }: Head): CatalogEntry["protocol"] {
  if (headers["x-amz-target"] !== undefined) return "json";
  return isForm(headers) ? "query" : "rest-json";
}

/** `Kinesis_20131202` of `Kinesis_20131202.PutRecord`. */
export function targetPrefix(target: string | undefined): string | undefined {
  const dot = target?.lastIndexOf(".") ?? -1;
  return dot === -1 ? undefined : target?.slice(0, dot);
}

function isForm(headers: Head["headers"]): boolean {
  return headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
}

/** What can stand between a bucket and a base host: `s3`, `s3.us-east-1`, `s3-us-east-1`, `s3.dualstack.us-east-1`. */
const S3_LABELS = /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d)?$/;

function bucketPath({ headers, path }: Head, baseHosts: readonly string[]): string {
  const host = (headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  const base = baseHosts
    .filter((name) => host === name || host.endsWith(`.${name}`))
    .sort((a, b) => b.length - a.length)[0];
  if (base === undefined || base === host) return path;
  const labels = host.slice(0, -base.length - 1);
  const found = S3_LABELS.exec(labels);
  const bucket = found ? found[1] : labels;
  return bucket === undefined ? path : `/${bucket}${path}`;
}
