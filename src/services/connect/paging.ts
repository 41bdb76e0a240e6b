import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, compositeKey, type Reader } from "../../store/store.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";

/** Page size where the caller names none. The model's largest page is 1,000; the documentation gives no default. */
export const PAGE_SIZE = 100;

export interface PageRequest {
  /** The operation, the account and Region or the instance, and every parameter that decides what is listed: a token is good for these only. */
  readonly of: readonly unknown[];
  readonly token: string | undefined;
  readonly size: number;
  /** The error for a token that was not handed out for this request. Default: InvalidParameterException. */
  readonly error?: string;
}

/**
 * Lists one page of the documents whose ids begin with `columns`, in the order of the next column, without those that `keep` refuses.
 *
 * A filtered page is filled up by reading on, so it is short only when it is the last one.
 */
export async function listPage<T>(
  reader: Reader,
  listed: {
    readonly collection: Collection<T>;
    readonly columns: readonly string[];
    readonly idOf: (document: T) => string;
    readonly keep?: (document: T) => boolean;
  },
  request: PageRequest,
): Promise<{ documents: T[]; next: string | undefined }> {
  const { collection, columns, idOf, keep = () => true } = listed;
  const lastId = decodeToken(request);
  const range = {
    prefix: compositeKey(...columns, ""),
    // The least text above the last id that was handed out.
    ...(lastId === undefined ? {} : { from: `${compositeKey(...columns, lastId)}\u0000` }),
  };
  const documents: T[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(collection, { ...range, limit: request.size - documents.length, after });
    documents.push(...page.documents.filter(keep));
    after = page.next;
  } while (after !== undefined && documents.length < request.size);

  const last = documents.at(-1);
  const more = after !== undefined && last !== undefined;
  return { documents, next: more ? encodePageToken(request.of, idOf(last)) : undefined };
}

/** Cuts one page out of a list that is held whole. */
export function slicePage<T>(items: readonly T[], request: PageRequest): { items: T[]; next: string | undefined } {
  const start = Number(decodeToken(request) ?? 0);
  const end = start + request.size;
  const next = end < items.length ? encodePageToken(request.of, String(end)) : undefined;
  return { items: items.slice(start, end), next };
}

function decodeToken({ of, token, error = "InvalidParameterException" }: PageRequest): string | undefined {
  if (token === undefined) return undefined;
  const position = decodePageToken(of, token);
  if (position === undefined) throw new ModeledError(error, "NextToken is not valid for this request");
  return position;
}
