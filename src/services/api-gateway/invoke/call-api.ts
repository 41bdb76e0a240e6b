import { derivedUuid } from "../../../time/ids.ts";
import type { Platform } from "../../service.ts";
import { type FoundStage, findStage } from "../deployed-api.ts";
import { accessLogLine, writeLogLines } from "./access-log.ts";
import type { ApiAnswer, ApiRequest } from "./call.ts";
import { callHttpApi } from "./http-call.ts";
import { type InvokeUrl, parseInvokeUrl } from "./invoke-url.ts";
import { callRestApi, type Finished } from "./rest-call.ts";

export { type InvokeUrl, parseInvokeUrl };

type ApiAddress = Omit<InvokeUrl, "isByHost">;

/** A request to an invoke URL, before its stage is known. */
export type UnroutedRequest = Omit<ApiRequest, "apiId" | "stageName" | "path">;

const CALLS_TOTAL = "trunkline_api_calls_total";
const SECONDS_TOTAL = "trunkline_api_call_seconds_total";

export function describeCalls({ flow }: Platform): void {
  flow.metrics.describe(CALLS_TOTAL, "Calls of deployed APIs answered, by API, stage and status.");
  flow.metrics.describe(SECONDS_TOTAL, "Time that calls of deployed APIs took, by API and stage.");
}

/** Answers a request to an invoke URL. Whatever an API's author or caller does wrong has an answer; what is thrown is our own fault. */
export async function callApi(platform: Platform, url: ApiAddress, request: UnroutedRequest): Promise<ApiAnswer> {
  const { found, routed } = await route(platform, url, request);
  if (!found) return forbidden();
  const finished =
    found.kind === "REST" ? await callRestApi(platform, routed, found) : await callHttpApi(platform, routed, found);
  tell(platform, found, finished);
  // Nothing leaves before what it rests on is durable.
  await platform.store.durable();
  return finished.answer;
}

/** An HTTP API's `$default` stage has no name in the URL: there all of the path is the call's. */
async function route(
  platform: Platform,
  { apiId, stageName, path }: ApiAddress,
  request: UnroutedRequest,
): Promise<{ found: FoundStage | undefined; routed: ApiRequest }> {
  const named = stageName === undefined ? undefined : await findStage(platform.store, apiId, stageName);
  const found = named ?? (await findStage(platform.store, apiId, "$default"));
  const whole = stageName === undefined ? path : `/${stageName}${path}`;
  const ofStage = named === undefined ? whole : path;
  const stage = named === undefined ? "$default" : (stageName ?? "");
  return {
    found: named ?? (found?.kind === "HTTP" ? found : undefined),
    routed: { ...request, apiId, stageName: stage, path: ofStage, wholePath: whole === "" ? "/" : whole },
  };
}

function forbidden(): ApiAnswer {
  return {
    status: 403,
    headers: [
      ["content-type", "application/json"],
      ["x-amzn-errortype", "ForbiddenException"],
    ],
    body: Buffer.from('{"message":"Forbidden"}'),
  };
}

/** Counts and logs a call, which does not wait for it. */
function tell(platform: Platform, found: FoundStage, { call, answer, durationMs }: Finished): void {
  const { account, region, apiId } = found;
  const labels = { account, region, api: apiId, stage: call.stageName };
  platform.flow.metrics.count(CALLS_TOTAL, { ...labels, status: String(answer.status) });
  platform.flow.metrics.count(SECONDS_TOTAL, labels, durationMs / 1000);
  call.context.set("responseLatency", Math.round(durationMs));
  const { format, destinationArn } = accessLogOf(found);
  if (format && destinationArn) {
    const message = accessLogLine(format, call.context);
    const [, , service, groupRegion = "", groupAccount, ...rest] = destinationArn.split(":");
    if (service === "logs" && groupAccount === account) {
      const group = rest
        .join(":")
        .replace(/^log-group:/, "")
        .replace(/:\*$/, "");
      const stream = streamName(apiId, call.stageName);
      writeLogLines(platform, [
        { account, region: groupRegion, group, stream, timestampMs: platform.clock.now(), message },
      ]);
    } else if (service === "firehose") sendToFirehose(platform, found, destinationArn, message);
  }
  const { lines } = call.log;
  if (lines.length === 0) return;
  const group = `API-Gateway-Execution-Logs_${apiId}/${call.stageName}`;
  const stream = streamName(apiId, call.stageName);
  writeLogLines(
    platform,
    lines.map(({ timeMs, message }) => ({ account, region, group, stream, timestampMs: timeMs, message })),
  );
}

function accessLogOf(found: FoundStage): { format?: string | undefined; destinationArn?: string | undefined } {
  if (found.kind === "REST") return found.stage.accessLogSettings ?? {};
  const { Format: format, DestinationArn: destinationArn } = found.stage.AccessLogSettings ?? {};
  return { format, destinationArn };
}

function sendToFirehose(
  platform: Platform,
  { account, region, apiId }: FoundStage,
  targetArn: string,
  body: string,
): void {
  const sourceArn = `arn:aws:apigateway:${region}::/restapis/${apiId}`;
  const request = {
    deliveryId: platform.ids.uuid(),
    body: `${body}\n`,
    account,
    principal: "apigateway.amazonaws.com",
    sourceArn,
  };
  const timeMs = platform.clock.now();
  platform.store
    .commitUnsynced((unit) =>
      platform.flow.send(unit, [{ targetArn, request, event: body, ruleArn: sourceArn, timeMs }]),
    )
    .catch((error: unknown) => platform.log.debug({ err: error }, "an access log line was not sent"));
}

/** One for each stage: the real service spreads them over many, which nobody can tell apart. */
function streamName(apiId: string, stageName: string): string {
  return derivedUuid(apiId, stageName).replaceAll("-", "");
}
