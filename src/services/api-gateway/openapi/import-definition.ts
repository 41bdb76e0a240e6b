/**
 * Reads OpenAPI 2.0 and 3.0 with API Gateway's extensions:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
import type {
  GatewayResponseType,
  Integration,
  IntegrationResponse,
  Method,
  MethodResponse,
} from "@aws-sdk/client-api-gateway";
import { isJsonObject } from "../../json-text.ts";
import { badRequest } from "../errors.ts";
import type { AuthorizerContent, GatewayResponseContent } from "../rest/documents.ts";
import { customised } from "../rest/gateway-responses.ts";
import { type ApiDefinition, type DefinedMethod, type DefinedModel, MODEL_REFERENCE } from "./api-definition.ts";
import { type Json, objectAt, resolved, textAt, textList, textMap } from "./read-document.ts";

const VERBS: Readonly<Record<string, string>> = {
  get: "GET",
  put: "PUT",
  post: "POST",
  delete: "DELETE",
  patch: "PATCH",
  options: "OPTIONS",
  head: "HEAD",
  "x-amazon-apigateway-any-method": "ANY",
};

export type BasePathMode = "ignore" | "prepend" | "split";

/** What a document says. Throws for what is no OpenAPI; what else is odd becomes a warning. */
export function readDefinition(document: Json, basePathMode: BasePathMode): ApiDefinition {
  const isSwagger = textAt(document, "swagger") === "2.0";
  const isOpenApi = /^3\.0/.test(textAt(document, "openapi") ?? "");
  const title = textAt(objectAt(document, "info"), "title");
  if ((!isSwagger && !isOpenApi) || !title) throw badRequest("Invalid OpenAPI input.");
  return new DefinitionReader(document, isSwagger).read(title, basePathMode);
}

class DefinitionReader {
  readonly #document: Json;
  readonly #isSwagger: boolean;
  readonly #warnings: string[] = [];
  readonly #models: DefinedModel[] = [];
  readonly #schemes: Json;

  constructor(document: Json, isSwagger: boolean) {
    this.#document = document;
    this.#isSwagger = isSwagger;
    this.#schemes = isSwagger
      ? objectAt(document, "securityDefinitions")
      : objectAt(document, "components", "securitySchemes");
  }

  read(name: string, mode: BasePathMode): ApiDefinition {
    const document = this.#document;
    const info = objectAt(document, "info");
    const schemas = this.#isSwagger ? objectAt(document, "definitions") : objectAt(document, "components", "schemas");
    for (const [own, schema] of Object.entries(schemas)) this.#addModel(own, schema);
    const prefix = this.#basePath(mode);
    const paths = Object.entries(objectAt(document, "paths")).filter(([path]) => path.startsWith("/"));
    const methods = paths.flatMap(([path, item]) => this.#methodsOf(joined(prefix, path), resolved(document, item)));
    return {
      api: { name, ...this.#apiMembers(info) },
      paths: paths.map(([path]) => joined(prefix, path)),
      methods,
      models: this.#models,
      validators: this.#validators(),
      authorizers: this.#authorizers(),
      gatewayResponses: this.#gatewayResponses(),
      warnings: this.#warnings,
    };
  }

  #apiMembers(info: Json): Omit<ApiDefinition["api"], "name"> {
    const document = this.#document;
    const description = textAt(info, "description");
    const version = textAt(info, "version");
    const binaryMediaTypes = textList(document["x-amazon-apigateway-binary-media-types"]);
    const size = document["x-amazon-apigateway-minimum-compression-size"];
    const source = textAt(document, "x-amazon-apigateway-api-key-source")?.toUpperCase();
    const policy = document["x-amazon-apigateway-policy"];
    const endpoint = objectAt(this.#endpoint(), "x-amazon-apigateway-endpoint-configuration");
    const vpcEndpointIds = textList(endpoint.vpcEndpointIds);
    return {
      ...(description && { description }),
      ...(version && { version }),
      ...(binaryMediaTypes?.length && { binaryMediaTypes }),
      ...(typeof size === "number" && { minimumCompressionSize: size }),
      ...((source === "HEADER" || source === "AUTHORIZER") && { apiKeySource: source }),
      ...(isJsonObject(policy) && { policy: JSON.stringify(policy) }),
      ...(typeof endpoint.disableExecuteApiEndpoint === "boolean" && {
        disableExecuteApiEndpoint: endpoint.disableExecuteApiEndpoint,
      }),
      ...(vpcEndpointIds?.length && { vpcEndpointIds }),
    };
  }

  /** OpenAPI 3.0 has the endpoint's settings at its server. */
  #endpoint(): Json {
    const { servers } = this.#document;
    const first: unknown = Array.isArray(servers) ? servers[0] : undefined;
    return isJsonObject(first) && "x-amazon-apigateway-endpoint-configuration" in first ? first : this.#document;
  }

  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html */
  #basePath(mode: BasePathMode): string {
    if (mode === "ignore") return "";
    const parts = this.#declaredBasePath()
      .split("/")
      .filter((part) => part !== "");
    return (mode === "split" ? parts.slice(1) : parts).map((part) => `/${part}`).join("");
  }

