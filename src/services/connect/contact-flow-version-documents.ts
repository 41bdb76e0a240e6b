/** Versions of flows and of modules, numbered from 1 in either, and the aliases that name versions of modules. */
import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type ListedPage, listPage } from "../list-page.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { type ContentOwner, deleteContent, findContent, putContent } from "./contact-flow-contents.ts";
import { invalidNextToken, invalidParameter, invalidRequest, notFound } from "./errors.ts";
import { countReaches } from "./quotas.ts";

/** A published content that was given a number and stays as it is. The content is a document of its own. */
export interface FlowVersion extends InstanceRef {
  /** The flow or module. */
  readonly ownerId: string;
  readonly number: number;
  readonly description?: string | undefined;
  readonly lastModifiedMs: number;
  readonly lastModifiedRegion: string;
}

export const flowVersions: Collection<FlowVersion> = collection("connect_contact_flow_versions");

export interface FlowAlias extends InstanceRef {
  readonly ownerId: string;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly version: number;
  readonly lastModifiedMs: number;
}

export const flowAliases: Collection<FlowAlias> = collection("connect_contact_flow_aliases", {
  name: { type: "text", unique: true, value: (alias) => instanceKey(alias, alias.ownerId, alias.name) },
  version: { type: "text", value: (alias) => instanceKey(alias, alias.ownerId, alias.version) },
});

/** Versions of one flow or module, and aliases of one module, at once (our choice): so many are deleted with it in one step. */
const VERSIONS_MAX = 100;
const ALIASES_MAX = 100;

/** What a page of versions or aliases holds where the caller names no number. */
const PAGE_SIZE = 100;

/** A flow or module that counts its versions. No number is given twice. */
type VersionedOwner = ContentOwner & { readonly lastVersion?: number | undefined };

/** What a request says of the version that it makes. */
interface NewVersion {
  /** Must be that of the published content, if given. */
  readonly sha256: string | undefined;
  readonly description: string | undefined;
  readonly lastModifiedMs: number;
  readonly lastModifiedRegion: string;
}

/** Gives the published content of an owner the next number. The caller stores the owner with it, which guards the count. */
export async function addVersion(unit: Unit, owner: VersionedOwner, version: NewVersion): Promise<number> {
  const published = await findContent(unit, owner, "PUBLISHED");
  if (!published) throw invalidRequest(`${owner.id} has never been published`);
  const { sha256, ...described } = version;
  if (sha256 !== undefined && sha256.toLowerCase() !== published.sha256) {
    throw invalidParameter(`The published content of ${owner.id} has another hash than ${sha256}`);
  }
  const counted = { collection: flowVersions, prefix: instanceKey(owner, owner.id, "") };
  if (await countReaches(unit, counted, VERSIONS_MAX)) {
    throw new ModeledError("LimitExceededException", `There are ${VERSIONS_MAX} versions of ${owner.id} already`);
  }
  const number = (owner.lastVersion ?? 0) + 1;
  unit.put(flowVersions, versionKey(owner, number), { ...refOf(owner), ownerId: owner.id, number, ...described });
  putContent(unit, owner, number, published.content);
  return number;
}

/** A version, or `ResourceNotFoundException`. */
export async function getVersion(reader: Reader, owner: ContentOwner, number: number): Promise<FlowVersion> {
  const version = Number.isSafeInteger(number) ? await reader.get(flowVersions, versionKey(owner, number)) : undefined;
  if (!version) throw notFound(`Version ${number} of ${owner.id} does not exist`);
  return version;
}

/** The version that a qualifier names: by its number, or by the id or name of an alias. */
export async function getQualifiedVersion(
  reader: Reader,
  owner: ContentOwner,
  qualifier: string,
): Promise<FlowVersion> {
  const isNumber = /^[1-9]\d{0,15}$/.test(qualifier);
  const number = isNumber ? Number(qualifier) : (await findAlias(reader, owner, qualifier))?.version;
  if (number === undefined) throw notFound(`Version ${qualifier} of ${owner.id} does not exist`);
  return getVersion(reader, owner, number);
}

