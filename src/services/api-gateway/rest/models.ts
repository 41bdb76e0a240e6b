import type {
  CreateModelRequest,
  DeleteModelRequest,
  GetModelRequest,
  GetModelsRequest,
  GetModelTemplateRequest,
  Model,
  Models,
  Template,
  UpdateModelRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Ids } from "../../../time/ids.ts";
import { isJsonObject, parseJsonObject } from "../../json-text.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict } from "../errors.ts";
import { nestsDeeper } from "../nesting.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { positionPage } from "../paging.ts";
import { type PatchTable, patched } from "../patch.ts";
import { type ModelContent, models, type Owned, type PartDocument, partKey, resources } from "./documents.ts";
import { getApi, getPart, listParts, putPart, touchApi } from "./rest-api.ts";

/** "The maximum size of the model is 400 KB." */
const SCHEMA_CHARACTERS_MAX = 400 * 1024;

/** Schemas are walked by functions that call themselves. */
const SCHEMA_DEPTH_MAX = 100;

/** The models that a new API has. */
export function defaultModels(ids: Ids): readonly ModelContent[] {
  const schema = "http://json-schema.org/draft-04/schema#";
  return [
    {
      id: newId(ids, PART_ID_LENGTH),
      name: "Empty",
      description: "This is a default empty schema model",
      contentType: "application/json",
      schema: JSON.stringify({ $schema: schema, title: "Empty Schema", type: "object" }, null, 2),
    },
    {
      id: newId(ids, PART_ID_LENGTH),
      name: "Error",
      description: "This is a default error schema model",
      contentType: "application/json",
      schema: JSON.stringify(
        { $schema: schema, title: "Error Schema", type: "object", properties: { message: { type: "string" } } },
        null,
        2,
      ),
    },
  ];
}

export async function createModel(input: Validated<CreateModelRequest>, context: Context): Promise<Model> {
  const { restApiId, ...members } = input;
  const model: ModelContent = { ...members, id: newId(context.ids, PART_ID_LENGTH) };
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, restApiId);
    if (model.name === "") throw badRequest("Model name must be non-empty");
    if (!/^[a-zA-Z0-9]+$/.test(model.name)) throw badRequest("Model name must be alphanumeric");
    checkSchema(model.schema);
    if (await unit.get(models, partKey(restApiId, model.name))) {
      throw conflict("Model name already exists for this REST API");
    }
    putPart(unit, models, restApiId, model.name, model);
    touchApi(unit, api);
    return model;
  });
}

export function checkSchema(schema: string | undefined): void {
  if (schema === undefined || schema.trim() === "") {
    throw badRequest("Model schema must have at least 1 property or array items defined");
  }
  if (schema.length > SCHEMA_CHARACTERS_MAX) throw badRequest("Model schema exceeds the maximum size of 400 KB");
  const document = parseJsonObject(schema);
  if (document === undefined || nestsDeeper(document, SCHEMA_DEPTH_MAX)) {
    throw badRequest(
      "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]",
    );
  }
}

function getModelOf(reader: Reader, owner: Owned, apiId: string, name: string): Promise<ModelContent> {
  return getPart(reader, owner, models, { apiId, id: name, missing: `Invalid model name specified: ${name}` });
}

/** `flatten` puts the models that one refers to into it. */
export async function getModel(input: Validated<GetModelRequest>, context: Context): Promise<Model> {
  const model = await getModelOf(context.store, context, input.restApiId, input.modelName);
  if (!input.flatten) return model;
  const all = await listParts(context.store, models, input.restApiId);
  return { ...model, schema: flattened(model, all) };
}

/** Deeper than anybody nests: a model can refer to itself. */
const FLATTEN_DEPTH_MAX = 10;

/** More than anybody has of definitions. */
const FLATTENED_MODELS_MAX = 100;

