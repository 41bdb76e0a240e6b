import type { CaseRuleDetails } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type Domain, type DomainRef, domainArn, inDomain } from "./domain.ts";
import { notFound } from "./errors.ts";

/** Says of a field whether it is needed or hidden, or which options go with those of another one. Templates apply it. */
export interface CaseRule {
  readonly domainId: string;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly rule: Validated<CaseRuleDetails>;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const caseRules: Collection<CaseRule> = collection("cases_case_rules", {
  name: { type: "text", unique: true, value: ({ domainId, name }) => compositeKey(domainId, name) },
});

export function caseRuleKey({ domainId, id }: Pick<CaseRule, "domainId" | "id">): string {
  return inDomain({ domainId }, id);
}

export function caseRuleArn(domain: DomainRef, id: string): string {
  return `${domainArn(domain)}/case-rule/${id}`;
}

export async function findCaseRule(
  reader: Reader,
  { domainId }: Pick<Domain, "domainId">,
  id: string,
): Promise<CaseRule | undefined> {
  return reader.get(caseRules, caseRuleKey({ domainId, id }));
}

/** A rule of a domain, or `ResourceNotFoundException`. */
export async function getCaseRule(reader: Reader, domain: Pick<Domain, "domainId">, id: string): Promise<CaseRule> {
  const rule = await findCaseRule(reader, domain, id);
  if (!rule) throw notFound("CaseRule", id);
  return rule;
}