/** Deletes a version to which no alias leads. */
export async function deleteVersion(unit: Unit, owner: ContentOwner, number: number): Promise<void> {
  const version = await getVersion(unit, owner, number);
  const key = instanceKey(owner, owner.id, number);
  const { documents: aliases } = await unit.list(flowAliases, { index: "version", equals: key, limit: 1 });
  if (aliases[0]) throw invalidRequest(`Version ${number} of ${owner.id} is in use by alias ${aliases[0].name}`);
  deleteVersionDocuments(unit, version);
}

/** Removes a version with its content. */
export function deleteVersionDocuments(unit: Unit, version: FlowVersion): void {
  const owner = { ...refOf(version), id: version.ownerId };
  unit.delete(flowVersions, versionKey(owner, version.number));
  deleteContent(unit, owner, version.number);
}

/** Removes all versions and aliases of an owner that goes. There are few enough of them for one unit. */
export async function deleteVersionsOf(unit: Unit, owner: ContentOwner): Promise<void> {
  const prefix = instanceKey(owner, owner.id, "");
  const { documents: versions } = await unit.list(flowVersions, { prefix, limit: VERSIONS_MAX });
  for (const version of versions) deleteVersionDocuments(unit, version);
  const { documents: aliases } = await unit.list(flowAliases, { prefix, limit: ALIASES_MAX });
  for (const alias of aliases) unit.delete(flowAliases, aliasKey(alias));
}

interface PageInput {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
}

export function listVersions(
  reader: Reader,
  owner: ContentOwner,
  operation: string,
  input: PageInput,
): Promise<ListedPage<FlowVersion>> {
  return listPage(
    reader,
    {
      collection: flowVersions,
      under: [owner.account, owner.region, owner.instanceId, owner.id],
      nameOf: ({ number }) => String(number).padStart(16, "0"),
    },
    pageOf(owner, operation, input),
  );
}

export function listAliases(
  reader: Reader,
  owner: ContentOwner,
  operation: string,
  input: PageInput,
): Promise<ListedPage<FlowAlias>> {
  return listPage(
    reader,
    {
      collection: flowAliases,
      under: [owner.account, owner.region, owner.instanceId, owner.id],
      nameOf: ({ id }) => id,
    },
    pageOf(owner, operation, input),
  );
}

function pageOf(
  owner: ContentOwner,
  operation: string,
  { NextToken: token, MaxResults: limit = PAGE_SIZE }: PageInput,
) {
  return { of: [operation, instanceKey(owner, owner.id)], token, limit, refuse: invalidNextToken };
}

/**
 * Stores an alias that leads to an existing version. Writes the version as well, since whether it may be deleted rests on the
 * aliases that lead to it.
 */
export async function putAlias(unit: Unit, alias: FlowAlias): Promise<void> {
  const owner = { ...refOf(alias), id: alias.ownerId };
  const version = await getVersion(unit, owner, alias.version);
  unit.put(flowVersions, versionKey(owner, version.number), version);
  unit.put(flowAliases, aliasKey(alias), alias);
}

/** Throws where an owner has all the aliases that it may have. The caller stores the owner, which guards the count. */
export async function requireRoomForAlias(unit: Unit, owner: ContentOwner): Promise<void> {
  const counted = { collection: flowAliases, prefix: instanceKey(owner, owner.id, "") };
  if (await countReaches(unit, counted, ALIASES_MAX)) {
    throw new ModeledError("LimitExceededException", `There are ${ALIASES_MAX} aliases of ${owner.id} already`);
  }
}

/** An alias by its id or name. */
async function findAlias(reader: Reader, owner: ContentOwner, idOrName: string): Promise<FlowAlias | undefined> {
  const key = instanceKey(owner, owner.id, idOrName);
  const byId = await reader.get(flowAliases, key);
  if (byId) return byId;
  return (await reader.list(flowAliases, { index: "name", equals: key, limit: 1 })).documents[0];
}

/** An alias by its id, or `ResourceNotFoundException`. */
export async function getAlias(reader: Reader, owner: ContentOwner, id: string): Promise<FlowAlias> {
  const alias = await reader.get(flowAliases, instanceKey(owner, owner.id, id));
  if (!alias) throw notFound(`Alias ${id} of ${owner.id} does not exist`);
  return alias;
}

export function aliasKey(alias: FlowAlias): string {
  return instanceKey(alias, alias.ownerId, alias.id);
}

function versionKey(owner: ContentOwner, number: number): string {
  return instanceKey(owner, owner.id, number);
}
