/** What an OpenAPI document says of a REST API, before anything has an id: things refer to each other by names. */
import type { Integration, Method, RestApi } from "@aws-sdk/client-api-gateway";
import type { AuthorizerContent, GatewayResponseContent } from "../rest/documents.ts";

export interface DefinedMethod {
  readonly path: string;
  readonly httpMethod: string;
  readonly method: Omit<Method, "authorizerId" | "requestValidatorId" | "methodIntegration">;
  readonly integration?: Integration;
  /** By name. */
  readonly authorizer?: string;
  readonly validator?: string;
}

export interface DefinedModel {
  readonly name: string;
  readonly description?: string;
  /** References are to `MODEL_REFERENCE` and a name: an API's id is not known yet. */
  readonly schema: string;
}

export interface ApiDefinition {
  readonly api: Pick<
    RestApi,
    | "name"
    | "description"
    | "version"
    | "binaryMediaTypes"
    | "minimumCompressionSize"
    | "apiKeySource"
    | "policy"
    | "disableExecuteApiEndpoint"
  > & { readonly vpcEndpointIds?: string[] };
  /** All paths, those without methods too. */
  readonly paths: readonly string[];
  readonly methods: readonly DefinedMethod[];
  readonly models: readonly DefinedModel[];
  readonly validators: readonly { name: string; validateRequestBody: boolean; validateRequestParameters: boolean }[];
  readonly authorizers: readonly Omit<AuthorizerContent, "id">[];
  readonly gatewayResponses: readonly GatewayResponseContent[];
  /** What was not understood, or left out. */
  readonly warnings: readonly string[];
}

/** Where models refer to each other; the API's id stands for `$API`. */
export const MODEL_REFERENCE = "https://apigateway.amazonaws.com/restapis/$API/models/";
