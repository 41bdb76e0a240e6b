import type {
  SearchAllRelatedItemsRequest,
  SearchAllRelatedItemsResponse,
  SearchAllRelatedItemsSort,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { cutPage, pageStart } from "../list-page.ts";
import type { Context } from "../service.ts";
import { caseKey, cases } from "./case.ts";
import { type Domain, domainKey, getDomain } from "./domain.ts";
import { invalidNextToken } from "./errors.ts";
import type { RelatedItem } from "./related-item.ts";
import { itemFilters, meetsOne } from "./related-item-filter.ts";
import { type ItemOrder, itemsInOrder, placeIn } from "./related-items-in-order.ts";
import { ITEMS_PAGE_SIZE, shownItem } from "./search-related-items.ts";

/**
 * What belongs to the cases of a domain. Of several filters one is enough.
 *
 * By the time of association it reads no items but those of the kinds that the filters ask for; by cases, all that there are.
 */
export async function searchAllRelatedItems(
  input: Validated<SearchAllRelatedItemsRequest>,
  context: Context,
): Promise<SearchAllRelatedItemsResponse> {
  const { store } = context;
  const domain = await getDomain(store, context, input.domainId);
  const filters = await itemFilters(store, domain, input.filters);
  const order = orderOf(input.sorts);
  const of = ["SearchAllRelatedItems", domainKey(domain, domain.domainId), input.filters, order];
  const behind = pageStart({ of, token: input.nextToken, refuse: invalidNextToken });
  const limit = input.maxResults ?? ITEMS_PAGE_SIZE;
  const isThere = caseLookup(context, domain);
  const found: RelatedItem[] = [];
  for await (const item of itemsInOrder(context, domain, { filters, order, behind })) {
    if (meetsOne(filters, item) && (await isThere(item.caseId))) found.push(item);
    if (found.length > limit) break;
  }
  const { items, nextToken } = cutPage(found, (item) => placeIn(order, item), { of, limit });
  const shown = items.map(async (item) => ({ caseId: item.caseId, ...(await shownItem(context, domain, item)) }));
  return { relatedItems: await Promise.all(shown), nextToken };
}

/** Without sorts the newest come first; of one time the cases go the same way, and of one case the newest come first (our choice). */
function orderOf(sorts: readonly Validated<SearchAllRelatedItemsSort>[] = []): ItemOrder {
  const [first, second] = sorts;
  const by = first?.sortProperty ?? "AssociationTime";
  const isDescending = first?.sortOrder !== "Asc";
  const equals = second?.sortProperty === by ? undefined : second?.sortOrder;
  return { by, isDescending, areEqualsDescending: equals ? equals === "Desc" : by === "CaseId" || isDescending };
}

/** What belonged to a deleted case may be there for a moment. */
function caseLookup({ store }: Context, { domainId }: Domain): (caseId: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (id) => {
    const isThere = known.get(id) ?? (await store.get(cases, caseKey({ domainId, id }))) !== undefined;
    known.set(id, isThere);
    return isThere;
  };
}
