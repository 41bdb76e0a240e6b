/**
 * What the control planes and the calls share: stages, what their deployments froze, and the keys and plans that calls come with. Calls read it
 * here and nowhere else; `usage/usage.ts` counts them.
 *
 * A deployment is immutable: the object that is answered for one is the same for some time, so what is made of it (a router, compiled templates)
 * can be kept in a `WeakMap` by it.
 */
import type {
  Authorizer,
  GatewayResponse,
  Model,
  RequestValidator,
  Resource,
  ThrottleSettings,
} from "@aws-sdk/client-api-gateway";
import type { Authorizer as HttpAuthorizer, Integration, Route } from "@aws-sdk/client-apigatewayv2";
import { type Collection, collection, compositeKey, type Reader, type Store } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { keptReader } from "../kept-reader.ts";
import { perStore } from "../per-store.ts";
import { type HttpApiContent, type HttpStageDocument, httpStages } from "./http/documents.ts";
import { partKey, type RestApiContent, type StageDocument, stages } from "./rest/documents.ts";
import {
  type ApiKeyDocument,
  apiKeys,
  ownedKey,
  type UsagePlanDocument,
  usagePlanKeys,
  usagePlans,
} from "./usage/documents.ts";

/** What a deployment of a REST API froze: all that a call needs, in the API's own shapes. */
export interface DeployedRestApi {
  readonly api: RestApiContent;
  /** With `resourceMethods`, their `methodIntegration` and `methodResponses`. */
  readonly resources: readonly Resource[];
  readonly models: readonly Model[];
  readonly requestValidators: readonly RequestValidator[];
  readonly authorizers: readonly Authorizer[];
  /** Those that were customised. */
  readonly gatewayResponses: readonly GatewayResponse[];
}

/** What a deployment of an HTTP API froze. */
export interface DeployedHttpApi {
  readonly api: HttpApiContent;
  readonly routes: readonly Route[];
  readonly integrations: readonly Integration[];
  readonly authorizers: readonly HttpAuthorizer[];
}

/** A stage as a call finds it. */
export type FoundStage = {
  readonly account: string;
  readonly region: string;
  readonly apiId: string;
  readonly deploymentId: string;
  /** Changes when what authorizers have answered for this stage is to be forgotten. */
  readonly authorizersFlushed: number;
} & (
  | { readonly kind: "REST"; readonly stage: StageDocument["stage"]; readonly deployed: DeployedRestApi }
  | { readonly kind: "HTTP"; readonly stage: HttpStageDocument["stage"]; readonly deployed: DeployedHttpApi }
);

/** By deployment (`partKey`). Beside the deployments' own documents, since lists of those must be cheap. */
export const deployedRestApis: Collection<DeployedRestApi> = collection("apigateway_deployed_rest_apis");
export const deployedHttpApis: Collection<DeployedHttpApi> = collection("apigateway_deployed_http_apis");

/** Deployments that are held in memory. */
const HELD_MAX = 100;

const heldRest = perStore(() => new BoundedMap<string, DeployedRestApi>(HELD_MAX));
const heldHttp = perStore(() => new BoundedMap<string, DeployedHttpApi>(HELD_MAX));

/**
 * The stage of an API, whoever's it is. What it answers may not be durable yet: whoever lets something that rests on it leave the process awaits
 * `store.durable()`.
 */
export async function findStage(store: Store, apiId: string, stageName: string): Promise<FoundStage | undefined> {
  const key = partKey(apiId, stageName);
  const kept = keptReader(store);
  const rest = await kept.get(stages, key);
  if (rest !== undefined) {
    const { account, region, stage, authorizersFlushed = 0 } = rest;
    const { deploymentId } = stage;
    const deployed = await findDeployedRestApi(store, apiId, deploymentId);
    return deployed && { kind: "REST", account, region, apiId, deploymentId, authorizersFlushed, stage, deployed };
  }
  const http = await kept.get(httpStages, key);
  // An HTTP API's stage can be there before anything is deployed to it.
  if (http?.stage.DeploymentId === undefined) return undefined;
  const { account, region, stage, authorizersFlushed = 0 } = http;
  const deploymentId = http.stage.DeploymentId;
  const deployed = await held(heldHttp(store), store, deployedHttpApis, partKey(apiId, deploymentId));
  return deployed && { kind: "HTTP", account, region, apiId, deploymentId, authorizersFlushed, stage, deployed };
}

/** What a deployment of a REST API froze, such as the one of a stage's canary. */
export function findDeployedRestApi(
  store: Store,
  apiId: string,
  deploymentId: string,
): Promise<DeployedRestApi | undefined> {
  return held(heldRest(store), store, deployedRestApis, partKey(apiId, deploymentId));
}

async function held<T>(
  inMemory: Map<string, T>,
  store: Store,
  from: Collection<T>,
  key: string,
): Promise<T | undefined> {
  const known = inMemory.get(key);
  if (known !== undefined) return known;
  const found = await store.get(from, key);
  if (found !== undefined) inMemory.set(key, found);
  return found;
}

/** The API key of that value, enabled or not. */
export async function findApiKey(
  reader: Reader,
  account: string,
  region: string,
  value: string,
): Promise<ApiKeyDocument["key"] | undefined> {
  const equals = compositeKey(account, region, value);
  const { documents } = await reader.list(apiKeys, { index: "value", equals, limit: 1 });
  return documents[0]?.key;
}

/** A usage plan as it holds for calls of one key to one stage. */
export interface FoundUsagePlan {
  /** What `usage/usage.ts` takes. */
  readonly owned: UsagePlanDocument;
  readonly plan: UsagePlanDocument["plan"];
  /** The plan's limits for single methods of the stage, by `/path/METHOD`. */
  readonly methodThrottle: Readonly<Record<string, ThrottleSettings>>;
}

/** The plan that a key has for a stage. There is one at most: a key cannot be added to a second one. */
export async function findUsagePlan(
  reader: Reader,
  { account, region, apiId, stageName }: { account: string; region: string; apiId: string; stageName: string },
  keyId: string,
): Promise<FoundUsagePlan | undefined> {
  const prefix = compositeKey(account, region, keyId, "");
  const { documents } = await reader.list(usagePlanKeys, { index: "key", prefix, limit: PLANS_PER_KEY_MAX });
  for (const { planId } of documents) {
    const owned = await reader.get(usagePlans, ownedKey({ account, region }, planId));
    const stage = owned?.plan.apiStages?.find((one) => one.apiId === apiId && one.stage === stageName);
    if (owned && stage) return { owned, plan: owned.plan, methodThrottle: stage.throttle ?? {} };
  }
  return undefined;
}

/** "API keys can be in 10 usage plans": https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
export const PLANS_PER_KEY_MAX = 10;
