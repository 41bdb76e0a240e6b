import type {
  CreateResourceRequest,
  DeleteResourceRequest,
  GetResourceRequest,
  GetResourcesRequest,
  Method,
  Resource,
  Resources,
  UpdateResourceRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, limitExceeded, notFound } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { positionPage } from "../paging.ts";
import { type PatchTable, patched } from "../patch.ts";
import { RESOURCES_MAX } from "../quotas.ts";
import {
  type Owned,
  type PartDocument,
  partKey,
  type ResourceContent,
  type RestApiDocument,
  resources,
} from "./documents.ts";
import { findApi, getApi, listParts, putPart, touchApi } from "./rest-api.ts";

const MISSING = "Invalid Resource identifier specified";

/** A resource of the caller's API, with the API. */
export async function getResourceOf(
  reader: Reader,
  owner: Owned,
  { restApiId, resourceId }: { restApiId: string; resourceId: string },
): Promise<{ api: RestApiDocument; resource: ResourceContent }> {
  const api = await findApi(reader, owner, restApiId);
  const found = api && (await reader.get(resources, partKey(restApiId, resourceId)));
  if (api === undefined || found === undefined) throw notFound(MISSING);
  return { api, resource: found.part };
}

export async function createResource(input: Validated<CreateResourceRequest>, context: Context): Promise<Resource> {
  const id = newId(context.ids, PART_ID_LENGTH);
  return context.store.commit(async (unit) => {
    const { api, resource: parent } = await getResourceOf(unit, context, { ...input, resourceId: input.parentId });
    const all = await listParts(unit, resources, api.api.id);
    checkResourceCount(all.length + 1, context);
    const resource = childOf(parent, { id, pathPart: input.pathPart });
    checkPlace(all, parent, resource);
    putPart(unit, resources, api.api.id, id, resource);
    touchApi(unit, api);
    return resource;
  });
}

export function checkResourceCount(count: number, context: Context): void {
  const max = context.limits.value("apigateway.resources-per-api", RESOURCES_MAX);
  if (count > max) throw limitExceeded(`Maximum number of Resources for this API has been reached: ${max}`);
}

function childOf(parent: ResourceContent, resource: Omit<ResourceContent, "path">): ResourceContent {
  const path = `${parent.path === "/" ? "" : parent.path}/${resource.pathPart}`;
  return { ...resource, parentId: parent.id, path };
}

/** Whether a resource may lie under a parent, beside those that do. */
function checkPlace(all: readonly ResourceContent[], parent: ResourceContent, resource: ResourceContent): void {
  const part = resource.pathPart ?? "";
  checkPathPart(part);
  if (parent.pathPart?.endsWith("+}")) {
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  }
  const siblings = all.filter(({ parentId, id }) => parentId === parent.id && id !== resource.id);
  if (siblings.some(({ pathPart }) => pathPart === part)) {
    throw conflict(`Another resource with the same parent already has this name: ${part}`);
  }
  const variable = siblings.find(({ pathPart }) => pathPart?.startsWith("{"));
  if (variable && part.startsWith("{")) {
    throw badRequest(
      `A sibling (${variable.pathPart}) of this resource already has a variable path part -- only one is allowed`,
    );
  }
}

export function checkPathPart(part: string): void {
  if (/^[a-zA-Z0-9._:-]+$/.test(part) || /^\{[a-zA-Z0-9._:-]+\+?\}$/.test(part)) return;
  throw badRequest(
    "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
  );
}

export async function getResource(input: Validated<GetResourceRequest>, context: Context): Promise<Resource> {
  const { resource } = await getResourceOf(context.store, context, input);
  return shownResource(resource, input.embed);
}

export async function getResources(input: Validated<GetResourcesRequest>, context: Context): Promise<Resources> {
  await getApi(context.store, context, input.restApiId);
  const listing = {
    collection: resources,
    under: [input.restApiId],
    nameOf: ({ part }: PartDocument<ResourceContent>) => part.id,
  };
  const { items, position } = await positionPage(context, listing, input, ["GetResources", input.restApiId]);
  return { items: items.map(({ part }) => shownResource(part, input.embed)), position };
}

/** Without `embed=methods` a resource's methods are named only. */
function shownResource(resource: ResourceContent, embed: readonly string[] | undefined): Resource {
  const { resourceMethods = {}, ...rest } = resource;
  if (Object.keys(resourceMethods).length === 0) return rest;
  if (embed?.includes("methods")) return { ...rest, resourceMethods };
  const named = Object.keys(resourceMethods).map((method): [string, Method] => [method, {}]);
  return { ...rest, resourceMethods: Object.fromEntries(named) };
}

const resourcePaths: PatchTable<ResourceContent> = {
  "/parentId": {
    replace(draft, value) {
      if (draft.parentId === undefined) throw badRequest("Root resource cannot update its parentId.");
      draft.parentId = value ?? "";
    },
  },
  "/pathPart": {
    replace(draft, value) {
      if (draft.parentId === undefined) throw badRequest("Root resource cannot update its pathPart.");
      draft.pathPart = value ?? "";
    },
  },
};

/** Renames a resource or moves it under another one, with all that is under it. */
export async function updateResource(input: Validated<UpdateResourceRequest>, context: Context): Promise<Resource> {
  return context.store.commit(async (unit) => {
    const { api, resource } = await getResourceOf(unit, context, input);
    const draft = patched(resource, input.patchOperations, resourcePaths, "lists-paths");
    if (draft.parentId === undefined) return shownResource(draft, undefined);
    const all = await listParts(unit, resources, api.api.id);
    const parent = all.find(({ id }) => id === draft.parentId);
    if (parent === undefined) throw notFound(MISSING);
    const subtree = withDescendants(all, resource.id);
    if (subtree.some(({ id }) => id === parent.id)) throw badRequest("Resources cannot be cyclical.");
    const moved = childOf(parent, draft);
    checkPlace(all, parent, moved);
    if (moved.pathPart?.endsWith("+}") && subtree.length > 1) {
      throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${moved.pathPart}`);
    }
    for (const one of subtree) {
      const path = moved.path + one.path.slice(resource.path.length);
      putPart(unit, resources, api.api.id, one.id, one.id === moved.id ? moved : { ...one, path });
    }
    touchApi(unit, api);
    return shownResource(moved, undefined);
  });
}

/** Deletes a resource with all that is under it. */
export async function deleteResource(input: Validated<DeleteResourceRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const { api, resource } = await getResourceOf(unit, context, input);
    if (resource.parentId === undefined) throw badRequest("Cannot delete root resource.");
    const all = await listParts(unit, resources, api.api.id);
    for (const { id } of withDescendants(all, resource.id)) unit.delete(resources, partKey(api.api.id, id));
    touchApi(unit, api);
  });
}

function withDescendants(all: readonly ResourceContent[], id: string): readonly ResourceContent[] {
  const found = all.filter((one) => one.id === id);
  for (const one of found) found.push(...all.filter(({ parentId }) => parentId === one.id));
  return found;
}

export function putResource(unit: Unit, api: RestApiDocument, resource: ResourceContent): void {
  putPart(unit, resources, api.api.id, resource.id, resource);
  touchApi(unit, api);
}
