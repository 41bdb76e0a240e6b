import type {
  CreateDocumentationVersionRequest,
  DeleteDocumentationVersionRequest,
  DocumentationVersion,
  DocumentationVersions,
  GetDocumentationVersionRequest,
  GetDocumentationVersionsRequest,
  UpdateDocumentationVersionRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, notFound } from "../errors.ts";
import { positionPage } from "../paging.ts";
import { type PatchTable, patched, text } from "../patch.ts";
import {
  type DocumentationVersionDocument,
  documentationParts,
  documentationVersions,
  type Owned,
  partKey,
  stages,
} from "./documents.ts";
import { findApi, getApi, listAll, listParts, touchApi } from "./rest-api.ts";
import { getStageOf } from "./stages.ts";

/** Keeps the documentation of an API as it is, and has a stage show it. */
export async function createDocumentationVersion(
  input: Validated<CreateDocumentationVersionRequest>,
  context: Context,
): Promise<DocumentationVersion> {
  const { restApiId, documentationVersion: version, stageName, description } = input;
  if (!/^[\w.\- ]{1,64}$/.test(version)) throw badRequest("Invalid documentation version specified");
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, restApiId);
    const key = partKey(restApiId, version);
    if (await unit.get(documentationVersions, key)) {
      throw conflict(`Documentation version '${version}' already exists`);
    }
    const parts = await listParts(unit, documentationParts, restApiId);
    if (parts.length === 0)
      throw badRequest("Cannot create documentation version as there are no documentation parts for this API");
    const document: DocumentationVersionDocument = {
      apiId: restApiId,
      version: { version, ...(description !== undefined && { description }) },
      createdMs: context.clock.now(),
      parts,
    };
    unit.put(documentationVersions, key, document);
    if (stageName) {
      const stage = await getStageOf(unit, context, { restApiId, stageName });
      unit.put(stages, partKey(restApiId, stageName), {
        ...stage,
        stage: { ...stage.stage, documentationVersion: version },
      });
    }
    touchApi(unit, api);
    return shown(document);
  });
}

function shown({ version, createdMs }: DocumentationVersionDocument): DocumentationVersion {
  return { ...version, createdDate: new Date(createdMs) };
}

async function getVersionOf(
  reader: Reader,
  owner: Owned,
  { restApiId, documentationVersion }: { restApiId: string; documentationVersion: string },
): Promise<DocumentationVersionDocument> {
  const api = await findApi(reader, owner, restApiId);
  const found = api && (await reader.get(documentationVersions, partKey(restApiId, documentationVersion)));
  if (found === undefined) throw notFound("Invalid Documentation version specified");
  return found;
}

export async function getDocumentationVersion(
  input: Validated<GetDocumentationVersionRequest>,
  context: Context,
): Promise<DocumentationVersion> {
  return shown(await getVersionOf(context.store, context, input));
}

export async function getDocumentationVersions(
  input: Validated<GetDocumentationVersionsRequest>,
  context: Context,
): Promise<DocumentationVersions> {
  await getApi(context.store, context, input.restApiId);
  const listing = {
    collection: documentationVersions,
    under: [input.restApiId],
    nameOf: ({ version }: DocumentationVersionDocument) => version.version,
  };
  const { items, position } = await positionPage(context, listing, input, [
    "GetDocumentationVersions",
    input.restApiId,
  ]);
  return { items: items.map(shown), position };
}

const versionPaths: PatchTable<DocumentationVersionDocument["version"]> = {
  "/description": { replace: text("description") },
};

export async function updateDocumentationVersion(
  input: Validated<UpdateDocumentationVersionRequest>,
  context: Context,
): Promise<DocumentationVersion> {
  return context.store.commit(async (unit) => {
    const document = await getVersionOf(unit, context, input);
    const version = patched(document.version, input.patchOperations, versionPaths, "lists-paths");
    const changed = { ...document, version };
    unit.put(documentationVersions, partKey(input.restApiId, version.version), changed);
    return shown(changed);
  });
}

/** Deletes a version that no stage shows. */
export async function deleteDocumentationVersion(
  input: Validated<DeleteDocumentationVersionRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const { version } = await getVersionOf(unit, context, input);
    const all = await listAll(unit, stages, input.restApiId);
    const user = all.find(({ stage }) => stage.documentationVersion === version.version);
    if (user) throw conflict(`Documentation version is associated with stage: ${user.stage.stageName}`);
    unit.delete(documentationVersions, partKey(input.restApiId, version.version));
    touchApi(unit, await getApi(unit, context, input.restApiId));
  });
}
