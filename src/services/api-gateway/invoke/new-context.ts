import type { Ids } from "../../../time/ids.ts";
import type { FoundStage } from "../deployed-api.ts";
import { type ApiRequest, headerOf } from "./call.ts";
import type { JavaMap, Value } from "./velocity/values.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `21/Nov/2026:04:16:10 +0000` */
function requestTime(timeMs: number): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(new Date(timeMs).toISOString()) ?? [];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}

/**
 * `$context` of a call before anything is known of its method.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function newContext(
  request: ApiRequest,
  stage: Pick<FoundStage, "account" | "apiId" | "deploymentId">,
  { ids, nowMs }: { ids: Ids; nowMs: number },
): JavaMap {
  const identity: JavaMap = new Map<string, Value>([["sourceIp", request.sourceIp]]);
  const userAgent = headerOf(request.headers, "user-agent");
  if (userAgent !== undefined) identity.set("userAgent", userAgent);
  return new Map<string, Value>([
    ["accountId", stage.account],
    ["apiId", stage.apiId],
    ["deploymentId", stage.deploymentId],
    ["domainName", request.domainName],
    ["domainPrefix", request.domainName.split(".")[0]],
    ["extendedRequestId", `${Buffer.from(ids.bytes(11)).toString("base64url")}=`],
    ["httpMethod", request.method],
    ["identity", identity],
    ["path", request.wholePath],
    ["protocol", request.protocol],
    ["requestId", request.requestId],
    ["requestTime", requestTime(nowMs)],
    ["requestTimeEpoch", nowMs],
    ["stage", request.stageName],
    ["authorizer", new Map()],
    ["error", new Map()],
    [
      "requestOverride",
      new Map([
        ["header", new Map()],
        ["path", new Map()],
        ["querystring", new Map()],
      ]),
    ],
    ["responseOverride", new Map([["header", new Map()]])],
  ]);
}

/** `Root=1-5759e988-bd862e3fe1be46a994272793`: what traces a request through everything that it causes. */
export function traceId(ids: Ids, nowMs: number): string {
  const time = Math.floor(nowMs / 1000).toString(16);
  return `Root=1-${time.padStart(8, "0")}-${Buffer.from(ids.bytes(12)).toString("hex")}`;
}
