import type { Integration, Resource } from "@aws-sdk/client-api-gateway";
import { type Collection, compositeKey } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { findStage } from "./deployed-api.ts";
import { httpApis, httpStages } from "./http/documents.ts";
import { restApis, stages } from "./rest/documents.ts";
import { listAll } from "./rest/rest-api.ts";

/** A stage with where it is called and what answers there. */
export interface StageStatus {
  readonly apiId: string;
  readonly name: string;
  readonly kind: "REST" | "HTTP";
  readonly stage: string;
  readonly url: string;
  /** Absent: nothing is deployed to it yet. */
  readonly deploymentId?: string;
  readonly routes: readonly RouteStatus[];
}

export interface RouteStatus {
  /** `GET /calls/{id}`, or `$default`. */
  readonly route: string;
  /** What answers: `MOCK`, or a type and an address. */
  readonly calls: string;
  readonly guards: readonly string[];
}

/** APIs that one answer tells of. */
const APIS_MAX = 1_000;

/** The stages of the caller's APIs in this Region. */
export async function listStages(context: Context): Promise<readonly StageStatus[]> {
  const found: StageStatus[] = [];
  for (const { api } of await ownApis(context, restApis)) {
    for (const { stage } of await listAll(context.store, stages, api.id)) {
      found.push(await statusOf(context, { apiId: api.id, name: api.name, kind: "REST", stage: stage.stageName }));
    }
  }
  for (const { api } of await ownApis(context, httpApis)) {
    for (const { stage } of await listAll(context.store, httpStages, api.ApiId)) {
      found.push(await statusOf(context, { apiId: api.ApiId, name: api.Name, kind: "HTTP", stage: stage.StageName }));
    }
  }
  return found;
}

async function ownApis<T>({ store, account, region }: Context, from: Collection<T>): Promise<readonly T[]> {
  const prefix = compositeKey(account, region, "");
  return (await store.list(from, { index: "owner", prefix, limit: APIS_MAX })).documents;
}

async function statusOf(
  context: Context,
  status: Pick<StageStatus, "apiId" | "name" | "kind" | "stage">,
): Promise<StageStatus> {
  const { apiId, stage } = status;
  // The stage $default has no name in its URL.
  const url = `${context.endpoint}/_aws/execute-api/${apiId}/${stage === "$default" ? "" : `${stage}/`}`;
  const found = await findStage(context.store, apiId, stage);
  if (found === undefined) return { ...status, url, routes: [] };
  const { deploymentId } = found;
  if (found.kind === "REST") {
    return { ...status, url, deploymentId, routes: found.deployed.resources.flatMap(restRoutes) };
  }
  const { routes, integrations } = found.deployed;
  return {
    ...status,
    url,
    deploymentId,
    routes: routes.map(({ RouteKey = "", Target, AuthorizationType }) => {
      const integration = integrations.find(({ IntegrationId }) => Target === `integrations/${IntegrationId}`);
      const { IntegrationType: type, IntegrationSubtype, IntegrationUri } = integration ?? {};
      return {
        route: RouteKey,
        calls: told(type, IntegrationSubtype ?? IntegrationUri),
        guards: guard(AuthorizationType),
      };
    }),
  };
}

function restRoutes({ path, resourceMethods = {} }: Resource): RouteStatus[] {
  return Object.entries(resourceMethods).map(([verb, method]) => {
    const { type, uri }: Integration = method.methodIntegration ?? {};
    const guards = [...guard(method.authorizationType), ...(method.apiKeyRequired ? ["API key"] : [])];
    return { route: `${verb} ${path}`, calls: told(type, uri), guards };
  });
}

function told(type: string | undefined, address: string | undefined): string {
  return [type ?? "nothing", ...(address === undefined ? [] : [address])].join(" ");
}

function guard(type: string | undefined): string[] {
  return type === undefined || type === "NONE" ? [] : [type];
}
