/** An HTTP API as operations on it and on what is in it find it, and what follows from a change: stages that deploy by themselves do. */
import type { Collection, Reader, Unit } from "../../../store/store.ts";
import { type ListedPage, type Listing, listPage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { type DeployedHttpApi, deployedHttpApis } from "../deployed-api.ts";
import { badRequest, notFound } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { partKey } from "../rest/documents.ts";
import { listAll } from "../rest/rest-api.ts";
import {
  type HttpApiDocument,
  type HttpDeploymentDocument,
  type HttpPartDocument,
  type HttpStageDocument,
  httpApis,
  httpAuthorizers,
  httpDeployments,
  httpStages,
  integrations,
  routes,
} from "./documents.ts";

interface Owner {
  readonly account: string;
  readonly region: string;
}

export async function getHttpApi(reader: Reader, { account, region }: Owner, apiId: string): Promise<HttpApiDocument> {
  const found = await reader.get(httpApis, apiId);
  if (found?.account === account && found.region === region) return found;
  throw notFound(`Invalid API identifier specified ${account}:${apiId}`);
}

/** A part of the caller's API; `what` names its kind. */
export async function getHttpPart<T>(
  reader: Reader,
  owner: Owner,
  parts: Collection<HttpPartDocument<T>>,
  { apiId, id, what }: { apiId: string; id: string; what: string },
): Promise<T> {
  await getHttpApi(reader, owner, apiId);
  const found = await reader.get(parts, partKey(apiId, id));
  if (found === undefined) throw notFound(`Invalid ${what} identifier specified`);
  return found.part;
}

export async function listHttpParts<T>(
  reader: Reader,
  parts: Collection<HttpPartDocument<T>>,
  apiId: string,
): Promise<readonly T[]> {
  return (await listAll(reader, parts, apiId)).map(({ part }) => part);
}

export function putHttpPart<T>(
  unit: Unit,
  parts: Collection<HttpPartDocument<T>>,
  apiId: string,
  id: string,
  part: T,
): void {
  unit.put(parts, partKey(apiId, id), { apiId, part });
}

/**
 * Changes an API or what is in it, in one unit: then the stages that deploy by themselves have a deployment of what it has become.
 * `change` reads the API, and writes what it wants of its parts; the API's own document is written here.
 */
export function changeHttpApi<R>(
  context: Context,
  apiId: string,
  change: (unit: Unit, api: HttpApiDocument) => Promise<{ answer: R; api?: HttpApiDocument }>,
): Promise<R> {
  const deploymentId = newId(context.ids, PART_ID_LENGTH);
  return context.store.commit(async (unit) => {
    const before = await getHttpApi(unit, context, apiId);
    const { answer, api = before } = await change(unit, before);
    const changed = { ...api, revision: before.revision + 1 };
    unit.put(httpApis, apiId, changed);
    await deployByItself(unit, context, changed, deploymentId);
    return answer;
  });
}

/** What a stage that deploys by itself says of its deployments. */
const AUTOMATIC = "Automatic deployment triggered by changes to the Api configuration";

/**
 * Only the deployment that runs is kept of those that were automatic: nobody goes back to one, and each change makes another. A stage is not
 * deployed before there is a route.
 */
export async function deployByItself(
  unit: Unit,
  context: Context,
  document: HttpApiDocument,
  deploymentId: string,
): Promise<void> {
  const apiId = document.api.ApiId;
  const all = await listAll(unit, httpStages, apiId);
  const automatic = all.filter(({ stage }) => stage.AutoDeploy);
  if (automatic.length === 0) return;
  const frozen = await freezeHttpApi(unit, document);
  const due = automatic.filter(({ stage }) => frozen.routes.length > 0 || stage.DeploymentId !== undefined);
  if (due.length === 0) return;
  putDeployment(unit, context, apiId, frozen, {
    DeploymentId: deploymentId,
    DeploymentStatus: "DEPLOYED",
    AutoDeployed: true,
    Description: AUTOMATIC,
  });
  const updatedMs = context.clock.now();
  for (const document of due) {
    const stage = {
      ...document.stage,
      DeploymentId: deploymentId,
      LastDeploymentStatusMessage: `Successfully deployed stage with deployment ID '${deploymentId}'`,
    };
    unit.put(httpStages, partKey(apiId, stage.StageName), { ...document, stage, updatedMs });
  }
  await forgetAutomatic(unit, apiId, all, due);
}

async function forgetAutomatic(
  unit: Unit,
  apiId: string,
  all: readonly HttpStageDocument[],
  due: readonly HttpStageDocument[],
): Promise<void> {
  const kept = all.filter((one) => !due.includes(one)).map(({ stage }) => stage.DeploymentId);
  for (const id of new Set(due.map(({ stage }) => stage.DeploymentId))) {
    if (id === undefined || kept.includes(id)) continue;
    const found = await unit.get(httpDeployments, partKey(apiId, id));
    if (found?.deployment.AutoDeployed) deleteDeploymentOf(unit, apiId, id);
  }
}

export async function freezeHttpApi(unit: Unit, { api }: HttpApiDocument): Promise<DeployedHttpApi> {
  return {
    api,
    routes: await listHttpParts(unit, routes, api.ApiId),
    integrations: await listHttpParts(unit, integrations, api.ApiId),
    authorizers: await listHttpParts(unit, httpAuthorizers, api.ApiId),
  };
}

export function putDeployment(
  unit: Unit,
  { clock }: Context,
  apiId: string,
  frozen: DeployedHttpApi,
  deployment: HttpDeploymentDocument["deployment"],
): void {
  unit.put(httpDeployments, partKey(apiId, deployment.DeploymentId), { apiId, deployment, createdMs: clock.now() });
  unit.put(deployedHttpApis, partKey(apiId, deployment.DeploymentId), frozen);
}

export function deleteDeploymentOf(unit: Unit, apiId: string, id: string): void {
  unit.delete(httpDeployments, partKey(apiId, id));
  unit.delete(deployedHttpApis, partKey(apiId, id));
}

export interface Paged {
  readonly MaxResults?: string | undefined;
  readonly NextToken?: string | undefined;
}

const PAGE_DEFAULT = 100;
const PAGE_MAX = 500;

/** A page of a listing, as HTTP APIs' operations answer it. */
export async function tokenPage<T>(
  context: Context,
  listing: Listing<T>,
  { MaxResults, NextToken }: Paged,
  of: readonly unknown[],
): Promise<ListedPage<T>> {
  if (MaxResults !== undefined && !/^[1-9]\d{0,8}$/.test(MaxResults)) throw badRequest("Invalid value for maxResults");
  return listPage(context.store, listing, {
    of: [context.account, context.region, ...of],
    token: NextToken,
    limit: Math.min(Number(MaxResults ?? PAGE_DEFAULT), PAGE_MAX),
    refuse: () => badRequest("Invalid nextToken"),
  });
}

/** The members that are given, of those that may be changed. */
export function given<T extends object>(input: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> {
  const entries = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<{ [K in keyof T]: Exclude<T[K], undefined> }>;
}
