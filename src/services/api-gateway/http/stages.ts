import type {
  CreateStageRequest,
  DeleteAccessLogSettingsRequest,
  DeleteRouteSettingsRequest,
  DeleteStageRequest,
  GetStageRequest,
  GetStagesRequest,
  GetStagesResponse,
  ResetAuthorizersCacheRequest,
  RouteSettings,
  Stage,
  UpdateStageRequest,
} from "@aws-sdk/client-apigatewayv2";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, notFound, tooManyRequests } from "../errors.ts";
import { STAGES_MAX } from "../quotas.ts";
import { partKey } from "../rest/documents.ts";
import { listAll } from "../rest/rest-api.ts";
import { checkTags } from "../tag-rules.ts";
import { type HttpStageDocument, httpDeployments, httpStages, routes } from "./documents.ts";
import { changeHttpApi, getHttpApi, given, listHttpParts, tokenPage } from "./http-api.ts";

type StageContent = HttpStageDocument["stage"];

const MISSING = "Invalid stage identifier specified";

export async function createStage(input: Validated<CreateStageRequest>, context: Context): Promise<Stage> {
  const { ApiId, ...members } = input;
  checkTags(input.Tags);
  const document = newHttpStage(context, ApiId, members);
  return changeStage(context, ApiId, input.StageName, async (unit, existing) => {
    if (existing) throw conflict("Stage already exists");
    await checkStageCount(unit, context, ApiId);
    await checkStage(unit, ApiId, document.stage);
    return document;
  });
}

/** A stage with what the service adds of itself. */
export function newHttpStage(
  { account, region, clock }: Context,
  apiId: string,
  members: Partial<StageContent> & Pick<StageContent, "StageName">,
): HttpStageDocument {
  const nowMs = clock.now();
  const stage: StageContent = {
    DefaultRouteSettings: { DetailedMetricsEnabled: false },
    RouteSettings: {},
    StageVariables: {},
    Tags: {},
    ...given(members),
    StageName: members.StageName,
  };
  return { account, region, apiId, stage, createdMs: nowMs, updatedMs: nowMs };
}

async function checkStageCount(unit: Unit, context: Context, apiId: string): Promise<void> {
  if (!context.limits.enforced) return;
  const max = context.limits.value("apigateway.stages-per-api", STAGES_MAX);
  if ((await listAll(unit, httpStages, apiId)).length >= max) {
    throw tooManyRequests(`Maximum number of Stages for this API has been reached: ${max}`);
  }
}

async function checkStage(reader: Reader, apiId: string, stage: StageContent): Promise<void> {
  if (!/^(?:\$default|[a-zA-Z0-9_-]{1,128})$/.test(stage.StageName)) {
    throw badRequest("Stage name only allows a-zA-Z0-9_- or $default");
  }
  if (stage.ClientCertificateId !== undefined)
    throw badRequest("ClientCertificateId is supported for WebSocket APIs only");
  checkVariables(stage.StageVariables);
  checkSettings(stage.DefaultRouteSettings);
  const keys = Object.keys(stage.RouteSettings ?? {});
  const known = keys.length === 0 ? [] : (await listHttpParts(reader, routes, apiId)).map(({ RouteKey }) => RouteKey);
  for (const key of keys) {
    if (!known.includes(key)) throw badRequest(`Unable to find Route by key ${key} within the provided RouteSettings`);
    checkSettings(stage.RouteSettings?.[key]);
  }
  if (stage.DeploymentId !== undefined && !(await reader.get(httpDeployments, partKey(apiId, stage.DeploymentId)))) {
    throw badRequest(`Invalid deployment identifier specified: ${stage.DeploymentId}`);
  }
}

function checkVariables(variables: StageContent["StageVariables"] = {}): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^\w+$/.test(name)) throw badRequest(`Stage variable name must be alphanumeric or underscore: ${name}`);
    if (!/^[A-Za-z0-9\-._~:/?#&=,]*$/.test(value)) {
      throw badRequest(`Stage variable values may only contain A-Z, a-z, 0-9, and the characters -._~:/?#&=,: ${name}`);
    }
  }
}

function checkSettings(settings: RouteSettings | undefined): void {
  const { ThrottlingBurstLimit = 0, ThrottlingRateLimit = 0, LoggingLevel, DataTraceEnabled } = settings ?? {};
  if (!(ThrottlingBurstLimit >= 0 && ThrottlingRateLimit >= 0)) {
    throw badRequest("Throttling limits must not be negative");
  }
  if (LoggingLevel !== undefined || DataTraceEnabled) {
    throw badRequest("Execution logs are not supported on protocolType HTTP");
  }
}

