import type {
  CreateDeploymentRequest,
  DeleteDeploymentRequest,
  Deployment,
  Deployments,
  GetDeploymentRequest,
  GetDeploymentsRequest,
  MethodSnapshot,
  UpdateDeploymentRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { type DeployedRestApi, deployedRestApis } from "../deployed-api.ts";
import { badRequest, limitExceeded, notFound } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { positionPage } from "../paging.ts";
import { type PatchTable, patched, text } from "../patch.ts";
import {
  authorizers,
  type DeploymentDocument,
  deployments,
  gatewayResponses,
  models,
  type Owned,
  partKey,
  type RestApiDocument,
  requestValidators,
  resources,
  type StageDocument,
  stages,
} from "./documents.ts";
import { findApi, getApi, listAll, listParts, touchApi } from "./rest-api.ts";
import { checkStageCount, checkStageName, checkVariables, newStage, withCanary } from "./stages.ts";

const MISSING = "Invalid Deployment identifier specified";

/** What a deployment freezes is read whole for calls: more than the largest import, many times. */
const DEPLOYED_CHARACTERS_MAX = 32 * 1024 * 1024;

/** Freezes an API as it is. With a stage's name, the stage calls this from then on, and is made where it is not there. */
export async function createDeployment(
  input: Validated<CreateDeploymentRequest>,
  context: Context,
): Promise<Deployment> {
  const id = newId(context.ids, PART_ID_LENGTH);
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, input.restApiId);
    const deployed = await freeze(unit, api);
    const { description } = input;
    const document: DeploymentDocument = {
      apiId: api.api.id,
      deployment: { id, ...(description !== undefined && { description }) },
      createdMs: context.clock.now(),
    };
    unit.put(deployments, partKey(api.api.id, id), document);
    unit.put(deployedRestApis, partKey(api.api.id, id), deployed);
    await deployToStage(unit, context, api, id, input);
    touchApi(unit, api);
    return shownDeployment(document);
  });
}

async function freeze(unit: Unit, { api }: RestApiDocument): Promise<DeployedRestApi> {
  const deployed: DeployedRestApi = {
    api,
    resources: await listParts(unit, resources, api.id),
    models: await listParts(unit, models, api.id),
    requestValidators: await listParts(unit, requestValidators, api.id),
    authorizers: await listParts(unit, authorizers, api.id),
    gatewayResponses: await listParts(unit, gatewayResponses, api.id),
  };
  const methods = deployed.resources.flatMap((resource) => Object.values(resource.resourceMethods ?? {}));
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods");
  if (methods.some(({ methodIntegration }) => methodIntegration === undefined)) {
    throw badRequest("No integration defined for method");
  }
  if (JSON.stringify(deployed).length > DEPLOYED_CHARACTERS_MAX) {
    throw limitExceeded("The REST API is too large to be deployed");
  }
  return deployed;
}

async function deployToStage(
  unit: Unit,
  context: Context,
  api: RestApiDocument,
  deploymentId: string,
  input: Validated<CreateDeploymentRequest>,
): Promise<void> {
  const { stageName, canarySettings } = input;
  if (canarySettings !== undefined && !stageName) {
    throw badRequest(
      `Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is ${stageName ?? null}`,
    );
  }
  if (!stageName) return;
  checkStageName(stageName);
  checkVariables(input.variables);
  const existing = await unit.get(stages, partKey(api.api.id, stageName));
  if (canarySettings !== undefined) {
    if (existing === undefined) {
      throw badRequest(
        `Invalid deployment content specified.Stage ${stageName} must already be created before making a canary release deployment`,
      );
    }
    const stage = withCanary(existing.stage, { ...canarySettings, deploymentId });
    putStage(unit, { ...existing, stage, updatedMs: context.clock.now() });
    return;
  }
  if (existing === undefined) {
    await checkStageCount(unit, context, api.api.id);
    putStage(unit, newStage(context, api.api.id, { ...stageMembers(input), stageName, deploymentId }));
    return;
  }
  const stage = { ...existing.stage, ...stageMembers(input), deploymentId };
  putStage(unit, { ...existing, stage, updatedMs: context.clock.now() });
}

