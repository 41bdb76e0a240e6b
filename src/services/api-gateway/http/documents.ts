/** What is kept of HTTP APIs: as of REST APIs, in the API's own shapes, but for times, which are milliseconds. */
import type { Api, Authorizer, Deployment, Integration, Route, Stage } from "@aws-sdk/client-apigatewayv2";
import { type Collection, collection, compositeKey } from "../../../store/store.ts";
import type { With } from "../with.ts";

export type HttpApiContent = Omit<
  With<Api, "ApiId" | "Name" | "ProtocolType" | "RouteSelectionExpression">,
  "CreatedDate" | "ApiEndpoint"
>;

export interface HttpApiDocument {
  readonly account: string;
  readonly region: string;
  readonly api: HttpApiContent;
  readonly createdMs: number;
  /** Changes with each change of the API or of anything in it. */
  readonly revision: number;
}

export type RouteContent = With<Route, "RouteId" | "RouteKey">;
export type IntegrationContent = With<Integration, "IntegrationId" | "IntegrationType">;
export type HttpAuthorizerContent = With<Authorizer, "AuthorizerId" | "Name" | "AuthorizerType">;

export interface HttpPartDocument<T> {
  readonly apiId: string;
  readonly part: T;
}

export interface HttpDeploymentDocument {
  readonly apiId: string;
  readonly deployment: Omit<With<Deployment, "DeploymentId">, "CreatedDate">;
  readonly createdMs: number;
}

export interface HttpStageDocument {
  readonly account: string;
  readonly region: string;
  readonly apiId: string;
  readonly stage: Omit<With<Stage, "StageName">, "CreatedDate" | "LastUpdatedDate">;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** How often what its authorizers have answered was to be forgotten: whoever remembers it compares this. */
  readonly authorizersFlushed?: number;
}

/** By id: ids are unique over all accounts, and over REST and HTTP APIs. */
export const httpApis: Collection<HttpApiDocument> = collection<HttpApiDocument>("apigateway_http_apis", {
  owner: { type: "text", value: ({ account, region, api }) => compositeKey(account, region, api.ApiId) },
});

/** The rest by `partKey`. */
export const routes: Collection<HttpPartDocument<RouteContent>> = collection("apigateway_http_routes");
export const integrations: Collection<HttpPartDocument<IntegrationContent>> =
  collection("apigateway_http_integrations");
export const httpAuthorizers: Collection<HttpPartDocument<HttpAuthorizerContent>> =
  collection("apigateway_http_authorizers");
export const httpDeployments: Collection<HttpDeploymentDocument> = collection("apigateway_http_deployments");
/** By name. */
export const httpStages: Collection<HttpStageDocument> = collection("apigateway_http_stages");
