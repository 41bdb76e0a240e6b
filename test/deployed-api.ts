import type {
  Authorizer,
  GatewayResponse,
  Integration,
  Method,
  Model,
  RequestValidator,
  Stage,
} from "@aws-sdk/client-api-gateway";
import type { Authorizer as HttpAuthorizer, Integration as HttpIntegration, Route } from "@aws-sdk/client-apigatewayv2";
import {
  type DeployedHttpApi,
  type DeployedRestApi,
  deployedHttpApis,
  deployedRestApis,
} from "../src/services/api-gateway/deployed-api.ts";
import { type HttpStageDocument, httpStages } from "../src/services/api-gateway/http/documents.ts";
import { partKey, stages } from "../src/services/api-gateway/rest/documents.ts";
import type { TestServer } from "./server.ts";

/** A method with its integration: `"GET /calls/{id}": {...}`. */
export type Methods = Readonly<Record<string, Method & { readonly methodIntegration?: Integration }>>;

export interface ApiParts {
  readonly apiId?: string;
  readonly account?: string;
  readonly methods: Methods;
  readonly stage?: Partial<Omit<Stage, "createdDate" | "lastUpdatedDate">>;
  readonly api?: Partial<DeployedRestApi["api"]>;
  readonly models?: readonly Model[];
  readonly requestValidators?: readonly RequestValidator[];
  readonly authorizers?: readonly Authorizer[];
  readonly gatewayResponses?: readonly GatewayResponse[];
}

/** Puts a REST API with one stage, `dev`, as deployments leave it. Answers the URL of its stage. */
export async function deployRestApi(server: TestServer, parts: ApiParts): Promise<string> {
  const { apiId = "ab12cd34ef", account = "000000000000" } = parts;
  const { store, clock } = server.app.platform();
  const byPath = Map.groupBy(Object.entries(parts.methods), ([key]) => key.slice(key.indexOf(" ") + 1));
  const resources = [...byPath].map(([path, methods], index) => ({
    id: `r${index}`,
    path,
    resourceMethods: Object.fromEntries(
      methods.map(([key, method]) => {
        const name = key.slice(0, key.indexOf(" "));
        return [name, { httpMethod: name, authorizationType: "NONE", apiKeyRequired: false, ...method }];
      }),
    ),
  }));
  const deployed: DeployedRestApi = {
    api: { id: apiId, name: "calls", rootResourceId: "root", ...parts.api },
    resources,
    models: parts.models ?? [],
    requestValidators: parts.requestValidators ?? [],
    authorizers: parts.authorizers ?? [],
    gatewayResponses: parts.gatewayResponses ?? [],
  };
  const deploymentId = server.app.platform().ids.uuid();
  const nowMs = clock.now();
  await store.commit(async (unit) => {
    unit.put(deployedRestApis, partKey(apiId, deploymentId), deployed);
    unit.put(stages, partKey(apiId, "dev"), {
      account,
      region: "us-east-1",
      apiId,
      stage: { stageName: "dev", deploymentId, ...parts.stage } as never,
      createdMs: nowMs,
      updatedMs: nowMs,
    });
  });
  return `${server.url}/_aws/execute-api/${apiId}/dev`;
}

/** A method that answers what a template makes of its request. */
export function mock(template: string, rest: Method = {}): Methods[string] {
  return {
    methodResponses: { 200: { statusCode: "200" } },
    ...rest,
    methodIntegration: {
      type: "MOCK",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
      integrationResponses: { 200: { statusCode: "200", responseTemplates: { "application/json": template } } },
    },
  };
}

export interface HttpApiParts {
  readonly apiId?: string;
  /** By route key: `"GET /calls/{id}"`, `$default`. */
  readonly routes: Readonly<Record<string, Partial<Route> & { readonly integration: HttpIntegration }>>;
  readonly authorizers?: readonly HttpAuthorizer[];
  readonly api?: Partial<DeployedHttpApi["api"]>;
  readonly stage?: Partial<HttpStageDocument["stage"]>;
}

/** Puts an HTTP API with its `$default` stage, as deployments leave it. Answers its URL. */
export async function deployHttpApi(server: TestServer, parts: HttpApiParts): Promise<string> {
  const { apiId = "ht12cd34ef" } = parts;
  const { store, clock, ids } = server.app.platform();
  const entries = Object.entries(parts.routes);
  const deployed: DeployedHttpApi = {
    api: {
      ApiId: apiId,
      Name: "calls",
      ProtocolType: "HTTP",
      RouteSelectionExpression: "$request.method $request.path",
      ...parts.api,
    },
    routes: entries.map(([RouteKey, { integration: _, ...route }], index) => ({
      RouteKey,
      RouteId: `r${index}`,
      Target: `integrations/i${index}`,
      ...route,
    })),
    integrations: entries.map(([, { integration }], index) => ({ ...integration, IntegrationId: `i${index}` })),
    authorizers: parts.authorizers ?? [],
  };
  const deploymentId = ids.uuid();
  const nowMs = clock.now();
  await store.commit(async (unit) => {
    unit.put(deployedHttpApis, partKey(apiId, deploymentId), deployed);
    unit.put(httpStages, partKey(apiId, "$default"), {
      account: "000000000000",
      region: "us-east-1",
      apiId,
      stage: { StageName: "$default", DeploymentId: deploymentId, ...parts.stage },
      createdMs: nowMs,
      updatedMs: nowMs,
    });
  });
  return `${server.url}/_aws/execute-api/${apiId}`;
}
