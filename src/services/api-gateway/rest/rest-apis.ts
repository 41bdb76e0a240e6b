import type {
  CreateRestApiRequest,
  DeleteRestApiRequest,
  EndpointConfiguration,
  EndpointType,
  GetRestApiRequest,
  GetRestApisRequest,
  RestApi,
  RestApis,
  UpdateRestApiRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import { type Collection, compositeKey, type Unit } from "../../../store/store.ts";
import { parsePolicy } from "../../policy/index.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context } from "../../service.ts";
import { deployedRestApis } from "../deployed-api.ts";
import { badRequest, limitExceeded } from "../errors.ts";
import { API_ID_LENGTH, newId } from "../new-id.ts";
import { positionPage } from "../paging.ts";
import { element, flag, type PatchTable, patched, removal, text } from "../patch.ts";
import { EDGE_APIS_MAX, PRIVATE_APIS_MAX, REGIONAL_APIS_MAX } from "../quotas.ts";
import { checkTags, tagsMember } from "../tag-rules.ts";
import { leavePlans } from "../usage/usage-plans.ts";
import {
  authorizers,
  deployments,
  documentationParts,
  documentationVersions,
  gatewayResponses,
  models,
  type PartDocument,
  partKey,
  type RestApiContent,
  type RestApiDocument,
  requestValidators,
  resources,
  restApis,
  stages,
} from "./documents.ts";
import { defaultModels } from "./models.ts";
import { findApi, getApi, listAll, listParts, putPart, touchApi } from "./rest-api.ts";

export async function createRestApi(input: Validated<CreateRestApiRequest>, context: Context): Promise<RestApi> {
  if (input.name === "") throw badRequest("Name cannot be empty");
  const { cloneFrom } = input;
  const document = newApi(context, {
    ...definedMembers(input),
    ...(input.policy !== undefined && { policy: policyText(input.policy) }),
    endpointConfiguration: endpointConfiguration(input.endpointConfiguration),
  });
  checkApi(document.api);
  const fresh = defaultModels(context.ids);
  return context.store.commit(async (unit) => {
    await checkApiCount(unit, context, document.api);
    if (cloneFrom !== undefined) return shownApi(await cloneApi(unit, context, document, cloneFrom));
    createRoot(unit, document);
    for (const model of fresh) putPart(unit, models, document.api.id, model.name, model);
    unit.put(restApis, document.api.id, document);
    return shownApi(document);
  });
}

async function cloneApi(unit: Unit, context: Context, to: RestApiDocument, fromId: string): Promise<RestApiDocument> {
  const from = await findApi(unit, context, fromId);
  // Creating an API has no 404.
  if (from === undefined) throw badRequest(`Invalid API identifier specified ${context.account}:${fromId}`);
  await copyParts(unit, from.api.id, to.api.id);
  const clone = { ...to, api: { ...to.api, rootResourceId: from.api.rootResourceId } };
  unit.put(restApis, clone.api.id, clone);
  return clone;
}

/** An API with nothing in it but ids of its own. */
export function newApi(
  { account, region, ids, clock }: Context,
  content: Omit<RestApiContent, "id" | "rootResourceId" | "apiKeySource" | "disableExecuteApiEndpoint"> &
    Partial<RestApiContent>,
): RestApiDocument {
  return {
    account,
    region,
    createdMs: clock.now(),
    revision: 1,
    api: {
      apiKeySource: "HEADER",
      disableExecuteApiEndpoint: false,
      ...content,
      id: newId(ids, API_ID_LENGTH),
      rootResourceId: newId(ids, API_ID_LENGTH),
    },
  };
}

export function createRoot(unit: Unit, { api }: RestApiDocument): void {
  putPart(unit, resources, api.id, api.rootResourceId, { id: api.rootResourceId, path: "/" });
}

function definedMembers(input: Validated<CreateRestApiRequest>): Omit<RestApiContent, "id" | "rootResourceId"> {
  const { cloneFrom: _, tags, binaryMediaTypes, policy: __, ...members } = input;
  return { ...members, ...(binaryMediaTypes?.length ? { binaryMediaTypes } : {}), ...tagsMember(tags) };
}

/** Without a type an API is edge-optimized; private ones speak IPv6 too. */
export function endpointConfiguration(given: EndpointConfiguration | undefined): EndpointConfiguration {
  const types = given?.types ?? ["EDGE"];
  return { ...given, types, ipAddressType: given?.ipAddressType ?? (types.includes("PRIVATE") ? "dualstack" : "ipv4") };
}

const COMPRESSION_MAX = 10_485_760;

/** What the model does not say of an API's members. */
export function checkApi(api: RestApiContent): void {
  if (api.description === "") throw badRequest("Description cannot be an empty string");
  checkCompression(api.minimumCompressionSize);
  const { types = [], ipAddressType } = api.endpointConfiguration ?? {};
  if (types.length === 0) {
    throw badRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
  }
  if (types.length > 1) throw badRequest("Cannot create an api with multiple Endpoint Types.");
  if (types[0] === "PRIVATE" && ipAddressType === "ipv4") {
    throw badRequest("Only dualstack ipAddressType is supported for Private APIs.");
  }
  checkTags(api.tags);
}

function checkCompression(size: number | undefined): void {
  if (size !== undefined && !(Number.isInteger(size) && size >= 0 && size <= COMPRESSION_MAX)) {
    throw badRequest(`Invalid minimum compression size, must be between 0 and ${COMPRESSION_MAX}`);
  }
}

/** A policy as it is kept: compact JSON. */
export function policyText(policy: string): string {
  if (parsePolicy(policy) !== undefined) return JSON.stringify(JSON.parse(policy));
  throw badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.");
}

const quotas: Readonly<Record<EndpointType, readonly [string, number]>> = {
  REGIONAL: ["apigateway.regional-apis", REGIONAL_APIS_MAX],
  EDGE: ["apigateway.edge-apis", EDGE_APIS_MAX],
  PRIVATE: ["apigateway.private-apis", PRIVATE_APIS_MAX],
};

export async function checkApiCount(unit: Unit, context: Context, api: RestApiContent): Promise<void> {
  if (!context.limits.enforced) return;
  const { account, region } = context;
  await guardRange(unit, compositeKey(account, region, "apigateway.rest-apis"));
  const type = api.endpointConfiguration?.types?.[0] ?? "EDGE";
  const [name, fallback] = quotas[type];
  const max = context.limits.value(name, fallback);
  const prefix = compositeKey(account, region, "");
  let count = 0;
  let after: string | undefined;
  do {
    const page = await unit.list(restApis, { index: "owner", prefix, limit: 1_000, after });
    count += page.documents.filter((one) => one.api.endpointConfiguration?.types?.includes(type)).length;
    after = page.next;
  } while (after !== undefined);
  if (count >= max)
    throw limitExceeded(
      `Maximum number of ${type} RestApis for this account has been reached. Please contact AWS if you need additional APIs.`,
    );
}

/** What is in an API, into another one, with the same ids: they are unique within an API. */
async function copyParts(unit: Unit, from: string, to: string): Promise<void> {
  const copy = async <T>(parts: Collection<PartDocument<T>>, idOf: (part: T) => string): Promise<void> => {
    for (const part of await listParts(unit, parts, from)) putPart(unit, parts, to, idOf(part), part);
  };
  await copy(resources, ({ id }) => id);
  await copy(models, ({ name }) => name);
  await copy(requestValidators, ({ id }) => id);
  await copy(authorizers, ({ id }) => id);
  await copy(gatewayResponses, ({ responseType }) => responseType);
  await copy(documentationParts, ({ id }) => id);
}

export async function getRestApi(input: Validated<GetRestApiRequest>, context: Context): Promise<RestApi> {
  return shownApi(await getApi(context.store, context, input.restApiId));
}

export async function getRestApis(input: Validated<GetRestApisRequest>, context: Context): Promise<RestApis> {
  const { account, region } = context;
  const listing = {
    collection: restApis,
    index: "owner",
    under: [account, region],
    nameOf: ({ api }: RestApiDocument) => api.id,
  };
  const { items, position } = await positionPage(context, listing, input, ["GetRestApis"]);
  return { items: items.map(shownApi), position };
}

/** The policy's quotes are escaped once more in answers; tools that read it rely on that. */
export function shownApi({ api, createdMs }: RestApiDocument): RestApi {
  const policy = api.policy === undefined ? {} : { policy: JSON.stringify(api.policy).slice(1, -1) };
  return { ...api, ...policy, createdDate: new Date(createdMs) };
}

const ENDPOINT_TYPES: readonly string[] = ["REGIONAL", "EDGE", "PRIVATE"];

const mediaTypes = element<RestApiContent>("binaryMediaTypes");

const restApiPaths: PatchTable<RestApiContent> = {
  "/name": {
    replace(draft, value) {
      if (!value) throw badRequest("Name cannot be empty");
      draft.name = value;
    },
  },
  "/description": { replace: text("description"), remove: removal("description") },
  "/version": { replace: text("version"), remove: removal("version") },
  "/policy": {
    replace(draft, value) {
      if (value) draft.policy = policyText(value);
      else delete draft.policy;
    },
    remove: removal("policy"),
  },
  "/apiKeySource": {
    replace(draft, value) {
      if (value !== "HEADER" && value !== "AUTHORIZER") {
        throw badRequest("Invalid API key source specified. Valid options are HEADER,AUTHORIZER");
      }
      draft.apiKeySource = value;
    },
  },
  "/binaryMediaTypes/{name}": mediaTypes,
  "/minimumCompressionSize": {
    replace(draft, value) {
      if (value === undefined || value === "") {
        delete draft.minimumCompressionSize;
        return;
      }
      const size = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      checkCompression(size);
      draft.minimumCompressionSize = size;
    },
  },
  "/disableExecuteApiEndpoint": { replace: flag("disableExecuteApiEndpoint") },
  "/endpointConfiguration/ipAddressType": {
    replace(draft, value) {
      if (value !== "ipv4" && value !== "dualstack") {
        throw badRequest("ipAddressType must be either ipv4 or dualstack.");
      }
      draft.endpointConfiguration = { ...draft.endpointConfiguration, ipAddressType: value };
    },
  },
  "/endpointConfiguration/types/{name}": { add: setType, replace: setType, remove: refuseTypeRemoval },
  "/endpointConfiguration/vpcEndpointIds": {
    add: (draft, value) => changeEndpointIds(draft, (ids) => [...ids, value ?? ""]),
    remove: (draft, value) => changeEndpointIds(draft, (ids) => ids.filter((id) => id !== value)),
  },
  "/endpointConfiguration/vpcEndpointIds/{name}": {
    add: (draft, _, [id = ""]) => changeEndpointIds(draft, (ids) => [...ids, id]),
    remove: (draft, _, [id = ""]) => changeEndpointIds(draft, (ids) => ids.filter((one) => one !== id)),
  },
};

function setType(draft: RestApiContent, value: string | undefined): void {
  if (value === undefined || !ENDPOINT_TYPES.includes(value)) {
    throw badRequest(`Invalid EndpointTypes specified. Valid options are ${ENDPOINT_TYPES.join(",")}`);
  }
  const type = value as EndpointType;
  const ipAddressType = type === "PRIVATE" ? "dualstack" : (draft.endpointConfiguration?.ipAddressType ?? "ipv4");
  draft.endpointConfiguration = { ...draft.endpointConfiguration, types: [type], ipAddressType };
}

/** An API has one type, and cannot be without. */
function refuseTypeRemoval(): never {
  throw badRequest("Invalid patch operation specified. Must be 'add'|'remove'|'replace'");
}

function changeEndpointIds(draft: RestApiContent, change: (ids: readonly string[]) => string[]): void {
  const vpcEndpointIds = change(draft.endpointConfiguration?.vpcEndpointIds ?? []);
  draft.endpointConfiguration = { ...draft.endpointConfiguration, vpcEndpointIds: [...new Set(vpcEndpointIds)] };
}

export async function updateRestApi(input: Validated<UpdateRestApiRequest>, context: Context): Promise<RestApi> {
  return context.store.commit(async (unit) => {
    const document = await getApi(unit, context, input.restApiId);
    const api = patched(document.api, input.patchOperations, restApiPaths, "names-path");
    checkApi(api);
    const changed = { ...document, api };
    touchApi(unit, changed);
    return shownApi(changed);
  });
}

/** Deletes an API with all that is in it. Usage plans forget its stages. */
export async function deleteRestApi(input: Validated<DeleteRestApiRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const { api } = await getApi(unit, context, input.restApiId);
    await leavePlans(unit, context, api.id);
    unit.delete(restApis, api.id);
    for (const { deployment } of await listAll(unit, deployments, api.id)) {
      unit.delete(deployments, partKey(api.id, deployment.id));
      unit.delete(deployedRestApis, partKey(api.id, deployment.id));
    }
    for (const { stage } of await listAll(unit, stages, api.id)) unit.delete(stages, partKey(api.id, stage.stageName));
    for (const { version } of await listAll(unit, documentationVersions, api.id)) {
      unit.delete(documentationVersions, partKey(api.id, version.version));
    }
    await deleteParts(unit, api.id);
  });
}

/** Deletes the parts that calls are made of, and documentation parts. */
export async function deleteParts(unit: Unit, apiId: string): Promise<void> {
  const remove = async <T>(parts: Collection<PartDocument<T>>, idOf: (part: T) => string): Promise<void> => {
    for (const part of await listParts(unit, parts, apiId)) unit.delete(parts, partKey(apiId, idOf(part)));
  };
  await remove(resources, ({ id }) => id);
  await remove(models, ({ name }) => name);
  await remove(requestValidators, ({ id }) => id);
  await remove(authorizers, ({ id }) => id);
  await remove(gatewayResponses, ({ responseType }) => responseType);
  await remove(documentationParts, ({ id }) => id);
}
