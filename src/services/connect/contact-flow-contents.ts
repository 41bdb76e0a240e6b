import { createHash } from "node:crypto";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";

/** A flow or a module. */
export type ContentOwner = InstanceRef & { readonly id: string };

/**
 * Which of its contents: the one that contacts run, the one that was saved and perhaps not published, or that of a version.
 * They are documents of their own, since a list of flows needs none of them.
 */
export type ContentName = "PUBLISHED" | "SAVED" | number;

export interface FlowContent {
  /** The text as it came. */
  readonly content: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

const flowContents: Collection<FlowContent> = collection("connect_contact_flow_contents");

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

export function deleteContent(unit: Unit, owner: ContentOwner, name: ContentName): void {
  unit.delete(flowContents, contentKey(owner, name));
}

export function sha256(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

function contentKey(owner: ContentOwner, name: ContentName): string {
  return instanceKey(owner, owner.id, name);
}
