/** Writes what a definition says into a REST API: into a new one, over all that is there, or beside it. */
import type { Integration, Method } from "@aws-sdk/client-api-gateway";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { checkAuthorizer, completed } from "../rest/authorizers.ts";
import {
  authorizers,
  gatewayResponses,
  models,
  type ResourceContent,
  type RestApiDocument,
  requestValidators,
  resources,
} from "../rest/documents.ts";
import { checkResponse } from "../rest/gateway-responses.ts";
import { checkIntegration, withDefaults } from "../rest/integrations.ts";
import { checkSchema } from "../rest/models.ts";
import { checkPathPart, checkResourceCount } from "../rest/resources.ts";
import { listParts, putPart } from "../rest/rest-api.ts";
import { type ApiDefinition, type DefinedMethod, MODEL_REFERENCE } from "./api-definition.ts";
import { failed } from "./import-definition.ts";

/** Ids for all that a definition can make. They are taken before the unit, which may run twice. */
export function idsFor(definition: ApiDefinition, context: Context): readonly string[] {
  const parts = definition.paths.reduce((sum, path) => sum + path.split("/").length, 0);
  const others = definition.models.length + definition.validators.length + definition.authorizers.length;
  return Array.from({ length: Math.min(parts, MADE_RESOURCES_MAX) + others }, () => newId(context.ids, PART_ID_LENGTH));
}

/** More are refused long before they have ids. */
const MADE_RESOURCES_MAX = 10_000;

/** Writes the parts. The API's root is there; things with the same name or path are replaced, and keep their ids. */
export async function applyDefinition(
  unit: Unit,
  context: Context,
  document: RestApiDocument,
  definition: ApiDefinition,
  ids: readonly string[],
): Promise<void> {
  const apiId = document.api.id;
  const fresh = ids[Symbol.iterator]();
  const id = (): string => fresh.next().value ?? "";
  await putModels(unit, apiId, definition, id);
  const validatorIds = await putValidators(unit, apiId, definition, id);
  const authorizerIds = await putAuthorizers(unit, apiId, definition, id);
  for (const response of definition.gatewayResponses) {
    importing(`gateway response '${response.responseType}'`, () => checkResponse(response));
    putPart(unit, gatewayResponses, apiId, response.responseType, response);
  }
  const tree = new Tree(await listParts(unit, resources, apiId), id);
  for (const path of definition.paths) tree.at(path);
  checkResourceCount(tree.all.length, context);
  for (const defined of definition.methods) {
    const resource = tree.at(defined.path);
    const method = methodOf(defined, resource, context, { validatorIds, authorizerIds });
    resource.resourceMethods = { ...resource.resourceMethods, [defined.httpMethod]: method };
  }
  for (const resource of tree.all) putPart(unit, resources, apiId, resource.id, resource);
}

async function putModels(unit: Unit, apiId: string, definition: ApiDefinition, id: () => string): Promise<void> {
  const before = await listParts(unit, models, apiId);
  const reference = MODEL_REFERENCE.replace("$API", apiId);
  for (const model of definition.models) {
    const schema = model.schema.replaceAll(MODEL_REFERENCE, reference);
    importing(`model '${model.name}'`, () => checkSchema(schema));
    const existing = before.find(({ name }) => name === model.name);
    putPart(unit, models, apiId, model.name, {
      ...model,
      schema,
      contentType: "application/json",
      id: existing?.id ?? id(),
    });
  }
}

async function putValidators(
  unit: Unit,
  apiId: string,
  definition: ApiDefinition,
  id: () => string,
): Promise<ReadonlyMap<string, string>> {
  const before = await listParts(unit, requestValidators, apiId);
  const byName = new Map(before.map((one) => [one.name ?? "", one.id]));
  for (const validator of definition.validators) {
    const own = byName.get(validator.name) ?? id();
    byName.set(validator.name, own);
    putPart(unit, requestValidators, apiId, own, { ...validator, id: own });
  }
  return byName;
}

