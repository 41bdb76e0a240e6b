import type {
  Authorizer,
  TestInvokeAuthorizerRequest,
  TestInvokeAuthorizerResponse,
  TestInvokeMethodRequest,
  TestInvokeMethodResponse,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import type { DeployedRestApi } from "../deployed-api.ts";
import { notFound } from "../errors.ts";
import {
  authorizers,
  gatewayResponses,
  models,
  type RestApiContent,
  requestValidators,
  resources,
} from "../rest/documents.ts";
import { getApi, getPart, listParts } from "../rest/rest-api.ts";
import { toFunctionAuthorizer } from "./authorize.ts";
import {
  type ApiRequest,
  allValues,
  type Call,
  contextMap,
  GatewayError,
  lastValues,
  methodArn,
  type Pairs,
} from "./call.ts";
import { type ExecutionLog, executionLog } from "./execution-log.ts";
import { askAuthorizer } from "./lambda-authorizer.ts";
import { PathRouter } from "./path-router.ts";
import { finished, newCall, orGatewayResponse, readBody, runMethod, tellResource } from "./rest-call.ts";

/** What a call is told to be of; no stage has this name. */
const STAGE = "test-invoke-stage";

/** Calls a method as it is now, deployed or not, without its authorization, its keys and its throttles, and tells each step. */
export async function testInvokeMethod(
  input: Validated<TestInvokeMethodRequest>,
  context: Context,
): Promise<TestInvokeMethodResponse> {
  const { restApiId, resourceId, httpMethod } = input;
  const { api } = await getApi(context.store, context, restApiId);
  const missing = "Invalid Resource identifier specified";
  const resource = await getPart(context.store, context, resources, { apiId: restApiId, id: resourceId, missing });
  const methods = resource.resourceMethods ?? {};
  const method = Object.hasOwn(methods, httpMethod) ? methods[httpMethod] : methods.ANY;
  if (!method) throw notFound("Invalid Method identifier specified");

  const startedMs = context.wall.monotonicMs();
  const call = testCall(context, api, { ...input, path: resource.path });
  const deployed = await asItIs(context, api);
  const answer = await orGatewayResponse(call, deployed.gatewayResponses, async () => {
    call.body = await readBody(call.request);
    call.pathParameters = pathParameters(resource.path, call.request.path);
    tellResource(call, resource);
    call.log.info(() => `Starting execution for request: ${context.requestId}`);
    return runMethod(call, deployed, method);
  });
  const { status, headers, body } = finished(call, answer);
  return {
    status,
    body: body.toString(),
    headers: lastValues(headers),
    multiValueHeaders: allValues(headers),
    log: logText(call.log),
    latency: Math.round(context.wall.monotonicMs() - startedMs),
  };
}

/** Asks a Lambda authorizer about a request, and tells what it said. */
export async function testInvokeAuthorizer(
  input: Validated<TestInvokeAuthorizerRequest>,
  context: Context,
): Promise<TestInvokeAuthorizerResponse> {
  const { restApiId, authorizerId } = input;
  const { api } = await getApi(context.store, context, restApiId);
  const missing = "Invalid Authorizer identifier specified";
  const authorizer: Authorizer = await getPart(context.store, context, authorizers, {
    apiId: restApiId,
    id: authorizerId,
    missing,
  });
  const startedMs = context.wall.monotonicMs();
  const call = testCall(context, api, { ...input, httpMethod: "GET", path: "/" });
  for (const [name, value] of Object.entries(input.additionalContext ?? {})) call.context.set(name, value);
  const arn = methodArn(call.stage, STAGE, "GET", call.request.path);
  const latency = (): number => Math.round(context.wall.monotonicMs() - startedMs);
  try {
    if (authorizer.type === "COGNITO_USER_POOLS") throw new GatewayError("API_CONFIGURATION_ERROR");
    const { principalId, policy, context: told } = await askAuthorizer(call, toFunctionAuthorizer(authorizer), arn);
    return {
      clientStatus: 0,
      log: logText(call.log),
      latency: latency(),
      principalId,
      policy: typeof policy === "string" ? policy : "",
      authorization: Object.fromEntries(Object.entries(told).map(([name, value]) => [name, [String(value)]])),
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    call.log.error(() => `Execution failed: ${error.kind}`);
    return { clientStatus: error.kind === "UNAUTHORIZED" ? 401 : 500, log: logText(call.log), latency: latency() };
  }
}

async function asItIs({ store }: Context, api: RestApiContent): Promise<DeployedRestApi> {
  return {
    api,
    resources: [],
    models: await listParts(store, models, api.id),
    requestValidators: await listParts(store, requestValidators, api.id),
    authorizers: [],
    gatewayResponses: await listParts(store, gatewayResponses, api.id),
  };
}

interface Sketch {
  readonly httpMethod: string;
  /** Where none is given. */
  readonly path: string;
  readonly pathWithQueryString?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly body?: string | undefined;
  readonly stageVariables?: Readonly<Record<string, string>> | undefined;
}

function testCall(context: Context, api: RestApiContent, sketch: Sketch): Call {
  const { account, region, clock } = context;
  const [path = "", query = ""] = (sketch.pathWithQueryString || sketch.path).split("?", 2);
  const log = executionLog(context.requestId, { level: "INFO", traces: true, nowMs: () => clock.now() });
  const stage = { account, region, apiId: api.id, deploymentId: "" };
  const call = newCall(context, testRequest(context, api.id, sketch, { path, query }), stage, {
    variables: sketch.stageVariables ?? {},
    binaryMediaTypes: api.binaryMediaTypes ?? [],
    log,
  });
  const identity = contextMap(call.context, "identity");
  identity.set("accessKey", context.accessKeyId);
  identity.set("accountId", account);
  identity.set("userArn", context.principalArn);
  identity.set("apiKey", "test-invoke-api-key");
  identity.set("apiKeyId", "test-invoke-api-key-id");
  return call;
}

function testRequest(
  context: Context,
  apiId: string,
  { httpMethod, headers = {}, multiValueHeaders = {}, body = "" }: Sketch,
  { path, query }: { path: string; query: string },
): ApiRequest {
  const single = Object.entries(headers).filter(([name]) => !Object.hasOwn(multiValueHeaders, name));
  const sent: Pairs = [
    ...single,
    ...Object.entries(multiValueHeaders).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
  ];
  return {
    apiId,
    stageName: STAGE,
    method: httpMethod,
    path,
    wholePath: path,
    query,
    headers: sent,
    domainName: "testPrefix.testDomainName",
    port: "80",
    protocol: "HTTP/1.1",
    sourceIp: "test-invoke-source-ip",
    requestId: context.requestId,
    signal: context.signal,
    hasSignature: false,
    body: async () => Buffer.from(body),
    verify: async () => context,
    keys: async () => {
      throw new GatewayError("API_CONFIGURATION_ERROR");
    },
  };
}

function pathParameters(resourcePath: string, path: string): Readonly<Record<string, string>> {
  return new PathRouter([{ path: resourcePath, methods: { ANY: true } }]).find("ANY", path)?.pathParameters ?? {};
}

/** As the console shows it: a line for each step, with its time. */
function logText({ lines }: ExecutionLog): string {
  return lines
    .map(({ timeMs, message }) => `${new Date(timeMs).toUTCString()} : ${message.replace(/^\(\S+\) /, "")}\n`)
    .join("");
}
