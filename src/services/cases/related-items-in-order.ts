/** Related items of a whole domain in an order: lists of the store, merged into one. */
import type { SearchAllRelatedItemsSortProperty } from "@aws-sdk/client-connectcases";
import { compositeKey } from "../../store/store.ts";
import { LEAST_CHARACTER } from "../list-page.ts";
import type { Platform } from "../service.ts";
import { type DomainRef, inDomain } from "./domain.ts";
import { associationPlace, ITEM_KINDS, itemKind, type RelatedItem, relatedItems } from "./related-item.ts";
import type { ItemFilter } from "./related-item-filter.ts";
import { Pace } from "./search/pace.ts";

/** Documents read at once. */
const READ_SIZE = 50;

/** By one thing, and of equals by the other. */
export interface ItemOrder {
  readonly by: SearchAllRelatedItemsSortProperty;
  readonly isDescending: boolean;
  readonly areEqualsDescending: boolean;
}

/** Where an item stands: what it is ordered by, and the rest, as the columns of a key. */
export function placeIn({ by }: ItemOrder, item: RelatedItem): string {
  return by === "CaseId" ? compositeKey(item.caseId, item.createdMs, item.id) : associationPlace(item);
}

interface Wanted {
  readonly filters: readonly ItemFilter[];
  readonly order: ItemOrder;
  /** Only those behind this place. */
  readonly behind: string | undefined;
}

/** Those that some filter may ask for, and others among them where no index knows them apart. */
export async function* itemsInOrder(
  platform: Pick<Platform, "store" | "wall">,
  domain: DomainRef,
  wanted: Wanted,
): AsyncGenerator<RelatedItem> {
  const { order, behind } = wanted;
  const compare = (a: string, b: string): number => comparePlaces(order, a, b);
  const items = merged(platform, domain, wanted);
  if (goesOneWay(order)) return yield* items;
  // Equals go the other way: they are put in order once all of them are there.
  let equals: { readonly item: RelatedItem; readonly place: string }[] = [];
  const inOrder = (): RelatedItem[] =>
    equals
      .filter(({ place }) => behind === undefined || compare(place, behind) > 0)
      .sort((a, b) => compare(a.place, b.place))
      .map(({ item }) => item);
  for await (const item of items) {
    const place = placeIn(order, item);
    const [one] = equals;
    if (one && firstOf(one.place) !== firstOf(place)) {
      yield* inOrder();
      equals = [];
    }
    equals.push({ item, place });
  }
  yield* inOrder();
}

function goesOneWay({ isDescending, areEqualsDescending }: ItemOrder): boolean {
  return isDescending === areEqualsDescending;
}

const END_OF_COLUMN = compositeKey("", "");

/** What a place's items are ordered by, as its key has it. */
function firstOf(place: string): string {
  const end = place.indexOf(END_OF_COLUMN);
  return end < 0 ? place : place.slice(0, end);
}

function comparePlaces({ isDescending, areEqualsDescending }: ItemOrder, a: string, b: string): number {
  if (a === b) return 0;
  const isDown = firstOf(a) === firstOf(b) ? areEqualsDescending : isDescending;
  return a < b === isDown ? 1 : -1;
}

/** The first one of several lists, again and again. An item that several filters ask for may be in several of them. */
async function* merged(
  platform: Pick<Platform, "store" | "wall">,
  domain: DomainRef,
  wanted: Wanted,
): AsyncGenerator<RelatedItem> {
  const { order } = wanted;
  const pace = new Pace(platform.wall);
  const heads = new Map<AsyncGenerator<RelatedItem>, RelatedItem>();
  const advance = async (list: AsyncGenerator<RelatedItem>): Promise<void> => {
    const next = await list.next();
    if (next.done) heads.delete(list);
    else heads.set(list, next.value);
  };
  for (const source of sourcesOf(wanted)) await advance(listed(platform, domain, source, { ...wanted, pace }));
  while (heads.size > 0) {
    const [first] = [...heads.values()].sort((a, b) =>
      comparePlaces(oneWay(order), placeIn(order, a), placeIn(order, b)),
    );
    yield first as RelatedItem;
    for (const [list, item] of [...heads]) if (item.id === first?.id) await advance(list);
  }
}

/** The order in which lists have items. */
function oneWay(order: ItemOrder): ItemOrder {
  return { ...order, areEqualsDescending: order.isDescending };
}

/** An index, and the columns before an item's place in it. */
interface Source {
  readonly index: "case" | "kind" | "contact";
  readonly under: readonly string[];
}

function sourcesOf({ filters, order }: Wanted): readonly Source[] {
  if (order.by === "CaseId") return [{ index: "case", under: [] }];
  const ofKind = (kind: string): Source => ({ index: "kind", under: [kind] });
  if (filters.length === 0) return ITEM_KINDS.map(ofKind);
  const sources = filters.flatMap(({ type, contactArn, slaStatus }): Source[] => {
    if (contactArn !== undefined) return [{ index: "contact", under: [contactArn] }];
    const kinds = slaStatus === undefined ? ITEM_KINDS : [itemKind("Sla", slaStatus)];
    return kinds.filter((kind) => kind.split("/", 1)[0] === type).map(ofKind);
  });
  return [...new Map(sources.map((source) => [JSON.stringify(source), source])).values()];
}

/** What an index has behind a place; where equals are to be put in order, also those that are equal to it. */
async function* listed(
  { store }: Pick<Platform, "store">,
  domain: DomainRef,
  { index, under }: Source,
  { order, behind, pace }: Wanted & { readonly pace: Pace },
): AsyncGenerator<RelatedItem> {
  const prefix = inDomain(domain, ...under, "");
  const { isDescending } = order;
  let bound: { readonly before: string } | { readonly from: string } | undefined;
  if (behind !== undefined) {
    const place = goesOneWay(order) ? behind : firstOf(behind);
    if (!isDescending) bound = { from: prefix + place + (goesOneWay(order) ? LEAST_CHARACTER : "") };
    else bound = { before: prefix + place + (goesOneWay(order) ? "" : BEHIND_ALL) };
  }
  let after: string | undefined;
  do {
    const page = await store.list(relatedItems, {
      index,
      prefix,
      ...bound,
      descending: isDescending,
      limit: READ_SIZE,
      after,
    });
    yield* page.documents;
    after = page.next;
    await pace.rest();
  } while (after !== undefined);
}

/** Behind every column that follows. */
const BEHIND_ALL = `${END_OF_COLUMN}\uffff`;