async function putAuthorizers(
  unit: Unit,
  apiId: string,
  definition: ApiDefinition,
  id: () => string,
): Promise<ReadonlyMap<string, string>> {
  const before = await listParts(unit, authorizers, apiId);
  const byName = new Map(before.map((one) => [one.name, one.id]));
  for (const given of definition.authorizers) {
    const authorizer = completed({ ...given, id: byName.get(given.name) ?? id() });
    importing(`authorizer '${given.name}'`, () => checkAuthorizer(authorizer));
    byName.set(authorizer.name, authorizer.id);
    putPart(unit, authorizers, apiId, authorizer.id, authorizer);
  }
  return byName;
}

interface Known {
  readonly validatorIds: ReadonlyMap<string, string>;
  readonly authorizerIds: ReadonlyMap<string, string>;
}

function methodOf(defined: DefinedMethod, resource: ResourceContent, context: Context, known: Known): Method {
  const { httpMethod, path, authorizer, validator, integration } = defined;
  const authorizerId = authorizer === undefined ? undefined : known.authorizerIds.get(authorizer);
  const requestValidatorId = validator === undefined ? undefined : known.validatorIds.get(validator);
  const where = `'${httpMethod}' for resource at path '${path}'`;
  if (authorizer !== undefined && authorizerId === undefined) {
    throw failed(`Unable to put method ${where}: Invalid authorizer ${authorizer}`);
  }
  if (validator !== undefined && requestValidatorId === undefined) {
    throw failed(`Unable to put method ${where}: Invalid Request Validator identifier specified`);
  }
  return {
    ...defined.method,
    ...(authorizerId !== undefined && { authorizerId }),
    ...(requestValidatorId !== undefined && { requestValidatorId }),
    ...(integration && { methodIntegration: integrationOf(integration, resource, context, where) }),
  };
}

function integrationOf(given: Integration, { id }: ResourceContent, context: Context, where: string): Integration {
  const integration = withDefaults(given, id);
  importing(`integration on ${where}`, () => checkIntegration(integration, context));
  return integration;
}

/** Says of what a document's part is refused, where a check refuses it. */
function importing(what: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof ModeledError && error.code === "BadRequestException") {
      throw failed(`Unable to put ${what}: ${error.message}`);
    }
    throw error;
  }
}

/** The resources of an API, by path; those that a path needs are made. */
class Tree {
  readonly all: ResourceContent[];
  readonly #byPath: Map<string, ResourceContent>;
  readonly #variables = new Map<string, string>();
  readonly #id: () => string;

  constructor(before: readonly ResourceContent[], id: () => string) {
    this.all = before.map((one) => ({ ...one }));
    this.#byPath = new Map(this.all.map((one) => [one.path, one]));
    this.#id = id;
    for (const { parentId, pathPart = "" } of this.all) {
      if (parentId !== undefined && pathPart.startsWith("{")) this.#variables.set(parentId, pathPart);
    }
  }

  at(path: string): ResourceContent {
    const known = this.#byPath.get(path);
    if (known) return known;
    if (this.all.length > MADE_RESOURCES_MAX) throw failed("The document has too many paths");
    const cut = path.lastIndexOf("/");
    const parent = this.at(cut <= 0 ? "/" : path.slice(0, cut));
    const pathPart = path.slice(cut + 1);
    this.#check(parent, pathPart, path);
    const resource: ResourceContent = { id: this.#id(), parentId: parent.id, path, pathPart };
    this.all.push(resource);
    this.#byPath.set(path, resource);
    return resource;
  }

  #check(parent: ResourceContent, pathPart: string, path: string): void {
    importing(`resource at path '${path}'`, () => checkPathPart(pathPart));
    const refuse = (reason: string): Error => failed(`Unable to create resource at path '${path}': ${reason}`);
    if (parent.pathPart?.endsWith("+}")) {
      throw refuse(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
    }
    if (!pathPart.startsWith("{")) return;
    const sibling = this.#variables.get(parent.id);
    if (sibling !== undefined) {
      throw refuse(`A sibling (${sibling}) of this resource already has a variable path part -- only one is allowed`);
    }
    this.#variables.set(parent.id, pathPart);
  }
}