  #declaredBasePath(): string {
    if (this.#isSwagger) return textAt(this.#document, "basePath") ?? "";
    const { servers } = this.#document;
    const server: unknown = Array.isArray(servers) ? servers[0] : undefined;
    if (!isJsonObject(server)) return "";
    const { basePath } = objectAt(server, "variables");
    const variable = textAt(objectAt(basePath), "default");
    if (variable !== undefined) return variable;
    return (textAt(server, "url") ?? "").replace(/^[a-z]+:\/\/[^/]*/i, "");
  }

  #methodsOf(path: string, item: Json): DefinedMethod[] {
    return Object.entries(VERBS).flatMap(([key, httpMethod]) => {
      const operation = item[key];
      return isJsonObject(operation) ? [this.#method(path, httpMethod, item, operation)] : [];
    });
  }

  #method(path: string, httpMethod: string, item: Json, operation: Json): DefinedMethod {
    const where = `${httpMethod} ${path}`;
    const own = listOf(operation.parameters).map((one) => resolved(this.#document, one));
    const shared = listOf(item.parameters)
      .map((one) => resolved(this.#document, one))
      .filter((one) => !own.some((other) => other.name === one.name && other.in === one.in));
    const parameters = [...shared, ...own];
    const requestParameters = this.#requestParameters(parameters, where);
    const requestModels = this.#requestModels(parameters, operation, where);
    const methodResponses = this.#responses(operation, where);
    const operationName = textAt(operation, "operationId");
    const validator =
      textAt(operation, "x-amazon-apigateway-request-validator") ??
      textAt(this.#document, "x-amazon-apigateway-request-validator");
    const integration = this.#integration(operation["x-amazon-apigateway-integration"], where);
    const { authorizer, ...security } = this.#security(operation, where);
    return {
      path,
      httpMethod,
      method: {
        httpMethod,
        ...security,
        ...(operationName && { operationName }),
        ...someOf({ requestParameters, requestModels, methodResponses }),
      },
      ...(integration && { integration }),
      ...(authorizer !== undefined && { authorizer }),
      ...(validator !== undefined && { validator }),
    };
  }

  #requestParameters(parameters: readonly Json[], where: string): Record<string, boolean> {
    const places: Readonly<Record<string, string>> = { path: "path", query: "querystring", header: "header" };
    const found: Record<string, boolean> = {};
    for (const parameter of parameters) {
      const name = textAt(parameter, "name");
      const place = textAt(parameter, "in") ?? "";
      if (place === "body") continue;
      const to = Object.hasOwn(places, place) ? places[place] : undefined;
      if (name === undefined || to === undefined)
        this.#warn(`Unsupported parameter '${name ?? ""}' in ${place} of ${where}`);
      else found[`method.request.${to}.${name}`] = place === "path" || parameter.required === true;
    }
    return found;
  }

  #requestModels(parameters: readonly Json[], operation: Json, where: string): Record<string, string> {
    if (!this.#isSwagger) return this.#contentModels(resolved(this.#document, operation.requestBody).content, where);
    const body = parameters.find((one) => one.in === "body");
    const model = body && this.#modelOf(body.schema, where);
    const types = textList(operation.consumes) ?? textList(this.#document.consumes) ?? ["application/json"];
    return model === undefined ? {} : Object.fromEntries(types.map((type) => [type, model]));
  }

  #contentModels(content: unknown, where: string): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [type, media] of Object.entries(objectAt(content))) {
      const model = this.#modelOf(objectAt(media).schema, where);
      if (model !== undefined) found[type] = model;
    }
    return found;
  }

  /** The name of the model that a schema is; one that stands alone becomes a model of its own. */
  #modelOf(schema: unknown, where: string): string | undefined {
    if (!isJsonObject(schema)) return undefined;
    const [, reference] = /^#\/(?:definitions|components\/schemas)\/(.+)$/.exec(textAt(schema, "$ref") ?? "") ?? [];
    if (reference === undefined)
      return this.#addModel(`MODEL${this.#models.length}${where.replace(/[^a-zA-Z0-9]/g, "")}`, schema);
    const name = modelName(reference);
    if (this.#models.some((one) => one.name === name)) return name;
    this.#warn(`Unable to find model '${reference}' of ${where}`);
    return undefined;
  }

  #addModel(given: string, schema: unknown): string | undefined {
    const name = modelName(given);
    if (name !== given) this.#warn(`Model name '${given}' is not alphanumeric; it is imported as '${name}'`);
    if (name === "" || this.#models.some((one) => one.name === name)) return undefined;
    const { description } = objectAt(schema);
    this.#models.push({
      name,
      schema: JSON.stringify(withReferences(schema)),
      ...(typeof description === "string" && { description }),
    });
    return name;
  }

