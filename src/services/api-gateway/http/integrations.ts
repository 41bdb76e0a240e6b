import type {
  CreateIntegrationRequest,
  DeleteIntegrationRequest,
  GetIntegrationRequest,
  GetIntegrationsRequest,
  GetIntegrationsResponse,
  Integration,
  UpdateIntegrationRequest,
} from "@aws-sdk/client-apigatewayv2";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { badRequest, notBuilt, notFound, tooManyRequests } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { INTEGRATIONS_MAX } from "../quotas.ts";
import { partKey } from "../rest/documents.ts";
import { type HttpPartDocument, type IntegrationContent, integrations, routes } from "./documents.ts";
import { changeHttpApi, getHttpApi, getHttpPart, given, listHttpParts, putHttpPart, tokenPage } from "./http-api.ts";

const WHAT = "Integration";
const TIMEOUT_MS_MAX = 30_000;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html */
const SUBTYPES: readonly string[] = [
  "EventBridge-PutEvents",
  "SQS-SendMessage",
  "SQS-ReceiveMessage",
  "SQS-DeleteMessage",
  "SQS-PurgeQueue",
  "AppConfig-GetConfiguration",
  "Kinesis-PutRecord",
  "StepFunctions-StartExecution",
  "StepFunctions-StartSyncExecution",
  "StepFunctions-StopExecution",
];

export async function createIntegration(
  input: Validated<CreateIntegrationRequest>,
  context: Context,
): Promise<Integration> {
  const { ApiId, ...members } = input;
  const id = newId(context.ids, PART_ID_LENGTH + 1);
  return changeHttpApi(context, ApiId, async (unit) => {
    const count = (await listHttpParts(unit, integrations, ApiId)).length;
    checkIntegrationCount(count + 1, context);
    const integration = completedIntegration({ ...members, IntegrationId: id });
    putHttpPart(unit, integrations, ApiId, id, integration);
    return { answer: integration };
  });
}

export function checkIntegrationCount(count: number, context: Context): void {
  const max = context.limits.value("apigateway.integrations-per-api", INTEGRATIONS_MAX);
  if (count > max) throw tooManyRequests(`Maximum number of Integrations for this API has been reached: ${max}`);
}

