import type {
  DeleteIntegrationResponseRequest,
  GetIntegrationResponseRequest,
  Integration,
  IntegrationResponse,
  Method,
  PutIntegrationResponseRequest,
  UpdateIntegrationResponseRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { badRequest, notFound } from "../errors.ts";
import { entry, type PatchTable, patched } from "../patch.ts";
import { checkContentTypes, contentHandling, getIntegrationOf, undeclared } from "./integrations.ts";
import { MISSING_STATUS } from "./method-responses.ts";
import { invalidMapping, putMethodOf } from "./methods.ts";

/** Says what becomes of an integration's answer: instead of what is said for the status already. */
export async function putIntegrationResponse(
  input: Validated<PutIntegrationResponseRequest>,
  context: Context,
): Promise<IntegrationResponse> {
  return context.store.commit(async (unit) => {
    const found = await getIntegrationOf(unit, context, input);
    const { restApiId: _, resourceId: __, httpMethod, ...response } = input;
    checkResponse(response, found.method, input.statusCode);
    putMethodOf(unit, found, httpMethod, withResponse(found.method, input.statusCode, response));
    return response;
  });
}

function checkResponse(response: IntegrationResponse, method: Method, statusCode: string): void {
  checkContentTypes(response.responseTemplates);
  const { methodResponses = {} } = method;
  const declared = Object.hasOwn(methodResponses, statusCode) ? methodResponses[statusCode]?.responseParameters : {};
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    if (!/^(?:integration\.response\.|context\.|stageVariables\.)\S+$|^'.*'$/s.test(source)) {
      throw invalidMapping(source);
    }
    if (!Object.hasOwn(declared ?? {}, target)) throw undeclared(target);
  }
  checkSelectionPattern(response.selectionPattern);
}

/** A pattern of more is none that anybody wrote, and matching could take long. */
const SELECTION_PATTERN_MAX = 1_024;

function checkSelectionPattern(pattern: string | undefined): void {
  if (pattern !== undefined && pattern.length > SELECTION_PATTERN_MAX) {
    throw badRequest(`Invalid selection pattern specified: longer than ${SELECTION_PATTERN_MAX} characters`);
  }
}

function withResponse(method: Method, statusCode: string, response: IntegrationResponse): Method {
  const { methodIntegration: integration } = method;
  const integrationResponses = { ...integration?.integrationResponses, [statusCode]: response };
  return { ...method, methodIntegration: { ...integration, integrationResponses } };
}

function responseOf({ integrationResponses = {} }: Integration, statusCode: string): IntegrationResponse {
  const response = Object.hasOwn(integrationResponses, statusCode) ? integrationResponses[statusCode] : undefined;
  if (response === undefined) throw notFound(MISSING_STATUS);
  return response;
}

export async function getIntegrationResponse(
  input: Validated<GetIntegrationResponseRequest>,
  context: Context,
): Promise<IntegrationResponse> {
  const { integration } = await getIntegrationOf(context.store, context, input);
  return responseOf(integration, input.statusCode);
}

const responsePaths: PatchTable<IntegrationResponse> = {
  // An empty pattern is one: it makes the default response.
  "/selectionPattern": {
    replace: (draft, value) => {
      draft.selectionPattern = value ?? "";
    },
  },
  "/contentHandling": {
    replace(draft, value) {
      if (value) draft.contentHandling = contentHandling(value);
      else delete draft.contentHandling;
    },
    remove: (draft) => delete draft.contentHandling,
  },
  "/responseParameters/{name}": entry("responseParameters", "Invalid parameter name specified"),
  "/responseTemplates/{name}": entry("responseTemplates", "Content-Type specified was not found"),
};

export async function updateIntegrationResponse(
  input: Validated<UpdateIntegrationResponseRequest>,
  context: Context,
): Promise<IntegrationResponse> {
  return context.store.commit(async (unit) => {
    const found = await getIntegrationOf(unit, context, input);
    const response = responseOf(found.integration, input.statusCode);
    const draft = patched(response, input.patchOperations, responsePaths, "names-path");
    checkResponse(draft, found.method, input.statusCode);
    putMethodOf(unit, found, input.httpMethod, withResponse(found.method, input.statusCode, draft));
    return draft;
  });
}

export async function deleteIntegrationResponse(
  input: Validated<DeleteIntegrationResponseRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const found = await getIntegrationOf(unit, context, input, "Invalid Integration identifier specified");
    responseOf(found.integration, input.statusCode);
    const { integrationResponses = {}, ...bare } = found.integration;
    const { [input.statusCode]: _, ...others } = integrationResponses;
    const integration = Object.keys(others).length === 0 ? bare : { ...bare, integrationResponses: others };
    putMethodOf(unit, found, input.httpMethod, { ...found.method, methodIntegration: integration });
  });
}