  #responses(operation: Json, where: string): Record<string, MethodResponse> {
    const found: Record<string, MethodResponse> = {};
    for (const [statusCode, given] of Object.entries(objectAt(operation.responses))) {
      if (!/^[1-5]\d\d$/.test(statusCode)) {
        this.#warn(`Response '${statusCode}' of ${where} is no status code`);
        continue;
      }
      const response = resolved(this.#document, given);
      const headers = Object.keys(objectAt(response.headers));
      const responseParameters = Object.fromEntries(headers.map((name) => [`method.response.header.${name}`, false]));
      const responseModels = this.#isSwagger
        ? this.#producedModels(operation, response, where)
        : this.#contentModels(response.content, where);
      found[statusCode] = { statusCode, ...someOf({ responseParameters, responseModels }) };
    }
    return found;
  }

  #producedModels(operation: Json, response: Json, where: string): Record<string, string> {
    const model = this.#modelOf(response.schema, where);
    const types = textList(operation.produces) ?? textList(this.#document.produces) ?? ["application/json"];
    return model === undefined ? {} : Object.fromEntries(types.map((type) => [type, model]));
  }

  #integration(given: unknown, where: string): Integration | undefined {
    if (!isJsonObject(given)) {
      if (given !== undefined) this.#warn(`Integration of ${where} is no object`);
      return undefined;
    }
    const type = textAt(given, "type")?.toUpperCase() ?? "";
    const types: readonly string[] = ["HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY"];
    if (!types.includes(type))
      throw failed(`Unable to put integration on '${where}': Invalid integration type ${type}`);
    const texts = ["uri", "credentials", "cacheNamespace", "connectionId"] as const;
    const upper = ["httpMethod", "passthroughBehavior", "contentHandling", "connectionType"] as const;
    const timeout = given.timeoutInMillis;
    const cacheKeyParameters = textList(given.cacheKeyParameters);
    const tls = objectAt(given.tlsConfig).insecureSkipVerification;
    return {
      type: type as Exclude<Integration["type"], undefined>,
      ...presentTexts(given, texts, (text) => text),
      ...presentTexts(given, upper, (text) => text.toUpperCase()),
      ...(typeof timeout === "number" && { timeoutInMillis: timeout }),
      ...(cacheKeyParameters && { cacheKeyParameters }),
      ...(typeof tls === "boolean" && { tlsConfig: { insecureSkipVerification: tls } }),
      ...someOf({
        requestParameters: textMap(given.requestParameters) ?? {},
        requestTemplates: textMap(given.requestTemplates) ?? {},
        integrationResponses: this.#integrationResponses(given.responses, where),
      }),
    };
  }

  #integrationResponses(given: unknown, where: string): Record<string, IntegrationResponse> {
    const found: Record<string, IntegrationResponse> = {};
    for (const [pattern, response] of Object.entries(objectAt(given))) {
      const own = objectAt(response);
      const statusCode = textAt(own, "statusCode") ?? "";
      if (!/^[1-5]\d\d$/.test(statusCode)) {
        this.#warn(`Integration response '${pattern}' of ${where} has no status code`);
        continue;
      }
      if (Object.hasOwn(found, statusCode))
        this.#warn(`Two integration responses of ${where} have the status ${statusCode}`);
      found[statusCode] = {
        statusCode,
        ...(pattern !== "default" && { selectionPattern: pattern }),
        ...presentTexts(own, ["contentHandling"], (text) => text.toUpperCase()),
        ...someOf({
          responseParameters: textMap(own.responseParameters) ?? {},
          responseTemplates: textMap(own.responseTemplates) ?? {},
        }),
      };
    }
    return found;
  }

  /** What guards a method: the first way that is said to be enough. */
  #security(
    operation: Json,
    where: string,
  ): Pick<Method, "authorizationType" | "apiKeyRequired" | "authorizationScopes"> & { authorizer?: string } {
    const [requirement] = listOf(operation.security ?? this.#document.security);
    let apiKeyRequired = false;
    let rest: { authorizationType: string; authorizer?: string; authorizationScopes?: string[] } = {
      authorizationType: "NONE",
    };
    for (const [name, scopes] of Object.entries(objectAt(requirement))) {
      const scheme = objectAt(this.#schemes, name);
      const authType = textAt(scheme, "x-amazon-apigateway-authtype")?.toLowerCase();
      const authorizer = objectAt(scheme, "x-amazon-apigateway-authorizer");
      if (authType === "awssigv4") rest = { authorizationType: "AWS_IAM" };
      else if (Object.keys(authorizer).length > 0) {
        const isCognito = textAt(authorizer, "type")?.toLowerCase() === "cognito_user_pools";
        const given = textList(scopes) ?? [];
        rest = {
          authorizationType: isCognito ? "COGNITO_USER_POOLS" : "CUSTOM",
          authorizer: name,
          ...(given.length > 0 && { authorizationScopes: given }),
        };
      } else if (textAt(scheme, "type") === "apiKey" && textAt(scheme, "name")?.toLowerCase() === "x-api-key") {
        apiKeyRequired = true;
      } else this.#warn(`Security scheme '${name}' of ${where} is not supported`);
    }
    if (textAt(objectAt(operation, "x-amazon-apigateway-auth"), "type")?.toLowerCase() === "aws_iam") {
      rest = { authorizationType: "AWS_IAM" };
    }
    return { apiKeyRequired, ...rest };
  }

  #validators(): ApiDefinition["validators"] {
    return Object.entries(objectAt(this.#document, "x-amazon-apigateway-request-validators")).map(([name, given]) => ({
      name,
      validateRequestBody: objectAt(given).validateRequestBody === true,
      validateRequestParameters: objectAt(given).validateRequestParameters === true,
    }));
  }

  #authorizers(): Omit<AuthorizerContent, "id">[] {
    return Object.entries(this.#schemes).flatMap(([name, given]) => {
      const scheme = objectAt(given);
      const own = objectAt(scheme, "x-amazon-apigateway-authorizer");
      if (Object.keys(own).length === 0) return [];
      const type = textAt(own, "type")?.toUpperCase();
      if (type !== "TOKEN" && type !== "REQUEST" && type !== "COGNITO_USER_POOLS") {
        this.#warn(`Authorizer '${name}' has the unsupported type ${type ?? ""}`);
        return [];
      }
      const header = textAt(scheme, "name");
      const fromScheme = type === "REQUEST" || header === undefined ? undefined : `method.request.header.${header}`;
      const identitySource = textAt(own, "identitySource") ?? fromScheme;
      const authType = textAt(scheme, "x-amazon-apigateway-authtype");
      const ttl = own.authorizerResultTtlInSeconds;
      const providerARNs = textList(own.providerARNs);
      return [
        {
          name,
          type,
          ...(authType !== undefined && { authType }),
          ...presentTexts(
            own,
            ["authorizerUri", "authorizerCredentials", "identityValidationExpression"],
            (text) => text,
          ),
          ...(identitySource !== undefined && { identitySource }),
          ...(typeof ttl === "number" && { authorizerResultTtlInSeconds: ttl }),
          ...(providerARNs && { providerARNs }),
        },
      ];
    });
  }

  #gatewayResponses(): GatewayResponseContent[] {
    const all = objectAt(this.#document, "x-amazon-apigateway-gateway-responses");
    return Object.entries(all).map(([type, given]) => {
      const own = objectAt(given);
      const statusCode = textAt(own, "statusCode");
      const responseParameters = textMap(own.responseParameters);
      const responseTemplates = textMap(own.responseTemplates);
      return customised(type as GatewayResponseType, {
        ...(statusCode !== undefined && { statusCode }),
        ...(responseParameters && { responseParameters }),
        ...(responseTemplates && { responseTemplates }),
      });
    });
  }

  #warn(text: string): void {
    if (this.#warnings.length < WARNINGS_MAX) this.#warnings.push(text);
  }
}

