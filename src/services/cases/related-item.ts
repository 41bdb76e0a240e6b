import type { UserUnion } from "@aws-sdk/client-connectcases";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type Case, caseArn } from "./case.ts";
import { type Domain, type DomainRef, inDomain } from "./domain.ts";
import { notFound } from "./errors.ts";
import type { CaseValues, StoredValue } from "./field-value.ts";

/** Something that belongs to a case. */
export interface RelatedItem extends DomainRef {
  readonly caseId: string;
  readonly id: string;
  readonly content: RelatedItemContent;
  /** `associationTime`. */
  readonly createdMs: number;
  readonly createdBy?: UserUnion | undefined;
  readonly lastUpdatedBy?: UserUnion | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export type RelatedItemContent =
  | ContactContent
  | { readonly type: "Comment"; readonly body: string }
  | { readonly type: "File"; readonly fileArn: string }
  | Sla
  | { readonly type: "ConnectCase"; readonly caseId: string }
  | { readonly type: "Custom"; readonly values: CaseValues };

/** What the contact was like when it was associated. What it is like now is shown (`shown-content.ts`), as long as it is there. */
export interface ContactContent {
  readonly type: "Contact";
  readonly contactArn: string;
  readonly channel: string;
  readonly connectedMs: number;
}

/** Until `targetMs` the field shall have the value. */
export interface Sla {
  readonly type: "Sla";
  readonly name: string;
  readonly fieldId: string;
  readonly targetValue: StoredValue;
  readonly targetMs: number;
  readonly status: "Active" | "Overdue" | "Met" | "NotMet";
  /** When the field had the value. */
  readonly completedMs?: number | undefined;
}

export const relatedItems: Collection<RelatedItem> = collection("cases_related_items", {
  /** Of one case, in the order of their association. */
  case: {
    type: "text",
    value: ({ domainId, caseId, createdMs, id }) => compositeKey(domainId, caseId, createdMs, id),
  },
  /** Of a domain, those of a kind. */
  kind: {
    type: "text",
    value: (item) => `${compositeKey(item.domainId, kindOf(item), "")}${associationPlace(item)}`,
  },
  /** Of the cases that a contact belongs to. */
  contact: {
    type: "text",
    value: (item) => {
      const { domainId, content } = item;
      if (content.type !== "Contact") return undefined;
      return `${compositeKey(domainId, content.contactArn, "")}${associationPlace(item)}`;
    },
  },
  /** The contacts of one case: each is there once. */
  contactOfCase: {
    type: "text",
    unique: true,
    value: ({ domainId, caseId, content }) =>
      content.type === "Contact" ? compositeKey(domainId, caseId, content.contactArn) : undefined,
  },
  /** The service levels of one case, in the order of their association. */
  sla: {
    type: "text",
    value: ({ domainId, caseId, content, createdMs, id }) =>
      content.type === "Sla" ? compositeKey(domainId, caseId, createdMs, id) : undefined,
  },
});

/** What items are looked for by: their type, and the status of service levels. */
export const ITEM_KINDS: readonly string[] = [
  ...["Contact", "Comment", "File", "ConnectCase", "Custom"].map((type) => itemKind(type)),
  ...["Active", "Overdue", "Met", "NotMet"].map((status) => itemKind("Sla", status)),
];

export function itemKind(type: string, status?: string): string {
  return status === undefined ? type : `${type}/${status}`;
}

function kindOf({ content }: RelatedItem): string {
  return content.type === "Sla" ? itemKind("Sla", content.status) : itemKind(content.type);
}

/** Where an item stands among those of a domain, by the time of its association: the columns of a key. */
export function associationPlace({ createdMs, caseId, id }: Pick<RelatedItem, "createdMs" | "caseId" | "id">): string {
  return compositeKey(createdMs, caseId, id);
}

export function relatedItemKey({ domainId, caseId, id }: Pick<RelatedItem, "domainId" | "caseId" | "id">): string {
  return inDomain({ domainId }, caseId, id);
}

export function relatedItemArn({ caseId, id, ...domain }: Pick<RelatedItem, "caseId" | "id"> & DomainRef): string {
  return `${caseArn({ ...domain, id: caseId })}/related-item/${id}`;
}

/** A related item of a case, or `ResourceNotFoundException`. */
export async function getRelatedItem(
  reader: Reader,
  { domainId }: Pick<Domain, "domainId">,
  { id: caseId }: Pick<Case, "id">,
  id: string,
): Promise<RelatedItem> {
  const found = await reader.get(relatedItems, relatedItemKey({ domainId, caseId, id }));
  if (!found) throw notFound("RelatedItem", id);
  return found;
}
