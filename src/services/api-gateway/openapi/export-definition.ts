/** Writes a REST API as it was deployed in OpenAPI 3.0 or 2.0. */
import type { Authorizer, Integration, Method, MethodResponse, Resource } from "@aws-sdk/client-api-gateway";
import { isJsonObject, parseJsonObject } from "../../json-text.ts";
import type { DeployedRestApi } from "../deployed-api.ts";
import type { Json } from "./read-document.ts";

export interface ExportOptions {
  readonly format: "oas30" | "swagger";
  readonly integrations: boolean;
  readonly authorizers: boolean;
  /** All of API Gateway's extensions. */
  readonly apigateway: boolean;
  readonly region: string;
  readonly stageName: string;
  /** Stands for a version where the API has none. */
  readonly date: string;
}

export function exportDefinition(deployed: DeployedRestApi, options: ExportOptions): Json {
  return new DefinitionWriter(deployed, options).write();
}

class DefinitionWriter {
  readonly #deployed: DeployedRestApi;
  readonly #options: ExportOptions;
  readonly #isSwagger: boolean;

  constructor(deployed: DeployedRestApi, options: ExportOptions) {
    this.#deployed = deployed;
    this.#options = options;
    this.#isSwagger = options.format === "swagger";
  }

  write(): Json {
    const { api, models } = this.#deployed;
    const { region, stageName, date } = this.#options;
    const { name: title, description, version = date } = api;
    const info = { title, ...(description !== undefined && { description }), version };
    const host = `${api.id}.execute-api.${region}.amazonaws.com`;
    const paths = Object.fromEntries(this.#deployed.resources.map((one) => [one.path, this.#pathItem(one)]));
    const schemas = Object.fromEntries(models.map((model) => [model.name, this.#schema(model.schema)]));
    const securitySchemes = this.#securitySchemes();
    const extensions = this.#options.apigateway ? this.#extensions() : {};
    if (this.#isSwagger) {
      return {
        swagger: "2.0",
        info,
        host,
        basePath: `/${stageName}`,
        schemes: ["https"],
        paths,
        ...some("securityDefinitions", securitySchemes),
        ...some("definitions", schemas),
        ...this.#endpointExtension(),
        ...extensions,
      };
    }
    const server = {
      url: `https://${host}/{basePath}`,
      variables: { basePath: { default: stageName } },
      ...this.#endpointExtension(),
    };
    const components = { ...some("schemas", schemas), ...some("securitySchemes", securitySchemes) };
    return { openapi: "3.0.1", info, servers: [server], paths, components, ...extensions };
  }

  #endpointExtension(): Json {
    const { disableExecuteApiEndpoint, endpointConfiguration } = this.#deployed.api;
    const vpcEndpointIds = endpointConfiguration?.vpcEndpointIds ?? [];
    const own = {
      ...(disableExecuteApiEndpoint && { disableExecuteApiEndpoint }),
      ...(vpcEndpointIds.length > 0 && { vpcEndpointIds }),
    };
    return this.#options.apigateway ? some("x-amazon-apigateway-endpoint-configuration", own) : {};
  }

  #extensions(): Json {
    const { api, gatewayResponses, requestValidators } = this.#deployed;
    const responses = gatewayResponses.map(({ responseType, defaultResponse: _, ...rest }) => [responseType, rest]);
    const validators = requestValidators.map(({ name, validateRequestBody, validateRequestParameters }) => [
      name,
      { validateRequestParameters, validateRequestBody },
    ]);
    return {
      ...some("x-amazon-apigateway-gateway-responses", Object.fromEntries(responses)),
      ...some("x-amazon-apigateway-request-validators", Object.fromEntries(validators)),
      ...(api.policy !== undefined && { "x-amazon-apigateway-policy": parseJsonObject(api.policy) }),
      ...(api.binaryMediaTypes?.length && { "x-amazon-apigateway-binary-media-types": api.binaryMediaTypes }),
      ...(api.apiKeySource === "AUTHORIZER" && { "x-amazon-apigateway-api-key-source": "AUTHORIZER" }),
      ...(api.minimumCompressionSize !== undefined && {
        "x-amazon-apigateway-minimum-compression-size": api.minimumCompressionSize,
      }),
    };
  }

  #pathItem({ resourceMethods = {} }: Resource): Json {
    return Object.fromEntries(
      Object.entries(resourceMethods).map(([verb, method]) => [
        verb === "ANY" ? "x-amazon-apigateway-any-method" : verb.toLowerCase(),
        this.#operation(method),
      ]),
    );
  }

  #operation(method: Method): Json {
    const { operationName, methodResponses = {}, requestValidatorId, methodIntegration } = method;
    const parameters = this.#parameters(method);
    const validator = this.#deployed.requestValidators.find(({ id }) => id === requestValidatorId)?.name;
    const responses = Object.entries(methodResponses).map(([status, response]) => [
      status,
      this.#response(status, response),
    ]);
    const security = this.#security(method);
    const { apigateway, integrations } = this.#options;
    return {
      ...(operationName !== undefined && { operationId: operationName }),
      ...this.#media(method),
      ...(parameters.length > 0 && { parameters }),
      responses: Object.fromEntries(responses),
      ...(security.length > 0 && { security }),
      ...(apigateway && validator !== undefined && { "x-amazon-apigateway-request-validator": validator }),
      ...((apigateway || integrations) &&
        methodIntegration && { "x-amazon-apigateway-integration": integrationExtension(methodIntegration) }),
    };
  }

