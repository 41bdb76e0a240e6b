/**
 * Calls of addresses that a user has named: API destinations, their token endpoints, HTTP subscriptions of topics.
 *
 * A call ends within its time whatever the other side does, keeps no more of an answer than it was asked to, follows no redirect, and
 * cannot be brought to call `/_trunkline/` of this very server, under whatever name that is reached. Hosts of an intranet are fine: who
 * hosts this calls those every day.
 */
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { networkInterfaces } from "node:os";
import type { Platform } from "./service.ts";

export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Wall time for the whole call. */
  readonly timeoutMs: number;
  /** How much of the answer's body is kept. Absent: nothing. */
  readonly keptBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Its first `keptBytes`, as text. */
  readonly body: string;
}

/** Why there is no answer. `refused`: the call cannot be made, now or later. */
export interface HttpFailure {
  readonly failed: "timeout" | "connection" | "refused";
  readonly message: string;
}

/** Read and thrown away of an answer that nobody keeps, so that an ordinary server sees its answer taken. */
const DISCARDED_BYTES_MAX = 64 * 1024;

const OWN_PATH = "/_trunkline/";

/** Makes a call. Never throws. An answer counts from its status line on: what goes wrong with its body afterwards changes nothing. */
export async function callHttp(
  { wall, endpoint }: Pick<Platform, "wall" | "endpoint">,
  call: HttpCall,
  signal: AbortSignal,
): Promise<HttpAnswer | HttpFailure> {
  const late = new AbortController();
  using _timer = wall.after(call.timeoutMs, () => late.abort());
  const ending = AbortSignal.any([signal, late.signal]);
  try {
    const addresses = seemsOwnPath(call.url, endpoint) ? await addressesOf(call.url) : undefined;
    if (addresses?.some(isOwnAddress)) {
      return { failed: "refused", message: `${OWN_PATH} of this server is no target` };
    }
    const answer = await begin(call, ending, addresses);
    return { status: answer.statusCode ?? 0, headers: flat(answer), body: await bodyOf(answer, call, ending) };
  } catch (error) {
    if (ending.aborted) return { failed: "timeout", message: `no answer within ${call.timeoutMs} ms` };
    const { code = "", message } = error as NodeJS.ErrnoException;
    const isRefused = code.startsWith("ERR_") && !code.startsWith("ERR_TLS") && !code.startsWith("ERR_SSL");
    return { failed: isRefused ? "refused" : "connection", message: message || code };
  }
}

/** `addresses`: those that the host has been found to have, so that no other one is called than was looked at. */
function begin(
  { url, method, headers, body }: HttpCall,
  signal: AbortSignal,
  addresses: readonly LookupAddress[] | undefined,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length = bytes && { "content-length": String(bytes.length) };
  // A connection of its own: nothing that one target does to it is felt by another call.
  const options: RequestOptions = { method, headers: { ...headers, ...length }, agent: false, signal };
  if (addresses) options.lookup = (_host, _options, found) => found(null, [...addresses]);
  const sent = request(url, options, resolve);
  // It may fail once more after it was answered.
  sent.on("error", reject);
  sent.end(bytes);
  return promise;
}

async function bodyOf(answer: IncomingMessage, { keptBytes = 0 }: HttpCall, signal: AbortSignal): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      if (bytes < keptBytes) kept.push(piece.subarray(0, keptBytes - bytes));
      bytes += piece.length;
      if (bytes > Math.max(keptBytes, DISCARDED_BYTES_MAX) || signal.aborted) break;
    }
  } catch {
    // The status has been read, which is what counts.
  }
  answer.destroy();
  return Buffer.concat(kept).toString("utf8");
}

function flat({ headers }: IncomingMessage): HttpAnswer["headers"] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}

/** Whether a URL could be one of our own endpoints, by its port and path. Its host's addresses tell. */
function seemsOwnPath({ port, protocol, pathname }: URL, endpoint: string): boolean {
  const ownPort = new URL(endpoint).port || "80";
  return (port || (protocol === "https:" ? "443" : "80")) === ownPort && decoded(pathname).startsWith(OWN_PATH);
}

function addressesOf({ hostname }: URL): Promise<readonly LookupAddress[]> {
  return lookup(hostname.replace(/^\[(.*)\]$/, "$1"), { all: true });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function isOwnAddress({ address }: LookupAddress): boolean {
  const own = Object.values(networkInterfaces()).flatMap((one) => (one ?? []).map((at) => at.address));
  return own.includes(address) || /^(::ffff:)?127\.|^::1$|^(::ffff:)?0\.0\.0\.0$|^::$|^::ffff:7f/.test(address);
}

/** Whether a URL's host is this machine by its name or address, without asking a name server. */
export function isLoopbackHost({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
