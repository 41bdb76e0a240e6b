import type {
  DeleteMethodResponseRequest,
  GetMethodResponseRequest,
  Method,
  MethodResponse,
  PutMethodResponseRequest,
  UpdateMethodResponseRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, notFound } from "../errors.ts";
import { entry, type PatchTable, patched } from "../patch.ts";
import { models, partKey } from "./documents.ts";
import { getMethodOf, invalidMapping, isRequired, putMethodOf } from "./methods.ts";

export const MISSING_STATUS = "Invalid Response status code specified";

export async function putMethodResponse(
  input: Validated<PutMethodResponseRequest>,
  context: Context,
): Promise<MethodResponse> {
  return context.store.commit(async (unit) => {
    const found = await getMethodOf(unit, context, input);
    const { statusCode } = input;
    if (findResponse(found.method, statusCode)) throw conflict("Response already exists for this resource");
    const { restApiId, resourceId: _, httpMethod, ...response } = input;
    await checkResponse(unit, restApiId, response);
    putMethodOf(unit, found, httpMethod, withResponse(found.method, statusCode, response));
    return response;
  });
}

async function checkResponse(reader: Reader, apiId: string, response: MethodResponse): Promise<void> {
  for (const name of Object.keys(response.responseParameters ?? {})) {
    if (!/^method\.response\.header\.[\w.$%!#&'*+^`|~-]+$/.test(name)) throw invalidMapping(name);
  }
  for (const name of Object.values(response.responseModels ?? {})) {
    if (!(await reader.get(models, partKey(apiId, name))))
      throw badRequest(`Invalid model identifier specified: ${name}`);
  }
}

function findResponse({ methodResponses = {} }: Method, statusCode: string): MethodResponse | undefined {
  return Object.hasOwn(methodResponses, statusCode) ? methodResponses[statusCode] : undefined;
}

function withResponse(method: Method, statusCode: string, response: MethodResponse): Method {
  return { ...method, methodResponses: { ...method.methodResponses, [statusCode]: response } };
}

export async function getMethodResponse(
  input: Validated<GetMethodResponseRequest>,
  context: Context,
): Promise<MethodResponse> {
  const { method } = await getMethodOf(context.store, context, input);
  const response = findResponse(method, input.statusCode);
  if (response === undefined) throw notFound(MISSING_STATUS);
  return response;
}

const responsePaths: PatchTable<MethodResponse> = {
  "/responseParameters/{name}": entry("responseParameters", "Invalid parameter name specified", isRequired),
  "/responseModels/{name}": entry("responseModels", "Content-Type specified was not found"),
};

export async function updateMethodResponse(
  input: Validated<UpdateMethodResponseRequest>,
  context: Context,
): Promise<MethodResponse> {
  return context.store.commit(async (unit) => {
    const found = await getMethodOf(unit, context, input);
    const response = findResponse(found.method, input.statusCode);
    if (response === undefined) throw notFound(MISSING_STATUS);
    const draft = patched(response, input.patchOperations, responsePaths, "names-path");
    await checkResponse(unit, input.restApiId, draft);
    putMethodOf(unit, found, input.httpMethod, withResponse(found.method, input.statusCode, draft));
    return draft;
  });
}

export async function deleteMethodResponse(
  input: Validated<DeleteMethodResponseRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const found = await getMethodOf(unit, context, input);
    if (findResponse(found.method, input.statusCode) === undefined) throw notFound(MISSING_STATUS);
    const { [input.statusCode]: _, ...methodResponses } = found.method.methodResponses ?? {};
    const { methodResponses: __, ...bare } = found.method;
    const method = Object.keys(methodResponses).length === 0 ? bare : { ...bare, methodResponses };
    putMethodOf(unit, found, input.httpMethod, method);
  });
}