  /** What a request's body is, and in 2.0 what it and the answers are in. */
  #media({ requestModels = {}, methodResponses = {} }: Method): Json {
    const consumes = Object.keys(requestModels);
    if (!this.#isSwagger) {
      const content = Object.entries(requestModels).map(([type, name]) => [type, { schema: this.#reference(name) }]);
      return consumes.length > 0 ? { requestBody: { content: Object.fromEntries(content), required: true } } : {};
    }
    const produces = new Set(Object.values(methodResponses).flatMap((one) => Object.keys(one.responseModels ?? {})));
    return { ...(consumes.length > 0 && { consumes }), ...(produces.size > 0 && { produces: [...produces] }) };
  }

  #parameters({ requestParameters = {}, requestModels = {} }: Method): Json[] {
    const places: Readonly<Record<string, string>> = { path: "path", querystring: "query", header: "header" };
    const parameters: Json[] = Object.entries(requestParameters).flatMap(([key, required]) => {
      const [, place = "", name = ""] = /^method\.request\.(\w+)\.(.+)$/.exec(key) ?? [];
      const to = places[place];
      if (to === undefined) return [];
      const type = this.#isSwagger ? { type: "string" } : { schema: { type: "string" } };
      return [{ name, in: to, ...(required || this.#isSwagger ? { required } : {}), ...type }];
    });
    const [model] = Object.values(requestModels);
    if (!this.#isSwagger || model === undefined) return parameters;
    return [...parameters, { in: "body", name: model, required: true, schema: this.#reference(model) }];
  }

  #response(status: string, { responseParameters = {}, responseModels = {} }: MethodResponse): Json {
    const type = this.#isSwagger ? { type: "string" } : { schema: { type: "string" } };
    const headers = Object.keys(responseParameters).map((key) => [key.replace("method.response.header.", ""), type]);
    const described = { description: `${status} response`, ...some("headers", Object.fromEntries(headers)) };
    if (this.#isSwagger) {
      const [model] = Object.values(responseModels);
      return { ...described, ...(model !== undefined && { schema: this.#reference(model) }) };
    }
    const content = Object.entries(responseModels).map(([media, name]) => [media, { schema: this.#reference(name) }]);
    return { ...described, content: Object.fromEntries(content) };
  }

  #reference(name: string): Json {
    return { $ref: `#/${this.#isSwagger ? "definitions" : "components/schemas"}/${name}` };
  }

  #schema(text: string | undefined): unknown {
    const place = this.#reference("").$ref;
    const rewrite = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(rewrite);
      if (!isJsonObject(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => {
          const [, name] = key === "$ref" ? (/\/models\/(\w+)$/.exec(String(one)) ?? []) : [];
          return [key, name === undefined ? rewrite(one) : `${place}${name}`];
        }),
      );
    };
    return rewrite(parseJsonObject(text ?? "") ?? {});
  }

  #security({ authorizationType, authorizerId, apiKeyRequired, authorizationScopes = [] }: Method): Json[] {
    const authorizer = this.#deployed.authorizers.find(({ id }) => id === authorizerId)?.name;
    const requirement = {
      ...(authorizer !== undefined && { [authorizer]: authorizationScopes }),
      ...(authorizationType === "AWS_IAM" && { sigv4: [] }),
      ...(apiKeyRequired && { api_key: [] }),
    };
    // All of it must hold, so it is one requirement.
    return Object.keys(requirement).length > 0 ? [requirement] : [];
  }

  #securitySchemes(): Json {
    const methods = this.#deployed.resources.flatMap((one) => Object.values(one.resourceMethods ?? {}));
    const authorizers = this.#deployed.authorizers.map((one) => [one.name, this.#authorizerScheme(one)]);
    return {
      ...Object.fromEntries(authorizers),
      ...(methods.some(({ authorizationType }) => authorizationType === "AWS_IAM") && {
        sigv4: { type: "apiKey", name: "Authorization", in: "header", "x-amazon-apigateway-authtype": "awsSigv4" },
      }),
      ...(methods.some(({ apiKeyRequired }) => apiKeyRequired) && {
        api_key: { type: "apiKey", name: "x-api-key", in: "header" },
      }),
    };
  }

  #authorizerScheme(authorizer: Authorizer): Json {
    const { id: _, name: __, type = "", authType, identitySource = "", ...rest } = authorizer;
    const [, header] = /^method\.request\.header\.([^,]+)$/.exec(identitySource) ?? [];
    const { apigateway, authorizers } = this.#options;
    const isFromScheme = header !== undefined && type !== "REQUEST";
    const own = {
      type: type.toLowerCase(),
      ...rest,
      ...(!isFromScheme && identitySource !== "" && { identitySource }),
    };
    return {
      type: "apiKey",
      name: isFromScheme ? header : "Unused",
      in: "header",
      ...(authType !== undefined && { "x-amazon-apigateway-authtype": authType }),
      ...((apigateway || authorizers) && { "x-amazon-apigateway-authorizer": own }),
    };
  }
}

function integrationExtension(integration: Integration): Json {
  const { type = "", passthroughBehavior, integrationResponses = {}, cacheNamespace: _, ...rest } = integration;
  const { cacheKeyParameters = [], timeoutInMillis, ...members } = rest;
  const responses = Object.values(integrationResponses).map(({ selectionPattern, ...response }) => [
    selectionPattern || "default",
    response,
  ]);
  return {
    type: type.toLowerCase(),
    ...members,
    ...some("responses", Object.fromEntries(responses)),
    ...(passthroughBehavior !== undefined && { passthroughBehavior: passthroughBehavior.toLowerCase() }),
    ...(timeoutInMillis !== undefined && { timeoutInMillis }),
    ...(cacheKeyParameters.length > 0 && { cacheKeyParameters }),
  };
}

function some(name: string, value: object): Json {
  return Object.keys(value).length > 0 ? { [name]: value } : {};
}
