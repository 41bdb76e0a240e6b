import type {
  CanarySettings,
  CreateStageRequest,
  DeleteStageRequest,
  FlushStageAuthorizersCacheRequest,
  FlushStageCacheRequest,
  GetStageRequest,
  GetStagesRequest,
  Stage,
  Stages,
  UpdateStageRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, limitExceeded, notFound } from "../errors.ts";
import { STAGES_MAX } from "../quotas.ts";
import { checkTags, tagsMember } from "../tag-rules.ts";
import { leavePlans } from "../usage/usage-plans.ts";
import { deployments, documentationVersions, type Owned, partKey, type StageDocument, stages } from "./documents.ts";
import { findApi, getApi, listAll, touchApi } from "./rest-api.ts";
import { patchedStage } from "./stage-patch.ts";

type StageContent = StageDocument["stage"];

const MISSING = "Invalid stage identifier specified";

export async function createStage(input: Validated<CreateStageRequest>, context: Context): Promise<Stage> {
  const { restApiId, tags, ...members } = input;
  checkStageName(input.stageName);
  checkVariables(input.variables);
  checkTags(tags);
  const document = newStage(context, restApiId, { ...members, ...tagsMember(tags) });
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, restApiId);
    const key = partKey(restApiId, input.stageName);
    if (await unit.get(stages, key)) throw conflict("Stage already exists");
    await checkStageCount(unit, context, restApiId);
    await checkReferred(unit, restApiId, document.stage);
    unit.put(stages, key, document);
    touchApi(unit, api);
    return shownStage(document);
  });
}

/** A stage with what the service adds of itself. */
export function newStage(
  { account, region, clock }: Context,
  apiId: string,
  content: Partial<StageContent> & Pick<StageContent, "stageName" | "deploymentId">,
): StageDocument {
  const stage: StageContent = {
    cacheClusterEnabled: false,
    cacheClusterStatus: "NOT_AVAILABLE",
    methodSettings: {},
    tracingEnabled: false,
    ...content,
  };
  const nowMs = clock.now();
  return {
    account,
    region,
    apiId,
    createdMs: nowMs,
    updatedMs: nowMs,
    stage: stage.canarySettings === undefined ? stage : withCanary(stage, stage.canarySettings),
  };
}

export function withCanary(stage: StageContent, given: CanarySettings): StageContent {
  const { percentTraffic = 0, useStageCache = false, ...rest } = given;
  if (!(percentTraffic >= 0 && percentTraffic <= 100)) {
    throw badRequest("Canary percentTraffic must be between 0 and 100");
  }
  checkVariables(given.stageVariableOverrides);
  return { ...stage, canarySettings: { deploymentId: stage.deploymentId, ...rest, percentTraffic, useStageCache } };
}

export function checkStageName(name: string): void {
  if (/^[a-zA-Z0-9_-]{1,128}$/.test(name)) return;
  throw badRequest("Stage name only allows a-zA-Z0-9_-");
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html */
export function checkVariables(variables: Readonly<Record<string, string>> | undefined): void {
  for (const [name, value] of Object.entries(variables ?? {})) {
    if (!/^\w{1,64}$/.test(name)) {
      throw badRequest(`Stage variable name must be alphanumeric or underscore: ${name}`);
    }
    if (!/^[A-Za-z0-9\-._~:/?#&=,]{0,512}$/.test(value)) {
      throw badRequest(
        `Stage variable values may only contain A-Z, a-z, 0-9, and the characters -._~:/?#&=, and have at most 512: ${name}`,
      );
    }
  }
}

export async function checkStageCount(unit: Unit, context: Context, apiId: string): Promise<void> {
  if (!context.limits.enforced) return;
  const max = context.limits.value("apigateway.stages-per-api", STAGES_MAX);
  if ((await listAll(unit, stages, apiId)).length >= max) {
    throw limitExceeded(`Maximum number of Stages for this API has been reached: ${max}`);
  }
}

/** The deployments and the version of the documentation that a stage names must be there. */
async function checkReferred(reader: Reader, apiId: string, stage: StageContent): Promise<void> {
  const has = async (id: string): Promise<boolean> => (await reader.get(deployments, partKey(apiId, id))) !== undefined;
  if (!(await has(stage.deploymentId))) throw badRequest("Deployment id does not exist");
  const canary = stage.canarySettings?.deploymentId;
  if (canary !== undefined && !(await has(canary))) throw badRequest("Deployment id does not exist");
  const { documentationVersion } = stage;
  if (documentationVersion && !(await reader.get(documentationVersions, partKey(apiId, documentationVersion)))) {
    throw badRequest(`Invalid documentation version specified: ${documentationVersion}`);
  }
}

export async function getStageOf(
  reader: Reader,
  owner: Owned,
  { restApiId, stageName }: { restApiId: string; stageName: string },
): Promise<StageDocument> {
  const api = await findApi(reader, owner, restApiId);
  const found = api && (await reader.get(stages, partKey(restApiId, stageName)));
  if (found === undefined) throw notFound(MISSING);
  return found;
}

export async function getStage(input: Validated<GetStageRequest>, context: Context): Promise<Stage> {
  return shownStage(await getStageOf(context.store, context, input));
}

export async function getStages(input: Validated<GetStagesRequest>, context: Context): Promise<Stages> {
  await getApi(context.store, context, input.restApiId);
  const all = await listAll(context.store, stages, input.restApiId);
  const { deploymentId } = input;
  const wanted = deploymentId === undefined ? all : all.filter(({ stage }) => stage.deploymentId === deploymentId);
  return { item: wanted.map(shownStage) };
}

export function shownStage({ stage, createdMs, updatedMs }: StageDocument): Stage {
  return { ...stage, createdDate: new Date(createdMs), lastUpdatedDate: new Date(updatedMs) };
}

export async function updateStage(input: Validated<UpdateStageRequest>, context: Context): Promise<Stage> {
  return context.store.commit(async (unit) => {
    const document = await getStageOf(unit, context, input);
    const stage = patchedStage(document.stage, input.patchOperations);
    checkVariables(stage.variables);
    checkVariables(stage.canarySettings?.stageVariableOverrides);
    await checkReferred(unit, input.restApiId, stage);
    const changed = { ...document, stage, updatedMs: context.clock.now() };
    unit.put(stages, partKey(input.restApiId, input.stageName), changed);
    return shownStage(changed);
  });
}

/** Deletes a stage. Usage plans forget it. */
export async function deleteStage(input: Validated<DeleteStageRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    await getStageOf(unit, context, input);
    await leavePlans(unit, context, input.restApiId, input.stageName);
    unit.delete(stages, partKey(input.restApiId, input.stageName));
    touchApi(unit, await getApi(unit, context, input.restApiId));
  });
}

/** There is no cache of answers here, so nothing is in it. */
export async function flushStageCache(input: Validated<FlushStageCacheRequest>, context: Context): Promise<void> {
  await getStageOf(context.store, context, input);
}

/** What authorizers have answered is forgotten with the next change of a stage, so this is one. */
export async function flushStageAuthorizersCache(
  input: Validated<FlushStageAuthorizersCacheRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const document = await getStageOf(unit, context, input);
    const authorizersFlushed = (document.authorizersFlushed ?? 0) + 1;
    unit.put(stages, partKey(input.restApiId, input.stageName), { ...document, authorizersFlushed });
  });
}
