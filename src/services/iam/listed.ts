import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import { type ListedPage, type Listing, listPage, type PageRequest, slicePage } from "../list-page.ts";

/** How IAM pages all of its lists. */
export interface Paged {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** Items on a page where the caller does not say. */
const ITEMS_DEFAULT = 100;

export async function listMarked<T>(
  reader: Reader,
  listing: Listing<T>,
  input: Paged,
  of: readonly unknown[],
): Promise<ListedPage<T>> {
  return listPage(reader, listing, pageRequest(input, of));
}

/** The same of a list that is held whole, in the order of its names. */
export function sliceMarked<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  input: Paged,
  of: readonly unknown[],
): ListedPage<T> {
  return slicePage(items, nameOf, pageRequest(input, of));
}

function pageRequest({ Marker, MaxItems = ITEMS_DEFAULT }: Paged, of: readonly unknown[]): PageRequest {
  return { of, token: Marker, limit: MaxItems, refuse: () => new ModeledError("ValidationError", "Invalid Marker.") };
}

/** What the answer says of there being more. */
export function more({ nextToken }: ListedPage<unknown>): { IsTruncated: boolean; Marker?: string } {
  return nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken };
}