function stageMembers(input: Validated<CreateDeploymentRequest>): Partial<StageDocument["stage"]> {
  const { stageDescription, cacheClusterEnabled, cacheClusterSize, variables, tracingEnabled } = input;
  return {
    ...(stageDescription !== undefined && { description: stageDescription }),
    ...(cacheClusterEnabled !== undefined && { cacheClusterEnabled }),
    ...(cacheClusterSize !== undefined && { cacheClusterSize }),
    ...(variables !== undefined && { variables }),
    ...(tracingEnabled !== undefined && { tracingEnabled }),
  };
}

function putStage(unit: Unit, document: StageDocument): void {
  unit.put(stages, partKey(document.apiId, document.stage.stageName), document);
}

export async function getDeploymentOf(
  reader: Reader,
  owner: Owned,
  apiId: string,
  id: string,
  refuse: (message: string) => Error = notFound,
): Promise<DeploymentDocument> {
  const api = await findApi(reader, owner, apiId);
  const found = api && (await reader.get(deployments, partKey(apiId, id)));
  if (found === undefined) throw refuse(MISSING);
  return found;
}

function shownDeployment({ deployment, createdMs }: DeploymentDocument): Deployment {
  return { ...deployment, createdDate: new Date(createdMs) };
}

/** With `embed=apisummary`, tells of each method how it is guarded. */
export async function getDeployment(input: Validated<GetDeploymentRequest>, context: Context): Promise<Deployment> {
  const { restApiId, deploymentId, embed = [] } = input;
  const document = await getDeploymentOf(context.store, context, restApiId, deploymentId);
  if (!embed.some((one) => one.toLowerCase() === "apisummary")) return shownDeployment(document);
  const deployed = await context.store.get(deployedRestApis, partKey(restApiId, deploymentId));
  return { ...shownDeployment(document), apiSummary: summary(deployed?.resources ?? []) };
}

function summary(all: DeployedRestApi["resources"]): Record<string, Record<string, MethodSnapshot>> {
  const withMethods = all.filter(({ resourceMethods = {} }) => Object.keys(resourceMethods).length > 0);
  return Object.fromEntries(
    withMethods.map(({ path = "/", resourceMethods = {} }) => {
      const methods = Object.entries(resourceMethods).map(([verb, method]): [string, MethodSnapshot] => {
        const { authorizationType = "NONE", apiKeyRequired = false } = method;
        return [verb, { authorizationType, apiKeyRequired }];
      });
      return [path, Object.fromEntries(methods)];
    }),
  );
}

export async function getDeployments(input: Validated<GetDeploymentsRequest>, context: Context): Promise<Deployments> {
  await getApi(context.store, context, input.restApiId);
  const listing = {
    collection: deployments,
    under: [input.restApiId],
    nameOf: ({ deployment }: DeploymentDocument) => deployment.id,
  };
  const { items, position } = await positionPage(context, listing, input, ["GetDeployments", input.restApiId]);
  return { items: items.map(shownDeployment), position };
}

const deploymentPaths: PatchTable<DeploymentDocument["deployment"]> = {
  "/description": { replace: text("description") },
};

export async function updateDeployment(
  input: Validated<UpdateDeploymentRequest>,
  context: Context,
): Promise<Deployment> {
  return context.store.commit(async (unit) => {
    const document = await getDeploymentOf(unit, context, input.restApiId, input.deploymentId);
    const deployment = patched(document.deployment, input.patchOperations, deploymentPaths, "lists-paths");
    const changed = { ...document, deployment };
    unit.put(deployments, partKey(input.restApiId, input.deploymentId), changed);
    return shownDeployment(changed);
  });
}

/** Deletes a deployment that no stage calls. */
export async function deleteDeployment(input: Validated<DeleteDeploymentRequest>, context: Context): Promise<void> {
  const { restApiId, deploymentId } = input;
  await context.store.commit(async (unit) => {
    await getDeploymentOf(unit, context, restApiId, deploymentId);
    const all = await listAll(unit, stages, restApiId);
    const isUsed = all.some(
      ({ stage }) => stage.deploymentId === deploymentId || stage.canarySettings?.deploymentId === deploymentId,
    );
    if (isUsed) throw badRequest("Active stages pointing to this deployment must be moved or deleted");
    unit.delete(deployments, partKey(restApiId, deploymentId));
    unit.delete(deployedRestApis, partKey(restApiId, deploymentId));
    touchApi(unit, await getApi(unit, context, restApiId));
  });
}
