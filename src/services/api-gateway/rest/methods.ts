import type {
  DeleteMethodRequest,
  GetMethodRequest,
  Method,
  PutMethodRequest,
  UpdateMethodRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, notFound } from "../errors.ts";
import { element, entry, flag, type PatchTable, patched, text } from "../patch.ts";
import {
  authorizers,
  models,
  type Owned,
  partKey,
  type ResourceContent,
  type RestApiDocument,
  requestValidators,
} from "./documents.ts";
import { getResourceOf, putResource } from "./resources.ts";

export const HTTP_METHODS: readonly string[] = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];
const AUTHORIZATION_TYPES: readonly string[] = ["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"];

export interface MethodRef {
  readonly restApiId: string;
  readonly resourceId: string;
  readonly httpMethod: string;
}

export interface FoundMethod {
  readonly api: RestApiDocument;
  readonly resource: ResourceContent;
  readonly method: Method;
}

export async function getMethodOf(
  reader: Reader,
  owner: Owned,
  ref: MethodRef,
  missing = "Invalid Method identifier specified",
): Promise<FoundMethod> {
  const { api, resource } = await getResourceOf(reader, owner, ref);
  const methods = resource.resourceMethods ?? {};
  const method = Object.hasOwn(methods, ref.httpMethod) ? methods[ref.httpMethod] : undefined;
  if (method === undefined) throw notFound(missing);
  return { api, resource, method };
}

/** Writes a method of a resource, or without one removes it. */
export function putMethodOf(
  unit: Unit,
  { api, resource }: Omit<FoundMethod, "method">,
  name: string,
  method?: Method,
): void {
  const { [name]: _, ...others } = resource.resourceMethods ?? {};
  const resourceMethods = method === undefined ? others : { ...others, [name]: method };
  putResource(unit, api, { ...resource, resourceMethods });
}

export async function putMethod(input: Validated<PutMethodRequest>, context: Context): Promise<Method> {
  return context.store.commit(async (unit) => {
    const { api, resource } = await getResourceOf(unit, context, input);
    const { httpMethod } = input;
    if (!HTTP_METHODS.includes(httpMethod)) {
      throw badRequest(`Invalid HttpMethod specified. Valid options are ${HTTP_METHODS.join(",")}`);
    }
    if (Object.hasOwn(resource.resourceMethods ?? {}, httpMethod)) {
      throw conflict("Method already exists for this resource");
    }
    const { restApiId: _, resourceId: __, ...members } = input;
    const method: Method = { ...members, apiKeyRequired: input.apiKeyRequired ?? false };
    const checked = await checkMethod(unit, api.api.id, method);
    putMethodOf(unit, { api, resource }, httpMethod, checked);
    return checked;
  });
}

/** What a method names must be there. Answers with the method, without what its authorization does not use. */
export async function checkMethod(reader: Reader, apiId: string, method: Method): Promise<Method> {
  const checked = { ...method };
  const { authorizationType = "NONE" } = method;
  if (!AUTHORIZATION_TYPES.includes(authorizationType)) {
    throw badRequest(`Invalid Authorization type specified. Valid options are ${AUTHORIZATION_TYPES.join(",")}`);
  }
  if (authorizationType === "CUSTOM" || authorizationType === "COGNITO_USER_POOLS") {
    const { authorizerId } = method;
    const found = authorizerId && (await reader.get(authorizers, partKey(apiId, authorizerId)));
    if (!found) {
      throw badRequest(
        "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
      );
    }
  } else {
    delete checked.authorizerId;
    delete checked.authorizationScopes;
  }
  const { requestValidatorId } = method;
  if (requestValidatorId && !(await reader.get(requestValidators, partKey(apiId, requestValidatorId)))) {
    throw badRequest("Invalid Request Validator identifier specified");
  }
  for (const name of Object.values(method.requestModels ?? {})) {
    if (!(await reader.get(models, partKey(apiId, name))))
      throw badRequest(`Invalid model identifier specified: ${name}`);
  }
  checkRequestParameters(Object.keys(method.requestParameters ?? {}));
  return checked;
}

const REQUEST_PARAMETER =
  /^method\.request\.(?:querystring|path|header|multivaluequerystring|multivalueheader)\.([\w.$%!#&'*+^`|~\-[\]:]+)$/;

function checkRequestParameters(names: readonly string[]): void {
  const own = new Set<string>();
  for (const name of names) {
    const [, parameter] = REQUEST_PARAMETER.exec(name) ?? [];
    if (parameter === undefined) throw invalidMapping(name);
    if (own.has(parameter)) throw badRequest("Parameter names must be unique across querystring, header and path");
    own.add(parameter);
  }
}

export function invalidMapping(expression: string): Error {
  return badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${expression}]`,
  );
}

export async function getMethod(input: Validated<GetMethodRequest>, context: Context): Promise<Method> {
  return (await getMethodOf(context.store, context, input)).method;
}

const methodPaths: PatchTable<Method> = {
  "/authorizationType": { replace: text("authorizationType") },
  "/authorizerId": { replace: text("authorizerId") },
  "/authorizationScopes": element("authorizationScopes"),
  "/authorizationScopes/{name}": element("authorizationScopes"),
  "/apiKeyRequired": { replace: flag("apiKeyRequired") },
  "/operationName": { replace: text("operationName") },
  "/requestValidatorId": { replace: text("requestValidatorId") },
  "/requestParameters/{name}": entry("requestParameters", "Invalid parameter name specified", isRequired),
  "/requestModels/{name}": entry("requestModels", "Content-Type specified was not found"),
};

/** A parameter's value says whether it is required. */
export function isRequired(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}

export async function updateMethod(input: Validated<UpdateMethodRequest>, context: Context): Promise<Method> {
  return context.store.commit(async (unit) => {
    const found = await getMethodOf(unit, context, input);
    const draft = patched(found.method, input.patchOperations, methodPaths, "names-path");
    const method = await checkMethod(unit, found.api.api.id, draft);
    putMethodOf(unit, found, input.httpMethod, method);
    return method;
  });
}

export async function deleteMethod(input: Validated<DeleteMethodRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    putMethodOf(unit, await getMethodOf(unit, context, input), input.httpMethod);
  });
}
