import { type Collection, compositeKey, type Reader } from "../../store/store.ts";

/** Documents whose ids begin with a bucket and a key, listed in the order of their keys' UTF-8 bytes. */
export interface KeyListing<T> {
  readonly collection: Collection<T>;
  readonly bucket: string;
  readonly prefix: string;
  /** Keys with one in common up to this, behind the prefix, are listed as that one: what a folder is elsewhere. */
  readonly delimiter?: string | undefined;
  readonly idOf: (document: T) => string;
  /** The least id that may be listed. */
  readonly from?: string | undefined;
  readonly limit: number;
}

export type KeyEntry<T> = { readonly document: T } | { readonly commonPrefix: string };

export interface KeyPage<T> {
  readonly entries: readonly KeyEntry<T>[];
  readonly isTruncated: boolean;
}

/** Documents read at once, where many of them may be listed as one. */
const FOLDED_BATCH = 32;

/** A page of a listing. It reads about as much as it answers with: what is listed as one is jumped over. */
export async function listKeys<T extends { readonly key: string }>(
  reader: Reader,
  listing: KeyListing<T>,
): Promise<KeyPage<T>> {
  const { collection, bucket, prefix, delimiter, idOf, limit } = listing;
  const batch = delimiter === undefined ? limit + 1 : Math.min(limit + 1, FOLDED_BATCH);
  const entries: KeyEntry<T>[] = [];
  let from = listing.from;
  for (;;) {
    const page = await reader.list(collection, {
      prefix: compositeKey(bucket, prefix),
      ...(from !== undefined && { from }),
      limit: batch,
    });
    let folded: string | undefined;
    for (const document of page.documents) {
      const commonPrefix = commonPrefixOf(document.key, prefix, delimiter);
      if (commonPrefix !== undefined && commonPrefix === folded) continue;
      folded = commonPrefix;
      if (entries.length === limit) return { entries, isTruncated: true };
      entries.push(commonPrefix === undefined ? { document } : { commonPrefix });
    }
    const last = page.documents.at(-1);
    if (page.next === undefined || last === undefined) return { entries, isTruncated: false };
    from = folded === undefined ? behindDocument(idOf(last)) : behindPrefix(bucket, folded);
  }
}

/** What a key is listed as; `undefined`: as itself. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

/** The least id behind a document's. */
export function behindDocument(id: string): string {
  return `${id}\0`;
}

/** No key reaches behind this: it has 1024 bytes at most, and these characters four each. */
const BEHIND_ALL = "\u{10ffff}".repeat(257);

/** The least id behind all whose keys begin with a text. */
export function behindPrefix(bucket: string, prefix: string): string {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const codePoint = last.codePointAt(0) as number;
    if (codePoint === 0x10ffff) continue;
    // The surrogates are no characters.
    const next = codePoint === 0xd7ff ? 0xe000 : codePoint + 1;
    return compositeKey(bucket, characters.join("") + String.fromCodePoint(next));
  }
  return compositeKey(bucket, BEHIND_ALL);
}
