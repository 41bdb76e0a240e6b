/**
 * Invoke URLs of deployed APIs. They are nobody's but the API's: they ask for no signature of their own, say nothing of origins, and lead nowhere
 * but to the API, not even to what is under `/_trunkline/`.
 */
import { callApi, type InvokeUrl, parseInvokeUrl } from "../services/api-gateway/index.ts";
import type { Platform } from "../services/service.ts";
import type { PlainHandler, PlainRequest, PlainResponse } from "../wire/index.ts";

/** Finds who answers a request to an invoke URL; `undefined` for every other request. */
export function createApiCalls(platform: () => Platform): (request: PlainRequest) => PlainHandler | undefined {
  return ({ headers, path }) => {
    const url = parseInvokeUrl(headers.host ?? "", path);
    return url && ((request) => answer(platform(), url, request));
  };
}

async function answer(platform: Platform, url: InvokeUrl, request: PlainRequest): Promise<PlainResponse> {
  const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(request.headers.host ?? "") ?? [];
  const { status, headers, body } = await callApi(platform, url, {
    method: request.method,
    wholePath: request.path,
    query: request.query,
    headers: sentHeaders(request),
    domainName: name,
    port: port ?? (platform.endpoint.startsWith("https:") ? "443" : "80"),
    protocol: request.protocol,
    sourceIp: request.remoteAddress,
    requestId: request.requestId,
    signal: request.signal,
    hasSignature: request.isSigned,
    body: () => request.body(),
    verify: () => request.verify("execute-api"),
    keys: () => request.signingKeys("execute-api"),
  });
  const sent: Record<string, string | string[]> = {};
  for (const [header, value] of headers) {
    const earlier = Object.hasOwn(sent, header) ? sent[header] : undefined;
    sent[header] = earlier === undefined ? value : [...[earlier].flat(), value];
  }
  return {
    status,
    headers: url.isByHost ? sent : asNobody(sent),
    body,
    ...(status >= 500 && { refusal: `The API answered ${status}` }),
  };
}

/**
 * An API whose URL is a path of ours has the origin of the console. What it answers as a page may run, but as nobody: it must not act with what
 * a browser keeps for that origin.
 */
export function asNobody(headers: Record<string, string | string[]>): Record<string, string | string[]> {
  return { ...headers, "content-security-policy": [SANDBOX, ...[headers["content-security-policy"] ?? []].flat()] };
}

const SANDBOX = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/** HTTP/2 has the host under another name. */
export function sentHeaders({ rawHeaders, headers }: PlainRequest): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    if (!name.startsWith(":")) pairs.push([name, value]);
  }
  const hasHost = pairs.some(([name]) => name.toLowerCase() === "host");
  return hasHost || headers.host === undefined ? pairs : [["Host", headers.host], ...pairs];
}