/** An integration with what the service adds of itself. Throws for what an HTTP API cannot have. */
export function completedIntegration(integration: IntegrationContent): IntegrationContent {
  const { IntegrationType, IntegrationSubtype, IntegrationUri = "", ConnectionType = "INTERNET" } = integration;
  if (ConnectionType === "VPC_LINK") throw notBuilt("VPC links, which ConnectionType asks for, are");
  if (IntegrationType !== "AWS_PROXY" && IntegrationType !== "HTTP_PROXY") {
    throw badRequest(`Integration type ${IntegrationType} is not supported for HTTP APIs`);
  }
  const defaults = { ConnectionType, TimeoutInMillis: TIMEOUT_MS_MAX };
  checkParameters(integration);
  if (IntegrationType === "HTTP_PROXY") {
    if (IntegrationSubtype !== undefined) throw badRequest("IntegrationSubtype is supported with AWS_PROXY only");
    if (!/^https?:\/\/\S+$/i.test(IntegrationUri)) throw badRequest("Invalid HTTP endpoint specified for URI");
    if (!integration.IntegrationMethod) throw badRequest("HttpMethod is required for HTTP_PROXY integrations");
    if ((integration.PayloadFormatVersion ?? "1.0") !== "1.0") {
      throw badRequest("HTTP_PROXY integrations support the payload format version 1.0 only");
    }
    return { ...defaults, PayloadFormatVersion: "1.0", ...integration };
  }
  if (IntegrationSubtype !== undefined) {
    // A version can stand behind the name: `Kinesis-PutRecord-1.0`.
    if (!SUBTYPES.includes(IntegrationSubtype.replace(/-\d+(?:\.\d+)?$/, ""))) {
      throw badRequest(`Invalid IntegrationSubtype specified: ${IntegrationSubtype}`);
    }
    if (!integration.CredentialsArn) throw badRequest("CredentialsArn is required for integrations with AWS services");
    return { ...defaults, PayloadFormatVersion: "1.0", ...integration };
  }
  if (
    !/^arn:aws[a-z-]*:(?:lambda:[a-z0-9-]+:\d{12}:function:|apigateway:[a-z0-9-]+:lambda:path\/)\S+$/.test(
      IntegrationUri,
    )
  ) {
    throw badRequest("Invalid integration URI specified: it must be the ARN of a Lambda function");
  }
  const { PayloadFormatVersion } = integration;
  if (PayloadFormatVersion === undefined)
    throw badRequest("PayloadFormatVersion is a required parameter for integration");
  if (PayloadFormatVersion !== "1.0" && PayloadFormatVersion !== "2.0") {
    throw badRequest("Invalid PayloadFormatVersion specified. Valid options are 1.0,2.0");
  }
  return { ...defaults, IntegrationMethod: "POST", ...integration };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html */
function checkParameters({
  IntegrationSubtype,
  RequestParameters = {},
  ResponseParameters = {},
}: IntegrationContent): void {
  // Parameters of a service's action have names of their own.
  if (IntegrationSubtype === undefined) {
    for (const name of Object.keys(RequestParameters)) {
      if (!/^(?:(?:append|overwrite|remove):(?:header|querystring)\.\S+|overwrite:path)$/.test(name))
        throw invalid(name);
    }
  }
  for (const [status, parameters] of Object.entries(ResponseParameters)) {
    if (!/^[1-5]\d\d$/.test(status)) throw invalid(status);
    for (const name of Object.keys(parameters)) {
      if (!/^(?:(?:append|overwrite|remove):header\.\S+|overwrite:statuscode)$/.test(name)) throw invalid(name);
    }
  }
}

function invalid(name: string): Error {
  return badRequest(`Invalid parameter mapping specified: ${name}`);
}

export async function getIntegration(input: Validated<GetIntegrationRequest>, context: Context): Promise<Integration> {
  return getHttpPart(context.store, context, integrations, { apiId: input.ApiId, id: input.IntegrationId, what: WHAT });
}

export async function getIntegrations(
  input: Validated<GetIntegrationsRequest>,
  context: Context,
): Promise<GetIntegrationsResponse> {
  await getHttpApi(context.store, context, input.ApiId);
  const nameOf = ({ part }: HttpPartDocument<IntegrationContent>): string => part.IntegrationId;
  const listing = { collection: integrations, under: [input.ApiId], nameOf };
  const { items, nextToken } = await tokenPage(context, listing, input, ["GetIntegrations", input.ApiId]);
  return { Items: items.map(({ part }) => part), NextToken: nextToken };
}

export async function updateIntegration(
  input: Validated<UpdateIntegrationRequest>,
  context: Context,
): Promise<Integration> {
  const { ApiId, IntegrationId, ...members } = input;
  return changeHttpApi(context, ApiId, async (unit) => {
    const before = await unit.get(integrations, partKey(ApiId, IntegrationId));
    if (before === undefined) throw notFound(`Invalid ${WHAT} identifier specified`);
    const integration = completedIntegration({ ...before.part, ...given(members) });
    putHttpPart(unit, integrations, ApiId, IntegrationId, integration);
    return { answer: integration };
  });
}

/** Deletes an integration that no route goes to. */
export async function deleteIntegration(input: Validated<DeleteIntegrationRequest>, context: Context): Promise<void> {
  const { ApiId, IntegrationId } = input;
  await changeHttpApi(context, ApiId, async (unit) => {
    if ((await unit.get(integrations, partKey(ApiId, IntegrationId))) === undefined) {
      throw notFound(`Invalid ${WHAT} identifier specified`);
    }
    const user = (await listHttpParts(unit, routes, ApiId)).find(
      ({ Target }) => Target === `integrations/${IntegrationId}`,
    );
    if (user)
      throw badRequest(`Cannot delete Integration '${IntegrationId}', it is referenced by Route ${user.RouteKey}`);
    unit.delete(integrations, partKey(ApiId, IntegrationId));
    return { answer: undefined };
  });
}
