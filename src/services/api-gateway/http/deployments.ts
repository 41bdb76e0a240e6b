import type {
  CreateDeploymentRequest,
  DeleteDeploymentRequest,
  Deployment,
  GetDeploymentRequest,
  GetDeploymentsRequest,
  GetDeploymentsResponse,
  UpdateDeploymentRequest,
} from "@aws-sdk/client-apigatewayv2";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, notFound } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { partKey } from "../rest/documents.ts";
import { listAll } from "../rest/rest-api.ts";
import { type HttpDeploymentDocument, httpDeployments, httpStages } from "./documents.ts";
import {
  changeHttpApi,
  deleteDeploymentOf,
  freezeHttpApi,
  getHttpApi,
  given,
  putDeployment,
  tokenPage,
} from "./http-api.ts";

/** Freezes an API as it is. With a stage's name, the stage calls this from then on. */
export async function createDeployment(
  input: Validated<CreateDeploymentRequest>,
  context: Context,
): Promise<Deployment> {
  const { ApiId, StageName, Description } = input;
  const DeploymentId = newId(context.ids, PART_ID_LENGTH);
  return changeHttpApi(context, ApiId, async (unit, api) => {
    const frozen = await freezeHttpApi(unit, api);
    if (frozen.routes.length === 0) throw badRequest("At least one route is required before deploying the Api.");
    const deployment = {
      AutoDeployed: false,
      DeploymentId,
      DeploymentStatus: "DEPLOYED",
      ...given({ Description }),
    } as const;
    putDeployment(unit, context, ApiId, frozen, deployment);
    if (StageName !== undefined) {
      const stage = await unit.get(httpStages, partKey(ApiId, StageName));
      if (stage === undefined) throw notFound("Invalid stage identifier specified");
      if (stage.stage.AutoDeploy) {
        throw badRequest(`Deployment ID cannot be set on stage '${StageName}' because AutoDeploy is enabled`);
      }
      const updatedMs = context.clock.now();
      unit.put(httpStages, partKey(ApiId, StageName), {
        ...stage,
        stage: { ...stage.stage, DeploymentId },
        updatedMs,
      });
    }
    return { answer: shown({ apiId: ApiId, deployment, createdMs: context.clock.now() }) };
  });
}

function shown({ deployment, createdMs }: HttpDeploymentDocument): Deployment {
  return { ...deployment, CreatedDate: new Date(createdMs) };
}

async function getDeploymentOf(reader: Reader, apiId: string, id: string): Promise<HttpDeploymentDocument> {
  const found = await reader.get(httpDeployments, partKey(apiId, id));
  if (found === undefined) throw notFound("Invalid deployment identifier specified");
  return found;
}

export async function getDeployment(input: Validated<GetDeploymentRequest>, context: Context): Promise<Deployment> {
  await getHttpApi(context.store, context, input.ApiId);
  return shown(await getDeploymentOf(context.store, input.ApiId, input.DeploymentId));
}

export async function getDeployments(
  input: Validated<GetDeploymentsRequest>,
  context: Context,
): Promise<GetDeploymentsResponse> {
  await getHttpApi(context.store, context, input.ApiId);
  const nameOf = ({ deployment }: HttpDeploymentDocument): string => deployment.DeploymentId;
  const listing = { collection: httpDeployments, under: [input.ApiId], nameOf };
  const { items, nextToken } = await tokenPage(context, listing, input, ["GetDeployments", input.ApiId]);
  return { Items: items.map(shown), NextToken: nextToken };
}

export async function updateDeployment(
  input: Validated<UpdateDeploymentRequest>,
  context: Context,
): Promise<Deployment> {
  const { ApiId, DeploymentId, Description } = input;
  return context.store.commit(async (unit) => {
    await getHttpApi(unit, context, ApiId);
    const document = await getDeploymentOf(unit, ApiId, DeploymentId);
    const changed = { ...document, deployment: { ...document.deployment, ...given({ Description }) } };
    unit.put(httpDeployments, partKey(ApiId, DeploymentId), changed);
    return shown(changed);
  });
}

/** Deletes a deployment that no stage calls. */
export async function deleteDeployment(input: Validated<DeleteDeploymentRequest>, context: Context): Promise<void> {
  const { ApiId, DeploymentId } = input;
  await context.store.commit(async (unit) => {
    await getHttpApi(unit, context, ApiId);
    await getDeploymentOf(unit, ApiId, DeploymentId);
    const user = (await listAll(unit, httpStages, ApiId)).find(({ stage }) => stage.DeploymentId === DeploymentId);
    if (user) {
      throw badRequest(
        `Unable to delete deployment ${DeploymentId} because it is associated with stage ${user.stage.StageName}`,
      );
    }
    deleteDeploymentOf(unit, ApiId, DeploymentId);
  });
}
