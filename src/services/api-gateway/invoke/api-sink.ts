import type { Sink, SinkFailure, SinkRequest } from "../../../flow/index.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import { assumeRoleAsService } from "../../iam/index.ts";
import { isJsonObject } from "../../json-text.ts";
import type { Caller, Platform } from "../../service.ts";
import type { CallerKeys } from "./call.ts";
import { callApi } from "./call-api.ts";

/**
 * Methods of deployed APIs as targets of rules: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`, where each `*` of the path takes a
 * value of the target's `PathParameterValues`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-gateway-target.html
 */
export function createApiSink(platform: Platform): Sink {
  return {
    async attempt(arn, request, signal) {
      const target = parseTarget(arn, httpParameters(request).PathParameterValues);
      if (!target) return refused("INVALID_PARAMETER", `${arn} names no method of an API.`, false);
      if (target.account !== request.account)
        return refused("NO_PERMISSIONS", "The API belongs to another account.", false);
      const { status } = await callApi(platform, target, unroutedRequest(platform, target, request, signal));
      if (status < 300) return undefined;
      const mayPass = status === 429 || status >= 500;
      const code =
        status === 429 ? "THROTTLING" : status === 403 || status === 401 ? "NO_PERMISSIONS" : "INVALID_PARAMETER";
      return refused(mayPass && status !== 429 ? "INTERNAL_ERROR" : code, `The API answered ${status}.`, mayPass);
    },
  };
}

interface Target {
  readonly account: string;
  readonly region: string;
  readonly apiId: string;
  readonly stageName: string;
  readonly method: string;
  readonly path: string;
}

function parseTarget(arn: string, values: readonly string[]): Target | undefined {
  const found = /^arn:[\w-]+:execute-api:([\w-]+):(\d{12}):([a-z0-9]+)\/([^/]+)\/([^/]+)(\/.*)?$/.exec(arn);
  if (!found) return undefined;
  const [, region = "", account = "", apiId = "", stageName = "", method = "", path = ""] = found;
  const left = [...values];
  const filled = path.replaceAll("*", () => encodeURIComponent(left.shift() ?? "*"));
  return { account, region, apiId, stageName, method: method === "*" ? "POST" : method, path: filled };
}

interface HttpParameters {
  readonly PathParameterValues: readonly string[];
  readonly HeaderParameters: Readonly<Record<string, string>>;
  readonly QueryStringParameters: Readonly<Record<string, string>>;
}

function httpParameters({ parameters }: SinkRequest): HttpParameters {
  const given = isJsonObject(parameters?.HttpParameters) ? parameters.HttpParameters : {};
  return { PathParameterValues: [], HeaderParameters: {}, QueryStringParameters: {}, ...given } as HttpParameters;
}

function unroutedRequest(
  platform: Platform,
  { account, region, apiId, stageName, method, path }: Target,
  request: SinkRequest,
  signal: AbortSignal,
): Parameters<typeof callApi>[2] {
  const { HeaderParameters, QueryStringParameters } = httpParameters(request);
  const roleArn = request.parameters?.RoleArn;
  const requestId = platform.ids.uuid();
  const keys = async (): Promise<CallerKeys> => {
    if (typeof roleArn !== "string")
      throw new ModeledError("MissingAuthenticationTokenException", "Missing Authentication Token");
    if (roleArn.split(":")[4] !== account) {
      throw new ModeledError("AccessDeniedException", `${roleArn} is a role of another account.`);
    }
    return assumeRoleAsService(platform, { roleArn, service: "events.amazonaws.com", sessionName: "events" });
  };
  const host = `${apiId}.execute-api.${region}.amazonaws.com`;
  return {
    method,
    wholePath: `/${stageName}${path}`,
    query: new URLSearchParams(QueryStringParameters).toString(),
    headers: [
      ["Host", host],
      ["Content-Type", "application/json"],
      ["User-Agent", "Amazon/EventBridge/ApiGateway"],
      ...Object.entries(HeaderParameters),
    ],
    domainName: host,
    port: "443",
    protocol: "HTTP/1.1",
    sourceIp: "127.0.0.1",
    requestId,
    signal,
    hasSignature: typeof roleArn === "string",
    body: async () => Buffer.from(request.body),
    verify: async (): Promise<Caller> => {
      const { accessKeyId } = await keys();
      const role = /:role\/(?:.*\/)?([^/]+)$/.exec(String(roleArn))?.[1] ?? "";
      const principalArn = `arn:aws:sts::${account}:assumed-role/${role}/events`;
      return { account, region, accessKeyId, principalArn, requestId, signal };
    },
    keys,
  };
}

function refused(code: string, message: string, retryable: boolean): SinkFailure {
  return { code, message, retryable };
}
