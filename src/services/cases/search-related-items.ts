import type {
  SearchRelatedItemsRequest,
  SearchRelatedItemsResponse,
  SearchRelatedItemsResponseItem,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import { cutPage, pageStart } from "../list-page.ts";
import type { Context } from "../service.ts";
import { getCase } from "./case.ts";
import { type Domain, domainKey, getDomain, inDomain } from "./domain.ts";
import { invalidNextToken } from "./errors.ts";
import { type RelatedItem, relatedItems } from "./related-item.ts";
import { itemFilters, meetsOne } from "./related-item-filter.ts";
import { shownContent } from "./shown-content.ts";

/** The model's largest page, and its default (our choice). */
export const ITEMS_PAGE_SIZE = 25;

/** A case has hardly more. */
const READ_SIZE = 200;

/** What belongs to a case, the newest first. Of several filters one is enough. */
export async function searchRelatedItems(
  input: Validated<SearchRelatedItemsRequest>,
  context: Context,
): Promise<SearchRelatedItemsResponse> {
  const { store } = context;
  const domain = await getDomain(store, context, input.domainId);
  const { id: caseId } = await getCase(store, domain, input.caseId);
  const filters = await itemFilters(store, domain, input.filters);
  const { domainId } = domain;
  const of = ["SearchRelatedItems", domainKey(domain, domainId), caseId, input.filters];
  const behind = pageStart({ of, token: input.nextToken, refuse: invalidNextToken });
  const limit = input.maxResults ?? ITEMS_PAGE_SIZE;

  const range = {
    index: "case",
    prefix: inDomain(domain, caseId, ""),
    ...(behind !== undefined && { before: `${inDomain(domain, caseId, "")}${behind}` }),
    descending: true,
    limit: READ_SIZE,
  };
  const found: RelatedItem[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(relatedItems, { ...range, after });
    found.push(...page.documents.filter((item) => meetsOne(filters, item)));
    after = page.next;
  } while (after !== undefined && found.length <= limit);
  const { items, nextToken } = cutPage(found, ({ createdMs, id }) => compositeKey(createdMs, id), { of, limit });
  return { relatedItems: await Promise.all(items.map((item) => shownItem(context, domain, item))), nextToken };
}

/** As the API shows it. */
export async function shownItem(
  context: Context,
  domain: Domain,
  { id, content, createdMs, createdBy, tags }: RelatedItem,
): Promise<SearchRelatedItemsResponseItem> {
  return {
    relatedItemId: id,
    type: content.type,
    associationTime: new Date(createdMs),
    content: await shownContent(context.store, context, domain, content),
    ...(createdBy && { performedBy: createdBy }),
    tags: { ...tags },
  };
}
