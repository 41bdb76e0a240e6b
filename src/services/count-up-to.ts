import type { Collection, Reader } from "../store/store.ts";

/** Documents read at once to be counted. */
const COUNTED_PER_READ = 1_000;

/** Documents that have a prefix in id order, or in an index. */
export interface Counted<T> {
  readonly collection: Collection<T>;
  readonly prefix: string;
  readonly index?: string;
}

/** How many documents are there, counted no further than to `most`. Who decides on it guards the range. */
export async function countUpTo<T>(
  reader: Reader,
  { collection, ...range }: Counted<T>,
  most: number,
): Promise<number> {
  let found = 0;
  let after: string | undefined;
  while (found < most) {
    const limit = Math.min(most - found, COUNTED_PER_READ);
    const page = await reader.list(collection, { ...range, limit, after });
    found += page.documents.length;
    after = page.next;
    if (after === undefined) break;
  }
  return found;
}
