import type {
  CreateDocumentationPartRequest,
  DeleteDocumentationPartRequest,
  DocumentationPart,
  DocumentationPartLocation,
  DocumentationParts,
  DocumentationPartType,
  GetDocumentationPartRequest,
  GetDocumentationPartsRequest,
  UpdateDocumentationPartRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import { isJsonText } from "../../json-text.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, limitExceeded, notBuilt } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { slicePositions } from "../paging.ts";
import { type PatchTable, patched } from "../patch.ts";
import { DOCUMENTATION_PARTS_MAX } from "../quotas.ts";
import { documentationParts, type Owned, partKey } from "./documents.ts";
import { getApi, getPart, listParts, putPart, touchApi } from "./rest-api.ts";

type PartContent = DocumentationPart & { id: string };

export async function createDocumentationPart(
  input: Validated<CreateDocumentationPartRequest>,
  context: Context,
): Promise<DocumentationPart> {
  const { restApiId, properties } = input;
  const part = { id: newId(context.ids, PART_ID_LENGTH), location: checkedLocation(input.location), properties };
  checkProperties(properties);
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, restApiId);
    const all = await listParts(unit, documentationParts, restApiId);
    if (all.some(({ location }) => isSameLocation(location, part.location))) {
      throw conflict(`Documentation part already exists for the specified location: type '${part.location.type}'`);
    }
    checkPartCount(all.length + 1, context);
    putPart(unit, documentationParts, restApiId, part.id, part);
    touchApi(unit, api);
    return part;
  });
}

export function checkPartCount(count: number, context: Context): void {
  const max = context.limits.value("apigateway.documentation-parts-per-api", DOCUMENTATION_PARTS_MAX);
  if (context.limits.enforced && count > max) {
    throw limitExceeded(`Maximum number of Documentation Parts for this API has been reached: ${max}`);
  }
}

/** Which members a location of each type may have: https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPartLocation.html */
const LOCATION_MEMBERS: Readonly<Record<DocumentationPartType, readonly (keyof DocumentationPartLocation)[]>> = {
  API: [],
  AUTHORIZER: ["name"],
  MODEL: ["name"],
  RESOURCE: ["path"],
  METHOD: ["path", "method"],
  PATH_PARAMETER: ["path", "method", "name"],
  QUERY_PARAMETER: ["path", "method", "name"],
  REQUEST_HEADER: ["path", "method", "name"],
  REQUEST_BODY: ["path", "method"],
  RESPONSE: ["path", "method", "statusCode"],
  RESPONSE_HEADER: ["path", "method", "statusCode", "name"],
  RESPONSE_BODY: ["path", "method", "statusCode"],
};

/** What a location says without these: everywhere. */
const LOCATION_DEFAULTS: DocumentationPartLocation = { type: "API", path: "/", method: "*", statusCode: "*" };

/** Members that are empty are not there. */
export function checkedLocation(told: DocumentationPartLocation): DocumentationPartLocation {
  const { type, ...rest } = told;
  const there = Object.entries(rest).filter(([, value]) => value !== "");
  const location: DocumentationPartLocation = { type, ...Object.fromEntries(there) };
  const members = type === undefined ? [] : LOCATION_MEMBERS[type];
  const given = Object.keys(location) as (keyof DocumentationPartLocation)[];
  const wrong = given.find((member) => member !== "type" && !members.includes(member));
  if (wrong !== undefined) throw badRequest(`Invalid location specified: ${wrong} does not apply to type ${type}`);
  if (members.includes("name") && !location.name) {
    throw badRequest(`Invalid location specified: name is required for type ${type}`);
  }
  const defaults = Object.fromEntries(members.map((member) => [member, LOCATION_DEFAULTS[member]]));
  return { ...defaults, ...location };
}

export function checkProperties(properties: string): void {
  if (!isJsonText(properties)) throw badRequest("Invalid properties specified: properties must be valid JSON");
}

export function isSameLocation(
  one: DocumentationPartLocation | undefined,
  other: DocumentationPartLocation | undefined,
): boolean {
  const members = ["type", "path", "method", "statusCode", "name"] as const;
  return members.every((member) => one?.[member] === other?.[member]);
}

function getPartOf(reader: Reader, owner: Owned, apiId: string, id: string): Promise<PartContent> {
  return getPart(reader, owner, documentationParts, {
    apiId,
    id,
    missing: "Invalid Documentation part identifier specified",
  });
}

export async function getDocumentationPart(
  input: Validated<GetDocumentationPartRequest>,
  context: Context,
): Promise<DocumentationPart> {
  return getPartOf(context.store, context, input.restApiId, input.documentationPartId);
}

export async function getDocumentationParts(
  input: Validated<GetDocumentationPartsRequest>,
  context: Context,
): Promise<DocumentationParts> {
  const { restApiId, type, nameQuery, path, locationStatus } = input;
  if (locationStatus === "UNDOCUMENTED") throw notBuilt("Lists of what is not documented are");
  await getApi(context.store, context, restApiId);
  const all = await listParts(context.store, documentationParts, restApiId);
  const wanted = all.filter(
    ({ location }) =>
      (type === undefined || location?.type === type) &&
      (nameQuery === undefined || location?.name?.includes(nameQuery)) &&
      (path === undefined || location?.path === path),
  );
  const of = ["GetDocumentationParts", restApiId, type, nameQuery, path];
  return slicePositions(context, wanted, ({ id }) => id, input, of);
}

const partPaths: PatchTable<PartContent> = {
  "/properties": {
    replace(draft, value = "") {
      checkProperties(value);
      draft.properties = value;
    },
  },
};

export async function updateDocumentationPart(
  input: Validated<UpdateDocumentationPartRequest>,
  context: Context,
): Promise<DocumentationPart> {
  return context.store.commit(async (unit) => {
    const part = await getPartOf(unit, context, input.restApiId, input.documentationPartId);
    const draft = patched(part, input.patchOperations, partPaths, "lists-paths");
    putPart(unit, documentationParts, input.restApiId, draft.id, draft);
    return draft;
  });
}

export async function deleteDocumentationPart(
  input: Validated<DeleteDocumentationPartRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const { id } = await getPartOf(unit, context, input.restApiId, input.documentationPartId);
    unit.delete(documentationParts, partKey(input.restApiId, id));
    touchApi(unit, await getApi(unit, context, input.restApiId));
  });
}
