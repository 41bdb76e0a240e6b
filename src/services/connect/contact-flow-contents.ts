import { createHash } from "node:crypto";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";

/** A flow or a module. */
export type ContentOwner = InstanceRef & { readonly id: string };

/**
 * Which of its contents: the one that contacts run, the one that was saved and perhaps not published, that of a version, or one that
 * was published before, by its hash.
 * They are documents of their own, since a list of flows needs none of them.
 */
export type ContentName = "PUBLISHED" | "SAVED" | number | `replaced ${string}`;

export interface FlowContent {
  /** The text as it came. */
  readonly content: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

const flowContents: Collection<FlowContent> = collection("connect_contact_flow_contents");

/** Which content a flow or module runs with. */
export interface Publication {
  readonly sha256: string;
  readonly publishedMs: number;
  /** Hashes of the contents before it, the last first: who is in the middle of one of them goes on with it. */
  readonly replaced: readonly string[];
}

/** Replaced contents that are kept (our choice): whoever is in an older one has nothing to go on with. */
const REPLACED_MAX = 10;

/** Behind a flow's or module's id or ARN, and before a qualifier: `:$SAVED`, `:$LATEST`, `:3`, an alias. */
const QUALIFIED = /^((?:arn:.*\/)?[^:/]+):([^/]+)$/;

/** An id or ARN without its qualifier, and the qualifier. `$LATEST`, what is published, is as good as none (our choice). */
export function parseQualified(idOrArn: string): { readonly idOrArn: string; readonly qualifier: string | undefined } {
  const [, base, qualifier] = QUALIFIED.exec(idOrArn) ?? [];
  if (base === undefined) return { idOrArn, qualifier: undefined };
  return { idOrArn: base, qualifier: qualifier === "$LATEST" ? undefined : qualifier };
}

export function findContent(reader: Reader, owner: ContentOwner, name: ContentName): Promise<FlowContent | undefined> {
  return reader.get(flowContents, contentKey(owner, name));
}

export function putContent(unit: Unit, owner: ContentOwner, name: ContentName, content: string): void {
  unit.put(flowContents, contentKey(owner, name), { content, sha256: sha256(content) });
}

/** Puts the content that contacts run from now on. The caller stores the owner with the answer. */
export async function publishContent(
  unit: Unit,
  owner: ContentOwner & { readonly published?: Publication | undefined },
  content: string,
  publishedMs: number,
): Promise<Publication> {
  const before = owner.published;
  const hash = sha256(content);
  const replaced = before ? [before.sha256, ...before.replaced].filter((earlier) => earlier !== hash) : [];
  const last = before && before.sha256 !== hash ? await findContent(unit, owner, "PUBLISHED") : undefined;
  if (last) putContent(unit, owner, `replaced ${last.sha256}`, last.content);
  if (before?.replaced.includes(hash)) deleteContent(unit, owner, `replaced ${hash}`);
  for (const forgotten of replaced.slice(REPLACED_MAX)) deleteContent(unit, owner, `replaced ${forgotten}`);
  putContent(unit, owner, "PUBLISHED", content);
  return { sha256: hash, publishedMs, replaced: replaced.slice(0, REPLACED_MAX) };
}

/** Removes what is published and what was before. */
export function deletePublished(
  unit: Unit,
  owner: ContentOwner & { readonly published?: Publication | undefined },
): void {
  deleteContent(unit, owner, "PUBLISHED");
  for (const hash of owner.published?.replaced ?? []) deleteContent(unit, owner, `replaced ${hash}`);
}

export function deleteContent(unit: Unit, owner: ContentOwner, name: ContentName): void {
  unit.delete(flowContents, contentKey(owner, name));
}

export function sha256(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

function contentKey(owner: ContentOwner, name: ContentName): string {
  return instanceKey(owner, owner.id, name);
}
