import { SignatureV4 } from "@smithy/signature-v4";
import autocannon from "autocannon";
import { Sha256 } from "../../src/models/sha256.ts";

/** A request that is signed once and sent as it is: a signature holds for five minutes, and load generators do not sign. */
export interface SignedRequest {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Signs a JSON 1.1 call with the default key. */
export function signedCall(url: string, service: string, target: string, input: unknown): Promise<SignedRequest> {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  return signed(url, service, { method: "POST", path: "/", headers }, input);
}

/** Signs a request of a JSON protocol with paths, with the default key. */
export function signedPost(url: string, service: string, path: string, input: unknown): Promise<SignedRequest> {
  return signed(url, service, { method: "POST", path, headers: { "content-type": "application/json" } }, input);
}

export function signedPut(url: string, service: string, path: string, input: unknown): Promise<SignedRequest> {
  return signed(url, service, { method: "PUT", path, headers: { "content-type": "application/json" } }, input);
}

/** Signs a call in the query protocol: a form in, XML out. */
export function signedForm(
  url: string,
  service: string,
  form: Readonly<Record<string, string>>,
): Promise<SignedRequest> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return signed(url, service, { method: "POST", path: "/", headers }, new URLSearchParams(form));
}

async function signed(
  url: string,
  service: string,
  { method, path, headers: given }: Omit<SignedRequest, "body">,
  input: unknown,
): Promise<SignedRequest> {
  const { host, hostname } = new URL(url);
  const body = Buffer.from(input instanceof URLSearchParams ? input.toString() : JSON.stringify(input));
  const signer = new SignatureV4({
    service,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    sha256: Sha256,
  });
  const headers = { host, ...given };
  const sent = await signer.sign({ method, protocol: "http:", hostname, path, query: {}, headers, body });
  return { method, path, headers: sent.headers, body };
}

/** Sends a signed form; throws on any status but 200. */
export async function sendForm(url: string, { method, path, headers, body }: SignedRequest): Promise<void> {
  const { host: _, ...sent } = headers;
  const response = await fetch(url + path, { method, headers: sent, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${body}: ${response.status} ${text}`);
}

/** Sends one signed call and answers with its parsed answer; throws on any status but 200. */
export async function call(url: string, service: string, target: string, input: unknown): Promise<any> {
  return send(url, await signedCall(url, service, target, input));
}

/** The same with any signed request. */
export async function send(url: string, { method, path, headers, body }: SignedRequest): Promise<any> {
  const { host: _, ...sent } = headers;
  const response = await fetch(url + path, { method, headers: sent, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${headers["x-amz-target"] ?? path}: ${response.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

/** Posts to one of Trunkline's own endpoints, and answers with the parsed answer; throws on any status but 200. */
export async function postSigned(url: string, path: string, input: unknown): Promise<any> {
  const headers = { "content-type": "application/json" };
  const request = await signed(url, "trunkline", { method: "POST", path, headers }, input);
  const { host: _, ...sent } = request.headers;
  const response = await fetch(`${url}${path}`, { method: "POST", headers: sent, body: request.body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** What one of Trunkline's own endpoints tells; throws on any status but 200. */
export async function getSigned(url: string, path: string): Promise<string> {
  const { host, hostname } = new URL(url);
  const signer = new SignatureV4({
    service: "trunkline",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    sha256: Sha256,
  });
  const sent = await signer.sign({ method: "GET", protocol: "http:", hostname, path, query: {}, headers: { host } });
  const { host: _, ...headers } = sent.headers;
  const response = await fetch(`${url}${path}`, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
  return text;
}

/** Sends a request over and over from `connections` connections, and answers with requests a second and latencies in ms. */
export async function load(
  url: string,
  request: SignedRequest | readonly SignedRequest[],
  options: { connections: number; seconds: number },
): Promise<{ perSecond: number; p50Ms: number; p99Ms: number }> {
  const result = await autocannon({
    url,
    connections: options.connections,
    duration: options.seconds,
    requests: [request].flat(),
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} answers were no success, ${result.errors} failed`);
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}
