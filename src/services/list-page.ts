import { type Collection, compositeKey, type Reader } from "../store/store.ts";
import { decodePageToken, encodePageToken } from "./page-token.ts";

/** Documents whose ids, or whose values of an index, have the columns `under`: listed in the order of the column behind, the last one. */
export interface Listing<T> {
  readonly collection: Collection<T>;
  /** Without it in the order of ids. */
  readonly index?: string;
  readonly under: readonly string[];
  /** Only names that begin with this. */
  readonly prefix?: string | undefined;
  /** A document's name in this listing: its last column. */
  readonly nameOf: (document: T) => string;
  /** Without those that it refuses. A page is filled up by reading on. */
  readonly keep?: (document: T) => boolean;
}

export interface PageRequest {
  /** The operation and every parameter that decides what is listed, the account and Region among them: a token is good for these only. */
  readonly of: readonly unknown[];
  readonly token: string | undefined;
  /** At most so many on the page. */
  readonly limit: number;
  /** The service's own error for a token that was not handed out for this request. */
  readonly refuse: () => Error;
}

export interface ListedPage<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextToken: string | undefined;
}

/** The page of a listing that a token asks for; without a token the first. */
export async function listPage<T>(reader: Reader, listing: Listing<T>, request: PageRequest): Promise<ListedPage<T>> {
  const documents = await listBehind(reader, listing, pageStart(request), request.limit + 1);
  return cutPage(documents, listing.nameOf, request);
}

/** The same page of a list that is held whole, in the order of its names. */
export function slicePage<T>(items: readonly T[], nameOf: (item: T) => string, request: PageRequest): ListedPage<T> {
  const behind = pageStart(request);
  const rest = behind === undefined ? items : items.filter((item) => nameOf(item) > behind);
  return cutPage(rest, nameOf, request);
}

/** A page of what lies behind its start: of all of that, or of one item more than the page may have. */
export function cutPage<T>(
  rest: readonly T[],
  nameOf: (item: T) => string,
  { of, limit }: Pick<PageRequest, "of" | "limit">,
): ListedPage<T> {
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const nextToken = last && rest.length > items.length ? encodePageToken(of, nameOf(last)) : undefined;
  return { items, nextToken };
}

/** The name that a page begins behind. */
export function pageStart({ of, token, refuse }: Omit<PageRequest, "limit">): string | undefined {
  if (token === undefined) return undefined;
  const name = decodePageToken(of, token);
  if (name === undefined) throw refuse();
  return name;
}

/** The least character that a stored text may have: no name lies between another one and that one followed by it. */
export const LEAST_CHARACTER = "\u0001";

/** The first documents of a listing behind a name, or from its beginning. */
export async function listBehind<T>(
  reader: Reader,
  { collection, index, under, prefix = "", keep = () => true }: Listing<T>,
  behind: string | undefined,
  limit: number,
): Promise<readonly T[]> {
  const range = {
    ...(index !== undefined && { index }),
    prefix: compositeKey(...under, prefix),
    ...(behind !== undefined && { from: compositeKey(...under, behind) + LEAST_CHARACTER }),
    limit,
  };
  const found: T[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(collection, { ...range, after });
    found.push(...page.documents.filter(keep));
    after = page.next;
  } while (after !== undefined && found.length < limit);
  return found.slice(0, limit);
}
