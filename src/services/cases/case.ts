import type { RelatedItemType } from "@aws-sdk/client-connectcases";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type Domain, type DomainRef, domainArn, inDomain } from "./domain.ts";
import { notFound } from "./errors.ts";
import type { CaseValues } from "./field-value.ts";

/** A customer's matter. */
export interface Case extends DomainRef {
  readonly id: string;
  readonly templateId: string;
  readonly values: CaseValues;
  readonly createdMs: number;
  /** Of its last change, related items included: each has a later time than the one before (`approximateChangeTime`). */
  readonly changedMs: number;
  /** How many related items it has, by their type. */
  readonly itemCounts?: Readonly<Partial<Record<RelatedItemType, number>>> | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export const cases: Collection<Case> = collection("cases_cases", {
  /** Not case-sensitive. */
  referenceNumber: {
    type: "text",
    unique: true,
    value: ({ domainId, values: { reference_number: number } }) =>
      number === undefined ? undefined : referenceNumberKey(domainId, String(number)),
  },
});

function referenceNumberKey(domainId: string, number: string): string {
  return compositeKey(domainId, number.toUpperCase());
}

/** Whether a case of the domain has a reference number. */
export async function hasReferenceNumber(
  reader: Reader,
  { domainId }: Pick<Domain, "domainId">,
  number: string,
): Promise<boolean> {
  const range = { index: "referenceNumber", equals: referenceNumberKey(domainId, number), limit: 1 };
  return (await reader.list(cases, range)).documents.length > 0;
}

export function caseKey({ domainId, id }: Pick<Case, "domainId" | "id">): string {
  return inDomain({ domainId }, id);
}

export function caseArn({ id, ...domain }: DomainRef & Pick<Case, "id">): string {
  return `${domainArn(domain)}/case/${id}`;
}

/** A case of a domain, or `ResourceNotFoundException`. */
export async function getCase(reader: Reader, { domainId }: Pick<Domain, "domainId">, id: string): Promise<Case> {
  const found = await reader.get(cases, caseKey({ domainId, id }));
  if (!found) throw notFound("Case", id);
  return found;
}
