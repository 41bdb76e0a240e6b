/** Lists of the APIs read to their end, where they are short by their nature: fields of a domain, statuses of an instance. */
import { call } from "./server.ts";

/** So many items at most are read of a list that should be short. */
const ITEMS_MAX = 1000;

export interface Listing {
  readonly model: string;
  readonly operation: string;
  readonly input?: object;
  /** The member of the answer that holds the items. */
  readonly member: string;
  /** As the API spells it: `nextToken` in some, `NextToken` in others. */
  readonly token: "nextToken" | "NextToken";
}

/** All items of a list, page by page: 1,000 at most. */
export async function listAll<T>(
  { model, operation, input, member, token }: Listing,
  signal?: AbortSignal,
): Promise<readonly T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const page = await call<Readonly<Record<string, unknown>>>(
      model,
      operation,
      { ...input, ...(next !== undefined && { [token]: next }) },
      signal,
    );
    items.push(...((page[member] ?? []) as readonly T[]));
    next = page[token] as string | undefined;
  } while (next !== undefined && items.length < ITEMS_MAX);
  return items;
}
