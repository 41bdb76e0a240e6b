import type {
  DocumentationPart,
  DocumentationPartIds,
  DocumentationPartLocation,
  EndpointType,
  ImportDocumentationPartsRequest,
  ImportRestApiRequest,
  PutRestApiRequest,
  RestApi,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import { isJsonObject } from "../../json-text.ts";
import type { Context } from "../../service.ts";
import { badRequest } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { checkedLocation, checkPartCount, checkProperties, isSameLocation } from "../rest/documentation-parts.ts";
import { documentationParts, partKey, type RestApiContent, restApis } from "../rest/documents.ts";
import { getApi, listParts, putPart, touchApi } from "../rest/rest-api.ts";
import {
  checkApi,
  checkApiCount,
  createRoot,
  deleteParts,
  endpointConfiguration,
  newApi,
  policyText,
  shownApi,
} from "../rest/rest-apis.ts";
import type { ApiDefinition } from "./api-definition.ts";
import { applyDefinition, idsFor } from "./apply-definition.ts";
import { type BasePathMode, readDefinition } from "./import-definition.ts";
import { objectAt, readDocument, textAt } from "./read-document.ts";

/** Makes an API of an OpenAPI document. */
export async function importRestApi(input: Validated<ImportRestApiRequest>, context: Context): Promise<RestApi> {
  const { definition, ids } = read(input, context);
  const type = input.parameters?.endpointConfigurationTypes;
  const document = newApi(context, {
    ...members(definition),
    name: definition.api.name ?? "",
    endpointConfiguration: endpointConfiguration(type === undefined ? undefined : { types: [endpointType(type)] }),
  });
  checkApi(document.api);
  return context.store.commit(async (unit) => {
    await checkApiCount(unit, context, document.api);
    createRoot(unit, document);
    unit.put(restApis, document.api.id, document);
    await applyDefinition(unit, context, document, definition, ids);
    return withWarnings(shownApi(document), definition);
  });
}

/** Puts an OpenAPI document over an API, or merges it into one. */
export async function putRestApi(input: Validated<PutRestApiRequest>, context: Context): Promise<RestApi> {
  const { definition, ids } = read(input, context);
  return context.store.commit(async (unit) => {
    const before = await getApi(unit, context, input.restApiId);
    const isOverwrite = input.mode === "overwrite";
    if (isOverwrite) await deleteParts(unit, before.api.id);
    const { id, rootResourceId, apiKeySource, endpointConfiguration: endpoint, tags } = before.api;
    const kept: RestApiContent = isOverwrite
      ? {
          id,
          rootResourceId,
          name: before.api.name,
          apiKeySource,
          disableExecuteApiEndpoint: false,
          endpointConfiguration: endpoint,
          ...(tags && { tags }),
        }
      : before.api;
    const api = { ...kept, ...members(definition) };
    checkApi(api);
    const changed = { ...before, api };
    if (isOverwrite) createRoot(unit, changed);
    touchApi(unit, changed);
    await applyDefinition(unit, context, changed, definition, ids);
    return withWarnings(shownApi(changed), definition);
  });
}

interface ImportInput {
  readonly body: Uint8Array;
  readonly failOnWarnings?: boolean | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

function read(input: ImportInput, context: Context): { definition: ApiDefinition; ids: readonly string[] } {
  const mode = input.parameters?.basepath ?? "ignore";
  if (mode !== "ignore" && mode !== "prepend" && mode !== "split") {
    throw badRequest("Invalid basepath parameter specified. Valid options are ignore,prepend,split");
  }
  const definition = readDefinition(readDocument(input.body), mode satisfies BasePathMode);
  if (input.failOnWarnings && definition.warnings.length > 0) {
    throw badRequest(`Warnings found during import:\n\t${definition.warnings.join("\n\t")}`);
  }
  return { definition, ids: idsFor(definition, context) };
}

/** What a definition says of the API itself. */
function members({ api: { vpcEndpointIds, policy, name, ...api } }: ApiDefinition): Partial<RestApiContent> {
  return {
    ...(api as Partial<RestApiContent>),
    ...(name !== undefined && { name }),
    ...(policy !== undefined && { policy: policyText(policy) }),
    ...(vpcEndpointIds && {
      endpointConfiguration: { types: ["PRIVATE"], ipAddressType: "dualstack", vpcEndpointIds },
    }),
  };
}

function endpointType(text: string): EndpointType {
  if (text === "EDGE" || text === "REGIONAL" || text === "PRIVATE") return text;
  throw badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
}

function withWarnings(api: RestApi, { warnings }: ApiDefinition): RestApi {
  return warnings.length === 0 ? api : { ...api, warnings: [...warnings] };
}

/** Takes the documentation parts of an OpenAPI document, instead of those of an API or besides them. */
export async function importDocumentationParts(
  input: Validated<ImportDocumentationPartsRequest>,
  context: Context,
): Promise<DocumentationPartIds> {
  const document = readDocument(input.body, "Unable to build importer with provided input.");
  const given = objectAt(document, "x-amazon-apigateway-documentation").documentationParts;
  const parts = (Array.isArray(given) ? given : []).map((one) => ({
    ...partOf(one),
    id: newId(context.ids, PART_ID_LENGTH),
  }));
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, input.restApiId);
    const before = await listParts(unit, documentationParts, input.restApiId);
    const isOverwrite = input.mode === "overwrite";
    if (isOverwrite) for (const { id } of before) unit.delete(documentationParts, partKey(input.restApiId, id));
    checkPartCount(parts.length + (isOverwrite ? 0 : before.length), context);
    const ids = parts.map((part) => {
      const existing = isOverwrite ? undefined : before.find(({ location }) => isSameLocation(location, part.location));
      const id = existing?.id ?? part.id;
      putPart(unit, documentationParts, input.restApiId, id, { ...part, id });
      return id;
    });
    touchApi(unit, api);
    return { ids, warnings: [] };
  });
}

function partOf(given: unknown): DocumentationPart {
  const location = objectAt(given, "location");
  const type = textAt(location, "type");
  if (type === undefined || !isJsonObject(given))
    throw badRequest("Invalid documentation part: it has no location with a type");
  const properties = JSON.stringify(given.properties ?? {});
  checkProperties(properties);
  return { location: checkedLocation(location as unknown as DocumentationPartLocation), properties };
}
