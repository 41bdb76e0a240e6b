import { type Collection, compositeKey, type Reader } from "../../store/store.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import { validationError } from "./errors.ts";

/** Entries of a page where the caller names no limit; the greatest that the model allows. */
const PAGE_SIZE = 100;

export interface PageRequest {
  /** The operation and every parameter that decides what is listed, the account and region among them: a token is good for these only. */
  readonly of: readonly unknown[];
  readonly token: string | undefined;
  readonly limit: number | undefined;
}

export interface NamedPage<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/** One page of items that are sorted by name, cut behind the name that the token holds. */
export function pageOf<T>(items: readonly T[], nameOf: (item: T) => string, request: PageRequest): NamedPage<T> {
  const lastName = pageStart(request);
  const left = lastName === undefined ? items : items.filter((item) => nameOf(item) > lastName);
  const page = left.slice(0, request.limit ?? PAGE_SIZE);
  const last = page.at(-1);
  const nextToken = last && left.length > page.length ? encodePageToken(request.of, nameOf(last)) : undefined;
  return { items: page, nextToken };
}

/** One page of the documents under a key whose name, the key's last column, begins with a prefix; without those that `keep` refuses. */
export async function listByName<T extends { readonly name: string }>(
  reader: Reader,
  listed: {
    readonly collection: Collection<T>;
    readonly under: readonly string[];
    readonly namePrefix?: string | undefined;
    readonly keep?: (document: T) => boolean;
    /** Also in the list, where it is not among the documents. */
    readonly extra?: T | undefined;
  },
  request: PageRequest,
): Promise<NamedPage<T>> {
  const { collection, under, namePrefix = "", keep = () => true, extra } = listed;
  const lastName = pageStart(request);
  const wanted = (request.limit ?? PAGE_SIZE) + 1;
  const found: T[] = extra?.name.startsWith(namePrefix) ? [extra] : [];
  let after: string | undefined;
  do {
    const page = await reader.list(collection, {
      prefix: compositeKey(...under, namePrefix),
      ...(lastName !== undefined && { from: compositeKey(...under, lastName) }),
      limit: wanted,
      after,
    });
    found.push(...page.documents.filter((document) => document.name !== lastName && keep(document)));
    after = page.next;
  } while (after !== undefined && found.length < wanted);
  return pageOf(found.sort(byName), ({ name }) => name, request);
}

function pageStart({ of, token }: PageRequest): string | undefined {
  if (token === undefined) return undefined;
  const name = decodePageToken(of, token);
  // The texts of the real service are not known; this one follows its other messages.
  if (name === undefined) throw validationError("Parameter NextToken is not valid.");
  return name;
}

/** By code units, as ASCII names are in the store. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