/** An answer lists no more. */
const WARNINGS_MAX = 100;

/** How the service begins what it says of documents that it cannot import. */
export function failed(reason: string): Error {
  return badRequest(`Errors found during import:\n\t${reason}`);
}

function joined(prefix: string, path: string): string {
  const whole = `${prefix}${path}`.replace(/\/+$/, "");
  return whole === "" ? "/" : whole;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function modelName(given: string): string {
  return given.replace(/[^a-zA-Z0-9]/g, "");
}

/** A schema whose references are to models of the API. */
function withReferences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withReferences);
  if (!isJsonObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      const [, name] =
        key === "$ref" ? (/^#\/(?:definitions|components\/schemas)\/(.+)$/.exec(String(value)) ?? []) : [];
      return [key, name === undefined ? withReferences(value) : MODEL_REFERENCE + modelName(name)];
    }),
  );
}

/** The maps of these that have anything in them. */
function someOf<T extends Record<string, object>>(maps: T): Partial<T> {
  return Object.fromEntries(Object.entries(maps).filter(([, map]) => Object.keys(map).length > 0)) as Partial<T>;
}

function presentTexts<K extends string>(
  from: Json,
  names: readonly K[],
  change: (text: string) => string,
): { [P in K]?: never } {
  const entries = names.flatMap((name) => {
    const text = textAt(from, name);
    return text === undefined ? [] : [[name, change(text)]];
  });
  // Texts of enumerations among them are checked by whoever puts the whole.
  return Object.fromEntries(entries);
}