/** Changes or makes a stage. `change` is given what there is. */
async function changeStage(
  context: Context,
  apiId: string,
  name: string,
  change: (unit: Unit, existing: HttpStageDocument | undefined) => Promise<HttpStageDocument>,
): Promise<Stage> {
  const key = partKey(apiId, name);
  await changeHttpApi(context, apiId, async (unit) => {
    unit.put(httpStages, key, await change(unit, await unit.get(httpStages, key)));
    return { answer: undefined };
  });
  // It may have been deployed by the change.
  const stored = await context.store.get(httpStages, key);
  if (stored === undefined) throw notFound(MISSING);
  return shownStage(stored);
}

function existingStage(existing: HttpStageDocument | undefined): HttpStageDocument {
  if (existing === undefined) throw notFound(MISSING);
  return existing;
}

function shownStage({ stage, createdMs, updatedMs }: HttpStageDocument): Stage {
  return { ...stage, CreatedDate: new Date(createdMs), LastUpdatedDate: new Date(updatedMs) };
}

export async function getStage(input: Validated<GetStageRequest>, context: Context): Promise<Stage> {
  await getHttpApi(context.store, context, input.ApiId);
  return shownStage(existingStage(await context.store.get(httpStages, partKey(input.ApiId, input.StageName))));
}

export async function getStages(input: Validated<GetStagesRequest>, context: Context): Promise<GetStagesResponse> {
  await getHttpApi(context.store, context, input.ApiId);
  const nameOf = ({ stage }: HttpStageDocument): string => stage.StageName;
  const listing = { collection: httpStages, under: [input.ApiId], nameOf };
  const { items, nextToken } = await tokenPage(context, listing, input, ["GetStages", input.ApiId]);
  return { Items: items.map(shownStage), NextToken: nextToken };
}

export async function updateStage(input: Validated<UpdateStageRequest>, context: Context): Promise<Stage> {
  const { ApiId, StageName, ...members } = input;
  return changeStage(context, ApiId, StageName, async (unit, found) => {
    const existing = existingStage(found);
    const stage = { ...existing.stage, ...given(members) };
    if (members.DeploymentId !== undefined && stage.AutoDeploy) {
      throw badRequest(`Deployment ID cannot be set on stage '${StageName}' because AutoDeploy is enabled`);
    }
    await checkStage(unit, ApiId, stage);
    return { ...existing, stage, updatedMs: context.clock.now() };
  });
}

export async function deleteStage(input: Validated<DeleteStageRequest>, context: Context): Promise<void> {
  const { ApiId, StageName } = input;
  await changeHttpApi(context, ApiId, async (unit) => {
    existingStage(await unit.get(httpStages, partKey(ApiId, StageName)));
    unit.delete(httpStages, partKey(ApiId, StageName));
    return { answer: undefined };
  });
}

export async function deleteRouteSettings(
  input: Validated<DeleteRouteSettingsRequest>,
  context: Context,
): Promise<void> {
  await changeStage(context, input.ApiId, input.StageName, async (_, found) => {
    const existing = existingStage(found);
    const { [input.RouteKey]: settings, ...RouteSettings } = existing.stage.RouteSettings ?? {};
    if (settings === undefined) throw notFound(`Route settings of ${input.RouteKey} do not exist`);
    return { ...existing, stage: { ...existing.stage, RouteSettings }, updatedMs: context.clock.now() };
  });
}

export async function deleteAccessLogSettings(
  input: Validated<DeleteAccessLogSettingsRequest>,
  context: Context,
): Promise<void> {
  await changeStage(context, input.ApiId, input.StageName, async (_, found) => {
    const existing = existingStage(found);
    const { AccessLogSettings: __, ...stage } = existing.stage;
    return { ...existing, stage, updatedMs: context.clock.now() };
  });
}

/** What authorizers have answered is forgotten with the next change of a stage, so this is one. */
export async function resetAuthorizersCache(
  input: Validated<ResetAuthorizersCacheRequest>,
  context: Context,
): Promise<void> {
  await changeStage(context, input.ApiId, input.StageName, async (_, found) => {
    const existing = existingStage(found);
    return { ...existing, authorizersFlushed: (existing.authorizersFlushed ?? 0) + 1 };
  });
}
