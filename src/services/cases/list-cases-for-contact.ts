import type {
  CaseSummary,
  ListCasesForContactRequest,
  ListCasesForContactResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { cutPage, pageStart } from "../list-page.ts";
import type { Context } from "../service.ts";
import { caseKey, cases } from "./case.ts";
import { getDomain, inDomain } from "./domain.ts";
import { invalidNextToken } from "./errors.ts";
import { associationPlace, type RelatedItem, relatedItems } from "./related-item.ts";

/** The model's largest page, and its default (our choice). */
const PAGE_SIZE = 10;

type Found = CaseSummary & { readonly item: RelatedItem };

/** The cases that a contact is a related item of, the newest association first. */
export async function listCasesForContact(
  input: Validated<ListCasesForContactRequest>,
  context: Context,
): Promise<ListCasesForContactResponse> {
  const { domainId } = await getDomain(context.store, context, input.domainId);
  const of = ["ListCasesForContact", domainId, input.contactArn];
  const behind = pageStart({ of, token: input.nextToken, refuse: invalidNextToken });
  const limit = input.maxResults ?? PAGE_SIZE;
  const found = await casesOf(context, { domainId, contactArn: input.contactArn, behind, limit: limit + 1 });
  const { items, nextToken } = cutPage(found, ({ item }) => associationPlace(item), { of, limit });
  return { cases: items.map(({ caseId, templateId }) => ({ caseId, templateId })), nextToken };
}

interface Asked {
  readonly domainId: string;
  readonly contactArn: string;
  readonly behind: string | undefined;
  readonly limit: number;
}

/** What belonged to a deleted case may be there for a moment: that is passed over. */
async function casesOf({ store }: Context, { domainId, contactArn, behind, limit }: Asked): Promise<readonly Found[]> {
  const range = {
    index: "contact",
    prefix: inDomain({ domainId }, contactArn, ""),
    ...(behind !== undefined && { before: `${inDomain({ domainId }, contactArn, "")}${behind}` }),
    descending: true,
    limit,
  };
  const found: Found[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(relatedItems, { ...range, after });
    for (const item of page.documents) {
      const of = await store.get(cases, caseKey({ domainId, id: item.caseId }));
      if (of) found.push({ caseId: of.id, templateId: of.templateId, item });
    }
    after = page.next;
  } while (after !== undefined && found.length < limit);
  return found.slice(0, limit);
}
