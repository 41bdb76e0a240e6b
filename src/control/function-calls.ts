/** URLs of functions: like invoke URLs of APIs they are nobody's but the function's, and lead nowhere else. */
import { callFunctionUrl, type FunctionUrl, parseFunctionUrl } from "../services/lambda/index.ts";
import type { Platform } from "../services/service.ts";
import type { PlainHandler, PlainRequest, PlainResponse } from "../wire/index.ts";
import { asNobody, sentHeaders } from "./api-calls.ts";

/** Finds who answers a request to a function's URL; `undefined` for every other request. */
export function createFunctionCalls(platform: () => Platform): (request: PlainRequest) => PlainHandler | undefined {
  return ({ headers, path }) => {
    const url = parseFunctionUrl(headers.host ?? "", path);
    return url && ((request) => answer(platform(), url, request));
  };
}

async function answer(platform: Platform, url: FunctionUrl, request: PlainRequest): Promise<PlainResponse> {
  const { status, headers, body } = await callFunctionUrl(platform, url, {
    method: request.method,
    query: request.query,
    headers: sentHeaders(request),
    domainName: (request.headers.host ?? "").replace(/:\d+$/, ""),
    protocol: request.protocol,
    sourceIp: request.remoteAddress,
    requestId: request.requestId,
    signal: request.signal,
    isSigned: request.isSigned,
    body: () => request.body(),
    verify: () => request.verify("lambda"),
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
    ...(status >= 500 && { refusal: `The function answered ${status}` }),
  };
}
