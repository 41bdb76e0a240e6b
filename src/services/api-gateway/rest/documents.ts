/**
 * What is kept of REST APIs. Everything is in the API's own shapes, but for times, which are milliseconds, and for what an SDK's type leaves
 * optional and is always there.
 *
 * An API is its own document and one for each resource (with its methods, their integrations and responses), model, validator, authorizer and
 * gateway response. Whoever changes one of them writes the API's document too, which guards what rests on all of them: that a name is free, a
 * count, and the copy that a deployment takes.
 */
import type {
  Authorizer,
  Deployment,
  DocumentationPart,
  DocumentationVersion,
  GatewayResponse,
  Method,
  Model,
  RequestValidator,
  Resource,
  RestApi,
  Stage,
} from "@aws-sdk/client-api-gateway";
import { type Collection, collection, compositeKey } from "../../../store/store.ts";
import type { With } from "../with.ts";

/** Whose something is. */
export interface Owned {
  readonly account: string;
  readonly region: string;
}

export type RestApiContent = Omit<With<RestApi, "id" | "name" | "rootResourceId">, "createdDate" | "warnings">;

export interface RestApiDocument extends Owned {
  readonly api: RestApiContent;
  readonly createdMs: number;
  /** Changes with each change of the API or of anything in it. */
  readonly revision: number;
}

export type ResourceContent = With<Resource, "id" | "path"> & { resourceMethods?: Record<string, Method> };
export type ModelContent = With<Model, "id" | "name" | "contentType">;
export type RequestValidatorContent = With<RequestValidator, "id">;
export type AuthorizerContent = With<Authorizer, "id" | "name" | "type">;
export type GatewayResponseContent = With<GatewayResponse, "responseType">;

/** Something in an API; its id is made of the API's and its own. */
export interface PartDocument<T> {
  readonly apiId: string;
  readonly part: T;
}

export interface DeploymentDocument {
  readonly apiId: string;
  readonly deployment: Omit<With<Deployment, "id">, "createdDate">;
  readonly createdMs: number;
}

export interface StageDocument extends Owned {
  readonly apiId: string;
  readonly stage: Omit<With<Stage, "stageName" | "deploymentId">, "createdDate" | "lastUpdatedDate">;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** How often what its authorizers have answered was to be forgotten: whoever remembers it compares this. */
  readonly authorizersFlushed?: number;
}

export interface DocumentationVersionDocument {
  readonly apiId: string;
  readonly version: Omit<With<DocumentationVersion, "version">, "createdDate">;
  readonly createdMs: number;
  /** The parts as they were. */
  readonly parts: readonly DocumentationPart[];
}

/** By id: ids are unique over all accounts, since a call names nothing else. */
export const restApis: Collection<RestApiDocument> = collection<RestApiDocument>("apigateway_rest_apis", {
  owner: { type: "text", value: ({ account, region, api }) => compositeKey(account, region, api.id) },
});

/** The rest by `partKey`. */
export const resources: Collection<PartDocument<ResourceContent>> = collection("apigateway_resources");
/** By name. */
export const models: Collection<PartDocument<ModelContent>> = collection("apigateway_models");
export const requestValidators: Collection<PartDocument<RequestValidatorContent>> = collection(
  "apigateway_request_validators",
);
export const authorizers: Collection<PartDocument<AuthorizerContent>> = collection("apigateway_authorizers");
/** By type; those that were customised only. */
export const gatewayResponses: Collection<PartDocument<GatewayResponseContent>> =
  collection("apigateway_gateway_responses");
export const documentationParts: Collection<PartDocument<DocumentationPart & { readonly id: string }>> = collection(
  "apigateway_documentation_parts",
);
/** By version. */
export const documentationVersions: Collection<DocumentationVersionDocument> = collection(
  "apigateway_documentation_versions",
);
export const deployments: Collection<DeploymentDocument> = collection("apigateway_deployments");
/** By name. */
export const stages: Collection<StageDocument> = collection("apigateway_stages");

export function partKey(apiId: string, id: string): string {
  return compositeKey(apiId, id);
}
