import type {
  DeleteGatewayResponseRequest,
  GatewayResponse,
  GatewayResponses,
  GatewayResponseType,
  GetGatewayResponseRequest,
  GetGatewayResponsesRequest,
  PutGatewayResponseRequest,
  UpdateGatewayResponseRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { badRequest, notFound } from "../errors.ts";
import { slicePositions } from "../paging.ts";
import { entry, type PatchTable, patched } from "../patch.ts";
import { type GatewayResponseContent, gatewayResponses, partKey } from "./documents.ts";
import { getApi, listParts, putPart, touchApi } from "./rest-api.ts";

/** Each type's status where it is not customised; the two defaults keep the status of what they stand for. */
const DEFAULT_STATUSES: Readonly<Record<GatewayResponseType, string | undefined>> = {
  ACCESS_DENIED: "403",
  API_CONFIGURATION_ERROR: "500",
  AUTHORIZER_CONFIGURATION_ERROR: "500",
  AUTHORIZER_FAILURE: "500",
  BAD_REQUEST_BODY: "400",
  BAD_REQUEST_PARAMETERS: "400",
  DEFAULT_4XX: undefined,
  DEFAULT_5XX: undefined,
  EXPIRED_TOKEN: "403",
  INTEGRATION_FAILURE: "504",
  INTEGRATION_TIMEOUT: "504",
  INVALID_API_KEY: "403",
  INVALID_SIGNATURE: "403",
  MISSING_AUTHENTICATION_TOKEN: "403",
  QUOTA_EXCEEDED: "429",
  REQUEST_TOO_LARGE: "413",
  RESOURCE_NOT_FOUND: "404",
  THROTTLED: "429",
  UNAUTHORIZED: "401",
  UNSUPPORTED_MEDIA_TYPE: "415",
  WAF_FILTERED: "403",
};

const DEFAULT_TEMPLATES = { "application/json": '{"message":$context.error.messageString}' };

/** What is answered for a type where an API says nothing of it. */
function defaultResponse(responseType: GatewayResponseType): GatewayResponseContent {
  const statusCode = DEFAULT_STATUSES[responseType];
  return {
    responseType,
    ...(statusCode !== undefined && { statusCode }),
    responseParameters: {},
    responseTemplates: { ...DEFAULT_TEMPLATES },
    defaultResponse: true,
  };
}

export async function putGatewayResponse(
  input: Validated<PutGatewayResponseRequest>,
  context: Context,
): Promise<GatewayResponse> {
  const { restApiId, responseType, ...given } = input;
  const response = customised(responseType, given);
  checkResponse(response);
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, restApiId);
    putPart(unit, gatewayResponses, restApiId, responseType, response);
    touchApi(unit, api);
    return response;
  });
}

export function customised(
  responseType: GatewayResponseType,
  given: Pick<GatewayResponse, "statusCode" | "responseParameters" | "responseTemplates">,
): GatewayResponseContent {
  return { ...defaultResponse(responseType), ...given, defaultResponse: false };
}

const SOURCE =
  /^(?:method\.request\.(?:header|querystring|path|multivalueheader|multivaluequerystring|body)|context|stageVariables)[.\w-]|^method\.request\.body$|^'.*'$/s;

export function checkResponse(response: GatewayResponse): void {
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    if (!/^gatewayresponse\.header\.\S+$/.test(target)) {
      throw badRequest(`Invalid mapping expression specified: ${target}`);
    }
    if (!SOURCE.test(source)) throw badRequest(`Invalid mapping expression specified: ${source}`);
  }
}

export async function getGatewayResponse(
  input: Validated<GetGatewayResponseRequest>,
  context: Context,
): Promise<GatewayResponse> {
  await getApi(context.store, context, input.restApiId);
  const found = await context.store.get(gatewayResponses, partKey(input.restApiId, input.responseType));
  return found?.part ?? defaultResponse(input.responseType);
}

/** All types, customised or not. */
export async function getGatewayResponses(
  input: Validated<GetGatewayResponsesRequest>,
  context: Context,
): Promise<GatewayResponses> {
  await getApi(context.store, context, input.restApiId);
  const own = await listParts(context.store, gatewayResponses, input.restApiId);
  const types = Object.keys(DEFAULT_STATUSES) as GatewayResponseType[];
  const all = types.map((type) => own.find(({ responseType }) => responseType === type) ?? defaultResponse(type));
  // Without a limit the service lists them all.
  return slicePositions(context, all, ({ responseType }) => responseType, { limit: types.length, ...input }, [
    "GetGatewayResponses",
    input.restApiId,
  ]);
}

const missingParameter = "Invalid parameter name specified";

const responsePaths: PatchTable<GatewayResponseContent> = {
  "/statusCode": {
    replace(draft, value) {
      if (!/^[1-5]\d\d$/.test(value ?? "")) throw badRequest("Invalid status code specified");
      draft.statusCode = value as string;
    },
  },
  "/responseParameters/{name}": entry("responseParameters", missingParameter, present("responseParameters")),
  "/responseTemplates/{name}": entry("responseTemplates", missingParameter, present("responseTemplates")),
};

function present(member: string): (value: string | undefined) => string {
  return (value) => {
    if (!value) throw badRequest(`Invalid null or empty value in ${member}`);
    return value;
  };
}

export async function updateGatewayResponse(
  input: Validated<UpdateGatewayResponseRequest>,
  context: Context,
): Promise<GatewayResponse> {
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, input.restApiId);
    const found = await unit.get(gatewayResponses, partKey(input.restApiId, input.responseType));
    const before = found?.part ?? defaultResponse(input.responseType);
    // Only a status is replaced: elsewhere this is said of paths that there are not.
    const wrong = input.patchOperations?.find(({ op, path }) => path === "/statusCode" && op !== "replace");
    if (wrong) throw badRequest(`Invalid patch path ${wrong.path}`);
    const draft = patched(before, input.patchOperations, responsePaths, "names-path");
    const response = { ...draft, responseParameters: draft.responseParameters ?? {}, defaultResponse: false };
    checkResponse(response);
    putPart(unit, gatewayResponses, input.restApiId, input.responseType, response);
    touchApi(unit, api);
    return response;
  });
}

export async function deleteGatewayResponse(
  input: Validated<DeleteGatewayResponseRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const api = await getApi(unit, context, input.restApiId);
    const key = partKey(input.restApiId, input.responseType);
    if ((await unit.get(gatewayResponses, key)) === undefined) {
      throw notFound("Gateway response type not defined on api");
    }
    unit.delete(gatewayResponses, key);
    touchApi(unit, api);
  });
}