/** A model's schema with those that it refers to as definitions. */
function flattened(model: ModelContent, all: readonly ModelContent[]): string {
  const schema = parseJsonObject(model.schema ?? "") ?? {};
  const definitions: Record<string, unknown> = {};
  const replace = (value: unknown, depth: number): unknown => {
    if (Array.isArray(value)) return value.map((one) => replace(one, depth));
    if (!isJsonObject(value)) return value;
    const [, name] = /\/models\/([a-zA-Z0-9]+)$/.exec(String(value.$ref ?? "")) ?? [];
    const target = name === undefined ? undefined : all.find((one) => one.name === name);
    if (target === undefined) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replace(one, depth)]));
    }
    const isKnown = Object.hasOwn(definitions, target.name);
    if (!isKnown && depth < FLATTEN_DEPTH_MAX && Object.keys(definitions).length < FLATTENED_MODELS_MAX) {
      definitions[target.name] = {};
      definitions[target.name] = replace(parseJsonObject(target.schema ?? "") ?? {}, depth + 1);
    }
    return { ...value, $ref: `#/definitions/${target.name}` };
  };
  const own = replace(schema, 0);
  return JSON.stringify(Object.keys(definitions).length === 0 ? own : { ...(own as object), definitions });
}

export async function getModels(input: Validated<GetModelsRequest>, context: Context): Promise<Models> {
  await getApi(context.store, context, input.restApiId);
  const listing = {
    collection: models,
    under: [input.restApiId],
    nameOf: ({ part }: PartDocument<ModelContent>) => part.name,
  };
  const { items, position } = await positionPage(context, listing, input, ["GetModels", input.restApiId]);
  return { items: items.map(({ part }) => part), position };
}

/** A mapping template that lets through what is of the model's shape. */
export async function getModelTemplate(input: Validated<GetModelTemplateRequest>, context: Context): Promise<Template> {
  const model = await getModelOf(context.store, context, input.restApiId, input.modelName);
  const schema = parseJsonObject(model.schema ?? "") ?? {};
  return { value: `#set($inputRoot = $input.path('$'))\n${template(schema, "$inputRoot", "", 0)}` };
}

const TEMPLATE_DEPTH_MAX = 20;

function template(schema: unknown, from: string, indent: string, depth: number): string {
  const { type, properties, items } = isJsonObject(schema) ? schema : {};
  const inner = `${indent}  `;
  if (depth < TEMPLATE_DEPTH_MAX && isJsonObject(properties)) {
    const lines = Object.entries(properties).map(
      ([name, one]) => `${inner}${JSON.stringify(name)} : ${template(one, `${from}.${name}`, inner, depth + 1)}`,
    );
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (depth < TEMPLATE_DEPTH_MAX && type === "array") {
    const each = template(items, "$elem", inner, depth + 1);
    return `[\n#foreach($elem in ${from})\n${inner}${each}#if($foreach.hasNext),#end\n#end\n${indent}]`;
  }
  if (type === "object" || type === undefined) return "{ }";
  return type === "string" ? `"${from}"` : from;
}

const modelPaths: PatchTable<ModelContent> = {
  "/description": {
    replace: (draft, value) => {
      draft.description = value ?? "";
    },
  },
  "/schema": {
    replace(draft, value) {
      checkSchema(value);
      draft.schema = value ?? "";
    },
  },
};

export async function updateModel(input: Validated<UpdateModelRequest>, context: Context): Promise<Model> {
  return context.store.commit(async (unit) => {
    const model = await getModelOf(unit, context, input.restApiId, input.modelName);
    const draft = patched(model, input.patchOperations, modelPaths, "lists-paths");
    putPart(unit, models, input.restApiId, draft.name, draft);
    touchApi(unit, await getApi(unit, context, input.restApiId));
    return draft;
  });
}

/** Deletes a model that no method and no other model refers to. */
export async function deleteModel(input: Validated<DeleteModelRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const { name } = await getModelOf(unit, context, input.restApiId, input.modelName);
    for (const { path, resourceMethods = {} } of await listParts(unit, resources, input.restApiId)) {
      for (const [verb, method] of Object.entries(resourceMethods)) {
        const refuse = (where: string) =>
          conflict(`Cannot delete model '${name}', is referenced in method ${where}: ${path}/${verb}`);
        if (Object.values(method.requestModels ?? {}).includes(name)) throw refuse("request");
        const responses = Object.values(method.methodResponses ?? {});
        if (responses.some((one) => Object.values(one.responseModels ?? {}).includes(name))) throw refuse("response");
      }
    }
    const referring = (await listParts(unit, models, input.restApiId)).find(
      (one) => one.name !== name && one.schema?.includes(`/models/${name}"`),
    );
    if (referring) throw conflict(`Cannot delete model '${name}', is referenced in model: ${referring.name}`);
    unit.delete(models, partKey(input.restApiId, name));
    touchApi(unit, await getApi(unit, context, input.restApiId));
  });
}
